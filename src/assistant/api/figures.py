"""Counters and latencies for Prometheus; no question, address or other personal data in them."""

from typing import Annotated

from fastapi import Depends, Request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest

from assistant.types import Answer

BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10)


class Figures:
    """The figures of one application."""

    media_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._answers = Counter(
            "assistant_answers_total", "Answers given.", ("status", "language"), registry=self._registry
        )
        self._seconds = Histogram(
            "assistant_answer_seconds", "Time from question to whole answer.", buckets=BUCKETS, registry=self._registry
        )
        self._feedback = Counter(
            "assistant_feedback_total", "Verdicts of readers.", ("helpful",), registry=self._registry
        )

    def answered(self, answer: Answer, seconds: float) -> None:
        """Count an answer."""
        self._answers.labels(status=answer.status, language=answer.language).inc()
        self._seconds.observe(seconds)

    def rated(self, *, helpful: bool) -> None:
        """Count a verdict."""
        self._feedback.labels(helpful=str(helpful).lower()).inc()

    def text(self) -> bytes:
        """All figures in the Prometheus text format."""
        return generate_latest(self._registry)


def figures_of(request: Request) -> Figures:
    """The figures of the application a request came to."""
    return request.app.state.figures  # type: ignore[no-any-return]


TheFigures = Annotated[Figures, Depends(figures_of)]
