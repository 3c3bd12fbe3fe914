"""A SQLite file that keeps what models computed, so that nothing is computed twice, even after a kill."""

import hashlib
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from assistant.errors import DataUnavailableError

FILE = "embeddings.sqlite3"  # in a data folder: the vectors of all texts
AT_ONCE = 500  # keys in one query


class Cache:
    """Bytes by key; safe to share by threads and processes. Deleting the file costs time only."""

    def __init__(self, path: Path) -> None:
        """Open or create the file.

        Raises:
            DataUnavailableError: saying what to do.
        """
        self._path = path
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DataUnavailableError(
                f"{path.parent} cannot be written ({error.strerror}): set ASSISTANT_DATA_DIR to a folder you may write"
            ) from error
        with self._usable():
            self._database = sqlite3.connect(path, check_same_thread=False, timeout=30)
            self._database.execute("PRAGMA journal_mode=WAL")
            self._database.execute("PRAGMA synchronous=NORMAL")
            self._database.execute(
                "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID"
            )

    def read(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """What is kept under those keys that have something."""
        found: dict[bytes, bytes] = {}
        with self._usable(), self._lock:
            for start in range(0, len(keys), AT_ONCE):
                chunk = keys[start : start + AT_ONCE]
                marks = ",".join("?" * len(chunk))
                rows = self._database.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", chunk)  # noqa: S608
                found.update(rows)
        return found

    def write(self, values: Mapping[bytes, bytes]) -> None:
        """Keep all of them, or none."""
        with self._usable(), self._lock, self._database:
            self._database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", values.items())

    def clear(self) -> None:
        """Forget everything."""
        with self._usable(), self._lock, self._database:
            self._database.execute("DELETE FROM vectors")

    @contextmanager
    def _usable(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise DataUnavailableError(
                f"{self._path} cannot be used ({error}): free the disk, or delete the file, which is only a cache"
            ) from error


def key(model: str, kind: str, text: str) -> bytes:
    """Under what a text's result is kept."""
    return hashlib.blake2b(f"{model}\0{kind}\0{text}".encode(), digest_size=16).digest()
