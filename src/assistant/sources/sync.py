"""Follows official pages: takes in those that are new or changed, lets go of those that are gone."""

import datetime
from collections.abc import Callable, Iterable, Iterator, Sequence

from assistant.errors import ExtractionError, FetchError
from assistant.ports import Fetcher
from assistant.sources import links
from assistant.sources.intake import Given, Intake, Outcome
from assistant.sources.ledger import Ledger, Page, Task
from assistant.types import Fetched, Frozen

MAX_SITEMAPS = 10  # of one site

Progress = Callable[[int, int], None]
"""Told how many pages are done, of how many known so far."""


class Limits(Frozen):
    """How far a run goes: links away from where it starts, and pages from each start."""

    depth: int
    pages: int


class Sync:
    """One run over the pages of a list. Each page is on the shelf, and the ledger, before the next is fetched."""

    def __init__(self, intake: Intake, fetcher: Fetcher, ledger: Ledger, limits: Limits) -> None:
        self._intake = intake
        self._fetcher = fetcher
        self._ledger = ledger
        self._limits = limits

    def run(self, starts: Sequence[Task], today: datetime.date, progress: Progress) -> Iterator[Outcome]:
        """What became of each page. An interrupted run is gone on with; `starts` are then those of that run.

        Raises:
            DataUnavailableError: nothing can be kept.
        """
        if not self._ledger.unfinished():
            self._ledger.begin()
            self._ledger.add(starts)
            self._ledger.add(self._listed(starts))
        yield from self._through(today, progress)
        self._ledger.add(self._kept(starts))  # so that a page that nothing links to any more is seen to be gone
        yield from self._through(today, progress)

    def _through(self, today: datetime.date, progress: Progress) -> Iterator[Outcome]:
        while task := self._ledger.next():
            yield self._taken(task, today)
            progress(*self._ledger.counts())

    def _kept(self, starts: Sequence[Task]) -> Iterator[Task]:
        """The pages on the shelf that lie near a start; their links are not followed again."""
        for url in self._intake.addresses():
            near = next((start for start in starts if self._wanted(url, start.url)), None)
            if near is not None:
                yield Task(url=url, start=near.start, depth=self._limits.depth, country=near.country)

    def _taken(self, task: Task, today: datetime.date) -> Outcome:
        known = self._ledger.page(task.url)
        kept = self._intake.at(task.url) if known else None
        try:
            fetched = self._fetcher.fetch(
                task.url,
                etag=known.etag if known and kept else None,
                modified=known.modified if known and kept else None,
            )
        except FetchError as error:
            return self._missed(task, error)
        if fetched.unchanged and known:
            self._follow(task, known.links)
            self._ledger.finish(task)
            return Outcome(name=task.url, kind="same", document_id=kept.id if kept else None)
        given = Given(url=task.url, country=task.country)
        outcome = self._intake.take(fetched.body, task.url, given, today, declared=fetched.content_type)
        found = _links(fetched)
        self._follow(task, found)
        page = Page(url=task.url, etag=fetched.etag, modified=fetched.modified, links=found)
        self._ledger.finish(task, page)
        return outcome

    def _missed(self, task: Task, error: FetchError) -> Outcome:
        """A page that is gone leaves the shelf; one that only fails stays as it was."""
        document = self._intake.at(task.url)
        if error.gone and document is not None:
            outcome = self._intake.drop(document.id, task.url)
            self._ledger.forget(task.url)
        else:
            outcome = Outcome(name=task.url, kind="failed", findings=(str(error),))
        self._ledger.finish(task)
        return outcome

    def _follow(self, task: Task, found: Iterable[str]) -> None:
        """Queue what a page links to: pages of its folder, and documents of its host."""
        if task.depth >= self._limits.depth:
            return
        room = self._limits.pages - self._ledger.of_start(task.start)
        wanted = [url for url in found if self._wanted(url, task.start)]
        self._ledger.add(
            Task(url=url, start=task.start, depth=task.depth + 1, country=task.country)
            for url in wanted[: max(room, 0)]
        )

    def _wanted(self, url: str, start: str) -> bool:
        near = links.below(url, start) or (links.is_document(url) and links.same_host(url, start))
        return near and self._fetcher.allows(url)

    def _listed(self, tasks: Sequence[Task]) -> Iterator[Task]:
        """What the site maps list near the starts; a site without one has none."""
        if self._limits.depth == 0:
            return
        for site in links.parents([task.url for task in tasks if self._fetcher.allows(task.url)]):
            listed = self._site_map(site)
            for task in tasks:
                near = [url for url in listed if links.same_host(url, task.url) and self._wanted(url, task.start)]
                for url in near[: self._limits.pages]:
                    yield Task(url=url, start=task.start, depth=1, country=task.country)

    def _site_map(self, site: str) -> list[str]:
        left, pages = self._fetcher.sitemaps(site), []
        for _ in range(MAX_SITEMAPS):
            if not left:
                break
            try:
                listed, more = links.of_sitemap(self._fetcher.fetch(left.pop(0)).body)
            except ExtractionError:
                continue
            pages += listed
            left += more
        return pages


def _links(fetched: Fetched) -> tuple[str, ...]:
    is_page = "html" in (fetched.content_type or "") or fetched.body[:512].lstrip().lower().startswith(
        (b"<!doctype", b"<html")
    )
    return tuple(links.of_page(fetched.body, fetched.url)) if is_page else ()
