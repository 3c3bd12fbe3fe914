"""Only sentences that say what their evidence says pass."""

from assistant import grounding
from assistant.types import Claim, Extract
from fakes import make_citation, make_hit, make_passage

TEXT = "Goods may be cleared. Fees apply."
PASSAGES = {"sample.1": make_passage(TEXT)}
CLEARED = Extract(hit=make_hit(TEXT), start=0, end=21, score=1.0)
FEES = Extract(hit=make_hit(TEXT), start=22, end=33, score=1.0)


def claim(text: str, *evidence: Extract, written: bool = False) -> Claim:
    return Claim(text=text, evidence=evidence, language="en", written=written)


def test_a_quoted_sentence_stands() -> None:
    assert grounding.stands(claim("Fees apply.", FEES), PASSAGES)
    assert grounding.stands(claim("Fees apply.", FEES, CLEARED), PASSAGES)


def test_a_sentence_that_says_something_else_does_not_stand() -> None:
    assert not grounding.stands(claim("Fees do not apply.", FEES), PASSAGES)
    assert not grounding.stands(claim("Fees apply.", CLEARED), PASSAGES)
    assert not grounding.stands(claim("Fees apply."), PASSAGES)


def test_a_written_sentence_need_not_be_a_quote_but_needs_evidence() -> None:
    assert grounding.stands(claim("There are fees.", FEES, written=True), PASSAGES)
    assert not grounding.stands(claim("There are fees.", written=True), PASSAGES)


def test_evidence_of_another_version_or_of_no_passage_spoils_the_rest() -> None:
    changed = FEES.model_copy(update={"hit": make_hit("Goods may be cleared. Fees apply not.")})
    elsewhere = FEES.model_copy(update={"hit": make_hit(TEXT, id="nowhere")})
    for other in (changed, elsewhere):
        assert not grounding.stands(claim("Goods may be cleared.", CLEARED, other), PASSAGES)


def test_addresses_are_found_without_the_punctuation_after_them() -> None:
    text = "See “https://a.example.org/x?y=1”, (http://b.example.org/z). And https://c.example.org/."
    assert grounding.urls(text) == ["https://a.example.org/x?y=1", "http://b.example.org/z", "https://c.example.org/"]


def test_a_quote_is_exact_at_its_offsets_in_a_known_passage() -> None:
    quote = make_citation(2, "Fees apply.", start=22, end=33)
    assert grounding.is_exact(quote, PASSAGES)
    assert not grounding.is_exact(make_citation(2, "Fees apply.", start=21, end=32), PASSAGES)
    assert not grounding.is_exact(make_citation(2, "Fees apply.", start=22, end=33, passage_id="nowhere"), PASSAGES)
