"""What is known of each followed page and how far a run has come, in a SQLite file that survives a kill."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from assistant.errors import DataUnavailableError
from assistant.types import Frozen

TABLES = """
CREATE TABLE IF NOT EXISTS pages (url TEXT PRIMARY KEY, etag TEXT, modified TEXT, links TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS queue (
    url TEXT PRIMARY KEY, start TEXT NOT NULL, depth INTEGER NOT NULL, country TEXT, done INTEGER NOT NULL DEFAULT 0
);
"""


class Page(Frozen):
    """What was learnt of a page the last time it was fetched."""

    url: str
    etag: str | None = None
    modified: str | None = None
    links: tuple[str, ...] = ()


class Task(Frozen):
    """A page to look at: how many links it is away from where the operator's list starts, and from which place."""

    url: str
    start: str
    depth: int = 0
    country: str | None = None


class Ledger:
    """Pages by address, and the queue of the run. An unfinished run is what has undone tasks."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path, timeout=30)
            self._database.execute("PRAGMA journal_mode=WAL")
            self._database.executescript(TABLES)
        except (OSError, sqlite3.Error) as error:
            raise DataUnavailableError(
                f"{path} cannot be used ({error}): free space, or set ASSISTANT_DATA_DIR"
            ) from error

    def unfinished(self) -> bool:
        """Whether a run was interrupted."""
        return bool(self._one("SELECT EXISTS (SELECT 1 FROM queue WHERE NOT done)"))

    def begin(self) -> None:
        """Start a run with an empty queue."""
        with self._database:
            self._database.execute("DELETE FROM queue")

    def add(self, tasks: Iterable[Task]) -> None:
        """Queue pages that are not queued yet."""
        rows = [(task.url, task.start, task.depth, task.country) for task in tasks]
        with self._database:
            self._database.executemany(
                "INSERT OR IGNORE INTO queue (url, start, depth, country) VALUES (?, ?, ?, ?)", rows
            )

    def next(self) -> Task | None:
        """The next page: the nearest first, hosts as they came."""
        row = self._database.execute(
            "SELECT url, start, depth, country FROM queue WHERE NOT done ORDER BY depth, rowid LIMIT 1"
        ).fetchone()
        return Task(url=row[0], start=row[1], depth=row[2], country=row[3]) if row else None

    def finish(self, task: Task, page: Page | None = None) -> None:
        """The task is done; what was learnt of its page is kept in the same step."""
        with self._database:
            self._database.execute("UPDATE queue SET done = 1 WHERE url = ?", (task.url,))
            if page is not None:
                self._database.execute(
                    "INSERT OR REPLACE INTO pages VALUES (?, ?, ?, ?)",
                    (task.url, page.etag, page.modified, "\n".join(page.links)),
                )

    def page(self, url: str) -> Page | None:
        """What is known of a page."""
        row = self._database.execute("SELECT etag, modified, links FROM pages WHERE url = ?", (url,)).fetchone()
        return Page(url=url, etag=row[0], modified=row[1], links=tuple(row[2].split())) if row else None

    def forget(self, url: str) -> None:
        """Nothing is known of a page any more."""
        with self._database:
            self._database.execute("DELETE FROM pages WHERE url = ?", (url,))

    def counts(self) -> tuple[int, int]:
        """Pages done and queued in this run."""
        return self._one("SELECT count(*) FROM queue WHERE done"), self._one("SELECT count(*) FROM queue")

    def of_start(self, start: str) -> int:
        """How many pages were queued from one place."""
        return self._one("SELECT count(*) FROM queue WHERE start = ?", start)

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def _one(self, query: str, *values: str) -> int:
        with closing(self._database.execute(query, values)) as rows:
            return int(rows.fetchone()[0])
