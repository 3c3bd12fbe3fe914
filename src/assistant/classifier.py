"""Which sentence of the corpus a question is for: softmax regressions learnt from the questions expected of each.

One goes by meaning, the other by spelling; they go wrong with different questions.
"""

import hashlib
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from assistant.ports import Vectors

TRAINED = "classifier.npz"  # by `python -m assistant_evals.classifying`, for one model alone
UNLEARNT = -3.0  # for a sentence of which nothing was learnt: between those that answer (0 to -2) and the others
LEAST = -12.0  # from which one is as unlikely as another
SHORTEST, LONGEST = 2, 5  # characters of a piece
SLOTS = 2**14  # that pieces are hashed into

Said = tuple[str, str]
"""A document's id and a sentence of it."""


class Learnt(NamedTuple):
    """What is known of each sentence, and at the end of none of them (a class for questions without an answer).

    `keys` and `countries` ("" for none) have a row for each sentence; `meaning`, of shape (sentences + 1, dimensions),
    and `spelling`, of shape (SLOTS, sentences + 1) in steps of `step`, are weights; the others (sentences + 1,).
    """

    keys: Sequence[bytes]
    countries: Sequence[str]
    meaning: Vectors
    meaning_offsets: Vectors
    spelling: NDArray[np.int8]
    spelling_offsets: Vectors
    step: float


class Chances(NamedTuple):
    """How likely each sentence is the one asked for, by either: log-probabilities of shape (sentences,)."""

    meaning: Vectors
    spelling: Vectors


class Classifier:
    """Linear in a question's turned vector, and in the pieces of its words."""

    def __init__(self, learnt: Learnt | None = None) -> None:
        self._learnt = learnt
        self._rows = {key: row for row, key in enumerate(learnt.keys)} if learnt else {}
        self._countries = np.array([*learnt.countries, ""]) if learnt else np.array([""])

    def chances(self, text: str, vector: Vectors, sentences: Sequence[Said], countries: Sequence[str] = ()) -> Chances:
        """Of the sentences, in [LEAST, 0], UNLEARNT for one that was not learnt.

        `text` is the question's, `vector` its turned one, shape (dimensions,). Where it names countries, what is about
        others is not asked for.
        """
        learnt = self._learnt
        if learnt is None:
            unknown = np.full(len(sentences), UNLEARNT, dtype=np.float32)
            return Chances(unknown, unknown)
        slots, values = pieces(text)
        spelt = learnt.step * (values @ learnt.spelling[slots].astype(np.float32)) + learnt.spelling_offsets
        asked = np.isin(self._countries, ["", *countries]) if countries else np.ones(len(self._countries), dtype=bool)
        rows = [self._rows.get(key(said)) for said in sentences]
        by_meaning = _log_softmax(learnt.meaning @ vector + learnt.meaning_offsets, asked)
        return Chances(*(_taken(found, rows) for found in (by_meaning, _log_softmax(spelt, asked))))


def key(said: Said) -> bytes:
    """What a sentence of a document is kept under."""
    return hashlib.blake2b("\n".join(said).encode(), digest_size=12).digest()


def pieces(text: str) -> tuple[NDArray[np.int64], Vectors]:
    """The slots of a text's pieces (n-grams of characters within its words), and how much of each: a unit vector."""
    counts = Counter(zlib.crc32(piece.encode(errors="replace")) % SLOTS for piece in _pieces(text))
    values = np.log1p(list(counts.values()))
    unit = values / max(1.0, float(np.linalg.norm(values)))
    return np.array(list(counts), dtype=np.int64), unit.astype(np.float32)


def load(model: str, folder: Path | None = None) -> Classifier:
    """What was learnt for a model, from a folder or else the package; nothing for any other model."""
    place = (folder or files("assistant.data")).joinpath(TRAINED)
    with place.open("rb") as file, np.load(file, allow_pickle=False) as kept:
        if str(kept["model"]) != model:
            return Classifier()
        return Classifier(
            Learnt(
                keys=[row.tobytes() for row in kept["keys"]],
                countries=kept["countries"].tolist(),
                meaning=kept["meaning"].astype(np.float32),
                meaning_offsets=kept["meaning_offsets"],
                spelling=kept["spelling"],
                spelling_offsets=kept["spelling_offsets"],
                step=float(kept["step"]),
            )
        )


def save(learnt: Learnt, model: str, folder: Path) -> None:
    """Write what was learnt for a model, weights of meaning in half precision."""
    np.savez_compressed(
        folder / TRAINED,
        model=np.array(model),
        keys=np.array([list(each) for each in learnt.keys], dtype=np.uint8),
        countries=np.array(learnt.countries),
        meaning=learnt.meaning.astype(np.float16),
        meaning_offsets=learnt.meaning_offsets,
        spelling=learnt.spelling,
        spelling_offsets=learnt.spelling_offsets,
        step=np.array(learnt.step),
    )


def _pieces(text: str) -> Iterator[str]:
    for word in text.casefold().split():
        marked = f" {word} "
        for length in range(SHORTEST, min(LONGEST, len(marked)) + 1):
            yield from (marked[start : start + length] for start in range(len(marked) - length + 1))


def _log_softmax(scores: Vectors, asked: NDArray[np.bool_]) -> Vectors:
    among = np.where(asked, scores - scores[asked].max(), -np.inf)
    return np.maximum(LEAST, among - np.log(np.exp(among).sum()))  # type: ignore[no-any-return]


def _taken(chances: Vectors, rows: Sequence[int | None]) -> Vectors:
    return np.array([UNLEARNT if row is None else chances[row] for row in rows], dtype=np.float32)
