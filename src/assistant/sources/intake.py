"""Makes documents of files and pages: what they say of themselves, what the operator says, what was there before."""

import datetime
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Literal
from urllib.parse import urlsplit

from assistant import chunking, corpus, language
from assistant.countries import Countries
from assistant.errors import ExtractionError
from assistant.ports import SourceReader
from assistant.sources.shelf import Shelf
from assistant.types import Authority, CountryCode, Document, Extracted, Frozen, PartialDate

Kind = Literal["new", "changed", "same", "kept", "duplicate", "gone", "failed"]

NOT_STATED = "not stated"
SHRUNK = 0.2  # of its length; a document that becomes shorter than this has probably lost its text by mistake
LONG_ENOUGH = 500  # characters a document had before it can shrink
LONGEST_ID = 80
OPENING = 3_000  # characters in which a publisher names itself


class Given(Frozen):
    """What an operator says of a source, which counts more than what it says itself."""

    id: str | None = None
    title: str | None = None
    publisher: str | None = None
    source: str | None = None
    url: str | None = None
    country: CountryCode | None = None
    language: str | None = None
    authority: Authority | None = None
    binding: bool | None = None
    as_of: PartialDate | None = None


class Outcome(Frozen):
    """What became of one file or page. `added` and `removed` are ids of passages."""

    name: str
    kind: Kind
    document_id: str | None = None
    title: str | None = None
    pages: int | None = None
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()


class Publishers:
    """Who is known to publish: by the host of its pages, and by its name in a text."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._by_host: dict[str, str] = {}
        self._names: set[str] = set()
        for document in documents:
            for url, publisher in (
                (document.url, document.publisher),
                *((p.url, p.publisher) for p in document.portals),
            ):
                self._names.add(publisher)
                if url == document.url and url:
                    self._by_host.setdefault(host(url), publisher)

    def of(self, url: str | None, opening: str) -> str | None:
        """The publisher of a page by its host, else the known one that a text's opening names first."""
        if url and host(url) in self._by_host:
            return self._by_host[host(url)]
        places = {name: opening.casefold().find(name.casefold()) for name in self._names}
        named = [name for name, place in places.items() if place >= 0]
        return min(named, key=lambda name: (places[name], -len(name)), default=None)


class Intake:
    """Takes files and pages onto the shelf."""

    def __init__(
        self,
        shelf: Shelf,
        reader: SourceReader,
        publishers: Publishers,
        countries: Countries,
        taken: Collection[str] = (),
    ) -> None:
        """`taken` are ids that belong to others, to the corpus for example."""
        self._shelf = shelf
        self._reader = reader
        self._publishers = publishers
        self._countries = countries
        self._taken = frozenset(taken)
        documents = shelf.documents()
        self._by_id: dict[str, Document] = {document.id: document for document in documents}

    def take(
        self,
        raw: bytes,
        name: str,
        given: Given,
        today: datetime.date,
        *,
        declared: str | None = None,
        dry_run: bool = False,
    ) -> Outcome:
        """Read a file or page and keep it, unless it says what is kept already. A failure is an Outcome, no exception.

        `name` is its path or address, `declared` its Content-Type where a server gave one.

        Raises:
            DataUnavailableError: the shelf cannot be written.
        """
        try:
            found = self._reader.read(raw, name, declared)
        except ExtractionError as error:
            return Outcome(name=name, kind="failed", findings=(str(error),))
        before = self._before(name, given)
        document, findings = self._described(found, name, given, before, today)
        outcome = Outcome(
            name=name, kind="new", document_id=document.id, title=document.title, pages=found.pages, findings=findings
        )
        twin = self._twin(document)
        if twin:
            told = f"says word for word what {twin} says: not kept twice"
            return outcome.model_copy(update={"kind": "duplicate", "document_id": twin, "findings": (told,)})
        if before is not None and _shrunk(before.body, document.body):
            told = f"has {len(document.body):,} characters instead of {len(before.body):,}: kept the text from before"
            return outcome.model_copy(update={"kind": "kept", "findings": (*findings, told)})
        if before is not None and _equal(before, document):
            return outcome.model_copy(update={"kind": "same"})
        outcome = outcome.model_copy(update={"kind": "changed" if before else "new", **_changes(before, document)})
        if not dry_run:
            self._by_id[document.id] = self._shelf.put(document, raw)
        return outcome

    def drop(self, document_id: str, name: str) -> Outcome:
        """Take a document off the shelf, because its source is gone."""
        before = self._by_id.pop(document_id)
        self._shelf.remove(document_id)
        removed = tuple(passage.id for passage in chunking.passages(before))
        return Outcome(name=name, kind="gone", document_id=document_id, title=before.title, removed=removed)

    def addresses(self) -> list[str]:
        """The addresses of all documents that have one."""
        return [document.url for document in self._by_id.values() if document.url]

    def at(self, url: str) -> Document | None:
        """The document of an address."""
        return next((document for document in self._by_id.values() if document.url == url), None)

    def _before(self, name: str, given: Given) -> Document | None:
        url = given.url or (name if corpus.well_formed(name) else None)
        if given.id:
            return self._by_id.get(given.id)
        return (self.at(url) if url else None) or self._by_id.get(self._free_id(name))

    def _free_id(self, name: str) -> str:
        """The id that a name makes, told apart from what others have."""
        found = identifier(name)
        return f"{found}-source" if found in self._taken else found

    def _described(
        self, found: Extracted, name: str, given: Given, before: Document | None, today: datetime.date
    ) -> tuple[Document, tuple[str, ...]]:
        """The document, and what the operator should know of how it is described."""
        url = given.url or (name if corpus.well_formed(name) else None) or (before.url if before else None)
        said: Mapping[str, object] = {**(before.model_dump() if before else {}), **given.model_dump(exclude_none=True)}
        findings = list(found.findings)
        made_id = str(said.get("id") or self._free_id(name))
        publisher = said.get("publisher") or found.publisher or self._publishers.of(url, found.body[:OPENING])
        if publisher in (None, NOT_STATED):
            findings.append(f"names no publisher: give --publisher, or write it into {self._shelf.path(made_id)}")
        text = re.sub(r"<!--.*?-->", "", found.body)
        document = Document(
            id=made_id,
            title=str(said.get("title") or found.title or made_id.replace("-", " ")),
            publisher=str(publisher or NOT_STATED),
            source=str(said.get("source") or found.title or name),
            url=url,
            country=given.country or (before.country if before else None) or self._country(url),
            language=language.normal(str(said.get("language") or found.language or language.detect(text[:OPENING]))),
            authority=given.authority or (before.authority if before else "guidance"),
            binding=given.binding if given.binding is not None else (before.binding if before else False),
            as_of=given.as_of or found.date or (before.as_of if before else None),
            wording="verbatim",
            retrieved_on=today.isoformat(),
            media_type=found.media_type,
            original=before.original if before else None,
            body=found.body,
            version=corpus.version(found.body),
        )
        return document, tuple(findings)

    def _country(self, url: str | None) -> str | None:
        code = host(url).rpartition(".")[2].upper() if url else ""
        return code if code in self._countries.codes else None

    def _twin(self, document: Document) -> str | None:
        same = (
            other for other in self._by_id.values() if other.version == document.version and other.id != document.id
        )
        return next((other.id for other in same), None)


def identifier(name: str) -> str:
    """An id for a file or address: its words in lower case; the end of a path says most."""
    parts = urlsplit(name) if corpus.well_formed(name) else None
    plain = (
        f"{host(name)} {parts.path} {parts.query}" if parts else re.split(r"[\\/]", name)[-1].rpartition(".")[0] or name
    )
    words = re.findall(r"[a-z0-9]+", language.unmarked(plain))
    short = "-".join(words)[-LONGEST_ID:].strip("-")
    return short or f"source-{corpus.version(name)}"


def host(url: str) -> str:
    """The host of an address without its "www."."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _shrunk(before: str, after: str) -> bool:
    return len(before) >= LONG_ENOUGH and len(after) < SHRUNK * len(before)


def _equal(before: Document, after: Document) -> bool:
    """Whether nothing changed but the day it was looked at."""
    ignored = {"retrieved_on", "original", "see_also", "questions", "expected", "portals"}
    return before.model_dump(exclude=ignored) == after.model_dump(exclude=ignored)


def _changes(before: Document | None, after: Document) -> dict[str, tuple[str, ...]]:
    old = {passage.id: None for passage in chunking.passages(before)} if before else {}
    new = {passage.id: None for passage in chunking.passages(after)}
    return {
        "added": tuple(passage for passage in new if passage not in old),
        "removed": tuple(passage for passage in old if passage not in new),
    }
