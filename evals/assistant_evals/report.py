"""A report that people look at: one HTML file with tables, intervals, the confusion matrix and every question."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2

from assistant.types import Timings
from assistant_evals.confusion import Confusion
from assistant_evals.gate import Change
from assistant_evals.runner import Result, Value, by, mean, percentile, summary
from assistant_evals.scoring import METRICS
from assistant_evals.suites import HALVES

STAGES = tuple(Timings.model_fields)
ENGLISH = "en"


def figures(results: Sequence[Result]) -> dict[str, Any]:
    """Everything that is measured of one system, as plain values: by half, suite, kind of refusal and language."""
    return {
        "questions": len(results),
        "halves": {half: _plain(summary(_half(results, half))) for half in HALVES},
        "suites": {
            name: {half: _plain(summary(_half(found, half))) for half in HALVES}
            for name, found in by(results, lambda result: result.suite).items()
        },
        "refusal_recall_by_kind": _plain(refused_by_kind(results)),
        "languages": {
            half: {
                code: _plain(right_by_language(found))
                for code, found in by(_half(results, half), lambda result: result.case.language).items()
            }
            for half in HALVES
        },
        "timings_ms": {
            stage: {"p50": percentile(values, 0.5), "p95": percentile(values, 0.95)}
            for stage, values in spent(results).items()
        },
    }


def lines(systems: Mapping[str, Sequence[Result]]) -> Iterator[str]:
    """The metrics as lines for a terminal, each half of each system."""
    for name, results in systems.items():
        for half in HALVES:
            found = _half(results, half)
            if found:
                yield f"{name}, {half}: {len(found)} questions"
                yield from (f"  {metric:18} {value}  n {value.count}" for metric, value in summary(found).items())


def refused_by_kind(results: Sequence[Result]) -> dict[str, Value]:
    """Of the questions that had to be refused, by kind, how many were."""
    wanted = [result for result in results if result.case.refuses]
    found = {
        kind: mean([result.scores["refusal_recall"] for result in group])
        for kind, group in by(wanted, lambda result: result.case.kind).items()
    }
    return {kind: value for kind, value in found.items() if value is not None}


def right_by_language(results: Sequence[Result]) -> dict[str, Value]:
    """Of one language: the right citation, the right refusal, and whether the reply as a whole was right."""
    found = {
        **{name: summary(results).get(name) for name in ("right_citation", "refusal_recall")},
        "right": mean([float(result.right) for result in results]),
    }
    return {name: value for name, value in found.items() if value is not None}


def spent(results: Sequence[Result]) -> dict[str, list[float]]:
    """Milliseconds of each stage, over all replies."""
    return {stage: [getattr(result.reply.timings, stage) for result in results] for stage in STAGES}


def write(
    folder: Path,
    systems: Mapping[str, Sequence[Result]],
    confusion: Confusion,
    changed: Sequence[Change],
    index_version: str,
) -> Path:
    """Write index.html; the first of the systems is ours. Returns where."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("assistant_evals", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    name, ours = next(iter(systems.items()))
    page = environment.get_template("report.html.jinja").render(
        systems={name: figures(results) for name, results in systems.items()},
        ours=name,
        results=ours,
        metrics=METRICS,
        halves=HALVES,
        suites=sorted({result.suite for result in ours}),
        confusion=confusion,
        changed=changed,
        index_version=index_version,
    )
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "index.html"
    path.write_text(page, encoding="utf-8")
    return path


def _half(results: Sequence[Result], half: str) -> list[Result]:
    return [result for result in results if result.half == half]


def _plain(values: Mapping[str, Value]) -> dict[str, dict[str, float]]:
    return {name: value.model_dump() for name, value in values.items()}
