"""Reads the weights of a cross-encoder that was written for onnxruntime, so that it can be trained further."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from assistant_evals.cross_encoder import WORDS, Floats

BODY = "bert."  # before the names of all but the head's
EXPORTED = "_model."  # before the names of what `onnx_export` wrote
WHOLE = (".bias", ".LayerNorm.weight", "_embeddings.weight")  # endings of what is kept in single precision
LOOKED_UP = "_embeddings.weight"
QUANTIZED = "_quantized"
TURNED = "_Transposed"  # ending of what keeps its name when it is turned into the factor of a product


def read(path: Path) -> dict[str, Floats]:
    """All weights in single precision, named as in transformers; what is kept in 8 bits as near as it is kept."""
    import onnx  # noqa: PLC0415 (of the extra `train`)

    graph = onnx.load(str(path)).graph
    kept = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}

    def whole(name: str) -> Floats:
        steps = kept[f"{name}{QUANTIZED}"].astype(np.float32) - kept[f"{name}_zero_point"].astype(np.float32)
        return (steps * kept[f"{name}_scale"]).astype(np.float32)  # type: ignore[no-any-return]

    found = {name.removeprefix(EXPORTED): values for name, values in kept.items() if name.endswith(WHOLE)}
    if "words" in kept:
        found[f"{BODY}{WORDS}"] = kept["words"].astype(np.float32) * kept["scales"].astype(np.float32)
    found |= {
        name.removesuffix(QUANTIZED): whole(name.removesuffix(QUANTIZED))
        for name in kept
        if name.endswith(f"{LOOKED_UP}{QUANTIZED}")
    }
    for node in graph.node:
        if node.op_type == "MatMulInteger":
            factor = next(name for name in node.input if name in kept and name.endswith(QUANTIZED))
            its, place = factor.removesuffix(QUANTIZED), ".".join(node.name.strip("/").split("/")[:-1])
            own = its.removesuffix(TURNED).removeprefix(EXPORTED) if its.endswith(TURNED) else f"{place}.weight"
            found[own] = whole(its).T
    return found


def body(weights: Mapping[str, Floats]) -> dict[str, Floats]:
    """Those of all but the head, named as in transformers' BertModel."""
    return {name.removeprefix(BODY): values for name, values in weights.items() if name.startswith(BODY)}
