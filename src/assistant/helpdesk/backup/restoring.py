"""Restores a backup: all of it or nothing, also where it is killed.

The files are unpacked beside their places first. Then one transaction empties the database, fills it and notes the
restore's id in the audit log: from then on, and not before, the restore has happened. The files are moved last; where a
kill comes in between, `complete` finds the id in the log and moves them, or does not find it and throws them away.
"""

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import alembic.command
import alembic.config
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from filelock import FileLock, Timeout
from sqlalchemy import Connection, MetaData, select
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from assistant.database import Database, audit
from assistant.errors import ConflictError, DataUnavailableError, InputError
from assistant.helpdesk.backup import tables
from assistant.helpdesk.backup.archive import Archive, Member
from assistant.helpdesk.backup.places import CASES, FILES, SOURCES, TABLES, files
from assistant.helpdesk.stopping import unstopped
from assistant.people import SYSTEM
from assistant.settings import Settings

Progress = Callable[[int, int], None]
RESTORED = "backup.restored"
STAGING, NEW, OLD = "restore-", "new", "old"
LOCK = "restore.lock"


def restore(database: Database, settings: Settings, path: Path, progress: Progress, *, replace: bool = False) -> int:
    """Put what a backup holds in the place of what there is; returns how many rows.

    Raises:
        InputError: the file is no whole backup that this version can read, or something is kept here already and
            may not be replaced; nothing changed.
        ConflictError: another restore is running.
        DataUnavailableError: the database or the data folder cannot be used; nothing changed.
    """
    with _alone(settings), Archive(path) as archive, ExitStack() as from_then_on:
        _complete(database, settings)
        name = secrets.token_hex(8)
        staging = settings.data_dir / f"{STAGING}{name}"
        try:
            _unpack(archive, staging)
            with database.changing() as (connection, config):
                if not replace:
                    _check_empty(connection, settings)
                rows = _fill(connection, config, archive, progress)
                from_then_on.enter_context(unstopped())
                _note(connection, name, rows)
        finally:
            _complete(database, settings)
    return rows


def complete(database: Database, settings: Settings) -> None:
    """End a restore that was killed: move its files where the database has its rows, else throw them away.

    Raises:
        DataUnavailableError: the database or the data folder cannot be used.
    """
    if any(settings.data_dir.glob(f"{STAGING}*")):
        with _alone(settings):
            _complete(database, settings)


# -- the database ------------------------------------------------------------------------------------------------


def _check_empty(connection: Connection, settings: Settings) -> None:
    """Raise InputError where anything is kept."""
    found = [table.name for table in _locked(connection).sorted_tables if tables.count(connection, table)]
    found += ["documents or eval cases"] if files(settings) else []
    if found:
        kept = ", ".join(found)
        raise InputError(
            f"something is kept here already ({kept}): with --replace it is lost for what the backup holds"
        )


def _fill(connection: Connection, config: alembic.config.Config, archive: Archive, progress: Progress) -> int:
    """Make the tables anew as they were, fill them, and bring them up to date."""
    _locked(connection)
    alembic.command.downgrade(config, "base")
    _check_revision(config, archive)
    alembic.command.upgrade(config, archive.manifest.revision)
    metadata = tables.present(connection)
    members = {member.name: member for member in archive.manifest.members if member.rows is not None}
    if set(members) != {f"{TABLES}/{name}.jsonl" for name in metadata.tables}:
        raise archive.damaged("its tables are not those of its revision")
    total, done = sum(member.rows or 0 for member in members.values()), 0
    for table in metadata.sorted_tables:
        for added in _loaded(connection, metadata, table.name, archive, members[f"{TABLES}/{table.name}.jsonl"]):
            done += added
            progress(done, total)
    tables.set_numbers(connection, metadata, archive.manifest.numbers)
    alembic.command.upgrade(config, "head")
    return total


def _loaded(connection: Connection, metadata: MetaData, name: str, archive: Archive, member: Member) -> Iterator[int]:
    try:
        yield from tables.load(connection, metadata.tables[name], archive.lines(member))
    except ValueError as error:
        raise archive.damaged(str(error)) from error
    except (IntegrityError, DataError) as error:
        raise archive.damaged(f"the rows of {name} do not fit: {str(error.orig).splitlines()[0]}") from error


def _check_revision(config: alembic.config.Config, archive: Archive) -> None:
    try:
        ScriptDirectory.from_config(config).get_revision(archive.manifest.revision)
    except CommandError:
        raise InputError(
            f"the backup was made by a newer version of this assistant (tables {archive.manifest.revision!r}): "
            "restore it with that one; nothing was changed"
        ) from None


def _locked(connection: Connection) -> MetaData:
    """The tables there are; nobody else reads or writes them from now on."""
    found = tables.present(connection)
    if found.tables and connection.dialect.name == "postgresql":
        quote = connection.dialect.identifier_preparer.quote
        names = ", ".join(quote(table.name) for table in found.sorted_tables)
        connection.exec_driver_sql(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE")
    return found


def _note(connection: Connection, name: str, rows: int) -> None:
    with Session(connection) as session:
        audit.note(session, SYSTEM, RESTORED, restore=name, rows=rows)
        session.flush()


def _happened(database: Database) -> set[str]:
    """The ids of the restores that the database knows of."""
    with database.reading() as session:
        details = session.scalars(select(audit.EventRow.detail).where(audit.EventRow.action == RESTORED))
        return {str(detail["restore"]) for detail in details}


# -- the files ---------------------------------------------------------------------------------------------------


def _unpack(archive: Archive, staging: Path) -> None:
    """Check every byte of the backup; its files stand under `staging` then."""
    needed = sum(member.size for member in archive.manifest.members)
    with _writable(staging):
        staging.mkdir(mode=0o700)
        if needed > (free := shutil.disk_usage(staging).free):
            raise InputError(f"the backup unpacks to {needed} bytes, and {free} are free: nothing was changed")
        (staging / NEW / SOURCES).mkdir(parents=True)
        (staging / NEW / CASES).touch()
        for member in archive.manifest.members:
            if member.rows is not None:
                for _ in archive.lines(member):
                    pass
            else:
                _unpack_file(archive, member, staging / NEW)


def _unpack_file(archive: Archive, member: Member, folder: Path) -> None:
    inside = member.name.removeprefix(f"{FILES}/")
    if inside == member.name or not (inside == CASES or inside.startswith(f"{SOURCES}/")):
        raise archive.damaged(f"{member.name!r} is no name that a backup gives")
    path = folder / inside
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as opened:
        for chunk in archive.chunks(member):
            opened.write(chunk)
        opened.flush()
        os.fsync(opened.fileno())


def _complete(database: Database, settings: Settings) -> None:
    """For whoever holds the lock: no restore is running but the caller's."""
    left = sorted(settings.data_dir.glob(f"{STAGING}*"))
    happened = _happened(database) if left else set()
    for staging in left:
        with _writable(settings.data_dir):
            if staging.name.removeprefix(STAGING) in happened:
                _move(staging, settings.data_dir)
            shutil.rmtree(staging)


def _move(staging: Path, data: Path) -> None:
    """Put the new files in their places; may be done again from wherever it was killed."""
    (staging / OLD).mkdir(exist_ok=True)
    for name in (SOURCES, CASES):
        new, old, place = staging / NEW / name, staging / OLD / name, data / name
        if new.exists():
            if place.exists() and not old.exists():
                place.rename(old)
            new.rename(place)


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(settings.data_dir / LOCK, timeout=0):
            yield
    except Timeout:
        raise ConflictError("another restore is running: wait for its end") from None


@contextmanager
def _writable(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DataUnavailableError(
            f"{folder} cannot be written ({error.strerror}): free space there, or set ASSISTANT_DATA_DIR"
        ) from error
