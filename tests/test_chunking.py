"""Passages and sentences: exact offsets, nothing lost, ids that stay."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant import chunking
from fakes import make_document

WORDS = st.text("abcdefghijklmnopqrstuvwxyzéñ", min_size=1, max_size=12)
SENTENCES = st.lists(WORDS, min_size=1, max_size=30).map(lambda words: " ".join(words).capitalize() + ".")
PARAGRAPHS = st.lists(SENTENCES, min_size=1, max_size=12).map(" ".join)
TEXTS = st.text(st.sampled_from("aA1é東ไ .!?。？”)\n\t-…"), max_size=80) | st.text(max_size=80)


def texts(body: str) -> list[str]:
    return [passage.text for passage in chunking.passages(make_document(body))]


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in chunking.sentences(text)]


@given(TEXTS)
def test_sentences_are_trimmed_ordered_and_disjoint(text: str) -> None:
    spans = chunking.sentences(text)
    bounds = [place for span in spans for place in span]
    assert bounds == sorted(bounds)
    assert all(start < end and text[start:end] == text[start:end].strip() for start, end in spans)


@given(TEXTS)
def test_sentences_leave_out_nothing_but_space_and_dashes(text: str) -> None:
    left = list(text)
    for start, end in chunking.sentences(text):
        left[start:end] = " " * (end - start)
    assert re.fullmatch(r"[\s-]*", "".join(left))


@given(st.lists(PARAGRAPHS, min_size=1, max_size=5, unique=True))
def test_passages_cover_every_word_in_order(paragraphs: list[str]) -> None:
    body = "\n\n".join(f"## Part {number}\n\n{text}" for number, text in enumerate(paragraphs))
    assert " ".join(texts(body)).split() == " ".join(paragraphs).split()


@given(PARAGRAPHS)
def test_a_long_paragraph_is_cut_between_sentences(paragraph: str) -> None:
    whole = split(paragraph)
    assert [sentence for text in texts(paragraph) for sentence in split(text)] == whole


def test_no_passage_is_longer_than_the_limit() -> None:
    body = " ".join(f"Sentence number {number} says something of its own." for number in range(100))
    passages = texts(body)
    assert len(passages) > 1
    assert max(map(len, passages)) <= chunking.MAX_CHARACTERS


def test_short_paragraphs_of_one_section_share_a_passage() -> None:
    assert texts("## One\n\nFirst.\n\nSecond.\n\n## Two\n\nThird.") == ["First.\nSecond.", "Third."]


def test_headings_are_kept_as_the_section() -> None:
    body = "Before.\n\n# Top\n\n## Under `code`\n\nText.\n\n### Deeper\n\nMore.\n\n## Next\n\nLast."
    sections = [passage.section for passage in chunking.passages(make_document(body))]
    assert sections == ["", "Top > Under code", "Top > Under code > Deeper", "Top > Next"]


def test_markup_and_line_breaks_go_and_words_stay() -> None:
    assert texts("A **bold** [link](https://example.org)\nwith `code`<br>.") == ["A bold link with code."]


def test_list_items_are_sentences_of_their_own() -> None:
    (text,) = texts("There are two:\n\n- one thing\n- another\n  thing")
    assert split(text) == ["There are two:", "one thing", "another thing"]


def test_a_table_keeps_its_words() -> None:
    (text,) = texts("| code | name |\n|---|---|\n| 8471 | laptop |")
    assert split(text) == ["code: 8471; name: laptop"]


@pytest.mark.parametrize(
    "text",
    [
        "Fees (e.g. stamps) apply.",
        "See art. 5 and No. 12 of the list.",
        "The limit is US$200.50 free on board.",
        "Use HS 8471.30.10 for it.",
    ],
)
def test_a_full_stop_within_a_sentence_does_not_end_it(text: str) -> None:
    assert split(f"{text} Another sentence.") == [text, "Another sentence."]


def test_an_ending_keeps_its_quotation_mark() -> None:
    assert split("He said “no.” (Twice!) Then he left?") == ["He said “no.”", "(Twice!)", "Then he left?"]


def test_chinese_sentences_end_without_a_space() -> None:
    assert split("什么是原产地规则？它们决定税率。请看附件") == ["什么是原产地规则？", "它们决定税率。", "请看附件"]


def test_thai_text_without_full_stops_is_cut_at_lines() -> None:
    assert split("กฎถิ่นกำเนิดสินค้า\nใบขนสินค้า") == ["กฎถิ่นกำเนิดสินค้า", "ใบขนสินค้า"]


def test_offsets_count_code_points() -> None:
    text = "🚢 departs. 𝒜 follows."
    assert split(text) == ["🚢 departs.", "𝒜 follows."]


def test_ids_stay_when_other_sections_change() -> None:
    before = chunking.passages(make_document("## One\n\nFirst.\n\n## Two\n\nSecond."))
    after = chunking.passages(make_document("## Zero\n\nNew.\n\n## One\n\nFirst.\n\n## Two\n\nSecond, changed."))
    assert before[0].id == after[1].id
    assert before[1].id not in {passage.id for passage in after}


def test_ids_change_with_title_and_heading_but_not_with_the_date() -> None:
    def the_id(body: str, **fields: str) -> str:
        return chunking.passages(make_document(body, **fields))[0].id

    same = the_id("## One\n\nFirst.")
    assert the_id("## One\n\nFirst.", as_of="2026") == same
    assert len({same, the_id("## Uno\n\nFirst."), the_id("## One\n\nFirst.", title="Other")}) == 3


def test_the_same_words_twice_under_one_heading_are_one_passage() -> None:
    long = "word " * 170 + "end."
    passages = chunking.passages(make_document(f"{long}\n\n{long}\n\nOther."))
    assert len({passage.id for passage in passages}) == len(passages) == 2


def test_a_passage_about_a_portal_has_the_portals_country() -> None:
    portal = {
        "name": "Gate",
        "description": "A gate.",
        "url": None,
        "country": "MY",
        "listed": False,
        "publisher": "Sample",
        "as_of": None,
        "document_id": "sample",
    }
    document = make_document("## Gate\n\nA gate.\n\n## Rest\n\nMore.", portals=(portal,))
    assert [passage.country for passage in chunking.passages(document)] == ["MY", None]


def test_a_row_of_a_table_is_read_without_the_others() -> None:
    body = "| Office | Opens |\n| --- | --- |\n| Port | 08:00 |\n| Airport |  |"
    assert texts(body) == ["- Office: Port; Opens: 08:00\n- Office: Airport"]


def test_a_table_without_header_has_cells_alone() -> None:
    assert texts("|  |  |\n| --- | --- |\n| Port | 08:00 |") == ["- Port; 08:00"]


def test_passages_know_their_page_and_never_cross_one() -> None:
    found = chunking.passages(
        make_document("First.\n\n<!-- page 2 -->\n\nSecond.\n\nThird.\n\n<!-- page 3 -->\n\nLast.")
    )
    assert [(passage.page, passage.text) for passage in found] == [
        (None, "First."),
        (2, "Second.\nThird."),
        (3, "Last."),
    ]


def test_the_number_of_a_clause_is_no_sentence() -> None:
    text = "1. The exporter applies. iv. Records are kept.\n2.1. The importer presents it."
    assert split(text) == ["1. The exporter applies.", "iv. Records are kept.", "2.1. The importer presents it."]
