"""How the router confuses kinds of question, by cross-validation over its labelled examples."""

from itertools import pairwise

import numpy as np

from assistant import countries
from assistant.ports import Embedder
from assistant.routing import INTENTS, Router, examples
from assistant.types import Frozen

FOLDS = 5
SEED = 7
BINS = (0.0, 0.3, 0.5, 0.7, 0.9, 1.0)


class Bin(Frozen):
    """Questions whose likeliest kind had a probability in [low, high): what share of them was right."""

    low: float
    high: float
    count: int
    predicted: float
    right: float


class Confusion(Frozen):
    """`counts[i][j]`: examples of the i-th kind that were taken for the j-th."""

    intents: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    accuracy: float
    calibration: tuple[Bin, ...]


def cross_validated(embedder: Embedder) -> Confusion:
    """Every example routed by a router that has not seen it."""
    places = countries.load()
    texts, labels = zip(*examples(), strict=True)
    vectors = embedder.embed_queries(texts, keep=True)
    folds = np.random.default_rng(SEED).permutation(len(texts)) % FOLDS
    counts = np.zeros((len(INTENTS), len(INTENTS)), dtype=int)
    judged: list[tuple[float, bool]] = []
    for fold in range(FOLDS):
        kept = np.flatnonzero(folds != fold)
        router = Router.learnt(places, [texts[row] for row in kept], vectors[kept], [labels[row] for row in kept])
        for row in np.flatnonzero(folds == fold):
            routing = router.route(texts[row], vectors[row])
            counts[INTENTS.index(labels[row]), INTENTS.index(routing.intent)] += 1
            judged.append((routing.probability, routing.intent == labels[row]))
    return Confusion(
        intents=INTENTS,
        counts=tuple(tuple(int(count) for count in row) for row in counts),
        accuracy=float(np.trace(counts) / counts.sum()),
        calibration=tuple(_bins(judged)),
    )


def _bins(judged: list[tuple[float, bool]]) -> list[Bin]:
    found = []
    for low, high in pairwise(BINS):
        inside = [(chance, right) for chance, right in judged if low <= chance < high or chance == high == 1.0]
        if inside:
            predicted, right = np.mean(inside, axis=0)
            found.append(Bin(low=low, high=high, count=len(inside), predicted=float(predicted), right=float(right)))
    return found
