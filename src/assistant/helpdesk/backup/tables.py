"""Tables as lines of JSON and back, whichever database they come from and go to."""

import base64
import datetime
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sqlalchemy import JSON, Connection, Integer, MetaData, Table, func, insert, select, text

from assistant.database import Base

AT_ONCE = 500  # rows
VERSION_TABLE = "alembic_version"


def dumped(connection: Connection, table: Table) -> Iterator[bytes]:
    """The rows of a table, a line each, ordered by key; few are in memory at once."""
    chosen = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=AT_ONCE)
    for row in connection.execute(chosen).mappings():
        yield json.dumps(dict(row), default=_plain, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def count(connection: Connection, table: Table) -> int:
    """How many rows there are."""
    return connection.scalar(select(func.count()).select_from(table)) or 0


def load(connection: Connection, table: Table, lines: Iterable[bytes]) -> Iterator[int]:
    """Fill an empty table; yields how many rows each step brought. Raises ValueError for a row that does not fit."""
    waiting: list[dict[str, Any]] = []
    for number, line in enumerate(lines, 1):
        try:
            waiting.append(_row(table, line))
        except (ValueError, TypeError) as error:
            raise ValueError(f"row {number} of {table.name}: {error}") from error
        if len(waiting) == AT_ONCE:
            connection.execute(insert(table), waiting)
            yield len(waiting)
            waiting = []
    if waiting:
        connection.execute(insert(table), waiting)
        yield len(waiting)


def present(connection: Connection) -> MetaData:
    """The tables that a database has, as they are there."""
    found = MetaData()
    found.reflect(connection)
    for table in list(found.tables.values()):
        if table.name == VERSION_TABLE:
            found.remove(table)
        for column in table.columns:
            if isinstance(column.type, JSON):
                column.type.none_as_null = True
    return found


def numbers(connection: Connection) -> dict[str, int]:
    """The last number that each table gave to a row, so that a deleted row's is not given again."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("SELECT name, seq FROM sqlite_sequence"))
        return {name: int(last) for name, last in rows if name in Base.metadata.tables}
    found = {}
    for table in _numbered(Base.metadata):
        sequence = _sequence(connection, table)
        last, called = connection.exec_driver_sql(f"SELECT last_value, is_called FROM {sequence}").one()  # noqa: S608 (the database's own name)
        found[table.name] = int(last) if called else 0
    return found


def set_numbers(connection: Connection, metadata: MetaData, last: dict[str, int]) -> None:
    """Let each table go on with the number after its last one."""
    for table in _numbered(metadata):
        key = next(iter(table.primary_key.columns))
        number = max(last.get(table.name, 0), connection.scalar(select(func.max(key))) or 0)
        if number and connection.dialect.name == "sqlite":
            _set_on_sqlite(connection, table, number)
        elif number:
            connection.execute(select(func.setval(_sequence(connection, table), number)))


def _set_on_sqlite(connection: Connection, table: Table, number: int) -> None:
    """Only tables made with AUTOINCREMENT remember theirs; the others go on after their last row anyway."""
    made = connection.scalar(text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": table.name}) or ""
    if "AUTOINCREMENT" in made:
        connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
        connection.execute(
            text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :number)"),
            {"name": table.name, "number": number},
        )


def _numbered(metadata: MetaData) -> list[Table]:
    """The tables that number their rows themselves."""
    return [
        table
        for table in metadata.sorted_tables
        if len(table.primary_key.columns) == 1
        and all(isinstance(key.type, Integer) and not key.foreign_keys for key in table.primary_key.columns)
    ]


def _sequence(connection: Connection, table: Table) -> str:
    key = next(iter(table.primary_key.columns))
    return str(connection.scalar(select(func.pg_get_serial_sequence(table.name, key.name))))


def _plain(value: object) -> str:
    """A value that JSON does not know. A moment without a zone is one of SQLite, in UTC."""
    if isinstance(value, datetime.datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=datetime.UTC)
        return aware.astimezone(datetime.UTC).isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"a {type(value).__name__} cannot be kept")


def _row(table: Table, line: bytes) -> dict[str, Any]:
    row = json.loads(line)
    if not isinstance(row, dict) or set(row) != set(table.columns.keys()):
        raise ValueError("its columns are not those of the table")
    return {column.name: _value(column.type, row[column.name]) for column in table.columns}


def _value(kind: Any, value: Any) -> Any:
    if value is None or isinstance(kind, JSON):
        return value
    wanted, read = READERS[kind.python_type]
    if type(value) is not wanted and (wanted, type(value)) != (float, int):
        raise ValueError(f"{value!r:.40} is no {kind.python_type.__name__}")
    return read(value)


READERS: dict[type, tuple[type, Callable[[Any], Any]]] = {  # column's type -> type in JSON, how it is read
    str: (str, lambda value: value.replace("\x00", "\ufffd")),  # PostgreSQL's text has no NUL
    int: (int, int),
    bool: (bool, bool),
    float: (float, float),
    bytes: (str, lambda value: base64.b64decode(value, validate=True)),
    datetime.datetime: (str, lambda value: datetime.datetime.fromisoformat(value).astimezone(datetime.UTC)),
    datetime.date: (str, datetime.date.fromisoformat),
}
