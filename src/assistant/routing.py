"""What kind of question it is, from labelled examples (data/intents.yaml) in the embedding model's space."""

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

RIDGE = 0.3  # strength of the penalty; best of 0.03 to 3 in cross-validation
PLACES = 0.5  # size of the two features that say which places are named, beside unit vectors
SHARPNESS = 6.0  # turns the ridge's outputs into probabilities; set so that they are calibrated in cross-validation


class Routing(Frozen):
    """The likeliest intent, its probability, and those of all intents."""

    intent: Intent
    probability: float
    probabilities: dict[Intent, float]


class Router:
    """A ridge classifier on question vectors, solved in closed form at load: milliseconds for a thousand examples."""

    def __init__(self, countries: Countries, texts: Sequence[str], vectors: Vectors, labels: Sequence[Intent]) -> None:
        self._countries = countries
        self._mean = vectors.mean(axis=0)
        self._weights = fit(self._features(texts, vectors), labels)

    def route(self, text: str, vector: Vectors) -> Routing:
        """The intent of a question, given with its vector of shape (dimensions,)."""
        probabilities = softmax(SHARPNESS * (self._features([text], vector[np.newaxis]) @ self._weights))[0]
        best = int(np.argmax(probabilities))
        return Routing(
            intent=INTENTS[best],
            probability=float(probabilities[best]),
            probabilities={intent: float(p) for intent, p in zip(INTENTS, probabilities, strict=True)},
        )

    def _features(self, texts: Sequence[str], vectors: Vectors) -> Vectors:
        """The centred vectors, whether ASEAN countries or only places elsewhere are named, and a constant 1."""
        inside = np.array([bool(self._countries.find(text)) for text in texts])
        outside = np.array([self._countries.outside(text) for text in texts])
        places = PLACES * np.column_stack([inside, outside & ~inside])
        return np.hstack([vectors - self._mean, places, np.ones((len(vectors), 1))]).astype(np.float32)


def examples() -> list[tuple[str, Intent]]:
    """The labelled example questions that come with the package."""
    labelled = data.read("intents.yaml")
    return [(text, intent) for intent in INTENTS for text in labelled[intent]]


def train(embedder: Embedder, countries: Countries) -> Router:
    """A router on the package's examples."""
    texts, labels = zip(*examples(), strict=True)
    return Router(countries, texts, embedder.embed_queries(texts, keep=True), labels)


def fit(features: Vectors, labels: Sequence[Intent]) -> Vectors:
    """Ridge weights, shape (features, intents); every intent counts the same however many examples it has.

    The last feature is a constant, whose weight is not penalised.
    """
    targets = np.array([[1.0 if label == intent else -1.0 for intent in INTENTS] for label in labels])
    counts = {intent: max(1, list(labels).count(intent)) for intent in INTENTS}
    weights = np.array([[len(labels) / len(INTENTS) / counts[label]] for label in labels])
    penalty = RIDGE * np.eye(features.shape[1])
    penalty[-1, -1] = 0.0
    solved = np.linalg.solve(features.T @ (weights * features) + penalty, features.T @ (weights * targets))
    return solved.astype(np.float32)


def softmax(scores: Vectors) -> Vectors:
    """Probabilities that sum to 1 over the last axis."""
    exponents = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exponents / exponents.sum(axis=-1, keepdims=True)  # type: ignore[no-any-return]
