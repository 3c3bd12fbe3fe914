"""Whether the sentences found answer the question: a probability from how near and how word-alike they are."""

import math
from collections.abc import Sequence

from assistant import data
from assistant.ports import LexicalIndex
from assistant.types import Extract, Frozen

SHARES_WORDS = 0.3  # coverage from which a question counts as sharing words with the corpus


LACKING = 0.3  # what is left of the strength where the best sentence lacks the date, number … asked for


class Weights(Frozen):
    """Of a logistic model of one kind of question."""

    bias: float
    cosine: float
    overlap: float
    passage: float


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
        score = weights.bias
        for name, value in features(ranked).items():
            score += getattr(weights, name) * value
        return logistic(score) * (1.0 if ranked[0].gives else LACKING)


def features(ranked: Sequence[Extract]) -> dict[str, float]:
    """What the model looks at: the best sentence's cosine and shared words, and the cosine of the nearest passage."""
    passage = max((extract.hit.dense or 0.0 for extract in ranked), default=0.0)
    return {"cosine": ranked[0].cosine, "overlap": ranked[0].overlap, "passage": passage}


def load() -> Calibration:
    """The calibration that comes with the package, fitted by `python benchmarks/fit_sufficiency.py`."""
    return Calibration.model_validate(data.read("sufficiency.yaml"))


def logistic(score: float) -> float:
    """A score as a probability."""
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, score))))
