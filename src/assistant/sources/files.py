"""Files, folders and ZIP archives as a flat list of files; nothing of an archive is ever written to disk."""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from assistant.errors import ExtractionError, InputError

MAX_BYTES = 50 * 2**20  # of one file
MAX_UNPACKED = 500 * 2**20  # of one archive
MAX_ENTRIES = 5_000  # of one archive
SYSTEM_FILES = frozenset(["__MACOSX", "Thumbs.db", ".DS_Store", "desktop.ini"])


@dataclass(frozen=True)
class File:
    """A file to take, or why it cannot be taken. `declared` is the Content-Type that a server gave."""

    name: str
    raw: bytes = b""
    error: str | None = None
    declared: str | None = None


def expand(path: Path) -> Iterator[File]:
    """The files of a path: itself, those below it, or those packed in it. One that cannot be read says why.

    Raises:
        InputError: there is nothing at the path.
    """
    if not path.exists():
        raise InputError(f"{path} does not exist")
    if path.is_dir():
        for inner in sorted(path.rglob("*")):
            if inner.is_file() and not _is_hidden(inner.relative_to(path).parts):
                yield from _opened(inner)
        return
    yield from _opened(path)


def _opened(path: Path) -> Iterator[File]:
    if path.suffix.lower() == ".zip":
        yield from _unpacked(path)
        return
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ExtractionError(f"has {path.stat().st_size / 2**20:,.0f} MB: {MAX_BYTES // 2**20} are taken at most")
        yield File(str(path), path.read_bytes())
    except OSError as error:
        yield File(str(path), error=f"cannot be read ({error.strerror})")
    except ExtractionError as error:
        yield File(str(path), error=str(error))


def _unpacked(path: Path) -> Iterator[File]:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > MAX_ENTRIES:
                yield File(str(path), error=f"packs {len(entries):,} files: {MAX_ENTRIES:,} are taken at most")
                return
            left = MAX_UNPACKED
            for entry in entries:
                if _is_hidden(_parts(entry)):
                    continue
                file = _entry(archive, entry, f"{path}/{entry.filename}", left)
                left -= len(file.raw)
                yield file
    except (zipfile.BadZipFile, OSError, NotImplementedError) as error:
        yield File(str(path), error=f"is damaged or no ZIP archive ({error})")


def _entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str, left: int) -> File:
    parts = _parts(entry)
    if ".." in parts or entry.filename.startswith(("/", "\\")) or ":" in parts[0]:
        return File(name, error="climbs out of its archive: not taken")
    if entry.flag_bits & 0x1:
        return File(name, error="is locked with a password: pack it without one")
    if parts[-1].lower().endswith(".zip"):
        return File(name, error="is an archive in an archive: unpack it first")
    limit = min(MAX_BYTES, left)
    try:
        with archive.open(entry) as file:
            raw = file.read(limit + 1)  # what the archive says of its size may be a lie
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError) as error:
        return File(name, error=f"is damaged ({error})")
    if len(raw) > limit:
        return File(name, error=f"unpacks to more than {limit // 2**20} MB: not taken")
    return File(name, raw)


def _parts(entry: zipfile.ZipInfo) -> tuple[str, ...]:
    """The folders and the name of an entry, whichever system packed it."""
    return PurePosixPath(entry.filename.replace("\\", "/")).parts


def _is_hidden(parts: tuple[str, ...]) -> bool:
    return any(part in SYSTEM_FILES or (part.startswith(".") and part not in (".", "..")) for part in parts)
