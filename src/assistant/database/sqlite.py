"""SQLite's file: its owner alone reads it, another in its place is noticed, and what is deleted leaves no trace."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Dialect, event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

PATIENCE = 30  # seconds that a transaction waits for those that write
WRITES = "writes"  # execution option of a transaction that will write
OWNER_ALONE = 0o600
PRAGMAS = ("journal_mode=WAL", "foreign_keys=ON", "secure_delete=ON", f"busy_timeout={PATIENCE * 1_000}")


def prepare(engine: Engine) -> None:
    """Let connections of an engine on SQLite be as the rest expects. Raises OSError where no file can be made."""
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    place = engine.url.database or ":memory:"
    if place != ":memory:" and not place.startswith("file:"):
        _File(Path(place)).watch(engine)


def truncate_log(engine: Engine) -> None:
    """Bring the write-ahead log into the file and empty it: it would keep what has been deleted meanwhile."""
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


class _File:
    """A database's file. One that was moved away is not made anew, empty, under those who work on it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def watch(self, engine: Engine) -> None:
        if not self._path.exists():
            os.close(os.open(self._path, os.O_CREAT | os.O_WRONLY, OWNER_ALONE))
        event.listen(engine, "do_connect", self._open_existing)
        event.listen(engine, "connect", self._remember)
        event.listen(engine, "checkout", self._look)

    def _open_existing(
        self, _dialect: Dialect, _entry: ConnectionPoolEntry, args: list[Any], more: dict[str, Any]
    ) -> None:
        args[0], more["uri"] = f"file:{quote(os.fspath(self._path.absolute()))}?mode=rw", True

    def _remember(self, _connection: object, entry: ConnectionPoolEntry) -> None:
        entry.info["file"] = self._identity()

    def _look(self, _connection: object, entry: ConnectionPoolEntry, _proxy: object) -> None:
        """A connection to a file that lies no longer there would write where nobody reads."""
        if entry.info.get("file") != self._identity():
            raise DisconnectionError(f"{self._path} is no longer the file that was opened")

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino


def _set_up(connection: Any, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # transactions begin as `_begin` says
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    """A transaction that will write takes the lock at once: one that has read cannot wait for it any more."""
    writes = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
