"""Digits of any script."""

from assistant.digits import in_ascii


def test_digits_of_every_script_become_those_of_ascii_in_their_places() -> None:
    assert in_ascii("၂၀၂၁ ២០២៥ ๒๕๖๘ ໒໐ ２０ 7") == "2021 2025 2568 20 20 7"


def test_letters_and_other_numbers_stay() -> None:
    assert in_ascii("Straße ½ 三 m²") == "Straße ½ 三 m²"
