"""Fills every table of a database with rows that are hard to keep, and reads back all that is kept."""

import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Column, Connection, LargeBinary, String, insert, select

from assistant.database import Base, Database
from assistant.settings import Settings

ROWS = 3
MOMENT = datetime.datetime(2026, 2, 28, 23, 59, 59, 123456, tzinfo=datetime.UTC)
HARD = "ခ 🚢 \"quoted\" \\ back\tslash\nline \u2028 'DROP' "


def fill(database: Database, rows: int = ROWS) -> None:
    """Put as many rows into each table, whatever its columns."""
    with database.engine.begin() as connection:
        for table in Base.metadata.sorted_tables:
            connection.execute(
                insert(table),
                [{column.name: _value(column, number) for column in table.columns} for number in range(1, rows + 1)],
            )
        if not database.is_sqlite:
            _set_sequences(connection)


def _set_sequences(connection: Connection) -> None:
    for table in Base.metadata.sorted_tables:
        if table.autoincrement_column is not None and not table.autoincrement_column.foreign_keys:
            connection.exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), (SELECT max(id) FROM {table.name}))"
            )


def _value(column: Column[Any], number: int) -> Any:
    if column.nullable and number == ROWS:
        return None
    kind = getattr(column.type, "impl_instance", column.type)
    if isinstance(kind, JSON):
        return {"text": HARD, "n": number, "f": 0.1, "none": None, "list": [1, "\x00"]}
    if isinstance(kind, String):
        is_key = column.primary_key or column.foreign_keys or column.unique
        return (f"k{number}" if is_key else f"{number}{HARD}")[: kind.length]
    plain: dict[type, Any] = {
        int: number,
        bool: number % 2 == 0,
        float: number / 3,
        datetime.datetime: MOMENT + datetime.timedelta(days=number),
        datetime.date: datetime.date(2026, 1, number % 28 + 1),
    }
    return bytes(range(256)) if isinstance(kind, LargeBinary) else plain[kind.python_type]


def everything(database: Database, settings: Settings) -> dict[str, Any]:
    """Every row of every table, and every file; without the lines that backups and restores add to the audit log."""
    with database.engine.connect() as connection:
        found: dict[str, Any] = {
            table.name: [
                {key: _comparable(value) for key, value in row.items()}
                for row in connection.execute(select(table).order_by(*table.primary_key.columns)).mappings()
            ]
            for table in Base.metadata.sorted_tables
        }
    found["events"] = [line for line in found["events"] if not line["action"].startswith("backup.")]
    return {**found, "files": _files(settings.sources_dir), "cases": _files(settings.data_dir, "eval_cases.jsonl")}


def _comparable(value: Any) -> Any:
    if isinstance(value, datetime.datetime):
        return value.replace(tzinfo=value.tzinfo or datetime.UTC).astimezone(datetime.UTC)
    return value


def _files(folder: Path, pattern: str = "**/*") -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.glob(pattern) if path.is_file()}


def write_files(settings: Settings, word: str = "kept") -> None:
    """Documents, their past and their originals, and eval cases."""
    for name in ("verified-7.md", "versions/verified-7/abc.md", "originals/0123abcd", "a name with ü.md"):
        path = settings.sources_dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(f"{word} {name}\n".encode() + bytes(range(256)))
    (settings.data_dir / "eval_cases.jsonl").write_text(f'{{"id": "{word}"}}\n', encoding="utf-8")
