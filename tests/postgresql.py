"""A real PostgreSQL for tests and benchmarks: started in a temporary folder, reached by a socket there."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg

from assistant.database import Database

DEBIAN = Path("/usr/lib/postgresql")
UNPRIVILEGED = ("postgres", "nobody")  # PostgreSQL refuses to run as root
WAIT = 30.0
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")  # what a test writes need not outlive the power
TEMPLATE = "migrated"


class Server:
    """A PostgreSQL of its own. Databases are copies of one that is migrated already."""

    def __init__(self, binaries: Path, folder: Path, options: Sequence[str] = FAST) -> None:
        self._binaries, self._folder, self._options = binaries, folder, options
        self._owner = _owner()
        self._names = count(1)
        self._process: subprocess.Popen[bytes] | None = None
        if self._owner:
            shutil.chown(folder, self._owner)
        self._run("initdb", "-D", self._data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        self.start()

    @property
    def _data(self) -> str:
        return str(self._folder / "data")

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        options = [
            part for option in (*self._options, "listen_addresses=", "max_connections=200") for part in ("-c", option)
        ]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._binaries / "postgres", "-D", self._data, "-k", str(self._folder), *options],
                stdout=subprocess.DEVNULL,
                stderr=log,
                **self._as_owner(),
            )
        end = time.monotonic() + WAIT
        while True:
            try:
                psycopg.connect(self._conninfo("postgres")).close()
            except psycopg.OperationalError:
                if time.monotonic() > end or self._process.poll() is not None:
                    raise
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        """Stop it at once: whoever is connected is thrown out."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(WAIT)
            self._process = None

    def kill(self) -> None:
        """Let it die in the middle of what it does; start() recovers."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(WAIT)
            self._process = None

    def create(self, *, migrated: bool = True) -> str:
        """A fresh database, with the tables of today or empty; returns its address."""
        if migrated and not self._execute(f"SELECT 1 FROM pg_database WHERE datname = '{TEMPLATE}'"):
            self._execute(f"CREATE DATABASE {TEMPLATE}")
            Database(self.url(TEMPLATE)).close()
        name = f"test_{next(self._names)}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE if migrated else 'template0'}")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove a database, whoever uses it."""
        name = url.partition("@/")[2].partition("?")[0]
        self._execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def url(self, name: str) -> str:
        """The address of a database."""
        return f"postgresql+psycopg://postgres@/{name}?host={self._folder}"

    def _conninfo(self, name: str) -> str:
        return f"host={self._folder} user=postgres dbname={name}"

    def _execute(self, statement: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self._conninfo("postgres"), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._binaries / program, *arguments], capture_output=True, text=True, check=False, **self._as_owner()
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr}")

    def _as_owner(self) -> dict[str, object]:
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
        whose = (
            {"user": self._owner, "group": pwd.getpwnam(self._owner).pw_gid, "extra_groups": []} if self._owner else {}
        )
        return {"env": environment, "cwd": self._folder, **whose}


@contextmanager
def running(options: Sequence[str] = FAST) -> Iterator[Server]:
    """A server that is stopped and removed afterwards. Raises FileNotFoundError where PostgreSQL is not installed."""
    binaries = _binaries()
    folder = Path(tempfile.mkdtemp(prefix="postgresql-"))  # short: a socket's path has 107 characters at most
    try:
        server = Server(binaries, folder, options)
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries() -> Path:
    """The folder with `postgres` and `initdb`."""
    found = shutil.which("postgres")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(DEBIAN.glob("*/bin"), key=lambda folder: -float(folder.parent.name))
    for folder in folders:
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            return folder
    raise FileNotFoundError("PostgreSQL is not installed (on Debian: apt-get install postgresql)")


def _owner() -> str | None:
    """Whom to run it as, where this process is root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in UNPRIVILEGED if name in known)
