"""Which language a question is in: the script decides first, then how usual its words are in each language."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from functools import cache

from assistant.types import FALLBACK

ALIASES = {"fil": "tl"}  # accepted on the way in; answers say "tl"

# Unicode names of letters begin with their script.
SCRIPTS = {
    "THAI": "th",
    "KHMER": "km",
    "LAO": "lo",
    "MYANMAR": "my",
    "CJK": "zh",
    "TAMIL": "ta",
}
LETTERS_A_WORD = {"CJK": 3}  # how many Latin letters one letter of the script stands for; others 1
LATIN = ("en", "id", "ms", "tl", "vi", "pt")
# Told apart so that a question in one of them is not taken for one of the above.
OTHERS = ("fr", "es", "de", "it", "nl")
MARKED = frozenset(["vi", "pt"])  # with marks in every other word, which are often left out
LISTS = {"tl": "fil"}  # what the word lists call it

SCRIPT_SHARE = 0.3  # of the letters; names and acronyms stay in Latin letters within other scripts
RARE = -5.0  # log10 of the frequency below which a word says nothing
LEAD = 0.7  # powers of ten by which the best language is likelier than the next; below it the text is unclear
TELLING = 2.0  # powers of ten above rare that all words together must have
SIBLINGS = {"id": "ms", "ms": "id"}  # share most words, so that how much more usual each is decides between them
UNUSED = -6.0  # the same where only two siblings are told apart
TURNED = 1.2  # powers of ten by which a sibling must be likelier than the language of the conversation
SHORT = 3  # words; English terms of the trade are used in every language


def detect(text: str, fallback: str = FALLBACK, likelier: str | None = None) -> str:
    """ISO 639-1 code of the text's language, or `fallback` where the text is too short or unclear to tell.

    `likelier` is that of two siblings which a text in one of them is in unless its words tell otherwise; `fallback`
    where that is a sibling and nothing is given.
    """
    return _by_script(text) or _by_words(text, likelier or normal(fallback)) or normal(fallback)


def normal(code: str) -> str:
    """The code as answers spell it: lower case, without region, "tl" for "fil"."""
    plain = code.strip().lower().replace("_", "-").split("-")[0]
    return ALIASES.get(plain, plain)


def unmarked(text: str) -> str:
    """Lower case without the marks on Latin letters, as Vietnamese is often typed."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return unicodedata.normalize("NFC", "".join(mark for mark in decomposed if not unicodedata.combining(mark)))


def _by_script(text: str) -> str | None:
    scripts = Counter(unicodedata.name(letter, "").split(" ")[0] for letter in text if letter.isalpha())
    weights = {script: count * LETTERS_A_WORD.get(script, 1) for script, count in scripts.items()}
    total = sum(weights.values())
    for script, code in SCRIPTS.items():
        if total and weights.get(script, 0) / total >= SCRIPT_SHARE:
            return code
    return None


def _by_words(text: str, likelier: str) -> str | None:
    """The language in which the words are the most usual; words that only one of them has count by themselves."""
    words = _words(unicodedata.normalize("NFC", text.lower()))
    if not words:
        return None
    scores = {code: _usual(words, code, marked=True) for code in (*LATIN, *OTHERS)}
    for code in MARKED:
        scores[code] = max(scores[code], _usual(_words(unmarked(text)), code, marked=False))
    best = max(scores, key=lambda code: scores[code])
    others = max(score for code, score in scores.items() if code not in (best, SIBLINGS.get(best)))
    unclear = scores[best] < TELLING or scores[best] - others < LEAD or (best == FALLBACK and len(words) < SHORT)
    if len(words) < 2 or unclear:
        return None
    if best in SIBLINGS:
        return _sibling(words, best, likelier)
    return best if best in LATIN else None


def _sibling(words: list[str], one: str, likelier: str) -> str:
    """Which of two languages that share most words a text is in."""
    other = SIBLINGS[one]
    lead = _usual(words, one, marked=True, rare=UNUSED) - _usual(words, other, marked=True, rare=UNUSED)
    if likelier in SIBLINGS and abs(lead) < TURNED:
        return likelier
    return one if lead >= 0.0 else other


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text)


def _usual(words: list[str], code: str, *, marked: bool, rare: float = RARE) -> float:
    frequencies = _frequencies(code, marked=marked)
    return sum(max(0.0, math.log10(frequencies[word]) - rare) for word in words if word in frequencies)


@cache
def _frequencies(code: str, *, marked: bool) -> Mapping[str, float]:
    """How often each word is used, 0 to 1; its spellings with and without marks are one where it is not `marked`."""
    import wordfreq  # noqa: PLC0415 (a tenth of a second that questions in other scripts need not wait for)

    frequencies: dict[str, float] = wordfreq.get_frequency_dict(LISTS.get(code, code), wordlist="small")
    if marked:
        return frequencies
    found: dict[str, float] = {}
    for word, frequency in frequencies.items():
        found[unmarked(word)] = found.get(unmarked(word), 0.0) + frequency
    return found
