"""What a question asks for (a date, a duration, a number …), and whether a sentence holds such a thing."""

import re
from functools import cache

from assistant import data
from assistant.digits import in_ascii
from assistant.types import Frozen

SPECIFIC = re.compile(r"(?<!\d)(?:19|20)\d\d(?![\ds])|(?<!\d)\d+(?=(?:st|nd|rd|th)\b)")

EXPLAINED = re.compile(
    r"[Ww]hat(?:'s| is| are| does) (?:an? |the )?(?P<acronym>[A-Z]{2,}[A-Z-]*)(?: stand for| mean)?\W*$", re.ASCII
)


class Attribute(Frozen):
    """Something that can be asked for. `given` matches sentences that hold one."""

    name: str
    asked: re.Pattern[str]
    given: re.Pattern[str]
    rather_than: tuple[str, ...] = ()  # the names of those that are not asked for where this is


def asked(question: str) -> tuple[Attribute, ...]:
    """The attributes that the question's words ask for; none for most questions."""
    lowered = in_ascii(question.lower())
    found = [attribute for attribute in _all() if attribute.asked.search(lowered)]
    others = {name for attribute in found for name in attribute.rather_than}
    return tuple(attribute for attribute in found if attribute.name not in others)


def gives(attributes: tuple[Attribute, ...], sentence: str) -> bool:
    """Whether the sentence holds one of the attributes; true where none is asked for."""
    return not attributes or any(attribute.given.search(sentence) for attribute in attributes)


def holds_specifics(question: str, sentence: str) -> bool:
    """Whether the sentence has every year and ordinal that the question names: the 35th meeting is not the 34th.

    It has also the acronym that the question wants explained: the CCA is not the CCC.
    """
    explained = EXPLAINED.match(question.strip())
    named = explained is None or explained["acronym"] in sentence
    return named and set(SPECIFIC.findall(in_ascii(question.lower()))) <= set(SPECIFIC.findall(sentence.lower()))


def is_of_another(question: str, sentence: str) -> bool:
    """Whether a form (E) or an agreement (RCEP) is asked about and the sentence is of others alone (Form D, ATIGA)."""
    return any(_apart(named(question), named(sentence)) for named in (forms, agreements))


def forms(text: str) -> frozenset[str]:
    """The certificates of origin that a text names, by their letters in lower case."""
    written = [found.lower() for found in _form().findall(text)]
    return frozenset([*written, *(letters for name, letters in _spelt().items() if name in text)])


def agreements(text: str) -> frozenset[str]:
    """The trade agreements that a text names, by their acronyms in capitals."""
    return frozenset(found.upper() for found in _agreement().findall(text))


def _apart(asked_about: frozenset[str], spoken_of: frozenset[str]) -> bool:
    return bool(asked_about and spoken_of) and not asked_about & spoken_of


@cache
def _spelt() -> dict[str, str]:
    return dict(data.read("words.yaml")["forms"]["spelt"])


@cache
def _form() -> re.Pattern[str]:
    """Of one letter that is a word of its own too ("form a company") the capital alone."""
    known = data.read("words.yaml")["forms"]
    words, letters = "|".join(known["words"]), "|".join(known["letters"])
    return re.compile(rf"(?i:(?<![a-z])(?:{words})\s?)((?i:{letters})|A|B)(?![A-Za-z])")


@cache
def _agreement() -> re.Pattern[str]:
    return re.compile(rf"(?i:(?<![a-z])({'|'.join(data.read('words.yaml')['agreements'])})(?![a-z]))")


@cache
def _all() -> tuple[Attribute, ...]:
    return tuple(
        Attribute(
            name=name,
            asked=re.compile("|".join(entry["asked"])),
            given=re.compile(entry["given"], re.IGNORECASE),
            rather_than=tuple(entry.get("rather_than", ())),
        )
        for name, entry in data.read("attributes.yaml").items()
    )
