"""What of a letter needs no source: courtesies that say nothing of substance, and questions that assert nothing."""

import re
from collections.abc import Collection, Iterator
from functools import cache

from assistant import data, facts
from assistant.types import SPACELESS, Frozen

BREAK = re.compile(r"[,;:!?()，；：！？、–—]+|\.(?=\s)")
LIST_MARK = re.compile(r"\s*(?:\(?\d{1,2}[.)]|[-*•–])\s+")
QUESTION_MARKS = ("?", "？")
LONGEST = 200  # characters of a courtesy or question; whatever is longer says more
MOST_WORDS = 25  # of a question
MOST_NAMES = 4
SHORT = 3  # letters of a word that may be written in capitals altogether ("KL")
AMOUNT = re.compile(r"\d|[$€£¥฿₫₱៛₭%％]|\b(?:usd|sgd|myr|idr|thb|vnd|php|khr|lak|mmk|bnd|cny|percent|per cent)\b")


class Wording(Frozen):
    """The courtesies and questions of one language, as regular expressions."""

    spaced: bool
    formula: re.Pattern[str]
    polite: re.Pattern[str]
    greeting: re.Pattern[str]
    title: re.Pattern[str]
    asks: re.Pattern[str]
    joins: re.Pattern[str]
    tag: re.Pattern[str]
    telling: re.Pattern[str]


def says_nothing(text: str, names: Collection[str] = ()) -> bool:
    """Whether a sentence states nothing. `names` are of people who may be addressed, or sign."""
    text = LIST_MARK.sub("", text, count=1) if LIST_MARK.match(text) else text
    if not any(map(str.isalnum, text)):
        return True
    if len(text) > LONGEST or facts.ADDRESS.search(text) or AMOUNT.search(text.casefold()):
        return False
    clauses = list(_clauses(text))
    return all(_is_courtesy(clause, names) for clause in clauses) or _asks(text, clauses, names)


def opening(text: str, names: Collection[str] = ()) -> int:
    """How many characters of a sentence are a courtesy before something else begins; 0 where there is no such two."""
    if says_nothing(text, names):
        return 0
    end = 0
    for mark in BREAK.finditer(text):
        if not _is_courtesy(text[end : mark.start()], names):
            break
        end = mark.end()
    return end if any(map(str.isalnum, text[end:])) else 0


def _clauses(text: str) -> Iterator[str]:
    return (clause.strip() for clause in BREAK.split(text) if any(map(str.isalnum, clause)))


def _is_courtesy(clause: str, names: Collection[str]) -> bool:
    return any(
        _is_formula(clause.casefold(), wording) or _names_somebody(clause, wording, names) for wording in _wordings()
    )


def _is_formula(clause: str, wording: Wording) -> bool:
    return wording.formula.search(clause) is not None and wording.polite.fullmatch(clause) is not None


def _names_somebody(clause: str, wording: Wording, names: Collection[str]) -> bool:
    """Whether a clause greets or names people, and says nothing else."""
    greeting = wording.greeting.match(clause.casefold())
    rest = clause[greeting.end() :] if greeting else clause
    known = {part for name in names for part in re.findall(r"\w+", name.casefold())}
    if not wording.spaced:
        left = re.findall(r"\w+", wording.title.sub(" ", rest.casefold()))
        named = greeting is not None or wording.title.match(rest.casefold())
        return bool(named or known) and all(any(part in name for name in names) for part in left)
    words = re.findall(r"[\w'’/-]+", rest)
    others = [word for word in words if word.casefold() not in known and not wording.title.fullmatch(word.casefold())]
    addressed = greeting is not None or (words and wording.title.fullmatch(words[0].casefold()))
    return len(others) <= (MOST_NAMES if addressed else 0) and all(map(_is_name, others))


def _is_name(word: str) -> bool:
    return word[0].isupper() and (not word.isupper() or len(word) <= SHORT)


def _asks(text: str, clauses: list[str], names: Collection[str]) -> bool:
    """Whether each clause asks, in one and the same language, but for courtesies; a tag makes a question of nothing."""
    if not text.rstrip(" \"'”’»」)").endswith(QUESTION_MARKS) or len(text.split()) > MOST_WORDS:
        return False
    asked = [clause.casefold() for clause in clauses if not _is_courtesy(clause, names)]
    return any(all(_clause_asks(clause, wording) for clause in asked) for wording in _wordings())


def _clause_asks(clause: str, wording: Wording) -> bool:
    plain = wording.joins.sub("", clause)
    if wording.tag.search(plain) or wording.telling.search(plain):
        return False
    return wording.asks.search(plain) is not None


@cache
def _wordings() -> tuple[Wording, ...]:
    read = data.read("courtesies.yaml")
    return tuple(_wording(listed, spaced=code not in SPACELESS) for code, listed in read.items())


def _wording(listed: dict[str, list[str]], *, spaced: bool) -> Wording:
    def one_of(*names: str) -> str:
        """The longest that fits, and never a shorter one in its place: a rest is not to be explained away."""
        found = sorted({word for name in names for word in listed[name]}, key=len, reverse=True)
        words = "|".join(map(re.escape, found))
        return rf"\b(?>{words})(?!\w)" if spaced else f"(?>{words})"

    return Wording(
        spaced=spaced,
        formula=re.compile(one_of("formulas")),
        polite=re.compile(rf"(?:[\W_]*(?:{one_of('formulas', 'words')}))*+[\W_]*"),
        greeting=re.compile(one_of("greetings")),
        title=re.compile(one_of("titles")),
        asks=re.compile("|".join(listed["asks"])),
        joins=re.compile(rf"^{one_of('joins')}\s*"),
        tag=re.compile(rf"{one_of('tags')}[\W_]*$"),
        telling=re.compile(one_of("telling")),
    )
