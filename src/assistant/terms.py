"""Puts the words of the trade in a question into the English of the passages, so that word matching can help too."""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Any

from assistant import data
from assistant.digits import in_ascii
from assistant.language import unmarked
from assistant.types import Frozen

PASSAGES = "en"  # the language that the terms lead to
UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d"))  # break words for layout, not for meaning
KEPT = re.compile(r"[A-Za-z]*[A-Z\d][\w.-]*", re.ASCII)  # acronyms, numbers and names, the same in every language
ASCII_WORD = re.compile(r"[A-Za-z][\w.-]*", re.ASCII)
SPACED = frozenset(["id", "ms", "tl", "vi", "pt"])  # written in Latin letters, so that a term is a whole word


class Words(Frozen):
    """The words to search passages with. `share`, in [0, 1], is how much of the question they stand for."""

    text: str
    share: float


def english(question: str, language: str, names: Sequence[str] = ()) -> Words:
    """The question's own words where it is in English; else those of its terms and numbers, and the `names` it has."""
    if language == PASSAGES:
        return Words(text=question, share=1.0)
    plain = in_ascii(unicodedata.normalize("NFKC", question).translate(UNSEEN))
    pattern, meanings = _terms(language, marked=not plain.isascii())
    found = [match.group().lower() for match in pattern.finditer(plain)]
    rest = pattern.sub(" ", plain)
    kept = (KEPT if language in SPACED else ASCII_WORD).findall(rest)
    letters = sum(map(str.isalnum, plain))
    used = sum(sum(map(str.isalnum, word)) for word in (*found, *kept))
    return Words(
        text=" ".join([*kept, *(meanings[term] for term in found), *names]), share=min(1.0, used / max(1, letters))
    )


@cache
def _terms(language: str, *, marked: bool) -> tuple[re.Pattern[str], dict[str, str]]:
    """A pattern for a language's terms, the longest first, and what each means; typed with or without marks."""
    meanings = {
        _spelt(str(term), marked=marked): str(entry["en"]) for entry in _entries() for term in entry.get(language, ())
    }
    longest_first = "|".join(re.escape(term) for term in sorted(meanings, key=len, reverse=True)) or r"(?!)"
    bounded = rf"(?<!\w)(?:{longest_first})(?!\w)" if language in SPACED else longest_first
    return re.compile(bounded, re.IGNORECASE), meanings


@cache
def _entries() -> list[dict[str, Any]]:
    return data.read("terms.yaml")  # type: ignore[no-any-return]


def _spelt(term: str, *, marked: bool) -> str:
    return unicodedata.normalize("NFKC", term).lower() if marked else unmarked(term)
