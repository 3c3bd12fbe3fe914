"""Whether the sentences found answer the question: a probability from how near and how word-alike they are."""

import math
from collections.abc import Sequence

from assistant import data
from assistant.ports import LexicalIndex
from assistant.types import Extract, Frozen

SHARES_WORDS = 0.3  # coverage from which a question counts as sharing words with the corpus


class Weights(Frozen):
    """Of a logistic model of one kind of question."""

    bias: float
    cosine: float
    overlap: float


class Calibration(Frozen):
    """Weights for questions that share words with the corpus, and for those that only share meaning with it."""

    shared_words: Weights
    meaning_alone: Weights


class Sufficiency:
    """Judges found sentences. Shared words count only where the corpus uses the question's words at all."""

    def __init__(self, lexical: LexicalIndex, calibration: Calibration) -> None:
        self._lexical = lexical
        self._calibration = calibration

    def strength(self, text: str, ranked: Sequence[Extract]) -> float:
        """How likely the best sentence answers the question, in [0, 1]."""
        if not ranked:
            return 0.0
        shares = self._lexical.coverage(text) >= SHARES_WORDS
        weights = self._calibration.shared_words if shares else self._calibration.meaning_alone
        best = ranked[0]
        return logistic(weights.bias + weights.cosine * best.cosine + weights.overlap * best.overlap)


def load() -> Calibration:
    """The calibration that comes with the package, fitted by `python benchmarks/fit_sufficiency.py`."""
    return Calibration.model_validate(data.read("sufficiency.yaml"))


def logistic(score: float) -> float:
    """A score as a probability."""
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, score))))
