"""Whether the sentences found answer the question: a probability from how near and how word-alike they are."""

import math
from collections.abc import Sequence

from assistant import data
from assistant.types import Extract, Frozen

LACKING = 0.3  # what is left of the strength where the best sentence lacks the date, number … asked for


class Weights(Frozen):
    """Of a logistic model of one kind of question."""

    bias: float
    cosine: float
    overlap: float
    passage: float


class Calibration(Frozen):
    """Weights for questions in the language of the passages, and for those in another."""

    same_language: Weights
    translated: Weights


class Sufficiency:
    """Judges found sentences."""

    def __init__(self, calibration: Calibration) -> None:
        self._calibration = calibration

    def strength(self, ranked: Sequence[Extract], *, translated: bool) -> float:
        """How likely the best sentence answers the question, in [0, 1].

        `translated` says that the question is not in the language of the passages.
        """
        if not ranked:
            return 0.0
        weights = self._calibration.translated if translated else self._calibration.same_language
        score = weights.bias + sum(getattr(weights, name) * value for name, value in features(ranked).items())
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
