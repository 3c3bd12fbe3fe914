"""Expected questions that the router would refuse are found, once each, and only those."""

from assistant import countries
from assistant.routing import Intent
from assistant_evals.lookalikes import lookalikes
from fakes import WordEmbedder

KNOWN: list[tuple[str, Intent]] = [
    ("which office issues the form", "facts"),
    ("what does the rule say of origin", "facts"),
    ("which website lists tariffs", "portal"),
    ("where is my parcel today", "individual"),
    ("has my parcel left the port", "individual"),
]


def test_a_question_taken_for_a_refused_kind_is_learnt_and_a_plain_one_is_not() -> None:
    asked = ["where may my parcel be opened", "which office issues the form first"]
    found = lookalikes(KNOWN, asked, WordEmbedder(), countries.load())
    assert [text for text, _ in found] == ["where may my parcel be opened"]
    assert all(kind in ("facts", "portal") for _, kind in found)


def test_of_two_questions_alike_one_is_enough() -> None:
    asked = ["where may my parcel be opened", "my parcel, where may be opened"]
    assert len(lookalikes(KNOWN, asked, WordEmbedder(), countries.load())) == 1
