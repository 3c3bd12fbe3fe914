"""Takes personal data out of what is stored; form numbers, HS codes and permit numbers stay."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Literal, NamedTuple

from phonenumbers import Leniency, PhoneNumberMatcher
from stdnum.id import nik
from stdnum.my import nric
from stdnum.th import pin

from assistant import data
from assistant.digits import in_ascii
from assistant.types import Answer, Generation

EMAILS = (  # the first leaves the words of another script that an address is written to without a space
    re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}[@＠][A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"),
    re.compile(r"[\w.+-]{1,64}[@＠][\w-]+(?:\.[\w-]+)+"),
)
SHAPED_LIKE_A_CODE = re.compile(r"\d{4}[.\s]\d{2}(?:[.\s]\d{2,4}){0,2}")  # an HS or AHTN code
NUMBER = re.compile(r"[+＋]?\(?\d(?:[\s().\-\u2010-\u2015]{0,2}\d){6,14}")  # digits that may be a telephone number
PART_OF_A_CODE = re.compile(r"[A-Za-z][A-Za-z0-9]*[-/_.]?(?:[A-Za-z0-9]+[-/_])*$")  # SG-2024- before 1234567
FILLERS = "and|or|is|are|dan|at|to|me|us|our|my|no|nos|number|numbers|[A-Za-z]"  # Form E 65123456
BETWEEN = re.compile(rf"[^\w\n!?]*(?:(?:{FILLERS})(?!\w)[^\w\n!?]*)*")
IDENTITY = re.compile(  # what a word beside it may say is the number of a passport or an identity card
    r"(?<![0-9A-Za-z])(?:[A-Za-z]{1,3}|[A-Z]{1,2} )?\d(?:[ -]?\d){4,17}[A-Za-z]?(?![0-9A-Za-z])"
)
NATIONAL = re.compile(  # of Singapore, of Myanmar, and digits that may be of Indonesia, Malaysia or Thailand
    r"(?<![0-9A-Za-z-])"
    r"(?:[STFGM]\d{7}[A-Z]|\d{1,2}/[A-Za-z]{3,12}\([A-Za-z]{1,4}\)\s?\d{6}|\d(?:[ -]?\d){11,15})"
    r"(?![0-9A-Za-z])"
)
MARKER = re.compile(r"\[\d{1,3}\]")  # of a citation: no part of the number before it
LOCAL = "0"  # what a number begins with that is dialled within its country
DIALLED = re.compile(rf"(?<!\d){LOCAL}")
LOOK_BACK = 40  # characters before a number in which a word may say what it is

What = Literal["code", "telephone", "identity"]


class Number(NamedTuple):
    """Digits in a text, and what the word before them says they are."""

    start: int
    end: int
    text: str
    said: What | None


def redact(text: str, country: str | None = None) -> str:
    """The text with e-mail addresses, telephone numbers and numbers of identity papers as [email], [phone], [id].

    A number without a country prefix counts as a telephone number if a word beside it says so, or if `country` (ISO
    code; without one any of ours, and then with the 0 before it) uses such numbers and no word or shape says that it
    is a code: of goods, a form, permit or declaration. A number of an identity paper is told by the word beside it, or
    by its shape and check digits.
    """
    for pattern in EMAILS:
        text = pattern.sub("[email]", text)
    for start, end in reversed(_identities(text)):
        text = f"{text[:start]}[id]{text[end:]}"
    for start, end in reversed(_telephones(text, country)):
        text = f"{text[:start]}[phone]{text[end:]}"
    return text


def redacted(answer: Answer) -> Answer:
    """The answer as it may be stored: its question redacted."""
    country = answer.countries[0] if answer.countries else None
    return answer.model_copy(update={"question": redact(answer.question, country)})


def cleaned(generation: Generation) -> Generation:
    """What a model wrote as it may be stored: a question's personal data may come back in it."""
    dropped = tuple(each.model_copy(update={"text": redact(each.text)}) for each in generation.dropped)
    return generation.model_copy(update={"dropped": dropped})


def _identities(text: str) -> list[tuple[int, int]]:
    """Where numbers of passports and identity cards stand, in order; none overlaps another."""
    found = [match.span() for match in IDENTITY.finditer(text) if _said(text, match.start()) == "identity"]
    for match in NATIONAL.finditer(text):
        if not _overlaps(match.span(), found) and _said(text, match.start()) != "code" and _is_national(match.group()):
            found.append(match.span())
    return sorted(found)


def _is_national(number: str) -> bool:
    """Whether it can be a person's number, by its shape or its date and check digits."""
    number = in_ascii(number)
    if not re.fullmatch(r"[\d -]+", number):
        return True
    malaysian = "-" in number and nric.is_valid(number)  # twelve digits alone may be anything
    return malaysian or nik.is_valid(number) or pin.is_valid(number)


def _telephones(text: str, country: str | None) -> list[tuple[int, int]]:
    """Where telephone numbers stand, in order; none overlaps another."""
    text = MARKER.sub(lambda marker: " " * len(marker.group()), text)
    numbers = list(_numbers(text))
    found = [(number.start, number.end) for number in numbers if number.said == "telephone"]
    codes = [(number.start, number.end) for number in numbers if number.said == "code"]
    for region in [country] if country else [None, *_regions(text)]:
        for match in PhoneNumberMatcher(text, region, leniency=Leniency.VALID):
            place = (match.start, match.end)
            prefixed = match.raw_string.startswith(("+", "＋"))
            is_code = _overlaps(place, codes) or SHAPED_LIKE_A_CODE.fullmatch(match.raw_string)
            dialled = country is not None or match.raw_string.lstrip("(").startswith(LOCAL)
            if not _overlaps(place, found) and (prefixed or (dialled and not is_code)):
                found.append(place)
    return sorted(found)


def _regions(text: str) -> list[str]:
    """Where a number of a text may be dialled from, if nothing says; looked for only where one begins so."""
    return data.read("privacy.yaml")["regions"] if DIALLED.search(text) else []


def _overlaps(place: tuple[int, int], others: list[tuple[int, int]]) -> bool:
    return any(place[0] < end and start < place[1] for start, end in others)


def _numbers(text: str) -> Iterator[Number]:
    """Long numbers of a text. One that follows another in a list is what that one is."""
    before: Number | None = None
    for match in NUMBER.finditer(text):
        said = _said(text, match.start())
        if said is None and before is not None and BETWEEN.fullmatch(text, before.end, match.start()):
            said = before.said
        before = Number(match.start(), match.end(), match.group(), said)
        yield before


def _said(text: str, start: int) -> What | None:
    """What stands directly before a place says that the number there is."""
    head = text[max(0, start - LOOK_BACK) : start]
    # the nearest word counts, and of "passport no." and "no.", which end together, the longer
    beside = [
        (len(head[: match.end()].rstrip(".")), -match.start(), what)
        for what, pattern in _words().items()
        for match in pattern.finditer(head)
        if BETWEEN.fullmatch(head, match.end())
    ]
    if beside:
        return max(beside)[2]
    return "code" if PART_OF_A_CODE.search(head) else None


@cache
def _words() -> dict[What, re.Pattern[str]]:
    """Words that say what a number is. Scripts that part words need them to stand alone; others do not."""
    read = data.read("privacy.yaml")
    kinds: dict[What, str] = {"code": "codes", "telephone": "telephones", "identity": "identities"}
    return {what: _any_of(read[name]) for what, name in kinds.items()}


def _any_of(words: list[str]) -> re.Pattern[str]:
    parted = sorted((word for word in words if word[0] < "\u0e00"), key=len, reverse=True)
    joined = sorted((word for word in words if word[0] >= "\u0e00"), key=len, reverse=True)
    either = [rf"(?<!\w)(?:{'|'.join(map(re.escape, parted))})(?!\w)", *map(re.escape, joined)]
    return re.compile("|".join(either), re.IGNORECASE)
