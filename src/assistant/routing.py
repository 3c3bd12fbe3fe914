"""What kind of question it is, from labelled examples (data/intents.yaml, lookalikes.yaml) in the model's space."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple, Self, get_args

import numpy as np

from assistant import data
from assistant.countries import Countries
from assistant.ports import Embedder, Vectors
from assistant.types import Frozen

Intent = Literal[
    "facts",
    "portal",
    "problem",
    "individual",
    "goods",
    "ruling",
    "greeting",
    "thanks",
    "off_topic",
    "other_region",
    "evasion",
    "injection",
]
INTENTS: tuple[Intent, ...] = get_args(Intent)

WIDTH = 2.0  # of the kernel: how fast likeness falls with squared distance, which is 0.4 between two questions
RIDGE = 0.1  # strength of the penalty; both the best in cross-validation
PLACES = 0.5  # size of the two features that say which places are named, beside unit vectors
FITTED = "router.npz"  # written by `python -m assistant_evals.precompute`
SHARPNESS = 6.0  # turns the outputs into probabilities; set so that they are calibrated in cross-validation


class Routing(Frozen):
    """The likeliest intent, its probability, and those of all intents."""

    intent: Intent
    probability: float
    probabilities: dict[Intent, float]


class Fitted(NamedTuple):
    """Weights of the examples, shape (examples, intents), and offsets, shape (intents,)."""

    weights: Vectors
    offsets: Vectors


class Router:
    """Kernel ridge regression on question vectors."""

    def __init__(self, countries: Countries, examples: Vectors, fitted: Fitted) -> None:
        """`examples` are the features of labelled questions, to which the weights were fitted."""
        self._countries = countries
        self._examples = examples
        self._fitted = fitted

    @classmethod
    def learnt(cls, countries: Countries, texts: Sequence[str], vectors: Vectors, labels: Sequence[Intent]) -> Self:
        """A router that has learnt from these questions, given with their vectors, and labels."""
        rows = features(countries, texts, vectors)
        return cls(countries, rows, fit(rows, labels))

    def route(self, text: str, vector: Vectors) -> Routing:
        """The intent of a question, given with its vector of shape (dimensions,)."""
        alike = likeness(features(self._countries, [text], vector[np.newaxis]), self._examples)
        probabilities = softmax(SHARPNESS * (alike @ self._fitted.weights + self._fitted.offsets))[0]
        best = int(np.argmax(probabilities))
        return Routing(
            intent=INTENTS[best],
            probability=float(probabilities[best]),
            probabilities={intent: float(p) for intent, p in zip(INTENTS, probabilities, strict=True)},
        )


def features(countries: Countries, texts: Sequence[str], vectors: Vectors) -> Vectors:
    """The vectors of questions, and whether they name ASEAN countries or only places elsewhere."""
    inside = np.array([bool(countries.find(text)) for text in texts])
    outside = np.array([countries.outside(text) for text in texts])
    return np.hstack([vectors, PLACES * np.column_stack([inside, outside & ~inside])]).astype(np.float32)


def examples() -> list[tuple[str, Intent]]:
    """The labelled example questions that come with the package, and expected ones taken for another kind by those."""
    labelled, lookalikes = data.read("intents.yaml"), data.read("lookalikes.yaml")
    return [(text, intent) for intent in INTENTS for text in [*labelled[intent], *lookalikes.get(intent, ())]]


def train(embedder: Embedder, countries: Countries) -> Router:
    """A router on the package's examples: fitted anew where it was not fitted to just these before."""
    rows, labels = to_learn(embedder, countries)
    return Router(countries, rows, load(rows, labels) or fit(rows, labels))


def to_learn(embedder: Embedder, countries: Countries) -> tuple[Vectors, list[Intent]]:
    """The features and labels of the package's examples."""
    texts, labels = zip(*examples(), strict=True)
    return features(countries, texts, embedder.embed_queries(texts, keep=True)), list(labels)


def load(rows: Vectors, labels: Sequence[Intent], folder: Path | None = None) -> Fitted | None:
    """What a folder, or else the package, holds as fitted to just these examples; None where it was to others."""
    with (folder or data.FOLDER).joinpath(FITTED).open("rb") as file, np.load(file, allow_pickle=False) as kept:
        same = str(kept["examples"]) == _digest(rows, labels)
        return Fitted(kept["weights"], kept["offsets"]) if same else None


def save(rows: Vectors, labels: Sequence[Intent], folder: Path) -> None:
    """Fit to these examples and write that into a folder."""
    fitted = fit(rows, labels)
    np.savez(folder / FITTED, examples=np.array(_digest(rows, labels)), **fitted._asdict())


def likeness(rows: Vectors, others: Vectors) -> Vectors:
    """How alike each row is to each of the others, in [0, 1]: a Gaussian kernel."""
    distances = (rows**2).sum(axis=1)[:, np.newaxis] + (others**2).sum(axis=1) - 2.0 * rows @ others.T
    return np.exp(-WIDTH * np.maximum(distances, 0.0))  # type: ignore[no-any-return]


def fit(rows: Vectors, labels: Sequence[Intent]) -> Fitted:
    """Solved in closed form for examples of these features. Every intent counts the same however many it has."""
    targets = np.array([[1.0 if label == intent else -1.0 for intent in INTENTS] for label in labels])
    counts = {intent: max(1, list(labels).count(intent)) for intent in INTENTS}
    counting = np.array([len(labels) / len(INTENTS) / counts[label] for label in labels])
    offsets = np.average(targets, axis=0, weights=counting)
    penalised = likeness(rows, rows) + np.diag(RIDGE / counting)
    weights = np.linalg.solve(penalised, targets - offsets)
    return Fitted(weights.astype(np.float32), offsets.astype(np.float32))


def softmax(scores: Vectors) -> Vectors:
    """Probabilities that sum to 1 over the last axis."""
    exponents = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exponents / exponents.sum(axis=-1, keepdims=True)  # type: ignore[no-any-return]


def _digest(rows: Vectors, labels: Sequence[Intent]) -> str:
    constants = repr((WIDTH, RIDGE, INTENTS, list(labels)))
    return hashlib.sha256(rows.tobytes() + constants.encode()).hexdigest()
