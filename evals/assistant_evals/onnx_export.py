"""Writes the trained cross-encoder as onnxruntime reads it: weights in 8 bits, with its tokenizer beside it."""

import tempfile
import warnings
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from assistant.reranking import MODEL, TOKENIZER
from assistant_evals.cross_encoder import CrossEncoder

OPSET = 17
LARGEST = 127  # of 8 bits with a sign


class _Exported(nn.Module):
    """The network with the words' vectors in 8 bits, each with its scale."""

    def __init__(self, model: CrossEncoder) -> None:
        super().__init__()
        self._model = model
        scales = model.words.weight.abs().amax(dim=1, keepdim=True) / LARGEST
        self.register_buffer("words", torch.round(model.words.weight / scales).to(torch.int8))
        self.register_buffer("scales", scales.half())

    def forward(self, ids: Tensor, mask: Tensor, types: Tensor) -> Tensor:
        vectors = self.words[ids].float() * self.scales[ids].float()  # type: ignore[index]
        return self._model.read(vectors, mask, types)[:, None]


def write(model: CrossEncoder, tokenizer: Tokenizer, folder: Path) -> None:
    """Model and tokenizer into a folder. Needs the packages of the extra `train`."""
    from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: PLC0415 (needs onnx, as torch's export does)

    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.no_truncation()
    tokenizer.save(str(folder / TOKENIZER), pretty=False)
    ids = torch.tensor([[0, 4, 5, 2], [0, 6, 2, 1]])
    inputs = {"input_ids": ids, "attention_mask": (ids != 1).long(), "token_type_ids": torch.zeros_like(ids)}
    axes = {0: "pairs", 1: "tokens"}
    with tempfile.TemporaryDirectory() as work, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that this exporter is the older one: the newer needs one package more
        whole = Path(work) / MODEL
        torch.onnx.export(
            _Exported(model.eval()),
            tuple(inputs.values()),
            str(whole),
            input_names=list(inputs),
            output_names=["relevance"],
            dynamic_axes={**dict.fromkeys(inputs, axes), "relevance": {0: "pairs"}},
            opset_version=OPSET,
            dynamo=False,
        )
        quantize_dynamic(
            whole,
            folder / MODEL,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,  # so that CPUs with and without instructions for 8 bits read alike
            op_types_to_quantize=["MatMul"],
        )
