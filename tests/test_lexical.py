"""Word matching over passages."""

import pytest

from assistant.lexical import Bm25Index
from fakes import make_passage

TEXTS = {
    "origin": "The certificate of origin is issued under ATIGA article 38.",
    "transit": "Goods in transit move under one declaration.",
    "refund": "Refunds of duty are declared with form K8.",
}
INDEX = Bm25Index([make_passage(text, id=name, title="", section="") for name, text in TEXTS.items()])


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("certificates of origin", "origin"),
        ("ATIGA 38", "origin"),
        ("form k8", "refund"),
        ("declarations in transit", "transit"),
    ],
)
def test_words_numbers_and_other_forms_of_words_are_found(text: str, first: str) -> None:
    hits = INDEX.search(text, 3)
    assert hits[0][0] == first
    assert all(score > 0 for _, score in hits)


@pytest.mark.parametrize("text", ["ใบขนสินค้า", "zzzz", "the of and", "", "???"])
def test_words_the_passages_do_not_use_find_nothing(text: str) -> None:
    assert INDEX.search(text, 3) == []
    assert INDEX.coverage(text) == 0.0


def test_no_more_than_asked_are_found() -> None:
    assert len(INDEX.search("goods duty certificate", 2)) == 2


def test_titles_and_headings_count() -> None:
    index = Bm25Index(
        [make_passage("Text.", id="a", section="Warehouses"), make_passage("Text.", id="b", section="Sea")]
    )
    assert [name for name, _ in index.search("warehouse", 5)] == ["a"]


def test_coverage_is_the_share_of_known_words() -> None:
    assert INDEX.coverage("certificate of origin") == pytest.approx(1.0)
    assert 0.0 < INDEX.coverage("certificate of happiness") < 1.0


def test_overlap_is_the_share_of_the_questions_words() -> None:
    full, part, none = INDEX.overlap("certificate of origin", ["Origin certificates.", "An origin.", "Ships."])
    assert full == pytest.approx(1.0)
    assert 0.0 < part < 1.0
    assert none == 0.0


def test_an_empty_index_answers() -> None:
    index = Bm25Index([])
    assert index.search("origin", 3) == []
    assert index.coverage("origin") == 0.0
    assert index.overlap("origin", ["origin"]) == [pytest.approx(0.0)]
