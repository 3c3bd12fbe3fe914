"""The file of a backup: a ZIP of tables and files, and a manifest that says how each must be. Read as hostile input."""

import hashlib
import io
import os
import secrets
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import IO, Literal, Self

from filelock import lock_descriptor
from pydantic import AwareDatetime, ConfigDict, Field, ValidationError

from assistant.errors import DataUnavailableError, InputError
from assistant.types import Frozen

FORMAT = 1
PARTIAL = ".asean-customs-backup-"  # how the name of an unfinished file begins
MANIFEST = "manifest.json"
MOST_MANIFEST = 64 * 2**20  # bytes
LONGEST_LINE = 16 * 2**20  # bytes of one row
CHUNK = 2**20
UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)


class Member(Frozen):
    """One table or file of a backup. `rows` are those of a table."""

    name: str
    size: int = Field(ge=0)
    sha256: str
    rows: int | None = Field(default=None, ge=0)


class Manifest(Frozen):
    """What a backup holds. `numbers` are the last ones that tables gave to rows, deleted ones included."""

    kind: Literal["asean-customs-assistant backup"] = "asean-customs-assistant backup"
    format: int = FORMAT
    made_at: AwareDatetime
    revision: str
    numbers: dict[str, int]
    members: tuple[Member, ...]


class Writer:
    """Writes a backup beside its place and moves it there when it is whole; only its owner may read it.

    Nothing of it stays where it does not come to its end; what a kill left in the folder goes with the next backup.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._partial = path.with_name(f"{PARTIAL}{secrets.token_hex(8)}")
        self.members: list[Member] = []

    def __enter__(self) -> Self:
        """Raises DataUnavailableError where nothing can be written."""
        with self._errors():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            _remove_left(self._path.parent)
            self._file = _begun(self._partial)
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED)
        return self

    def add(self, name: str, chunks: Iterable[bytes], *, counted: bool = False) -> None:
        """Add a member; `counted` chunks are a table's rows."""
        digest, size, rows = hashlib.sha256(), 0, 0
        with self._errors(), self._zip.open(name, "w", force_zip64=True) as member:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                rows += 1
                member.write(chunk)
        self.members.append(Member(name=name, size=size, sha256=digest.hexdigest(), rows=rows if counted else None))

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest, and put the file in its place."""
        with self._errors():
            self._zip.writestr(MANIFEST, manifest.model_dump_json(indent=1))
            self._zip.close()
            self._file.flush()
            os.fsync(self._file.fileno())
            self._partial.replace(self._path)  # while it is open, and so locked: nobody takes it for left behind

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is not None:
            self._zip.fp = None  # what was begun is thrown away: its end need not be written
        self._file.close()
        self._partial.unlink(missing_ok=True)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise DataUnavailableError(
                f"{self._path} cannot be written ({error.strerror}): give a file in a folder with space"
            ) from error


def _begun(partial: Path) -> IO[bytes]:
    """A new file that is locked for as long as it is open."""
    try:
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with suppress(OSError):  # a file system without locks: what is left there stays
            lock_descriptor(handle, blocking=False)
        return os.fdopen(handle, "wb")
    except KeyboardInterrupt:
        partial.unlink(missing_ok=True)
        raise


def _remove_left(folder: Path) -> None:
    """Remove the unfinished files that nobody is writing any more: they hold personal data."""
    for partial in folder.glob(f"{PARTIAL}*"):
        with suppress(OSError), partial.open("rb+") as opened:
            if lock_descriptor(opened.fileno(), blocking=False):
                partial.unlink()


class Archive:
    """A backup that is read. Everything that may be wrong with it is an InputError."""

    def __init__(self, path: Path) -> None:
        """Read the manifest; nothing else of the file is believed, or unpacked, before it was checked."""
        self._path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error.strerror}") from error
        except UNREADABLE as error:
            raise self.damaged(str(error)) from error
        try:
            self.manifest = self._read_manifest()
            self._check_names()
        except BaseException:
            self._zip.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def damaged(self, reason: str) -> InputError:
        """What to raise where something is not as it was written."""
        return InputError(f"{self._path} is no whole backup of this assistant ({reason}): nothing was changed")

    def chunks(self, member: Member) -> Iterator[bytes]:
        """The bytes of a member. Raises InputError, at the end, where they are not those that were written."""
        digest = hashlib.sha256()
        with self._open(member.name) as opened:
            while chunk := self._guarded(opened, CHUNK):
                digest.update(chunk)
                yield chunk
        self._compare(member, digest.hexdigest())

    def lines(self, member: Member) -> Iterator[bytes]:
        """The rows of a table. Raises InputError, at the end, where they are not those that were written."""
        digest, count = hashlib.sha256(), 0
        with self._open(member.name) as opened, io.BufferedReader(opened, CHUNK) as buffered:  # type: ignore[type-var]
            while line := self._guarded(buffered, LONGEST_LINE, line=True):
                if not line.endswith(b"\n"):
                    raise self.damaged(f"a row of {member.name} is cut off or longer than {LONGEST_LINE} bytes")
                digest.update(line)
                count += 1
                yield line
        self._compare(member, digest.hexdigest())
        if count != member.rows:
            raise self.damaged(f"{member.name} has {count} rows, not {member.rows}")

    def _guarded(self, opened: IO[bytes] | io.BufferedReader, size: int, *, line: bool = False) -> bytes:
        try:
            return opened.readline(size) if line else opened.read(size)
        except (*UNREADABLE, OSError) as error:
            raise self.damaged(str(error)) from error

    def _open(self, name: str) -> IO[bytes]:
        try:
            return self._zip.open(name)
        except (*UNREADABLE, OSError, KeyError) as error:
            raise self.damaged(str(error)) from error

    def _compare(self, member: Member, sha256: str) -> None:
        if sha256 != member.sha256:
            raise self.damaged(f"{member.name} is not as it was written")

    def _read_manifest(self) -> Manifest:
        with self._open_manifest() as opened:
            raw = self._guarded(opened, MOST_MANIFEST)
        try:
            claimed = Claim.model_validate_json(raw)
            if claimed.format > FORMAT:
                raise InputError(
                    f"{self._path} was made by a newer version of this assistant: restore it with that one"
                )
            return Manifest.model_validate_json(raw)
        except ValidationError as error:
            raise self.damaged(f"its manifest: {error.errors()[0]['msg']}") from error

    def _open_manifest(self) -> IO[bytes]:
        if MANIFEST not in self._zip.namelist():
            raise self.damaged(f"it has no {MANIFEST}")
        return self._open(MANIFEST)

    def _check_names(self) -> None:
        """The file holds what its manifest lists, no more and no less, in places that are ours."""
        listed = {member.name: member.size for member in self.manifest.members}
        held = [info.filename for info in self._zip.infolist()]
        if len(held) != len(set(held)) or len(listed) != len(self.manifest.members) or set(held) != {*listed, MANIFEST}:
            raise self.damaged("it does not hold what its manifest lists")
        for info in self._zip.infolist():
            if info.filename != MANIFEST and info.file_size != listed[info.filename]:
                raise self.damaged(f"{info.filename} has another size than its manifest says")
            if not is_safe(info.filename):
                raise self.damaged(f"{info.filename!r} is no name that a backup gives")


class Claim(Frozen):
    """The part of a manifest that every version of it has."""

    model_config = ConfigDict(extra="ignore")

    kind: Literal["asean-customs-assistant backup"]
    format: int


def is_safe(name: str) -> bool:
    """Whether the name stays below the folder that it is unpacked in, on every system."""
    path = PurePosixPath(name)
    return (
        not path.is_absolute()
        and str(path) == name
        and not any(part in ("..", ".") for part in path.parts)
        and not any(character in "\\:" or ord(character) < 32 for character in name)
    )
