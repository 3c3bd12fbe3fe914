"""The bundled models read a question and texts together."""

from pathlib import Path

import numpy as np
import pytest

from assistant.cache import Cache, key
from assistant.reranking import COLBERT, BundledReranker, Colbert

QUESTION = "How long does customs have to answer a complaint?"
TEXTS = ["A complaint is answered within 30 working days.", "The truck is painted blue."]


@pytest.fixture(scope="module")
def encoder() -> Colbert:
    return Colbert()


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache.sqlite3")


@pytest.fixture
def reranker(encoder: Colbert, cache: Cache) -> BundledReranker:
    return BundledReranker(encoder, cache)


def test_the_text_that_answers_reads_best(reranker: BundledReranker) -> None:
    right, wrong = reranker.read(QUESTION, TEXTS)
    assert right.relevance > wrong.relevance
    assert right.alike > wrong.alike
    assert right.weakest > wrong.weakest


def test_a_prepared_text_reads_the_same(reranker: BundledReranker, cache: Cache) -> None:
    before = reranker.read(QUESTION, TEXTS)
    reranker.prepare(TEXTS)
    assert set(cache.read([key(COLBERT, "tokens", text) for text in TEXTS])) == {
        key(COLBERT, "tokens", text) for text in TEXTS
    }
    assert reranker.read(QUESTION, TEXTS) == before


def test_reading_one_by_one_or_together_is_the_same(reranker: BundledReranker) -> None:
    together = reranker.read(QUESTION, TEXTS)
    apart = [reranker.read(QUESTION, [text])[0] for text in TEXTS]
    for one, other in zip(together, apart, strict=True):
        assert one.relevance == pytest.approx(other.relevance, abs=0.3)  # the model computes in 8 bits, scaled by batch
        assert one.alike == pytest.approx(other.alike, abs=1e-6)


def test_nothing_to_read_is_no_error(reranker: BundledReranker) -> None:
    assert reranker.read(QUESTION, []) == []


@pytest.mark.parametrize(
    "text", ["", "🚢", "a\x00b", "ใบขนสินค้า", "word " * 2_000], ids=["empty", "emoji", "nul", "th", "long"]
)
def test_any_text_is_taken(reranker: BundledReranker, text: str) -> None:
    (reading,) = reranker.read(text, [text])
    assert np.isfinite([reading.relevance, reading.alike, reading.weakest]).all()


def test_tokens_are_words_of_the_text_with_unit_vectors(encoder: Colbert) -> None:
    tokens = encoder.encode("customs transit")
    assert [text.lower() for text in tokens.texts] == ["customs", "transit"]
    assert np.allclose(np.linalg.norm(tokens.vectors, axis=1), 1.0, atol=1e-3)
