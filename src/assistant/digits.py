"""Digits of any script as those of ASCII."""

import unicodedata


def in_ascii(text: str) -> str:
    """The text with every decimal digit (២, ၂, ๒ …) as the one of ASCII; as long as before."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.digit(letter)) if letter.isdecimal() else letter for letter in text)
