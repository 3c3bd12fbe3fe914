"""Sentences are read from whatever a language model replies."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant import replies
from assistant.types import Written

ROWS = [
    {"passages": [1], "text": "Goods are cleared."},
    {"passages": [2, 3], "text": "Fees apply."},
]
TOLD = [Written(text="Goods are cleared.", passages=(1,)), Written(text="Fees apply.", passages=(2, 3))]
REPLY = json.dumps({"sentences": ROWS})


@pytest.mark.parametrize(
    "reply",
    [
        REPLY,
        f"```json\n{REPLY}\n```",
        f"Here is the JSON:\n{REPLY}\nI hope this helps.",
        f"<think>Perhaps [1] or {{this}}.</think>{REPLY}",
        json.dumps(ROWS),
        json.dumps({"sentences": [{**ROWS[0], "passages": "[1]"}, {**ROWS[1], "passages": ["2", "3"]}]}),
        "Goods are cleared [1]. Fees apply [2][3].",
        "Goods are cleared. [1] Fees apply. [2] [3]",
        "- Goods are cleared [1].\n- Fees apply [2][3].",
    ],
)
def test_sentences_are_read_with_their_passages(reply: str) -> None:
    assert replies.written(reply, whole=True) == TOLD


def test_each_sentence_is_given_as_soon_as_it_is_complete_and_stays_as_it_was() -> None:
    seen: list[Written] = []
    for end in range(len(REPLY) + 1):
        found = replies.written(REPLY[:end])
        assert found[: len(seen)] == seen
        seen = found
    assert seen == TOLD


def test_a_text_of_several_sentences_is_read_one_by_one_while_it_is_written() -> None:
    begun = '{"sentences": [{"passages": [1], "text": "Goods are cleared. Fees apply. Nobody kno'
    assert [row.text for row in replies.written(begun)] == ["Goods are cleared.", "Fees apply."]
    assert [row.passages for row in replies.written(begun, whole=True)] == [(1,), (1,)]


def test_a_translation_stays_with_its_sentence() -> None:
    row = {"passages": [1], "text": "Fees apply. Pay them.", "translation": "มีค่าธรรมเนียม กรุณาชำระ"}
    (found,) = replies.written(json.dumps({"sentences": [row]}))
    assert (found.text, found.translation) == (row["text"], row["translation"])


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "   ",
        "<think>I do not know",
        "{",
        "[" * 100_000,
        "[{" * 5_000,
        '{"sentences": []}',
        '{"sentences": null}',
        '{"sentences": 5}',
        '{"answer": "Fees apply."}',
        '{"sentences": [{"passages": [1]}, 7, {"text": null}, {"text": "  "}, {"text": ["a"]}]}',
        '{"sentences": [{"passages": [1], "text": "Half a sen',
    ],
)
def test_a_reply_without_a_whole_sentence_has_none(reply: str) -> None:
    assert replies.written(reply, whole=True) == []


@given(st.text())
def test_no_reply_breaks_the_reader(reply: str) -> None:
    for text in (reply, '{"sentences": [' + reply, "[{" + reply):
        assert all(row.text.strip() for row in replies.written(text, whole=True))


def test_the_form_names_the_passages_there_are() -> None:
    schema = replies.form(2, translated=True)
    (sentence,) = [schema["properties"]["sentences"]["items"]]
    assert sentence["properties"]["passages"]["items"]["enum"] == [1, 2]
    assert sentence["required"] == ["passages", "text", "translation"]
    assert "translation" not in replies.form(2, translated=False)["properties"]["sentences"]["items"]["properties"]
