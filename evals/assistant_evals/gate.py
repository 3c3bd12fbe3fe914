"""The committed values of each suite: a fall stops a merge, a rise is reported so that the baseline can follow."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from assistant.errors import InputError
from assistant.types import Frozen
from assistant_evals.runner import Result, Value, by, summary
from assistant_evals.scoring import METRICS
from assistant_evals.suites import HALVES, Half

FILE = "baseline.json"
MUST = {metric.name: metric.must for metric in METRICS if metric.must is not None}
FEWER_IS_BETTER = frozenset(name for name, must in MUST.items() if must == 0.0)
DIGITS = 4
COMMITTED = TypeAdapter(dict[str, dict[str, float]])


class Change(Frozen):
    """A metric of one half of a suite that is no longer what was committed. `before` is None where it is new.

    `now` is None where it applies to no question any more, which counts as a fall.
    """

    suite: str
    half: Half
    metric: str
    before: float | None
    now: float | None
    fell: bool

    def __str__(self) -> str:
        before = "not committed" if self.before is None else f"{self.before:.3f}"
        now = "no longer measured" if self.now is None else f"{self.now:.3f}"
        return f"{self.suite}/{self.half} {self.metric}: {before} -> {now}"


def measured(results: Sequence[Result]) -> dict[str, dict[Half, dict[str, Value]]]:
    """Metrics by suite and half."""
    return {
        suite: {half: summary([r for r in found if r.half == half]) for half in HALVES}
        for suite, found in by(results, lambda result: result.suite).items()
    }


def changes(results: Sequence[Result], root: Path) -> Iterator[Change]:
    """What differs from the committed values.

    One question's worth of a fall is borne, because vectors differ in their last digits from processor to processor;
    a metric that must have a certain value has no such slack.
    """
    for suite, halves in measured(results).items():
        committed = _read(root / suite / FILE)
        for half, metrics in halves.items():
            before = committed.get(half, {})
            for name, value in metrics.items():
                change = _change(suite, half, name, before.get(name), value)
                if change:
                    yield change
            for name in sorted(before.keys() - metrics.keys()):
                yield Change(suite=suite, half=half, metric=name, before=before[name], now=None, fell=True)


def write(results: Sequence[Result], root: Path) -> None:
    """Make the measured values the committed ones."""
    for suite, halves in measured(results).items():
        values = {
            half: {name: round(value.value, DIGITS) for name, value in found.items()} for half, found in halves.items()
        }
        (root / suite / FILE).write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")


def _change(suite: str, half: Half, name: str, before: float | None, value: Value) -> Change | None:
    slack = 0.0 if name in MUST else 1.0 / value.count
    wanted = MUST.get(name, before)
    difference = 0.0 if wanted is None else value.value - wanted
    worse = -difference if name not in FEWER_IS_BETTER else difference
    fell = worse > slack + 10**-DIGITS
    if not fell and before is not None and abs(value.value - before) <= 10**-DIGITS:
        return None
    return Change(suite=suite, half=half, metric=name, before=before, now=value.value, fell=fell)


def _read(path: Path) -> Mapping[str, Mapping[str, float]]:
    try:
        return COMMITTED.validate_json(path.read_bytes())
    except FileNotFoundError:
        return {}
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
        raise InputError(f"{path}: {reason}: write it anew with `assistant eval run --write-baseline`") from None
