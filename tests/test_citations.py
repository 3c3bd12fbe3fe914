"""Spans of passages become citations; markers are found in texts."""

from assistant import citations
from fakes import make_hit


def test_a_citation_quotes_exactly_and_carries_its_provenance() -> None:
    text = "First point. 🚢 Second point."
    hit = make_hit(text, authority="treaty", binding=True, country="MY", url="https://example.org/t")
    start = text.index("🚢")
    citation = citations.cite(hit, start, len(text), 3)
    assert citation.quote == text[citation.start : citation.end] == "🚢 Second point."
    assert (citation.marker, citation.passage_id, citation.section) == (3, hit.passage.id, hit.passage.section)
    assert (citation.authority, citation.binding, citation.country) == ("treaty", True, "MY")
    assert (citation.url, citation.as_of, citation.wording) == ("https://example.org/t", "2025-06-05", "restated")


def test_the_score_of_a_citation_lies_between_0_and_1() -> None:
    assert citations.cite(make_hit(score=1.7), 0, 5, 1).score == 1.0
    assert citations.cite(make_hit(score=-0.2), 0, 5, 1).score == 0.0


def test_markers_are_found_in_order() -> None:
    assert citations.markers("One [2]. Two [1][3], in [2020] and [x].") == [2, 1, 3]


def test_markers_can_be_taken_out() -> None:
    assert citations.without_markers("One. [1][2] Two. [3]") == "One. Two."
