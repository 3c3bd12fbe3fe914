"""Brings sources onto the shelf, by hand or by following them, on the adapters that the settings name."""

import datetime
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from assistant import corpus, countries, sources
from assistant.bootstrap.answers import answer_log
from assistant.errors import FetchError, InputError
from assistant.extraction import Reader
from assistant.fetching import HttpFetcher
from assistant.settings import Settings
from assistant.sources import (
    File,
    Given,
    Intake,
    Ledger,
    Limits,
    Outcome,
    Progress,
    Publishers,
    Shelf,
    Sync,
    Task,
)
from assistant.types import Document, Frozen

ADDRESS = re.compile(r"https?://", re.IGNORECASE)


class Change(Frozen):
    """What became of a file or page that was ingested, and which kept answers cited passages that are gone now."""

    outcome: Outcome
    answers: tuple[str, ...] = ()


class Sources:
    """Brings files and pages onto the shelf; `Builder.build` then brings them into the index. Close it by `with`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.shelf = Shelf(settings.sources_dir)
        ours = corpus.load(settings.corpus_dir)
        self._portals = [portal for document in ours for portal in document.portals]
        self._fetcher = HttpFetcher(
            [*settings.hosts, *hosts_of(ours)], settings.fetch_pause, loopback=settings.fetch_loopback
        )
        self._taken = {document.id for document in ours}
        known = Publishers([*ours, *self.shelf.documents()])
        self._intake = Intake(self.shelf, Reader(), known, countries.load(), self._taken)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._fetcher.close()

    def ingest(self, places: Sequence[str], given: Given, *, dry_run: bool = False) -> Iterator[Change]:
        """Take each file, folder or archive, one after the other; a failure is told and the rest goes on.

        Raises:
            InputError: there is nothing at one of the places.
            DataUnavailableError: the shelf cannot be written.
        """
        self._check_id(given)
        for place in places:
            for file in self._fetched(place) if ADDRESS.match(place) else sources.expand(Path(place)):
                if file.error:
                    yield Change(outcome=Outcome(name=file.name, kind="failed", findings=(file.error,)))
                    continue
                yield self._told(
                    self._intake.take(file.raw, file.name, given, _today(), declared=file.declared, dry_run=dry_run)
                )

    def upload(self, raw: bytes, name: str, given: Given, declared: str | None = None) -> Change:
        """Take one file that somebody sent. Raises InputError for an id of the corpus."""
        self._check_id(given)
        return self._told(self._intake.take(raw, name, given, _today(), declared=declared))

    def sync(self, country: str | None, limits: Limits, starts: Sequence[str], progress: Progress) -> Iterator[Change]:
        """Follow the corpus's portals, of one country or all, or the addresses given; what happened to each page.

        Raises:
            InputError: a country that is not known, or nothing to follow.
            DataUnavailableError: nothing can be kept.
        """
        countries.load().require(country)
        tasks = [Task(url=url, start=url, country=country) for url in starts] or [
            Task(url=portal.url, start=portal.url, country=portal.country)
            for portal in self._portals
            if portal.url and country in (None, portal.country)
        ]
        if not tasks:
            raise InputError("the corpus names no address there: give one with --start")
        ledger = Ledger(self._settings.sources_dir / "sync.sqlite3")
        try:
            yield from map(self._told, Sync(self._intake, self._fetcher, ledger, limits).run(tasks, _today(), progress))
        finally:
            ledger.close()

    def _check_id(self, given: Given) -> None:
        if given.id in self._taken:
            raise InputError(f"the id {given.id!r} belongs to a document of the corpus: choose another")

    def _fetched(self, url: str) -> Iterator[File]:
        try:
            fetched = self._fetcher.fetch(url)
            yield File(url, fetched.body, declared=fetched.content_type)
        except FetchError as error:
            yield File(url, error=str(error))

    def _told(self, outcome: Outcome) -> Change:
        """The outcome with the kept answers that it concerns."""
        if not outcome.removed:
            return Change(outcome=outcome)
        return Change(outcome=outcome, answers=tuple(answer_log(self._settings).citing(outcome.removed)))


def _today() -> datetime.date:
    return datetime.datetime.now(datetime.UTC).date()


def hosts_of(documents: Sequence[Document]) -> set[str]:
    """The hosts that documents and their portals link to."""
    urls = [url for document in documents for url in (document.url, *(portal.url for portal in document.portals))]
    return {host for url in urls if url and (host := urlsplit(url).hostname)}
