"""`assistant desk backup`, `restore`, `erase`: stopped in the middle, and what they say."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from assistant.database import Answers, Database, audit
from assistant.database.tickets import ContactRow
from assistant.helpdesk import backup
from assistant.people import SYSTEM
from assistant.settings import Settings
from commands import Command
from fakes import ignore, make_answer
from places import environment
from rows import add_ticket

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
def database(chosen: Settings) -> Database:
    return Database(chosen.database)


def stopped(
    chosen: Settings, signal: str, *arguments: str, moment: str = "in the middle"
) -> subprocess.CompletedProcess[str]:
    """A command that is sent that signal when it first tells its progress, or when a restore cannot be undone."""
    return subprocess.run(
        [sys.executable, "-c", STOPPED_AT, *arguments, signal, moment],
        env={**os.environ, **environment(chosen), "ASSISTANT_DATABASE_URL": chosen.database},
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


# -- what is said ------------------------------------------------------------------------------------------------

ADDRESS = "siti@example.com"


def put(database: Database, address: str = ADDRESS) -> int:
    with database.writing() as session:
        ticket = add_ticket(session, "Do I need a Form D?")
        session.add(ContactRow(ticket_id=ticket.id, name="Siti", address=address, consent=True))
        return ticket.id


def test_an_erasure_says_that_backups_still_hold_it(command: Command, database: Database) -> None:
    for address in (ADDRESS, "budi@example.com"):
        put(database, address)
    done = command("desk", "erase", "--address", ADDRESS)
    assert done.code == 0
    assert "of 1 ticket is gone: 1." in done.err
    assert "Backups made before today" in done.err
    done = command("desk", "erase", "2")
    assert done.code == 0
    assert "Backups made before today" in done.err
    with database.reading() as session:
        assert session.scalars(select(ContactRow.ticket_id)).all() == []


def test_an_address_nobody_has_is_found_wanting(command: Command, database: Database) -> None:
    put(database)
    done = command("desk", "erase", "--address", "nobody@example.com")
    assert done.code == 1
    assert "No ticket has the address nobody@example.com: nothing was erased" in done.err
    assert "Backups" not in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--address", "nonsense"), "'nonsense' is no e-mail address"),
        (("--address", ""), "is no e-mail address"),
        (("--address", "%@%"), "is no e-mail address"),
        ((str(2**70),), "NUMBER"),
        (("0",), "NUMBER"),
        (("7",), "no ticket 7"),
        ((), "the number of a ticket"),
        (("1", "--address", ADDRESS), "the number of a ticket"),
    ],
    ids=str,
)
def test_what_cannot_be_erased_is_bad_usage(
    command: Command, database: Database, arguments: tuple[str, ...], said: str
) -> None:
    put(database)
    done = command("desk", "erase", *arguments)
    assert done.code == 2
    assert said in " ".join(done.err.split())
    assert "Traceback" not in done.err


def test_a_backup_and_a_restore_say_what_they_hold_and_what_is_lost(
    command: Command, database: Database, tmp_path: Path
) -> None:
    with database.writing() as session:
        audit.note(session, SYSTEM, "test.done")
    path = str(tmp_path / "desk.zip")
    assert "1 row, " in command("desk", "backup", path).err
    refused = command("desk", "restore", path)
    assert refused.code == 2
    assert "--replace" in refused.err
    done = command("desk", "restore", path, "--replace")
    assert done.code == 0
    assert "arrived since" in done.err
    assert "The server must be stopped first" in done.err
    assert "1 row restored" in done.err
    shown = " ".join(command("desk", "restore", "--help").out.replace("│", " ").split())
    assert "Stop the server first" in shown
    assert "what came since is lost" in shown
