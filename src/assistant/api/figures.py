"""Counters and latencies for Prometheus; no question, address or other personal data in them."""

from typing import Annotated

from fastapi import Depends, Request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest

from assistant.types import Done, Generation

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
        self._sentences = Counter(
            "assistant_generated_sentences_total",
            "Sentences a language model wrote: shown, or what they were dropped for.",
            ("outcome",),
            registry=self._registry,
        )
        self._failures = Counter(
            "assistant_generation_failures_total", "Replies of a language model that failed.", registry=self._registry
        )
        self._feedback = Counter(
            "assistant_feedback_total", "Verdicts of readers.", ("helpful",), registry=self._registry
        )

    def answered(self, done: Done, seconds: float) -> None:
        """Count an answer, and what a language model wrote for it, where one did."""
        self._answers.labels(status=done.answer.status, language=done.answer.language).inc()
        self._seconds.observe(seconds)
        if done.generation is not None:
            self._generated(done.generation)

    def _generated(self, generation: Generation) -> None:
        self._sentences.labels(outcome="shown").inc(generation.kept)
        for dropped in generation.dropped:
            self._sentences.labels(outcome=dropped.failing).inc()
        self._failures.inc(generation.failure is not None)

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
