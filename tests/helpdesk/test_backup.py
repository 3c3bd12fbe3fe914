"""Backups of real databases: made, damaged, restored into either kind, and killed in the middle."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from kept import ROWS, everything, fill, write_files
from sqlalchemy import func, insert, inspect, select, text
from sqlalchemy.exc import DatabaseError

from assistant.database import Answers, Base, Database, audit, downgrade
from assistant.database.tickets import CannedRow, TicketRow
from assistant.errors import ConflictError, DataUnavailableError, InputError
from assistant.helpdesk import backup
from assistant.helpdesk.backup.archive import is_safe
from assistant.people import SYSTEM
from assistant.settings import Settings
from fakes import MakeUrl, ignore, make_answer
from places import environment

KINDS = ("sqlite", "postgresql")


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings(data_dir=tmp_path / "data", database_url=database_url)


@pytest.fixture
def full(database: Database, settings: Settings) -> Database:
    """A database with rows in every table, and files beside it."""
    fill(database)
    write_files(settings)
    return database


@pytest.fixture
def made(full: Database, settings: Settings, tmp_path: Path) -> Path:
    path = tmp_path / "backups" / "desk.zip"
    backup.backup(full, settings, path, ignore)
    return path


def elsewhere(url: str, tmp_path: Path) -> tuple[Database, Settings]:
    return Database(url), Settings(data_dir=tmp_path / "elsewhere", database_url=url)


@pytest.mark.parametrize("target", KINDS)
def test_what_is_restored_is_what_was_kept_on_either_kind(
    made: Path, full: Database, settings: Settings, target: str, make_database_url: MakeUrl, tmp_path: Path
) -> None:
    other, its_settings = elsewhere(make_database_url(target), tmp_path)
    rows = backup.restore(other, its_settings, made, ignore)
    kept = everything(full, settings)
    assert everything(other, its_settings) == kept
    assert all(len(kept[table]) == ROWS for table in ("tickets", "answers", "events", "originals", "users"))
    assert rows == ROWS * (len(kept) - 2)
    assert not list(its_settings.data_dir.glob("restore-*"))


def test_backup_wipe_restore_brings_the_same_data(made: Path, full: Database, settings: Settings) -> None:
    before = everything(full, settings)
    with full.writing() as session:
        session.execute(text("DELETE FROM originals"))
        session.execute(text("UPDATE tickets SET question = 'spoilt'"))
    write_files(settings, "spoilt")
    (settings.sources_dir / "added-later.md").write_text("later")
    with pytest.raises(InputError, match=r"kept here already.*tickets.*--replace"):
        backup.restore(full, settings, made, ignore)
    assert everything(full, settings) != before
    backup.restore(full, settings, made, ignore, replace=True)
    assert everything(full, settings) == before


def test_files_alone_are_not_replaced_unasked(made: Path, make_database_url: MakeUrl, tmp_path: Path) -> None:
    other, its_settings = elsewhere(make_database_url("sqlite"), tmp_path)
    write_files(its_settings, "mine")
    with pytest.raises(InputError, match="documents or eval cases"):
        backup.restore(other, its_settings, made, ignore)
    assert (its_settings.data_dir / "eval_cases.jsonl").read_text() == '{"id": "mine"}\n'


def test_after_a_restore_the_audit_log_is_append_only_and_says_what_happened(
    made: Path, full: Database, settings: Settings
) -> None:
    backup.restore(full, settings, made, ignore, replace=True)
    line = audit.latest(full)[0]
    assert (line.action, line.actor) == ("backup.restored", SYSTEM.id)
    for statement in ("UPDATE events SET actor = 'x'", "DELETE FROM events"):
        with pytest.raises(DatabaseError, match="append-only"), full.engine.begin() as connection:
            connection.execute(text(statement))


def test_numbers_go_on_after_the_last_one_also_where_its_row_was_deleted(
    full: Database, settings: Settings, make_database_url: MakeUrl, tmp_path: Path, database_kind: str
) -> None:
    with full.writing() as session:
        ticket = session.get(TicketRow, 1)
        assert ticket is not None
        columns = {key: getattr(ticket, key) for key in set(inspect(TicketRow).columns.keys()) - {"id"}}
        number = session.scalar(insert(TicketRow).values(**columns | {"link": "another"}).returning(TicketRow.id))
        session.execute(text("DELETE FROM tickets WHERE id = :number"), {"number": number})
    backup.backup(full, settings, tmp_path / "desk.zip", ignore)
    for kind in KINDS:
        other, its_settings = elsewhere(make_database_url(kind), tmp_path)
        backup.restore(other, its_settings, tmp_path / "desk.zip", ignore, replace=True)
        with other.writing() as session:
            added = insert(TicketRow).values(**columns | {"link": "another"}).returning(TicketRow.id)
            assert session.scalar(added) == (number or 0) + 1
            paragraph = insert(CannedRow).values(title="t", text="t", language="en").returning(CannedRow.id)
            assert session.scalar(paragraph) == ROWS + 1


def test_an_empty_database_makes_a_backup_too(database: Database, settings: Settings, tmp_path: Path) -> None:
    before = everything(database, settings)
    backup.backup(database, settings, tmp_path / "desk.zip", ignore)
    backup.restore(database, settings, tmp_path / "desk.zip", ignore, replace=True)
    assert everything(database, settings) == {**before, "cases": {"eval_cases.jsonl": b""}}


def test_processes_that_have_the_database_open_go_on_with_what_was_restored(
    made: Path, full: Database, settings: Settings
) -> None:
    other = Database(settings.database)
    for _ in range(8):  # as often as makes psycopg prepare a statement
        assert Answers(other).citing(["k1"]) == ["k1"]
    backup.restore(full, settings, made, ignore, replace=True)
    for _ in range(8):
        assert Answers(other).citing(["k1"]) == ["k1"]
    Answers(other).record(make_answer(id="afterwards"))
    assert Answers(full).find("afterwards") is not None


def test_a_backup_is_one_state_of_a_database_that_is_being_written(
    full: Database, settings: Settings, tmp_path: Path
) -> None:
    def write(_done: int, _total: int) -> None:
        Answers(full).record(make_answer(id=f"meanwhile-{_done}"))

    fill_events(full, 300)
    manifest = backup.backup(full, settings, tmp_path / "desk.zip", write)
    rows = {member.name: member.rows for member in manifest.members}
    assert rows["tables/answers.jsonl"] == rows["tables/citations.jsonl"] == ROWS
    assert len(Answers(full).citing(["sample.1"])) >= 2


def fill_events(database: Database, count: int) -> None:
    with database.writing() as session:
        for number in range(count):
            audit.note(session, SYSTEM, "test.done", number)


def test_it_is_readable_for_its_owner_alone_and_leaves_nothing_beside_it(made: Path) -> None:
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert [path.name for path in made.parent.iterdir()] == ["desk.zip"]


def test_a_backup_that_cannot_be_written_leaves_the_one_before(
    full: Database, settings: Settings, made: Path, tmp_path: Path
) -> None:
    before = made.read_bytes()

    def fail(_done: int, _total: int) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises((DataUnavailableError, OSError), match="No space left"):
        backup.backup(full, settings, made, fail)
    assert made.read_bytes() == before
    assert [path.name for path in made.parent.iterdir()] == ["desk.zip"]
    with pytest.raises(InputError, match="is a folder"):
        backup.backup(full, settings, tmp_path, ignore)
    (tmp_path / "file").touch()
    with pytest.raises(DataUnavailableError, match="cannot be written"):
        backup.backup(full, settings, tmp_path / "file" / "desk.zip", ignore)


# -- files that are not to be believed ---------------------------------------------------------------------------


def changed(path: Path, change: Callable[[dict[str, bytes]], dict[str, bytes]]) -> Path:
    """A copy of the backup with other members."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    copy = path.with_name("changed.zip")
    with zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in change(members).items():
            archive.writestr(name, content)
    return copy


def with_manifest(**fields: object) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    def change(members: dict[str, bytes]) -> dict[str, bytes]:
        manifest = {**json.loads(members["manifest.json"]), **fields}
        return {**members, "manifest.json": json.dumps(manifest).encode()}

    return change


def with_file(name: str, content: bytes) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    """A member more, listed in the manifest as it should be."""
    import hashlib

    def change(members: dict[str, bytes]) -> dict[str, bytes]:
        manifest = json.loads(members["manifest.json"])
        rows = content.count(b"\n") if name.startswith("tables/") else None
        listed = {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest(), "rows": rows}
        manifest["members"] = [each for each in manifest["members"] if each["name"] != name] + [listed]
        return {**members, name: content, "manifest.json": json.dumps(manifest).encode()}

    return change


def without(name: str) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    return lambda members: {each: content for each, content in members.items() if each != name}


def with_content(name: str, content: bytes) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    return lambda members: {**members, name: content}


HOSTILE: dict[str, tuple[Callable[[dict[str, bytes]], dict[str, bytes]], str]] = {
    "foreign": (lambda _: {"holiday.txt": b"beach"}, "no manifest.json"),
    "foreign manifest": (with_manifest(kind="another"), "manifest"),
    "newer format": (with_manifest(format=2), "newer version"),
    "newer tables": (with_manifest(revision="9999"), "newer version"),
    "a table missing": (without("tables/users.jsonl"), "does not hold what its manifest lists"),
    "a file more": (with_content("files/sources/x.md", b"x"), "does not hold what its manifest lists"),
    "a table more": (with_file("tables/gold.jsonl", b"{}\n"), "tables are not those"),
    "a table changed": (with_content("tables/canned.jsonl", b"{}\n"), "another size"),
    "out of its folder": (with_file("files/sources/../../../escaped.md", b"x"), "no name that a backup gives"),
    "absolute": (with_file("/files/sources/escaped.md", b"x"), "no name that a backup gives"),
    "of Windows": (with_file("files/sources/..\\..\\escaped.md", b"x"), "no name that a backup gives"),
    "into the data folder": (with_file("files/assistant.sqlite3", b"x"), "no name that a backup gives"),
    "no JSON": (with_file("tables/canned.jsonl", b"nonsense\n"), "row 1 of canned"),
    "other columns": (with_file("tables/canned.jsonl", b'{"id": 1, "admin": true}\n'), "its columns"),
    "another type": (
        with_file("tables/canned.jsonl", b'{"id": "1", "title": "", "text": "", "language": "", "country": null}\n'),
        "is no int",
    ),
    "a number that is given twice": (
        with_file(
            "tables/canned.jsonl",
            b'{"id": 1, "title": "", "text": "", "language": "", "country": null}\n' * 2,
        ),
        "do not fit",
    ),
    "a row cut off": (with_file("tables/canned.jsonl", b'{"id": 1'), "cut off"),
    "a row without end": (with_file("tables/canned.jsonl", b" " * (20 * 2**20) + b"\n"), "longer than"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_that_is_no_backup_of_ours_changes_nothing(
    made: Path, full: Database, settings: Settings, name: str
) -> None:
    change, message = HOSTILE[name]
    refused_unchanged(full, settings, changed(made, change), message)


def refused_unchanged(database: Database, settings: Settings, path: Path, message: str) -> None:
    before = everything(database, settings)
    with pytest.raises(InputError, match=message):
        backup.restore(database, settings, path, ignore, replace=True)
    assert everything(database, settings) == before
    assert not list(settings.data_dir.glob("restore-*"))
    assert not list(settings.data_dir.parent.rglob("escaped*"))


def test_a_damaged_or_truncated_file_changes_nothing(made: Path, full: Database, settings: Settings) -> None:
    whole = made.read_bytes()
    copy = made.with_name("damaged.zip")
    for cut in (0, 1, 100, len(whole) // 2, len(whole) - 1):
        copy.write_bytes(whole[:cut])
        refused_unchanged(full, settings, copy, "no whole backup")
    with zipfile.ZipFile(made) as archive:
        places = [
            info.header_offset + 60 + len(info.filename) for info in archive.infolist() if info.compress_size > 60
        ]
    assert len(places) > 5
    for place in places:
        copy.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        refused_unchanged(full, settings, copy, "no whole backup")
    with pytest.raises(InputError, match="cannot be read"):
        backup.restore(full, settings, made.with_name("missing.zip"), ignore, replace=True)


def test_what_unpacks_to_more_than_there_is_room_for_is_refused_before_it_is_unpacked(
    made: Path, full: Database, settings: Settings
) -> None:
    def claim(members: dict[str, bytes]) -> dict[str, bytes]:
        manifest = json.loads(members["manifest.json"])
        manifest["members"][0]["size"] = 2**60
        return {**members, "manifest.json": json.dumps(manifest).encode()}

    copy = changed(made, claim)
    raw = copy.read_bytes()
    refused_unchanged(full, settings, copy, "another size")
    assert raw == copy.read_bytes()


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("files/sources/a.md", True),
        ("files/sources/ü ก.md", True),
        ("../a", False),
        ("/a", False),
        ("a//b", False),
        ("a/./b", False),
        ("a/", False),
        ("C:/a", False),
        ("a\\b", False),
        ("a\nb", False),
    ],
)
def test_names_that_leave_their_folder_are_not_safe(name: str, safe: bool) -> None:
    assert is_safe(name) is safe


def test_a_backup_from_before_the_newest_tables_is_brought_up_to_date(
    database: Database, settings: Settings, make_database_url: MakeUrl, tmp_path: Path
) -> None:
    Answers(database).record(make_answer(id="old"))
    backup.backup(database, settings, tmp_path / "new.zip", ignore)
    old = {"answers", "citations", "feedback"}
    newer = {f"tables/{name}.jsonl" for name in Base.metadata.tables if name not in old}

    def age(members: dict[str, bytes]) -> dict[str, bytes]:
        manifest = json.loads(members["manifest.json"])
        manifest["revision"] = "0003"
        manifest["members"] = [each for each in manifest["members"] if each["name"] not in newer]
        kept = {name: content for name, content in members.items() if name not in newer}
        return {**kept, "manifest.json": json.dumps(manifest).encode()}

    other, its_settings = elsewhere(make_database_url("sqlite"), tmp_path)
    backup.restore(other, its_settings, changed(tmp_path / "new.zip", age), ignore)
    assert Answers(other).find("old") == make_answer(id="old")
    assert [line.action for line in audit.latest(other)] == ["backup.restored"]


# -- kills -------------------------------------------------------------------------------------------------------

KILLED_AT = """
import os, signal, sys
from pathlib import Path
from assistant import settings
from assistant.database import Database
from assistant.helpdesk import backup
from assistant.helpdesk.backup import restoring

def kill(*_):
    os.kill(os.getpid(), signal.SIGKILL)

chosen, moment = settings.load(), sys.argv[2]
progress = lambda *_: None
if moment == "filling":
    progress = kill
elif moment == "before the commit":
    restoring._note, note = (lambda *a: (note(*a), kill())), restoring._note
elif moment == "after the commit":
    restoring._move = kill
elif moment == "between two files":
    rename = Path.rename
    def once(self, target):
        rename(self, target)
        kill()
    Path.rename = once
backup.restore(Database(chosen.database), chosen, Path(sys.argv[1]), progress, replace=True)
"""


@pytest.mark.parametrize("moment", ["filling", "before the commit", "after the commit", "between two files"])
def test_a_killed_restore_leaves_all_that_was_there_or_all_that_was_restored(
    made: Path, full: Database, settings: Settings, moment: str
) -> None:
    restored = everything(full, settings)
    with full.writing() as session:
        session.execute(text("UPDATE tickets SET question = 'newer'"))
    write_files(settings, "newer")
    before = everything(full, settings)
    run = subprocess.run(
        [sys.executable, "-c", KILLED_AT, str(made), moment],
        env={**os.environ, **environment(settings), "ASSISTANT_DATABASE_URL": settings.database},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == -signal.SIGKILL, run.stderr
    assert list(settings.data_dir.glob("restore-*"))
    wait_for_end_of_others(full)
    backup.complete(full, settings)
    assert not list(settings.data_dir.glob("restore-*"))
    assert everything(full, settings) == (before if moment in ("filling", "before the commit") else restored)
    backup.restore(full, settings, made, ignore, replace=True)
    assert everything(full, settings) == restored


OTHERS = "datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"


def wait_for_end_of_others(database: Database) -> None:
    """PostgreSQL notices a killed client when it next writes to it."""
    end = time.monotonic() + 20
    while not database.is_sqlite:
        with database.reading() as session:
            others = session.scalar(text(f"SELECT count(*) FROM pg_stat_activity WHERE {OTHERS}"))
        if not others:
            return
        assert time.monotonic() < end
        time.sleep(0.1)


def test_two_restores_at_once_are_refused(made: Path, full: Database, settings: Settings) -> None:
    def again(_done: int, _total: int) -> None:
        with pytest.raises(ConflictError, match="another restore"):
            backup.restore(full, settings, made, ignore, replace=True)

    backup.restore(full, settings, made, again, replace=True)


def test_a_restored_database_may_go_a_step_down(made: Path, full: Database, settings: Settings) -> None:
    backup.restore(full, settings, made, ignore, replace=True)
    downgrade(full.engine, "-1")
    with full.reading() as session:
        assert session.scalar(select(func.count()).select_from(audit.EventRow)) == ROWS + 1
