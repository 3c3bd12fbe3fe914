"""What no rewording may change: addresses, numbers and what they count, names, and words that turn a sentence round."""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Any, Literal

import Stemmer
from rapidfuzz.distance import LCSseq

from assistant import data
from assistant.digits import in_ascii

Reason = Literal["address", "number", "name", "meaning"]

ADDRESS = re.compile(
    r"https?:|www\.|\b[\w.+-]+@[\w-]+\.\w|\b[\w-]+\.(?:[a-z]{2,3}\.)?(?:com|org|net|gov|int|info|asia|[a-z]{2})\b",
    re.IGNORECASE,
)
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
CODE = re.compile(r"(?<![\w-])(?:[A-Za-z]*[A-Z][\w-]*[A-Z\d][\w-]*|[B-HJ-Z])(?![\w-])")  # ATIGA, e-Form, D
LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
NAME = re.compile(r"(?<!^)(?<![.!?:]\s)\b[A-Z][\w'’-]*")  # one that begins a sentence may be any word
ACRONYM = re.compile(r"\b(?=\w*[A-Z]\w*[A-Z\d])[A-Z\d][\w-]*")
WORD = re.compile(r"%|\d+(?:[.,]\d+)*|[^\W\d]\w*")
BESIDE = 2  # words next to a number that say what it counts
BEFORE = 3  # words before a number that may bound it
NEAR = 5  # words around the same number in the evidence among which one of them must be
REPEATED = 0.85  # of a claim's words in another, and it says nothing new
FOLLOWED = 0.8  # of a claim's words that stand in its sentence in their order
OWN = 2  # words of its own at most
SHORTEST = 3  # words that say something
LEAD = re.compile(r"(?:In|Under|Since|For|From|On|By|As of|According to)\b[^,]{2,80},\s*")
CLAUSE = re.compile(r"[,;:()]|\b(?:and|but|or|because|that|which|who|if|where)\b")
SPACED = frozenset(["id", "ms", "tl", "vi", "pt"])  # words stand apart there
SIGNS = {"%": "percent"}
ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b")


def numbers(text: str) -> set[str]:
    """The numbers of a text in ASCII digits without separators of thousands, in digits or in English words."""
    return {token for token in _tokens(text) if token[0].isdigit()}


def names(text: str) -> list[str]:
    """Words that begin with a capital though no sentence begins with them, and acronyms wherever they stand."""
    return [name.removesuffix("'s").removesuffix("’s") for name in (*NAME.findall(text), *ACRONYM.findall(text))]


def names_stand_in(claim: str, evidence: str) -> bool:
    """Whether the evidence has every name of the claim, in whatever ending."""
    words = set(re.findall(r"[\w'’-]+", evidence.lower()))
    stems = set(content(evidence))
    return all(name.lower() in words or stems.intersection(content(name)) for name in names(claim))


def content(text: str) -> list[str]:
    """The stems of the words that say something, numbers as they are, in order."""
    words = [word for word in _tokens(text) if word not in _listed("function_words")]
    return Stemmer.Stemmer("english").stemWords(words)  # type: ignore[no-any-return]


def lost(claim: str, evidence: Sequence[str], about: Sequence[str] = ()) -> Reason | None:
    """The kind of fact that a claim has and the sentences it rests on have not; None where all stand there.

    `about` names what the evidence is about; names and numbers may stand there too.
    """
    said, everything = " ".join(evidence), " ".join([*about, *evidence])
    if ADDRESS.search(claim):
        return "address"
    if not _numbers_count_the_same(claim, [*about, *evidence]):
        return "number"
    if not names_stand_in(claim, everything):
        return "name"
    return None if _turns_the_same(claim, said) and _bounds_the_same(claim, evidence) else "meaning"


def follows(claim: str, sentence: str) -> bool:
    """Whether a claim tells a sentence, or clauses of it, in its words and order, but for a few of its own.

    It begins where a clause begins, so that nothing is said of another subject. A phrase before its first comma ("In
    2020, …") may stand anywhere in the sentence.
    """
    lead = LEAD.match(claim)
    opening, rest = (content(claim[: lead.end()]), claim[lead.end() :]) if lead else ([], claim)
    said, there = content(rest), content(sentence)
    heads = {words[0] for words in map(content, CLAUSE.split(sentence)) if words}
    first = next((word for word in said if word in there), None)
    if len(said) < SHORTEST or first not in heads:
        return False
    words, kept = len(opening) + len(said), _in_order(opening, there) + _in_order(said, there)
    return kept >= FOLLOWED * words and words - kept <= OWN


def _in_order(words: Sequence[str], there: Sequence[str]) -> int:
    """How many of the words, at most, stand there in the same order."""
    return int(LCSseq.similarity(words, there))


def altered(text: str, translation: str, language: str) -> Reason | None:
    """The kind of fact that a translation of an English sentence adds or leaves out; None where all are the same.

    It denies if and only if the sentence does. Numbers may stand in words in either, and a month as its number in the
    translation. Names in Latin letters and codes stay as they are; what a language writes in its own way (a country, a
    body) is not looked at.
    """
    if ADDRESS.search(translation):
        return "address"
    digits, there = _digits(text), _digits(translation)
    months = {str(number) for name, number in _words("months").items() if name in text.lower()}
    if not digits <= there or not there <= digits | _digits(" ".join(numbers(text))) | months:
        return "number"
    codes = set(CODE.findall(text))
    kept = codes - _listed("translated")
    foreign = any("LATIN" not in unicodedata.name(letter, "") for letter in translation if letter.isalpha())
    added = set(LATIN_WORD.findall(translation)) - set(LATIN_WORD.findall(text)) if foreign else set()
    if added or not kept <= set(CODE.findall(translation)) <= codes:
        return "name"
    return None if bool(_listed("denying").intersection(_tokens(text))) == _denies(translation, language) else "meaning"


def _numbers_count_the_same(claim: str, evidence: Sequence[str]) -> bool:
    """Whether each number stands in the evidence beside what it counts, or a word that it stands by in the claim."""
    said, there = content(claim), [content(text) for text in evidence]
    return all(
        any(_stands(number, _counted(said, at), words) for words in there)
        for at, number in enumerate(said)
        if number[0].isdigit()
    )


def _counted(said: Sequence[str], at: int) -> set[str]:
    """The words beside a number; where a unit follows it, that alone."""
    after = said[at + 1 : at + 1 + BESIDE]
    return set(after) & _listed("units") or {*said[max(0, at - BESIDE) : at], *after}


def points_back(text: str) -> bool:
    """Whether an English sentence begins with a word for something that was named before it ("It", "This", "They")."""
    first = WORD.search(text.lower())
    return first is not None and first.group() in _words("anaphora")["en"]


def repeats(claim: str, before: str) -> bool:
    """Whether a text said before holds nearly all words of a claim."""
    words = set(content(claim))
    return len(words & set(content(before))) >= REPEATED * len(words)


def _stands(number: str, beside: set[str], there: Sequence[str]) -> bool:
    near = NEAR if beside - _listed("units") else BESIDE
    places = [at for at, word in enumerate(there) if word == number]
    return any(not beside or beside & set(there[max(0, at - near) : at + near + 1]) for at in places)


def _bounds_the_same(claim: str, evidence: Sequence[str]) -> bool:
    """Whether a number that its evidence bounds ("about five", "at least 40%") is bounded in the claim as well."""
    said, there = _bounded(claim), [_bounded(text) for text in evidence]
    return all(bound or not any(each.get(number) for each in there) for number, bound in said.items())


def _bounded(text: str) -> dict[str, bool]:
    """The numbers of a text, and whether a word just before each says that it is not exact."""
    tokens, bounds = _tokens(text), _listed("bounds")
    places = [(token, tokens[max(0, at - BEFORE) : at]) for at, token in enumerate(tokens) if token[0].isdigit()]
    return {number: bool(bounds.intersection(before)) for number, before in places}


def _turns_the_same(claim: str, evidence: str) -> bool:
    """Whether a claim denies if and only if its evidence does, and bounds nothing that the evidence does not."""
    said, there = set(_tokens(claim)), set(_tokens(evidence))
    denying = _listed("denying")
    if bool(said & denying) != bool(there & denying):
        return False
    return all(there & meaning for meaning in _decisive() if said & meaning)


def _tokens(text: str) -> list[str]:
    """Words in lower case, and numbers, written in ASCII digits."""
    plain = in_ascii(text.lower())
    plain = plain.replace("per cent", "percent").replace("up to", "upto")
    plain = ORDINAL.sub("", re.sub(r"n['’]t\b", " not", plain))
    return [_numeral(SIGNS.get(word, word)) for word in WORD.findall(plain)]


def _denies(text: str, language: str) -> bool:
    """Whether a text in a language other than English denies; "not more than" and the like bound, they do not."""
    words = _words("denying_elsewhere").get(language, {"words": [], "but": []})
    rest = text.lower()
    for phrase in words["but"]:
        rest = rest.replace(phrase, " ")
    latin = language in SPACED
    return any(re.search(rf"\b{re.escape(word)}\b" if latin else re.escape(word), rest) for word in words["words"])


def _numeral(word: str) -> str:
    return word.replace(",", "").lstrip("0") or "0" if word[0].isdigit() else str(_words("numerals").get(word, word))


def _digits(text: str) -> set[str]:
    """The numbers in digits, without any separator: languages differ in which they use for what."""
    plain = in_ascii(text)
    return {re.sub("[.,]", "", number).lstrip("0") or "0" for number in NUMBER.findall(plain)}


@cache
def _words(name: str) -> Any:
    """One of the word lists."""
    return data.read("words.yaml")[name]


@cache
def _listed(name: str) -> frozenset[str]:
    """One of the word lists, as a set. Function words say nothing by themselves; "not" and "no" do."""
    return frozenset(map(str, _words(name)))


@cache
def _decisive() -> list[frozenset[str]]:
    return [frozenset(meaning) for meaning in _words("decisive")]
