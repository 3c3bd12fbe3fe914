"""What kind of question it is, from labelled examples (data/intents.yaml, lookalikes.yaml) in the model's space."""

from collections.abc import Sequence
from typing import Literal, get_args

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
SHARPNESS = 6.0  # turns the outputs into probabilities; set so that they are calibrated in cross-validation


class Routing(Frozen):
    """The likeliest intent, its probability, and those of all intents."""

    intent: Intent
    probability: float
    probabilities: dict[Intent, float]


class Router:
    """Kernel ridge regression on question vectors, solved in closed form at load: a quarter of a second for 2,000."""

    def __init__(self, countries: Countries, texts: Sequence[str], vectors: Vectors, labels: Sequence[Intent]) -> None:
        self._countries = countries
        self._examples = self._features(texts, vectors)
        self._weights, self._offsets = fit(likeness(self._examples, self._examples), labels)

    def route(self, text: str, vector: Vectors) -> Routing:
        """The intent of a question, given with its vector of shape (dimensions,)."""
        alike = likeness(self._features([text], vector[np.newaxis]), self._examples)
        probabilities = softmax(SHARPNESS * (alike @ self._weights + self._offsets))[0]
        best = int(np.argmax(probabilities))
        return Routing(
            intent=INTENTS[best],
            probability=float(probabilities[best]),
            probabilities={intent: float(p) for intent, p in zip(INTENTS, probabilities, strict=True)},
        )

    def _features(self, texts: Sequence[str], vectors: Vectors) -> Vectors:
        """The vectors, and whether ASEAN countries or only places elsewhere are named."""
        inside = np.array([bool(self._countries.find(text)) for text in texts])
        outside = np.array([self._countries.outside(text) for text in texts])
        return np.hstack([vectors, PLACES * np.column_stack([inside, outside & ~inside])]).astype(np.float32)


def examples() -> list[tuple[str, Intent]]:
    """The labelled example questions that come with the package, and expected ones taken for another kind by those."""
    labelled, lookalikes = data.read("intents.yaml"), data.read("lookalikes.yaml")
    return [(text, intent) for intent in INTENTS for text in [*labelled[intent], *lookalikes.get(intent, ())]]


def train(embedder: Embedder, countries: Countries) -> Router:
    """A router on the package's examples."""
    texts, labels = zip(*examples(), strict=True)
    return Router(countries, texts, embedder.embed_queries(texts, keep=True), labels)


def likeness(rows: Vectors, others: Vectors) -> Vectors:
    """How alike each row is to each of the others, in [0, 1]: a Gaussian kernel."""
    distances = (rows**2).sum(axis=1)[:, np.newaxis] + (others**2).sum(axis=1) - 2.0 * rows @ others.T
    return np.exp(-WIDTH * np.maximum(distances, 0.0))  # type: ignore[no-any-return]


def fit(alike: Vectors, labels: Sequence[Intent]) -> tuple[Vectors, Vectors]:
    """Weights of the examples, shape (examples, intents), and offsets, shape (intents,), for their mutual likeness.

    Every intent counts the same however many examples it has.
    """
    targets = np.array([[1.0 if label == intent else -1.0 for intent in INTENTS] for label in labels])
    counts = {intent: max(1, list(labels).count(intent)) for intent in INTENTS}
    counting = np.array([len(labels) / len(INTENTS) / counts[label] for label in labels])
    offsets = np.average(targets, axis=0, weights=counting)
    weights = np.linalg.solve(alike + np.diag(RIDGE / counting), targets - offsets)
    return weights.astype(np.float32), offsets.astype(np.float32)


def softmax(scores: Vectors) -> Vectors:
    """Probabilities that sum to 1 over the last axis."""
    exponents = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exponents / exponents.sum(axis=-1, keepdims=True)  # type: ignore[no-any-return]
