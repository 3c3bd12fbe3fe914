"""Two linear maps that turn a general embedding model towards how people ask about customs."""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np

from assistant.ports import Vectors

TRAINED = "adaptation.npz"  # by `python -m assistant_evals.adaptation`, for one model alone

Maps = tuple[Vectors, Vectors]
"""Of questions, and of sentences that may answer them; each of shape (dimensions, dimensions)."""


@dataclass(frozen=True)
class Adaptation:
    """Turns unit vectors by maps, where there are any for the model."""

    maps: Maps | None = None

    def of_questions(self, vectors: Vectors) -> Vectors:
        """Unit vectors of questions, shape (…, dimensions), turned."""
        return vectors if self.maps is None else _unit(vectors @ self.maps[0])

    def of_sentences(self, vectors: Vectors) -> Vectors:
        """Unit vectors of sentences that may answer, shape (…, dimensions), turned."""
        return vectors if self.maps is None else _unit(vectors @ self.maps[1])


UNCHANGED = Adaptation()


def load(model: str, folder: Path | None = None) -> Adaptation:
    """What was trained for a model, from a folder or else the package; changes nothing for any other model."""
    place = (folder or files("assistant.data")).joinpath(TRAINED)
    with place.open("rb") as file, np.load(file, allow_pickle=False) as kept:
        trained_for, questions, sentences = (kept[name] for name in kept.files)
    if str(trained_for) != model:
        return UNCHANGED
    return Adaptation((questions.astype(np.float32), sentences.astype(np.float32)))


def save(maps: Maps, model: str, folder: Path) -> None:
    """Write maps for a model, in half precision."""
    np.savez_compressed(folder / TRAINED, np.array(model), *(each.astype(np.float16) for each in maps))


def _unit(vectors: Vectors) -> Vectors:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)  # type: ignore[no-any-return]
