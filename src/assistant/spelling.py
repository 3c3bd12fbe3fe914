"""Puts an English question's spelling right: chat spelling, typos, capitals throughout; names and codes stay."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache

import Stemmer
from rapidfuzz import process
from rapidfuzz.distance import OSA

from assistant import data

WORD = re.compile(r"[A-Za-z0-9]+(?:['’][a-z]+)?")
DOTTED = re.compile(r"\b(?:[A-Za-z]\.){2,}(?:[A-Za-z]\b)?")  # A.H.T.N.
SHORTEST = 4  # letters; a shorter word has too many neighbours
LONG = 9  # letters from which two mistakes are put right
USUAL = 1e-6  # frequency from which a word is taken to be meant as it is spelt
OURS = 1e-3  # what a word of the passages counts as, so that it is preferred to other neighbours


class Speller:
    """Corrects towards the words of the passages and the usual words of English."""

    def __init__(self, texts: Iterable[str]) -> None:
        """`texts` are what questions are asked about; their words are right as they are."""
        written = Counter(word for text in texts for word in re.findall(r"[A-Za-z]+", text))
        folded: Counter[str] = Counter()
        for word, count in written.items():
            folded[word.lower()] += count
        self._acronyms: dict[str, str] = {
            word.lower(): word for word, count in written.items() if word.isupper() and 2 * count > folded[word.lower()]
        }
        self._known = frozenset(folded)
        self._stems = frozenset(map(_stem, self._known))

    def corrected(self, text: str) -> str:
        """The text with its English words put right; one in which most words are unknown stays as it is."""
        undotted = DOTTED.sub(lambda match: match.group().replace(".", ""), text)
        shouted = undotted.isupper()
        corrected = WORD.sub(lambda match: self._word(match.group(), shouted=shouted), undotted)
        return str(corrected)

    def _word(self, word: str, *, shouted: bool) -> str:
        lowered = word.lower()
        if lowered in self._acronyms and (shouted or lowered not in _english()):
            return self._acronyms[lowered]
        if shouted:
            known = lowered in _chat() or self._is_word(lowered)
            word = lowered if known else word
        if word in _chat():
            return _chat()[word]
        if not word.islower() or len(word) < SHORTEST or not word.isalpha() or self._is_word(word):
            return word
        return self._neighbour(word) or word

    def _is_word(self, word: str) -> bool:
        return word in self._known or _english().get(word, 0.0) >= USUAL or _stem(word) in self._stems

    def _neighbour(self, word: str) -> str | None:
        """The likeliest known word within one mistake, or within two for a long word."""
        mistakes = 1 if len(word) < LONG else 2
        found = process.extract(word, self._choices, scorer=OSA.distance, score_cutoff=mistakes, limit=None)
        alike = [(distance, -self._weight(other), other) for other, distance, _ in found if other[0] == word[0]]
        return min(alike)[2] if alike else None

    @property
    def _choices(self) -> list[str]:
        return [*self._known, *(word for word in _english() if word not in self._known)]

    def _weight(self, word: str) -> float:
        return OURS if word in self._known else _english().get(word, 0.0)


def _stem(word: str) -> str:
    return str(Stemmer.Stemmer("english").stemWord(word))


@cache
def _english() -> Mapping[str, float]:
    """How often each usual English word is used, 0 to 1."""
    import wordfreq  # noqa: PLC0415 (questions in other languages need not wait for it)

    return wordfreq.get_frequency_dict("en", wordlist="small")


@cache
def _chat() -> Mapping[str, str]:
    """Spellings of text messages and what they stand for."""
    return {str(short): str(full) for short, full in data.read("words.yaml")["chat"].items()}
