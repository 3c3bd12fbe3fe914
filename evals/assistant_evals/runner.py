"""Runs suites on a system: every question answered and scored; metrics with 95 % intervals, never blended into one."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from scipy.stats import binomtest, bootstrap

from assistant import grounding
from assistant.bootstrap import Assistant
from assistant.types import Document, Frozen, Question
from assistant_evals.scoring import METRICS, URL_END, Reply, is_right, reply, score
from assistant_evals.suites import HALVES, Case, Half, Suite

Progress = Callable[[int, int], None]

SEED = 7  # of the bootstrap
RESAMPLES = 2_000


class System(Protocol):
    """Anything that answers questions."""

    @property
    def name(self) -> str:
        """How reports call it."""
        ...

    def reply(self, question: Question) -> Reply:
        """Its reply to one question."""
        ...


class Ours:
    """The assistant itself."""

    name = "assistant"

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def reply(self, question: Question) -> Reply:
        """The answer, as it is scored."""
        return reply(self._assistant.answer(question), self._assistant.library.passages)


class Result(Frozen):
    """One question with its reply and its scores."""

    suite: str
    half: Half
    case: Case
    reply: Reply
    scores: dict[str, float]
    right: bool


class Value(Frozen):
    """A mean over `count` questions with its 95 % interval: Wilson's where all values are 0 or 1, else bootstrap."""

    value: float
    low: float
    high: float
    count: int

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def run(system: System, suites: Sequence[Suite], documents: Iterable[Document], progress: Progress) -> list[Result]:
    """Every question of the suites, in order."""
    urls = addresses(documents)
    cases = [(suite.name, half, case) for suite in suites for half in HALVES for case in suite.half(half)]
    results = []
    for done, (name, half, case) in enumerate(cases, start=1):
        given = system.reply(case.question)
        scores = score(case, given, urls)
        results.append(
            Result(suite=name, half=half, case=case, reply=given, scores=scores, right=is_right(case, scores))
        )
        progress(done, len(cases))
    return results


def addresses(documents: Iterable[Document]) -> frozenset[str]:
    """Every address that an answer may give, without a slash at the end."""
    found: set[str] = set()
    for document in documents:
        found.update(portal.url for portal in document.portals if portal.url)
        found.update(grounding.urls(document.body))
        found.update([document.url] if document.url else [])
    return frozenset(URL_END.sub("", url) for url in found)


def summary(results: Sequence[Result]) -> dict[str, Value]:
    """Each metric over the questions to which it applies; metrics that apply to none are left out."""
    found = {
        metric.name: mean([result.scores[metric.name] for result in results if metric.name in result.scores])
        for metric in METRICS
    }
    return {name: value for name, value in found.items() if value is not None}


def by(results: Sequence[Result], key: Callable[[Result], str]) -> Mapping[str, list[Result]]:
    """Results in groups, in order of the groups' names."""
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(key(result), []).append(result)
    return dict(sorted(groups.items()))


def mean(values: Sequence[float]) -> Value | None:
    """The mean with its interval; None of nothing."""
    if not values:
        return None
    centre = sum(values) / len(values)
    if set(values) <= {0.0, 1.0}:
        interval = binomtest(int(sum(values)), len(values)).proportion_ci(method="wilson")
        return Value(value=centre, low=interval.low, high=interval.high, count=len(values))
    if len(set(values)) == 1:
        return Value(value=centre, low=centre, high=centre, count=len(values))
    drawn = bootstrap((values,), _average, n_resamples=RESAMPLES, method="percentile", rng=SEED, vectorized=True)
    return Value(
        value=centre,
        low=float(drawn.confidence_interval.low),
        high=float(drawn.confidence_interval.high),
        count=len(values),
    )


def percentile(values: Sequence[float], share: float) -> float:
    """The value that a share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else math.nan


def _average(sample: object, axis: int) -> object:
    return sample.mean(axis=axis)  # type: ignore[attr-defined]
