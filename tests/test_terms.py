"""Words of the trade become the English of the passages; names and numbers stay."""

import pytest

from assistant import data
from assistant.terms import english

LANGUAGES = ("id", "ms", "th", "vi", "tl", "km", "lo", "my", "zh")


def test_an_english_question_is_its_own_words() -> None:
    words = english("What is the ATIGA?", "en")
    assert (words.text, words.share) == ("What is the ATIGA?", 1.0)


@pytest.mark.parametrize(
    ("text", "language", "meaning"),
    [
        ("Di mana kantor bea cukai?", "id", "customs"),
        ("Apakah tugas jawatankuasa penyelaras?", "ms", "Coordinating Committee on Customs"),
        ("กรมศุลกากรอยู่ที่ไหน", "th", "customs"),
        ("Cơ quan HẢI QUAN ở đâu?", "vi", "customs"),
        ("海关在哪里", "zh", "customs"),
    ],
)
def test_a_term_is_put_into_english(text: str, language: str, meaning: str) -> None:
    assert meaning in english(text, language).text


def test_the_longest_term_wins() -> None:
    assert english("海关协调委员会", "zh").text == "Coordinating Committee on Customs"


@pytest.mark.parametrize(("text", "language"), [("ATIGA 2010 คืออะไร", "th"), ("Apa itu ATIGA 2010?", "id")])
def test_acronyms_stay(text: str, language: str) -> None:
    assert "ATIGA" in english(text, language).text.split()


def test_a_term_within_a_latin_word_is_none() -> None:
    assert "customs" not in english("kastamxyz", "ms").text


def test_layout_characters_do_not_hide_a_term() -> None:
    assert "customs" in english("គ\u200bយ", "km").text


@pytest.mark.parametrize("language", [*LANGUAGES, "xx"])
@pytest.mark.parametrize("text", ["🚢", "?", "HS 8471.30.10", "ใบขน 海关 គយ hải quan"])
def test_the_share_lies_between_0_and_1(text: str, language: str) -> None:
    assert 0.0 <= english(text, language).share <= 1.0


def test_no_term_stands_twice_in_a_language() -> None:
    for language in LANGUAGES:
        terms = [str(term).lower() for entry in data.read("terms.yaml") for term in entry.get(language, ())]
        assert terms
        assert sorted({term for term in terms if terms.count(term) > 1}) == []
