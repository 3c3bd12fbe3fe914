"""The bundled models read a question and texts together."""

import numpy as np
import pytest

from assistant.reranking import Colbert, CrossEncoder

QUESTION = "How long does customs have to answer a complaint?"
TEXTS = ["A complaint is answered within 30 working days.", "The truck is painted blue."]


@pytest.fixture(scope="module")
def encoder() -> Colbert:
    return Colbert()


@pytest.fixture(scope="module")
def reranker() -> CrossEncoder:
    return CrossEncoder()


def test_the_text_that_answers_reads_best(reranker: CrossEncoder) -> None:
    right, wrong = reranker.relevances(QUESTION, TEXTS)
    assert right > 0 > wrong


def test_relevances_come_in_the_order_of_the_texts(reranker: CrossEncoder) -> None:
    assert reranker.relevances(QUESTION, TEXTS[::-1]) == reranker.relevances(QUESTION, TEXTS)[::-1]


def test_nothing_to_read_is_no_error(reranker: CrossEncoder) -> None:
    assert reranker.relevances(QUESTION, []) == []


@pytest.mark.parametrize(
    "text", ["", "🚢", "a\x00b", "ใบขนสินค้า", "word " * 2_000], ids=["empty", "emoji", "nul", "th", "long"]
)
def test_any_text_is_taken(reranker: CrossEncoder, text: str) -> None:
    assert np.isfinite(reranker.relevances(text, [text])).all()


def test_tokens_are_words_of_the_text_with_unit_vectors(encoder: Colbert) -> None:
    tokens = encoder.encode("customs transit")
    assert [text.lower() for text in tokens.texts] == ["customs", "transit"]
    assert np.allclose(np.linalg.norm(tokens.vectors, axis=1), 1.0, atol=1e-3)
