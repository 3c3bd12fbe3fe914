"""One connection pool on SQLite or PostgreSQL through SQLAlchemy; tables by Alembic."""

import datetime
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import alembic.command
import alembic.config
from alembic.util.exc import CommandError
from sqlalchemy import Connection, DateTime, Dialect, TypeDecorator, create_engine, func, select, text
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError, DataError, SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Session

from assistant.database import sqlite
from assistant.database.sqlite import PATIENCE, WRITES
from assistant.errors import AssistantError, DataUnavailableError, InputError

MIGRATIONS = Path(__file__).parent / "migrations"
POOL = {"pool_size": 20, "max_overflow": 30, "pool_timeout": 10}  # as many connections as a server has threads
CONNECTING = {  # libpq's: a server that does not answer is noticed within seconds; the address may say otherwise
    "connect_timeout": "5",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
    "options": "-c statement_timeout=30s -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s",
}
TABLES_ARE_THERE = text("SELECT version_num FROM alembic_version")
LAST_PORT = 65_535
ONE_AT_A_TIME = 6_317_002  # PostgreSQL's advisory lock of whoever changes tables


class Base(DeclarativeBase):
    """Root of the tables; Alembic compares them with a database's."""


class Moment(TypeDecorator[datetime.datetime]):
    """A moment in UTC, aware of it also where the database is not."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime.datetime | None, _dialect: Dialect) -> datetime.datetime | None:
        """To the database."""
        return value.astimezone(datetime.UTC) if value else None

    def process_result_value(self, value: datetime.datetime | None, _dialect: Dialect) -> datetime.datetime | None:
        """From it."""
        return value.replace(tzinfo=datetime.UTC) if value and value.tzinfo is None else value


class Database:
    """Transactions on one database. Safe to share by threads."""

    def __init__(self, url: str) -> None:
        """Connect, and bring the tables up to date.

        Raises:
            InputError: the address cannot be understood.
            DataUnavailableError: the database cannot be reached or written, or a newer version made its tables.
        """
        self.engine = _engine(url)
        self._writer = threading.Lock()
        try:
            with self._errors():
                upgrade(self.engine)
        except CommandError as error:
            raise DataUnavailableError(
                f"the database {self._shown} was made by a newer version of this assistant ({error}): use that version"
            ) from error

    def reading(self) -> AbstractContextManager[Session]:
        """A transaction that only reads. Raises DataUnavailableError where the database does not answer."""
        return self._session(writes=False)

    def writing(self) -> AbstractContextManager[Session]:
        """A transaction that writes, committed at its end, undone where an exception leaves it.

        Raises:
            DataUnavailableError: the database does not answer; nothing was written.
        """
        return self._session(writes=True)

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A transaction that reads one state of the whole database, however long it takes.

        Raises:
            DataUnavailableError: the database does not answer.
        """
        level = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with self._errors(), self.engine.connect() as connection, connection.execution_options(**level).begin():
            yield connection

    @contextmanager
    def changing(self) -> Iterator[tuple[Connection, alembic.config.Config]]:
        """A transaction that may change tables too, alone, however long it takes: all of it happens, or nothing.

        Raises:
            DataUnavailableError: the database does not answer, or is used all the time; nothing changed.
        """
        with self._errors(), migrating(self.engine) as config:
            yield config.attributes["connection"], config

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file."""
        return self.engine.dialect.name == "sqlite"

    @property
    def _shown(self) -> str:
        """The address without its password."""
        return self.engine.url.render_as_string(hide_password=True)

    def close(self) -> None:
        """Close the connections that nobody uses."""
        self.engine.dispose()

    def ping(self) -> None:
        """Raises DataUnavailableError where the database does not answer."""
        with self.reading() as session:
            session.execute(TABLES_ARE_THERE)

    def forget(self) -> None:
        """Leave nothing on the disk of what has been deleted, as far as that is ours to say (PostgreSQL: VACUUM)."""
        if self.is_sqlite:
            with self._errors(), self._turn():
                sqlite.truncate_log(self.engine)

    @contextmanager
    def _session(self, *, writes: bool) -> Iterator[Session]:
        engine = self.engine.execution_options(**{WRITES: writes})
        turn = self._turn() if writes and self.is_sqlite else nullcontext()
        with self._errors(), turn, Session(engine) as session, session.begin():
            yield session

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """SQLite lets threads that wait to write sleep for longer and longer: here the next one goes on at once."""
        if not self._writer.acquire(timeout=PATIENCE):
            raise DataUnavailableError(f"the database is being written for {PATIENCE} s already: try again later")
        try:
            yield
        finally:
            self._writer.release()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise _meaning(error, self._shown) from error


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the tables up to a revision."""
    with migrating(engine) as config:
        alembic.command.upgrade(config, revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the tables back to a revision; "-1" is one step."""
    with migrating(engine) as config:
        alembic.command.downgrade(config, revision)


@contextmanager
def migrating(engine: Engine) -> Iterator[alembic.config.Config]:
    """A transaction in which Alembic works, one process at a time: all of a migration happens, or nothing."""
    config = alembic.config.Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            connection.exec_driver_sql("SET LOCAL lock_timeout = '30s'")
            connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
            connection.execute(select(func.pg_advisory_xact_lock(ONE_AT_A_TIME)))
        config.attributes["connection"] = connection
        yield config


def now() -> datetime.datetime:
    """The present moment, in UTC."""
    return datetime.datetime.now(datetime.UTC)


def _engine(url: str) -> Engine:
    try:
        parsed = _parsed(url)
        engine = create_engine(parsed, **_options(parsed))
    except (ArgumentError, ImportError) as error:
        raise InputError(f"ASSISTANT_DATABASE_URL cannot be used ({error}): e.g. postgresql+psycopg://…") from error
    if parsed.get_backend_name() == "sqlite":
        _prepare_file(engine)
    return engine


def _parsed(url: str) -> URL:
    """Raises ArgumentError where it is no address."""
    try:
        parsed = make_url(url)
        if parsed.port is None or 0 < parsed.port <= LAST_PORT:
            return parsed
    except ValueError:
        pass  # a port that is no number
    raise ArgumentError(f"its port is no number from 1 to {LAST_PORT}")


def _options(url: URL) -> dict[str, Any]:
    """How to connect. A connection that has died is replaced before a transaction begins on it."""
    options: dict[str, Any] = {"pool_pre_ping": True}
    if url.database not in (None, "", ":memory:"):
        options |= POOL
    if url.get_backend_name() == "postgresql":
        options |= {"connect_args": {key: value for key, value in CONNECTING.items() if key not in url.query}}
    return options


def _prepare_file(engine: Engine) -> None:
    """Raises DataUnavailableError; a mistyped path is said to be one, and no folder is made for it."""
    file = engine.url.database or ""
    folder = Path(file).parent
    if not file.startswith("file:") and not folder.is_dir():
        raise DataUnavailableError(
            f"the folder {folder} of the database does not exist: create it, or correct ASSISTANT_DATABASE_URL"
        )
    try:
        sqlite.prepare(engine)
    except OSError as error:
        raise DataUnavailableError(
            f"{folder} cannot be written ({error.strerror}): set ASSISTANT_DATA_DIR to a folder you may write"
        ) from error


def _meaning(error: SQLAlchemyError, where: str) -> AssistantError:
    """What an error of the database says to whoever caused it."""
    cause = getattr(error, "orig", None) or error
    if isinstance(error, DataError) or isinstance(cause, (OverflowError, ValueError)):
        return InputError("one of the values cannot be kept: a character such as NUL, or a number far too large")
    reason = str(cause).splitlines()[0]
    return DataUnavailableError(
        f"the database {where} cannot be used ({reason}): check ASSISTANT_DATABASE_URL and ASSISTANT_DATA_DIR"
    )
