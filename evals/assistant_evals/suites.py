"""Suites of questions with what a right answer to each must hold: read from files, checked against the corpus."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.errors import InputError
from assistant.types import REFUSALS, CountryCode, Document, Question, Status
from assistant_evals import lines

PACKAGED = Path(__file__).parent / "_suites"
ROOT = PACKAGED if PACKAGED.is_dir() else Path(__file__).parents[1] / "suites"

Half = Literal["dev", "test"]
HALVES: tuple[Half, ...] = ("dev", "test")
Kind = Literal[
    "facts",
    "portal",
    "clarify",
    "problem",
    "individual",
    "goods",
    "ruling",
    "greeting",
    "off_topic",
    "other_region",
    "evasion",
    "injection",
    "near_miss",
    "false_premise",
]


class Gold(BaseModel):
    """A place that supports the expected fact: a citation of that document is right if its quote holds `fact`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    document: str
    fact: str = Field(min_length=1, description="Words of the document, as they stand there but for case.")


class Case(BaseModel):
    """One question and what its answer must hold. All texts are compared without regard to case and white space."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    question: Question
    kind: Kind
    status: Annotated[tuple[Status, ...], Field(min_length=1, description="Any of these is right.")]
    gold: tuple[Gold, ...] = Field(default=(), description="Any one of them makes the citation right.")
    relevant: tuple[str, ...] = Field(default=(), description="Further documents that may be cited.")
    facts: tuple[str, ...] = Field(default=(), description='All of them stand in the text; "a|b" means a or b.')
    portals: tuple[CountryCode, ...] = Field(default=(), description="Each has a portal card.")
    portal_url: str | None = Field(default=None, description="An address that a portal card or the text must give.")
    forbidden: tuple[str, ...] = Field(default=(), description="None of them stands in the text.")
    options: tuple[CountryCode, ...] = Field(default=(), description="A clarification offers each of these.")
    language: str = "en"

    @property
    def refuses(self) -> bool:
        """Whether the right answer is a refusal, whichever of its statuses."""
        return all(status in REFUSALS for status in self.status)

    @property
    def documents(self) -> frozenset[str]:
        """Documents that may be cited."""
        return frozenset((*(gold.document for gold in self.gold), *self.relevant))


class Suite(BaseModel):
    """A folder of questions: suite.yaml, dev.jsonl to tune on, and test.jsonl that nothing is tuned on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    about: str
    dev: tuple[Case, ...]
    test: tuple[Case, ...]

    def half(self, half: Half) -> tuple[Case, ...]:
        """The questions of one half."""
        return self.dev if half == "dev" else self.test


class _About(BaseModel):
    """What suite.yaml holds."""

    model_config = ConfigDict(extra="forbid")

    title: str
    about: str


class _Row(BaseModel):
    """A line of a questions file: the fields of a question file, and what is expected."""

    model_config = ConfigDict(extra="forbid")

    id: str
    question: str
    country: str | None = None
    language: str | None = None
    history: tuple[dict[str, Any], ...] = ()
    expect: dict[str, Any]


def chosen(names: Sequence[str], root: Path = ROOT) -> list[Suite]:
    """The named suites, or all of them, by name.

    Raises:
        InputError: a name that no suite has, or a file that cannot be read.
    """
    found = {suite.name: suite for suite in load(root)}
    unknown = sorted(set(names) - set(found))
    if unknown:
        raise InputError(f"no suite {', '.join(unknown)}: there is {', '.join(found)}")
    return [suite for name, suite in found.items() if not names or name in names]


def load(root: Path = ROOT) -> list[Suite]:
    """Every suite below a folder, by name.

    Raises:
        InputError: naming file and line.
    """
    folders = sorted(path.parent for path in root.glob("*/suite.yaml"))
    if not folders:
        raise InputError(f"{root} holds no suites: a suite is a folder with suite.yaml, dev.jsonl and test.jsonl")
    return [_suite(folder) for folder in folders]


def read(folder: Path) -> Suite:
    """One suite. Raises InputError, naming file and line."""
    return _suite(folder)


def cases(path: Path) -> tuple[Case, ...]:
    """The questions of one file. Raises InputError, naming file and line."""
    return tuple(_case(*row) for row in lines.read(path))


def findings(suites: list[Suite], documents: Mapping[str, Document]) -> Iterator[str]:
    """What is wrong with the suites, one line each: unknown documents, facts that do not stand there, doubles."""
    urls = {url for document in documents.values() for url in _urls(document)}
    seen: dict[str, str] = {}
    for suite in suites:
        for half in HALVES:
            for case in suite.half(half):
                place = f"{suite.name}/{half}.jsonl: {case.id}"
                yield from (f"{place}: {problem}" for problem in _problems(case, documents, urls))
                key = f"{case.question.history} {plain(case.question.text)} {case.question.country}"
                if key in seen:
                    yield f"{place}: asks what {seen[key]} asks"
                seen[key] = case.id
    ids = [case.id for suite in suites for half in HALVES for case in suite.half(half)]
    yield from (f"{name}: the id of two questions" for name in sorted({name for name in ids if ids.count(name) > 1}))


def plain(text: str) -> str:
    """A text without regard to case and white space."""
    return " ".join(text.casefold().split())


def holds(text: str, fact: str) -> bool:
    """Whether a text holds a fact; "a|b" means a or b."""
    return any(re.search(_bounded(option), plain(text)) for option in fact.split("|"))


def _bounded(option: str) -> str:
    words = re.escape(plain(option))
    return rf"(?<![a-z0-9]){words}(?![a-z0-9])" if option.isascii() else words


def _problems(case: Case, documents: Mapping[str, Document], urls: set[str]) -> Iterator[str]:
    for name in sorted(case.documents - set(documents)):
        yield f"no document {name}"
    for gold in case.gold:
        body = documents[gold.document].body if gold.document in documents else gold.fact
        if not holds(body, gold.fact):
            yield f"{gold.document} does not say {gold.fact!r}"
    if case.portal_url and case.portal_url not in urls:
        yield f"no portal has the address {case.portal_url}"
    if not case.refuses and not case.gold:
        yield "an answer is expected but no gold citation"
    if case.refuses and (case.gold or case.facts):
        yield "a refusal is expected, so there is no gold citation and no fact"


def _urls(document: Document) -> Iterator[str]:
    yield from (portal.url for portal in document.portals if portal.url)
    if document.url:
        yield document.url


def _suite(folder: Path) -> Suite:
    path = folder / "suite.yaml"
    try:
        about = _About.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValueError) as error:
        raise InputError(f"{path}: it holds a title and what it is about, as text: {error}") from None
    halves = {half: cases(folder / f"{half}.jsonl") for half in HALVES}
    return Suite(name=folder.name, title=about.title, about=about.about, dev=halves["dev"], test=halves["test"])


def _case(place: str, fields: Mapping[str, Any]) -> Case:
    try:
        row = _Row.model_validate(fields)
        question = Question.model_validate(row.model_dump(exclude={"id", "expect"}))
        return Case(id=row.id, question=question, **row.expect)
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(f"{place}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    except (ValueError, TypeError) as error:
        raise InputError(f"{place}: {error}") from None
