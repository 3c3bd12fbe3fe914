"""Only sentences that say what their evidence says pass."""

from assistant import grounding
from assistant.types import Citation, Sentence
from fakes import make_citation, make_passage

TEXT = "Goods may be cleared. Fees apply."
PASSAGES = {"sample.1": make_passage(TEXT)}
CLEARED = make_citation()
FEES = make_citation(2, "Fees apply.", start=22, end=33)


def check(*sentences: Sentence, citations: tuple[Citation, ...] = (CLEARED, FEES)) -> list[Sentence]:
    return grounding.verified(sentences, {citation.marker: citation for citation in citations}, PASSAGES)


def test_a_quoted_sentence_is_supported() -> None:
    (kept,) = check(Sentence(text="Fees apply.", citations=(2,)))
    assert (kept.supported, kept.score) == (True, 1.0)


def test_a_sentence_that_says_something_else_is_dropped() -> None:
    assert check(Sentence(text="Fees do not apply.", citations=(2,))) == []


def test_a_sentence_under_the_wrong_marker_is_dropped() -> None:
    assert check(Sentence(text="Fees apply.", citations=(1,))) == []


def test_a_quote_that_is_not_at_its_offsets_supports_nothing() -> None:
    moved = make_citation(2, "Fees apply.", start=21, end=32)
    assert check(Sentence(text="Fees apply.", citations=(2,)), citations=(CLEARED, moved)) == []


def test_a_quote_of_an_unknown_passage_supports_nothing() -> None:
    elsewhere = make_citation(passage_id="nowhere")
    assert check(Sentence(text=CLEARED.quote, citations=(1,)), citations=(elsewhere,)) == []


def test_one_inexact_citation_spoils_the_others() -> None:
    elsewhere = make_citation(2, "Fees apply.", passage_id="nowhere")
    assert check(Sentence(text=CLEARED.quote, citations=(1, 2)), citations=(CLEARED, elsewhere)) == []


def test_our_own_wording_passes_as_it_is() -> None:
    ours = Sentence(text="The sources are in English.")
    assert check(ours) == [ours]


def test_the_others_keep_their_order() -> None:
    good = [Sentence(text="Fees apply.", citations=(2,)), Sentence(text="Goods may be cleared.", citations=(1,))]
    kept = check(good[0], Sentence(text="Invented.", citations=(1,)), good[1])
    assert [sentence.text for sentence in kept] == ["Fees apply.", "Goods may be cleared."]


def test_addresses_are_found_without_the_punctuation_after_them() -> None:
    text = "See “https://a.example.org/x?y=1”, (http://b.example.org/z). And https://c.example.org/."
    assert grounding.urls(text) == ["https://a.example.org/x?y=1", "http://b.example.org/z", "https://c.example.org/"]
