"""Which sentence answers a follow-up: told by how likely each does in all that the words may mean."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from assistant.conversation import Sense, Told
from assistant.sufficiency import Weights, logistic
from assistant.types import Extract, Frozen

LEAST = -6.0  # log-odds of a sentence that is not among those read closely


class Evidence(Frozen):
    """What is known of a sentence. In each sense of the words the log-odds that answering with it is right."""

    alone: float
    within: float
    about: float
    continued: float
    best: float  # the highest of these
    repeated: float  # 1 where it was told just before
    told: float  # 1 where it is of a document that the last answer quoted


class Reading(NamedTuple):
    """What one sense of a follow-up finds: sentences, and the log-odds that answering with each is right."""

    sense: Sense
    extracts: Sequence[Extract]
    odds: Sequence[float]


def evidence(readings: Iterable[Reading], told: Told) -> list[tuple[Extract, Evidence]]:
    """Every sentence that any reading finds, once."""
    found: dict[tuple[str, int], Extract] = {}
    odds: dict[tuple[str, int], dict[Sense, float]] = {}
    for reading in readings:
        for extract, its in zip(reading.extracts, reading.odds, strict=True):
            found.setdefault(extract.place, extract)
            odds.setdefault(extract.place, {})[reading.sense] = its
    return [(extract, _evidence(extract, odds[place], told)) for place, extract in found.items()]


class FollowUps:
    """Judges sentences that may answer a follow-up."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights

    def ranked(self, readings: Iterable[Reading], told: Told) -> list[Extract]:
        """Every sentence that any reading finds, the likeliest first. A score is a probability."""
        judged = [
            extract.model_copy(update={"score": self.probability(known)}) for extract, known in evidence(readings, told)
        ]
        return sorted(judged, key=lambda extract: -extract.score)

    def probability(self, known: Evidence) -> float:
        """How likely the sentence answers the follow-up, in [0, 1]."""
        return logistic(self._weights.score(known))


def _evidence(extract: Extract, odds: Mapping[Sense, float], told: Told) -> Evidence:
    senses: tuple[Sense, ...] = ("alone", "within", "about", "continued")
    by_sense = {sense: max(odds.get(sense, LEAST), LEAST) for sense in senses}
    return Evidence(
        **by_sense,
        best=max(by_sense.values()),
        repeated=float(extract.text in told.answer),
        told=float(extract.hit.passage.document_id in told.documents),
    )
