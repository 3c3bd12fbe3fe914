"""Vectors of the corpus and of our own questions that come with the package, so that the first start computes none."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant import data
from assistant.ports import Vectors

FILE = "vectors.npz"  # written by `python -m assistant_evals.precompute`


class Precomputed:
    """Vectors by key (`cache.key`), kept in half precision."""

    def __init__(self, keys: NDArray[np.uint8], vectors: Vectors) -> None:
        """`keys` of shape (texts, bytes), `vectors` of shape (texts, dimensions)."""
        self._rows = {key.tobytes(): row for row, key in enumerate(keys)}
        self._vectors = vectors

    def read(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The vectors that are there, each as its bytes in single precision."""
        rows = {key: self._rows[key] for key in keys if key in self._rows}
        return {key: self._vectors[row].astype(np.float32).tobytes() for key, row in rows.items()}


def load(folder: Path | None = None) -> Precomputed:
    """The vectors of a folder, or else of the package."""
    with (folder or data.FOLDER).joinpath(FILE).open("rb") as file, np.load(file, allow_pickle=False) as kept:
        return Precomputed(kept["keys"], kept["vectors"])


def save(keys: Sequence[bytes], vectors: Vectors, folder: Path) -> None:
    """Write vectors in the order of their keys, so that the same texts make the same file."""
    order = sorted(range(len(keys)), key=keys.__getitem__)
    rows = np.array([list(keys[row]) for row in order], dtype=np.uint8)
    np.savez(folder / FILE, keys=rows, vectors=vectors[order].astype(np.float16))
