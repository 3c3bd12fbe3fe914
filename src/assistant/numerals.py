"""Numbers of a text in any of the languages, whether in digits of whatever script or in words."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cache
from typing import Any

from assistant import data
from assistant.digits import in_ascii
from assistant.types import SPACELESS, Frozen

FEW = 1  # up to which a word may be an article, a pronoun or a denial in any language
LARGE = 1_000  # multiples of numbers in digits: "5 million", but no "5 hundred"
INVISIBLE = re.compile("[\u200b-\u200d\u2060]")
MONEY = "".join(rf"|(?<=\b{unit})" for unit in ("rp", "rm", "usd", "sgd", "php", "thb", "vnd"))
DIGITS = rf"(?:(?<![A-Za-z\d.,]){MONEY})\d+(?:[.,]\d+)*"  # "E12" is a code, "RM12" is not
GROUPED = re.compile(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*")
BUDDHIST = re.compile(r"(?:พ\.?\s?ศ\.?|ພ\.?\s?ສ\.?)\s*(\d{4})")
YEARS_AHEAD = 543
# Signs that belong to the letter before them: a word that ends before one has not ended.
SIGNS = "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u102b-\u103e\u17b6-\u17d3"
COENG = "\u17d2"  # puts the letter after it below the one before
NEVER = "(?!)"  # a pattern that matches nothing
MASK = "\ufffc"  # what stands in a text for what is no number
POINTED = "en"  # where a point is never of thousands


class Numbers(Frozen):
    """Numbers in ASCII digits: those that are there for `sure`, and words that are numbers or something else."""

    sure: frozenset[str] = frozenset()
    possible: frozenset[str] = frozenset()


class Reading(Frozen):
    """How one language is read."""

    words: dict[str, int]
    times: dict[str, int]
    teens: frozenset[str]
    ambiguous: bool
    nothing: re.Pattern[str]
    token: re.Pattern[str]
    between: re.Pattern[str]
    after: re.Pattern[str]
    before: re.Pattern[str]
    one_by_one: re.Pattern[str] | None
    digits: str


class Run:
    """Words and digits in a row that are one number, as far as they have been read."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._parts: list[Decimal] = []
        self._in_digits = False
        self.count = 0
        self.start = self.end = 0

    def take(self, found: re.Match[str], code: str) -> bool:
        """Whether the number goes on with this word; if so, it is the longer."""
        parts = self._digits(found["digits"], code) if found["digits"] else self._word(found["word"])
        if parts is None:
            return False
        self.start = self.start if self._parts else found.start()
        self._parts, self.end, self.count = parts, found.end(), self.count + 1
        self._in_digits = self._in_digits or bool(found["digits"])
        return True

    @property
    def value(self) -> Decimal:
        """What the words say together."""
        return sum(self._parts[1:], self._parts[0])

    @property
    def plain(self) -> bool:
        """Whether it is written in digits, or in words that only a number has."""
        return self._in_digits or self.count > 1 or not self._reading.ambiguous

    @property
    def small(self) -> bool:
        """Whether a single word says one or nought."""
        return not self._in_digits and self.value <= FEW

    def _digits(self, written: str, code: str) -> list[Decimal] | None:
        return None if self._parts else [_value(written, code)]

    def _word(self, word: str) -> list[Decimal] | None:
        reading, parts = self._reading, self._parts
        last = next((part for part in reversed(parts) if part), None)
        if word in reading.teens:
            return [*parts[:-1], last + 10] if last is not None and 1 < last < 10 else None
        if word in reading.times:
            return self._multiplied(Decimal(reading.times[word]))
        value = Decimal(reading.words[word])
        if not parts:
            return [value]
        fits = not self._in_digits and last is not None and last >= 10 and last % 10 ** len(str(value)) == 0
        return [*parts, value] if fits else None

    def _multiplied(self, times: Decimal) -> list[Decimal] | None:
        """What stands just before and is less is multiplied; where nothing is, one such is added."""
        parts = self._parts
        if self._in_digits and times < LARGE:
            return None
        low = len(parts)
        while low and parts[low - 1] < times:
            low -= 1
        if parts[low:]:
            return [*parts[:low], sum(parts[low:], Decimal()) * times]
        return [*parts, times] if not parts or parts[-1] % (times * 10) == 0 else None


def read(text: str, language: str) -> Numbers:
    """The numbers of a text; a language that is not listed is read for its digits alone."""
    reading = _reading(language if language in _listed() else POINTED)
    plain = _plain(text, reading)
    masked = reading.nothing.sub(lambda found: MASK * len(found.group()), plain)
    sure: set[str] = set()
    possible: set[str] = set()
    for run in _runs(masked, reading, language):
        beside = reading.after.match(plain, run.end) or reading.before.search(plain[: run.start])
        certain = not run.small and (run.plain or beside is not None)
        (sure if certain else possible).add(_written(run.value))
    return Numbers(sure=frozenset(sure), possible=frozenset(possible) - sure)


def _plain(text: str, reading: Reading) -> str:
    lower = INVISIBLE.sub("", unicodedata.normalize("NFC", text).casefold())
    digits = in_ascii(lower)
    if reading.one_by_one:
        digits = reading.one_by_one.sub(
            lambda found: "".join(str(reading.digits.index(c)) for c in found.group()), digits
        )
    return BUDDHIST.sub(lambda found: str(int(found[1]) - YEARS_AHEAD), digits)


def _runs(text: str, reading: Reading, code: str) -> Iterator[Run]:
    run = Run(reading)
    for found in reading.token.finditer(text):
        for part in _dated(found):
            goes_on = run.count and reading.between.fullmatch(text, run.end, part.start())
            if goes_on and run.take(part, code):
                continue
            if run.count:
                yield run
            run = Run(reading)
            run.take(part, code)
    if run.count:
        yield run


def _dated(found: re.Match[str]) -> Iterator[re.Match[str]]:
    """The parts of a date with points (20.9.2020); else what was found."""
    written = found["digits"]
    if written and len(re.findall(r"[.,]", written)) > 1 and not GROUPED.fullmatch(written):
        pattern = re.compile(r"(?P<digits>\d+)(?P<word>(?!))?")
        yield from pattern.finditer(found.string, found.start(), found.end())
    else:
        yield found


def _value(written: str, code: str) -> Decimal:
    """A number in digits; a group of three after a point or comma is of thousands where the language has such."""
    grouped = GROUPED.fullmatch(written)
    if grouped and not (grouped[1] == "." and code == POINTED):
        return Decimal(re.sub("[.,]", "", written))
    return Decimal(written.replace(",", "."))


def _written(value: Decimal) -> str:
    written = f"{value:f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


@cache
def _listed() -> dict[str, Any]:
    return data.read("numerals.yaml")  # type: ignore[no-any-return]


@cache
def _reading(language: str) -> Reading:
    listed = _listed()[language]
    spaced = language not in SPACELESS
    words = [*listed["words"], *listed["times"], *listed.get("teens", ())]
    joins = _one_of(listed.get("joins", ()))
    digits = listed.get("digits", "")
    space, ending = r"[\s-]*", r"(?!\w)" if spaced else ""
    return Reading(
        words=listed["words"],
        times=listed["times"],
        teens=frozenset(listed.get("teens", ())),
        ambiguous=listed.get("ambiguous", False),
        nothing=re.compile("|".join(listed.get("not", [NEVER]))),
        token=re.compile(rf"(?P<digits>{DIGITS})|{_words(words, listed.get('suffix', ''), spaced=spaced)}"),
        between=re.compile(rf"{space}(?:(?:{joins}){space})?" if joins else space),
        after=re.compile(rf"\s*(?:{'|'.join(listed.get('units', [NEVER]))}){ending}"),
        before=re.compile(rf"(?:{'|'.join(listed.get('before', [NEVER]))})\s*$"),
        one_by_one=re.compile(f"[{digits}]{{3,}}") if digits else None,
        digits=digits,
    )


def _words(words: Sequence[str], suffix: str, *, spaced: bool) -> str:
    """A pattern of number words: whole words where words stand apart, else whatever ends where its last letter does."""
    if spaced:
        return rf"(?<!\w)(?P<word>{_one_of(words)})(?:{suffix})?(?!\w)"
    return rf"(?<!{COENG})(?P<word>{_one_of(words)})(?![{SIGNS}])"


def _one_of(words: Sequence[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
