"""Wording of the pages: complete in every language, with every placeholder of English."""

import re
import string
from importlib.resources import files

import pytest
import yaml

from assistant import messages
from assistant_ui import i18n

FILES = {
    entry.name.removesuffix(".yaml"): yaml.safe_load(entry.read_text(encoding="utf-8"))
    for entry in (files("assistant_ui") / "i18n").iterdir()
    if entry.name.endswith(".yaml")
}
NAMES = ("language", "name", "drafted_by", "reviewed_by")
SCRIPTS = {"th": "ก-๛", "km": "ក-៹", "lo": "ກ-ໟ", "my": "က-႟", "zh": "一-鿿"}


def placeholders(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def test_the_pages_speak_every_language_that_answers_do() -> None:
    assert list(i18n.load().languages) == list(messages.load().languages)


@pytest.mark.parametrize("code", FILES)
def test_each_language_says_all_that_english_does(code: str) -> None:
    assert list(FILES[code]) == list(FILES["en"])
    assert [key for key, text in FILES[code].items() if key != "reviewed_by" and not text.strip()] == []
    assert FILES[code]["drafted_by"] != "model" or FILES[code]["reviewed_by"] is None


@pytest.mark.parametrize("code", FILES)
def test_each_text_has_the_placeholders_of_english(code: str) -> None:
    texts = {key: text for key, text in FILES[code].items() if key not in NAMES}
    assert {key: placeholders(text) for key, text in texts.items()} == {
        key: placeholders(FILES["en"][key]) for key in texts
    }


@pytest.mark.parametrize("code", [code for code in FILES if code != "en"])
def test_handing_over_is_translated(code: str) -> None:
    ours = {key: text for key, text in FILES[code].items() if key.startswith("handover")}
    assert [key for key, text in ours.items() if text == FILES["en"][key]] == []
    written = re.compile(f"[{SCRIPTS.get(code, 'A-Za-z')}]")
    assert [key for key, text in ours.items() if not written.search(text)] == []
