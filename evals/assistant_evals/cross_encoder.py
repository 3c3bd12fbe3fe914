"""The networks that are trained to read a question beside a text."""

from collections.abc import Callable, Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import BertConfig, BertModel

Floats = NDArray[np.float32]
Pool = Callable[[Tensor, Tensor], Tensor]
"""Makes one vector of all tokens': from shape (pairs, tokens, hidden) and the mask, shape (pairs, tokens)."""

WORDS = "embeddings.word_embeddings.weight"


def mean(hidden: Tensor, mask: Tensor) -> Tensor:
    """The mean of the tokens' vectors."""
    spread = mask[:, :, None].float()
    return (hidden * spread).sum(1) / spread.sum(1)


def first(hidden: Tensor, _mask: Tensor) -> Tensor:
    """The first token's vector."""
    return hidden[:, 0]


class CrossEncoder(nn.Module):
    """A network with one output, a logit: how a text answers the question before it. The words' vectors are fixed."""

    def __init__(self, config: BertConfig, weights: Mapping[str, Floats], pool: Pool, head: nn.Module) -> None:
        """`weights` are named as in transformers' BertModel; `head` turns the pooled vector into the logit."""
        super().__init__()
        tensors = {name: torch.tensor(values) for name, values in weights.items()}
        self.words = nn.Embedding.from_pretrained(tensors.pop(WORDS))  # type: ignore[no-untyped-call]
        self.bert = BertModel(config, add_pooling_layer=False)
        self.bert.load_state_dict(tensors, strict=False)
        self.head = head
        self._pool = pool

    def forward(self, ids: Tensor, mask: Tensor, types: Tensor) -> Tensor:
        """Logits of pairs; `ids`, `mask` and `types` (0 the question's, 1 the text's) of shape (pairs, tokens)."""
        return self.read(self.words(ids), mask, types)

    def read(self, vectors: Tensor, mask: Tensor, types: Tensor) -> Tensor:
        """Logits of pairs whose tokens' vectors are given, shape (pairs, tokens, hidden)."""
        hidden = self.bert(inputs_embeds=vectors, attention_mask=mask, token_type_ids=types).last_hidden_state.float()
        return self.head(self._pool(hidden, mask))[:, 0]  # type: ignore[no-any-return]


def config(hidden: int, layers: int, heads: int, inner: int, positions: int, types: int, epsilon: float) -> BertConfig:
    """Of a network whose words' vectors are looked up outside; without dropout, since a pass sees all only once."""
    return BertConfig(
        vocab_size=1,
        hidden_size=hidden,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        intermediate_size=inner,
        max_position_embeddings=positions,
        type_vocab_size=types,
        layer_norm_eps=epsilon,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        pad_token_id=0,
        attn_implementation="eager",  # type: ignore[call-arg]
    )
