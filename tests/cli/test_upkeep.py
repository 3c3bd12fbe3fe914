"""`assistant desk backup`, `restore`, `erase`: stopped in the middle, and what they say."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.database import Answers, Database, audit
from assistant.helpdesk import backup
from assistant.people import SYSTEM
from assistant.settings import Settings
from fakes import ignore, make_answer
from places import environment

STOPPED_AT = """
import os, signal, sys
from assistant import cli
from assistant.cli import upkeep
from assistant.helpdesk.backup import restoring

moment, number = sys.argv.pop(), getattr(signal, sys.argv.pop())

def stop(*_):
    os.kill(os.getpid(), number)

if moment == "in the middle":
    upkeep.Bar = type("Bar", (upkeep.Bar,), {"show": stop})
else:
    restoring._move, move = (lambda *a: (stop(), move(*a))), restoring._move
cli.main()
"""
LINES = 150  # more than the rows between two tellings of progress


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    found = Settings(data_dir=tmp_path / "data")
    found.data_dir.mkdir()
    return found


@pytest.fixture
def database(chosen: Settings) -> Database:
    return Database(chosen.database)


def stopped(
    chosen: Settings, signal: str, *arguments: str, moment: str = "in the middle"
) -> subprocess.CompletedProcess[str]:
    """A command that is sent that signal when it first tells its progress, or when a restore cannot be undone."""
    return subprocess.run(
        [sys.executable, "-c", STOPPED_AT, *arguments, signal, moment],
        env={**os.environ, **environment(chosen)},
        capture_output=True,
        text=True,
        check=False,
    )


def write_lines(database: Database, count: int = LINES) -> None:
    with database.writing() as session:
        for number in range(count):
            audit.note(session, SYSTEM, "test.done", number)


@pytest.mark.parametrize("signal", ["SIGINT", "SIGTERM"])
def test_a_backup_that_is_stopped_leaves_nothing(
    chosen: Settings, database: Database, tmp_path: Path, signal: str
) -> None:
    write_lines(database)
    folder = tmp_path / "backups"
    done = stopped(chosen, signal, "desk", "backup", str(folder / "desk.zip"))
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "stopped; nothing was changed\n")
    assert list(folder.iterdir()) == []


def test_what_a_killed_backup_left_goes_with_the_next_one(chosen: Settings, database: Database, tmp_path: Path) -> None:
    write_lines(database)
    folder = tmp_path / "backups"
    folder.mkdir()
    for name in (".desk.zip.tmp", ".hidden"):
        (folder / name).write_text("somebody else's")
    killed = stopped(chosen, "SIGKILL", "desk", "backup", str(folder / "desk.zip"))
    assert killed.returncode < 0
    assert len(list(folder.iterdir())) == 3
    backup.backup(database, chosen, folder / "another.zip", ignore)
    assert sorted(path.name for path in folder.iterdir()) == [".desk.zip.tmp", ".hidden", "another.zip"]


def test_a_backup_that_is_being_written_is_not_taken_for_a_left_one(
    chosen: Settings, database: Database, tmp_path: Path
) -> None:
    write_lines(database)
    meanwhile = [tmp_path / "inner.zip"]

    def another(_done: int, _total: int) -> None:
        if meanwhile:
            backup.backup(database, chosen, meanwhile.pop(), ignore)

    backup.backup(database, chosen, tmp_path / "outer.zip", another)
    assert meanwhile == []
    assert sorted(path.name for path in tmp_path.glob("*.zip")) == ["inner.zip", "outer.zip"]


@pytest.mark.parametrize("signal", ["SIGINT", "SIGTERM"])
def test_a_restore_that_is_stopped_changes_nothing(
    chosen: Settings, database: Database, tmp_path: Path, signal: str
) -> None:
    write_lines(database)
    backup.backup(database, chosen, tmp_path / "desk.zip", ignore)
    Answers(database).record(make_answer(id="newer"))
    lines = audit.latest(database)
    done = stopped(chosen, signal, "desk", "restore", str(tmp_path / "desk.zip"), "--replace")
    assert done.returncode == 130
    assert done.stderr.splitlines()[-1] == "stopped; nothing was changed"
    assert Answers(database).find("newer") is not None
    assert audit.latest(database) == lines
    assert not list(chosen.data_dir.glob("restore-*"))


@pytest.mark.parametrize("signal", ["SIGINT", "SIGTERM"])
def test_a_restore_that_can_no_longer_be_undone_comes_to_its_end(
    chosen: Settings, database: Database, tmp_path: Path, signal: str
) -> None:
    cases = chosen.data_dir / "eval_cases.jsonl"
    cases.write_text("kept")
    backup.backup(database, chosen, tmp_path / "desk.zip", ignore)
    cases.write_text("newer")
    restore = ("desk", "restore", str(tmp_path / "desk.zip"), "--replace")
    done = stopped(chosen, signal, *restore, moment="at the end")
    assert done.returncode == 0
    assert "restored from" in done.stderr
    assert cases.read_text() == "kept"
