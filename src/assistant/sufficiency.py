"""Whether a sentence answers the question: a probability from how near, word-alike and relevant it is."""

import math

from assistant import data
from assistant.types import Frozen

CERTAIN = 1e-4  # added to a probability, so that none is 0 or 1
LACKING = 0.3  # what is left of a sentence's probability where it lacks the date, rate … that is asked for


class Features(Frozen):
    """What the model looks at. Cosines are in [-1, 1], overlaps and shares in [0, 1]."""

    cosine: float  # of the sentence
    meaning: float  # log-probability that it is the one asked for, as learnt from expected questions
    spelling: float  # the same by how these are spelt
    expected: float  # of the question expected of it that is most like this one, where that is nearer
    context: float  # share of the question's words that the sentence, with the headings above it, uses
    rank: float  # fused score of its passage
    local: float  # 1 where it is about a country that the question names
    lacking: float  # 1 where it does not hold the date, rate … that is asked for, or is about other countries or forms
    specific: float  # 1 where it has every year and ordinal that the question names
    relevance: float  # of the cross-encoder, a logit

    @property
    def lacks(self) -> bool:
        """Whether something that is asked for is not in the sentence."""
        return bool(self.lacking) or not self.specific


class Weights(Frozen):
    """Of a logistic model; one feature each."""

    bias: float
    features: dict[str, float]

    def score(self, known: Frozen) -> float:
        """The log-odds, of features by these names."""
        return self.bias + sum(weight * float(getattr(known, name)) for name, weight in self.features.items())


class Decision(Frozen):
    """Of a logistic model over the log-odds that the best sentence answers and that such questions are refused.

    `doubt` weighs by how much a question is nearer to one that is known to have no answer than to any expected.
    """

    bias: float
    evidence: float
    refusal: float
    doubt: float


class Calibration(Frozen):
    """Weights of sentences, and those of the decision whether to answer.

    `unexpected` decides on what is of a document of which no questions are expected: likeness tells nothing there.
    `follow_up` are the weights of a sentence that may answer a follow-up (`assistant.followups`).
    """

    sentence: Weights
    decision: Decision
    unexpected: Decision
    follow_up: Weights


class Sufficiency:
    """Judges sentences."""

    def __init__(self, calibration: Calibration) -> None:
        self._calibration = calibration

    def probability(self, features: Features) -> float:
        """How likely the sentence answers the question, in [0, 1]."""
        return logistic(self._calibration.sentence.score(features)) * (LACKING if features.lacks else 1.0)

    def confidence(self, evidence: float, refusal: float, doubt: float | None = None) -> float:
        """How likely answering is right, given how likely the best sentence answers, and such questions are refused.

        `doubt` is a difference of cosines, in [-2, 2]; None where no questions are expected of the best passage.
        """
        weights = self._calibration.unexpected if doubt is None else self._calibration.decision
        score = weights.bias + weights.evidence * log_odds(evidence) + weights.refusal * log_odds(refusal)
        return logistic(score + weights.doubt * (doubt or 0.0))


def load() -> Calibration:
    """The calibration that comes with the package, fitted by `python -m assistant_evals.calibration`."""
    return Calibration.model_validate(data.read("sufficiency.yaml"))


def log_odds(probability: float) -> float:
    """A probability as a score; certainty stays finite."""
    return math.log((probability + CERTAIN) / (1.0 - probability + CERTAIN))


def logistic(score: float) -> float:
    """A score as a probability."""
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, score))))
