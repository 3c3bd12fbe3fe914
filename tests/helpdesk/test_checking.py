"""How sentences of a reply are told apart, and what of a text goes out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.bootstrap import Assistant
from assistant.helpdesk.checking import Checker, is_empty, joined, pieces, with_stops
from assistant.tickets import Checked, Standing, printable
from assistant.types import Citation, Question
from desks import FOUNDED, SENTENCE

TEXTS = st.text(st.sampled_from("aB1 .,?!-*\n\t\u200d[]é。ก็ \u3000ខ"), max_size=120)


@pytest.fixture(scope="module")
def citations(small: Assistant) -> tuple[Citation, ...]:
    return small.draft(Question(text=FOUNDED)).citations


def sent(small: Assistant, text: str, citations: tuple[Citation, ...] = ()) -> str:
    """What goes out of a text."""
    return joined(text, Checker(small).check(text, citations))


def stands(small: Assistant, text: str, citations: tuple[Citation, ...]) -> list[tuple[str, Standing, tuple[int, ...]]]:
    checked = Checker(small).check(text, citations)
    return [(sentence.text, sentence.standing, sentence.citations) for sentence in checked]


@given(TEXTS)
def test_a_text_without_markers_goes_out_as_it_was_typed(text: str) -> None:
    typed = printable(text)
    checked = [Checked(text=piece.text, standing="no source") for piece in pieces(typed)]
    assert joined(typed, checked) == typed


@given(st.lists(st.sampled_from(["It is so.", "x", "[1]", " [1][2]", ".", "\n", "- item", "1. item", "  ", "[9]"])))
def test_markers_that_stand_go_out_as_they_were_typed(parts: list[str]) -> None:
    """All that is typed comes out but for markers, and those of sentences stay where they are."""
    text = "".join(parts)
    found = pieces(text)
    kept = [Checked(text=piece.text, standing="follows", citations=piece.markers) for piece in found]
    without = [Checked(text=piece.text, standing="no source") for piece in found]
    assert joined(text, kept).count("[") == sum(len(piece.markers) for piece in found)
    assert "[" not in joined(text, without)
    plain = [part for part in parts if "[" not in part]
    assert "".join(joined(text, without).split()) == "".join("".join(plain).split())


@pytest.mark.parametrize(
    "text",
    [
        f"{SENTENCE[:-1]} [1].",
        f"{SENTENCE}[1]",
        f"- {SENTENCE} [1]\n- Bring:\n  1. the form\n  2.  two   copies\n\n* and a pen",
        "Two  spaces.   Three.\n\n\nThree lines later.",
    ],
)
def test_what_was_typed_is_what_is_sent(small: Assistant, citations: tuple[Citation, ...], text: str) -> None:
    assert sent(small, text, citations) == text


def test_a_marker_is_added_where_a_source_was_found_and_dropped_where_there_is_none(
    small: Assistant, citations: tuple[Citation, ...]
) -> None:
    assert sent(small, f"- {SENTENCE}\n  Fees apply [9] here.", citations) == f"- {SENTENCE} [1]\n  Fees apply here."


def test_a_stop_behind_the_marker_is_no_sentence(small: Assistant, citations: tuple[Citation, ...]) -> None:
    assert stands(small, f"{SENTENCE[:-1]} [1].", citations) == [(SENTENCE[:-1], "quoted", (1,))]


def test_a_sentence_that_is_read_alone_keeps_its_stop(small: Assistant, citations: tuple[Citation, ...]) -> None:
    text = f"Hello. {SENTENCE[:-1]} [1]. {SENTENCE} [1]"
    assert [each.text for each in with_stops(text, Checker(small).check(text, citations))] == [
        "Hello.",
        SENTENCE,
        SENTENCE,
    ]


def test_what_follows_a_courtesy_is_checked_by_itself(small: Assistant, citations: tuple[Citation, ...]) -> None:
    assert stands(small, f"Thank you, {SENTENCE}", citations) == [
        ("Thank you,", "own words", ()),
        (SENTENCE, "quoted", (1,)),
    ]
    assert [standing for _, standing, _ in stands(small, "Thank you, importing rice is duty free.", citations)] == [
        "own words",
        "no source",
    ]


def test_a_statement_in_the_shape_of_a_question_is_flagged(small: Assistant, citations: tuple[Citation, ...]) -> None:
    text = "You must pay USD 500 at the border, is that clear?"
    assert stands(small, text, citations) == [(text, "no source", ())]


@pytest.mark.parametrize("text", ["The committee was established in 1995.", "คณะกรรมการก่อตั้งขึ้นในปี 1995"])
def test_a_sentence_that_names_no_source_has_none_to_differ_from(
    small: Assistant, citations: tuple[Citation, ...], text: str
) -> None:
    assert [standing for _, standing, _ in stands(small, text, citations)] == ["no source"]


def test_a_marker_of_nothing_beside_one_that_stands_is_dropped(
    small: Assistant, citations: tuple[Citation, ...]
) -> None:
    assert stands(small, f"{SENTENCE} [9][1]", citations) == [(SENTENCE, "quoted", (1,))]
    assert stands(small, "The committee was established in 1995. [1][9]", citations)[0][1:] == ("facts differ", (1,))
    assert sent(small, f"{SENTENCE} [9][1]", citations) == f"{SENTENCE} [1]"


@pytest.mark.parametrize("text", ["", " \n", "[1]", " [1] [2]\n", "\u200d\u200c", "[1]\u200d", "\u3164", "...", "- "])
def test_what_nobody_can_read_is_empty(text: str) -> None:
    assert is_empty(text)


@pytest.mark.parametrize("text", ["No.", "5", "ใช่", "不", "👍", "[1] x"])
def test_what_somebody_can_read_is_not(text: str) -> None:
    assert not is_empty(text)
