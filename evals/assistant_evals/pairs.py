"""Claims and their evidence: reads them, has the verifier score them, and measures it where labels are given."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from sklearn.metrics import roc_auc_score

from assistant.errors import InputError
from assistant.types import Frozen
from assistant.verification import Verifier
from assistant_evals import lines
from assistant_evals.runner import Progress, Value, mean

SUPPORTED_FROM = 0.5
SUPPORTED_LABELS = frozenset(["supported", "true", "1", "entailment", "yes"])


class Pair(BaseModel):
    """A claim, the texts it is checked against, and whether a person found all of it supported."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)

    id: str
    claim: str
    evidence: str | tuple[str, ...]
    label: bool | str | None = None

    @property
    def pieces(self) -> tuple[str, ...]:
        """The evidence as a list, in its order."""
        return (self.evidence,) if isinstance(self.evidence, str) else self.evidence

    @property
    def truth(self) -> bool | None:
        """The label as supported or not; one that says "partially" is not."""
        return None if self.label is None else str(self.label).strip().lower() in SUPPORTED_LABELS


class Verdict(Frozen):
    """What the verifier says of one pair."""

    id: str
    score: float
    supported: bool


class Agreement(Frozen):
    """Of a verifier with labels: shares of supported and of other claims told right, their mean, and the ranking."""

    supported: Value
    unsupported: Value
    balanced_accuracy: float
    auc: float


def read(path: Path) -> list[Pair]:
    """The pairs of a JSON lines file. A row without an id is named by its line.

    Raises:
        InputError: naming file and line.
    """
    pairs = [_pair(place, row) for place, row in lines.read(path)]
    if not pairs:
        raise InputError(f'{path} holds no pairs: a line is {{"id", "claim", "evidence", "label"?}}')
    return pairs


def verdicts(pairs: Sequence[Pair], verifier: Verifier, progress: Progress) -> list[Verdict]:
    """The verifier's word on each pair."""
    found = []
    for done, pair in enumerate(pairs, start=1):
        score = verifier.score(pair.claim, pair.pieces)
        found.append(Verdict(id=pair.id, score=round(score, 4), supported=score >= SUPPORTED_FROM))
        progress(done, len(pairs))
    return found


def agreement(pairs: Sequence[Pair], found: Sequence[Verdict]) -> Agreement | None:
    """How well the verdicts agree with the labels; None unless both kinds of label are there."""
    judged = [(pair.truth, verdict) for pair, verdict in zip(pairs, found, strict=True) if pair.truth is not None]
    supported = mean([float(verdict.supported) for truth, verdict in judged if truth])
    unsupported = mean([float(not verdict.supported) for truth, verdict in judged if not truth])
    if supported is None or unsupported is None:
        return None
    return Agreement(
        supported=supported,
        unsupported=unsupported,
        balanced_accuracy=(supported.value + unsupported.value) / 2,
        auc=float(roc_auc_score([truth for truth, _ in judged], [verdict.score for _, verdict in judged])),
    )


def _pair(place: str, row: Mapping[str, Any]) -> Pair:
    try:
        return Pair.model_validate({"id": place.rpartition(":")[2], **row})
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(f"{place}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
