"""The router's confusions, by cross-validation in a space in which the kinds of question lie apart."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest

from assistant import routing
from assistant.ports import Vectors
from assistant.routing import INTENTS, Intent
from assistant_evals.confusion import Confusion, cross_validated

MOVED = "greeting"
"""A kind whose questions the embedder below takes for those of another."""

TO = "thanks"

SCATTERED = ("injection", "evasion")
"""Kinds of which no two questions are alike, so that only a router that has seen one knows which it is."""


class KindEmbedder:
    """Embedder: one direction for each kind of question; two kinds share theirs, and two have one for each question."""

    name = "fake:kinds"

    def __init__(self) -> None:
        self._kinds = dict(routing.examples())
        scattered = [text for text, kind in self._kinds.items() if kind in SCATTERED]
        self._own = {text: row for row, text in enumerate(scattered, start=len(INTENTS))}
        self.kept: list[bool] = []

    def embed_queries(self, texts: Sequence[str], *, keep: bool = False) -> Vectors:
        self.kept.append(keep)
        return self.embed_passages(texts)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        rows = [self._own.get(text, self._direction(self._kinds[text])) for text in texts]
        return np.eye(len(INTENTS) + len(self._own), dtype=np.float32)[rows]

    @staticmethod
    def _direction(kind: Intent) -> int:
        return INTENTS.index(TO if kind == MOVED else kind)


@pytest.fixture(scope="module")
def embedder() -> KindEmbedder:
    return KindEmbedder()


@pytest.fixture(scope="module")
def confusion(embedder: KindEmbedder) -> Confusion:
    return cross_validated(embedder)


def test_every_example_is_counted_once_in_the_row_of_its_label(confusion: Confusion) -> None:
    labels = Counter(label for _, label in routing.examples())
    assert confusion.intents == INTENTS
    assert {intent: sum(row) for intent, row in zip(INTENTS, confusion.counts, strict=True)} == labels


def test_kinds_that_lie_apart_are_not_confused(confusion: Confusion) -> None:
    mixed = {INTENTS.index(kind) for kind in (MOVED, TO, *SCATTERED)}
    counts = np.array(confusion.counts)
    apart = [row for row in range(len(INTENTS)) if row not in mixed]
    assert [int(counts[row, row]) for row in apart] == [int(counts[row].sum()) for row in apart]


def test_kinds_that_look_the_same_are_confused_with_each_other(confusion: Confusion) -> None:
    counts = np.array(confusion.counts)
    one, other = INTENTS.index(MOVED), INTENTS.index(TO)
    assert counts[one, other] + counts[other, one] > 0
    assert counts[[one, other]].sum() == counts[np.ix_([one, other], [one, other])].sum()


def test_a_question_is_routed_by_a_router_that_has_not_seen_it(confusion: Confusion) -> None:
    rows = [INTENTS.index(kind) for kind in SCATTERED]
    right = sum(confusion.counts[row][row] for row in rows)
    assert right < 0.75 * sum(sum(confusion.counts[row]) for row in rows)


def test_the_accuracy_is_the_share_on_the_diagonal(confusion: Confusion) -> None:
    counts = np.array(confusion.counts)
    assert confusion.accuracy == pytest.approx(np.trace(counts) / counts.sum())
    assert 0.5 < confusion.accuracy < 1.0


def test_the_calibration_says_of_each_range_how_likely_and_how_right_it_was(confusion: Confusion) -> None:
    for found in confusion.calibration:
        assert found.low <= found.predicted < found.high
        assert 0.0 <= found.right <= 1.0
    total = sum(map(sum, confusion.counts))
    assert sum(found.count for found in confusion.calibration) == total
    right = sum(found.count * found.right for found in confusion.calibration)
    assert right / total == pytest.approx(confusion.accuracy)


def test_the_examples_are_embedded_once_and_may_be_cached(embedder: KindEmbedder, confusion: Confusion) -> None:
    assert embedder.kept == [True]
