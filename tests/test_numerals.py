"""Numbers in digits and in words, in all languages."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from assistant import numerals

READ: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("numerals.yaml").read_text(encoding="utf-8"))
WORDS = [(code, number, words) for code, listed in READ["numbers"].items() for number, words in listed.items()]


@pytest.mark.parametrize(("code", "number", "words"), WORDS)
def test_a_number_in_words_is_read(code: str, number: int, words: str) -> None:
    read = numerals.read(words, code)
    assert read.sure | read.possible == {str(number)}


@pytest.mark.parametrize("row", READ["sentences"], ids=lambda row: f"{row['language']}-{row['text'][:20]}")
def test_the_numbers_of_a_sentence(row: dict[str, Any]) -> None:
    read = numerals.read(row["text"], row["language"])
    assert read.sure == set(row["sure"])
    assert read.possible == set(row.get("possible", ()))


@pytest.mark.parametrize("text", ["", "๑" * 500, "三" * 5_000, "trăm " * 2_000, "1." * 3_000, "ဆယ်" * 2_000])
def test_anything_is_read(text: str) -> None:
    for code in ("zh", "th", "vi", "my"):
        assert isinstance(numerals.read(text, code), numerals.Numbers)
