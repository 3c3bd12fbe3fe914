"""What is written as Markdown is read as the same words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from assistant import chunking
from assistant.extraction import markdown
from fakes import make_document

PARSER = MarkdownIt("commonmark").enable("table")
TEXT = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12)
WORDS = st.lists(
    TEXT | st.sampled_from(["-", "#", "1.", "2)", ">", "*", "***", "---", "|", "<b>", "&amp;", "`x", "[a](b)"])
)


def said(text: str) -> str:
    tokens = [token for token in PARSER.parse(text) if token.type == "inline"]
    return " ".join("".join(child.content for child in token.children or ()) for token in tokens)


@given(WORDS.map(" ".join).filter(str.strip))
def test_escaped_text_is_one_paragraph_with_the_same_words(text: str) -> None:
    kinds = [token.type for token in PARSER.parse(markdown.escaped(text))]
    assert kinds == ["paragraph_open", "inline", "paragraph_close"]
    assert said(markdown.escaped(text)).split() == text.split()


def test_items_of_a_list_stay_together() -> None:
    assert markdown.document(["Papers:", "- one", "- two", "End."]) == "Papers:\n\n- one\n- two\n\nEnd."


def test_rows_of_a_table_are_as_long_as_the_longest() -> None:
    assert markdown.table([["A", "B"], ["1"]]) == "| A | B |\n| --- | --- |\n| 1 |  |"


@pytest.mark.parametrize("level", [0, 1, 6, 9])
def test_a_heading_has_one_to_six_marks(level: int) -> None:
    assert 1 <= markdown.heading("Rule 1", level).count("#") <= 6


def test_a_page_mark_is_read_by_the_chunker() -> None:
    [passage] = chunking.passages(make_document(markdown.document([markdown.page(7), "Text."])))
    assert (passage.page, passage.text) == (7, "Text.")
