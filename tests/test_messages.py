"""Our own wording: complete in every language."""

import string

import pytest
import yaml

from assistant import messages
from assistant.data import FOLDER
from assistant.types import Passage
from fakes import english, make_citation, make_passage

FILES = {
    entry.name.removesuffix(".yaml"): yaml.safe_load(entry.read_text(encoding="utf-8"))
    for entry in (FOLDER / "messages").iterdir()
    if entry.name.endswith(".yaml")
}
LOADED = messages.load()


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_there_are_ten_languages_english_first() -> None:
    assert set(LOADED.languages) == {"en", "id", "ms", "th", "vi", "tl", "km", "lo", "my", "zh"}
    assert next(iter(LOADED.languages)) == "en"
    assert LOADED.languages["th"] == "ไทย"


@pytest.mark.parametrize("code", FILES)
def test_each_language_has_the_keys_of_english(code: str) -> None:
    assert set(FILES[code]) == set(FILES["en"])
    assert FILES[code]["language"] == code


@pytest.mark.parametrize("code", FILES)
def test_each_text_has_the_placeholders_of_english(code: str) -> None:
    texts = {key: text for key, text in FILES[code].items() if isinstance(text, str)}
    assert {key: placeholders(text) for key, text in texts.items()} == {
        key: placeholders(FILES["en"][key]) for key in texts
    }


@pytest.mark.parametrize("code", FILES)
def test_every_text_says_something_and_unreviewed_drafts_say_so(code: str) -> None:
    assert [key for key, text in FILES[code].items() if key != "reviewed_by" and not text.strip()] == []
    assert FILES[code]["drafted_by"] != "model" or FILES[code]["reviewed_by"] is None


@pytest.mark.parametrize("code", [code for code in FILES if code != "en"])
def test_the_disclaimer_is_translated(code: str) -> None:
    assert LOADED.text(code, "disclaimer") != LOADED.text("en", "disclaimer")


def test_placeholders_are_filled_in() -> None:
    assert english(see="Go to {portal}.").text("en", "see", portal="{ASSIST}") == "Go to {ASSIST}."
    with pytest.raises(KeyError):
        english(see="Go to {portal}.").text("en", "see")


def test_a_language_without_a_text_falls_back_to_english() -> None:
    assert LOADED.text("xx", "disclaimer") == LOADED.text("en", "disclaimer")


def test_a_key_that_english_lacks_is_an_error() -> None:
    with pytest.raises(KeyError):
        LOADED.text("th", "no_such_key")


@pytest.mark.parametrize("reader", FILES)
def test_every_language_is_named_in_every_other(reader: str) -> None:
    names = {LOADED.language_name(code, reader) for code in FILES}
    assert len(names) == len(FILES)
    assert not names & set(FILES)


def test_a_restatement_is_attributed_as_one_with_its_date() -> None:
    assert LOADED.attribution(make_citation(), "en") == "Our restatement of Sample page, as of 2025-06-05"
    verbatim = make_citation(wording="verbatim", as_of=None)
    assert LOADED.attribution(verbatim, "en") == "Quoted from Sample page, undated"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "guidance, non-binding"),
        ({"authority": "treaty", "binding": True}, "treaty, binding"),
        ({"authority": "portal description"}, "portal description, non-binding"),
    ],
)
def test_the_standing_says_who_speaks_and_whether_it_binds(fields: dict[str, object], said: str) -> None:
    passage: Passage = make_passage(**fields)
    assert LOADED.standing(passage, "en") == said
