"""Makes a backup: one state of the database, then the ingested and verified documents and the eval cases."""

from collections.abc import Callable, Iterator
from pathlib import Path

from alembic.migration import MigrationContext

from assistant.database import Base, Database, audit, now
from assistant.errors import InputError
from assistant.helpdesk.backup import tables
from assistant.helpdesk.backup.archive import CHUNK, Manifest, Writer
from assistant.helpdesk.backup.places import FILES, TABLES, files
from assistant.helpdesk.backup.restoring import complete
from assistant.helpdesk.stopping import unstopped
from assistant.people import SYSTEM
from assistant.settings import Settings

Progress = Callable[[int, int], None]
TOLD = 100  # rows between two tellings of progress


def backup(database: Database, settings: Settings, path: Path, progress: Progress) -> Manifest:
    """Write everything that is kept into one file, which replaces the one that was there. It holds personal data.

    Raises:
        InputError: the path is a folder.
        DataUnavailableError: the database or the path cannot be used; the file that was there still is.
    """
    if path.is_dir():
        raise InputError(f"{path} is a folder: give the name of a file")
    complete(database, settings)
    with Writer(path) as writer:
        manifest = _written(database, settings, writer, progress)
        with unstopped():
            writer.finish(manifest)
            with database.writing() as session:
                audit.note(session, SYSTEM, "backup.made", members=len(manifest.members))
    return manifest


def _written(database: Database, settings: Settings, writer: Writer, progress: Progress) -> Manifest:
    kept = files(settings)
    with database.snapshot() as connection:
        counts = [tables.count(connection, table) for table in Base.metadata.sorted_tables]
        told = _Told(progress, sum(counts) + len(kept))
        for table in Base.metadata.sorted_tables:
            rows = told.each(tables.dumped(connection, table))
            writer.add(f"{TABLES}/{table.name}.jsonl", rows, counted=True)
        revision = MigrationContext.configure(connection).get_current_revision()
        numbers = tables.numbers(connection)
    for name, path in kept.items():
        writer.add(f"{FILES}/{name}", _content(path))
        told.step()
    return Manifest(made_at=now(), revision=revision or "", numbers=numbers, members=tuple(writer.members))


def _content(path: Path) -> Iterator[bytes]:
    with path.open("rb") as opened:
        while chunk := opened.read(CHUNK):
            yield chunk


class _Told:
    """Progress, told now and then."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0

    def each(self, rows: Iterator[bytes]) -> Iterator[bytes]:
        for row in rows:
            yield row
            self.step()

    def step(self) -> None:
        self._done += 1
        if self._done % TOLD == 0 or self._done == self._total:
            self._progress(self._done, self._total)
