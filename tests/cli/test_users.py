"""`assistant users …` and `assistant desk tokens …`: people and tokens from the command line."""

import json
import os
import pty
import select
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from assistant.errors import UnknownCallerError
from assistant.helpdesk.accounts import Accounts
from commands import Command
from officers import PASSWORD, database_in

EMAIL = "siti@desk.example.org"
ADD = ("users", "add", EMAIL, "--name", "Siti Rahman", "--role", "admin")


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    """The accounts that the commands work on, as the server sees them."""
    return Accounts(database_in(tmp_path))


def test_a_person_is_added_with_a_piped_password_and_signs_in(command: Command, accounts: Accounts) -> None:
    done = command(*ADD, "--password-stdin", stdin=f"{PASSWORD}\n")
    assert (done.code, done.out) == (0, "")
    assert EMAIL in done.err
    assert PASSWORD not in done.err
    _, session = accounts.sign_in(EMAIL, PASSWORD)
    assert (session.user.name, session.user.role) == ("Siti Rahman", "admin")


def test_a_password_is_asked_for_twice_and_not_shown(tmp_path: Path, accounts: Accounts) -> None:
    """In a process of its own, at a terminal."""
    mine, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "assistant", *ADD],
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        env={**os.environ, "ASSISTANT_DATABASE_URL": f"sqlite:///{tmp_path / 'helpdesk.sqlite3'}"},
    )  # fmt: skip
    os.close(theirs)
    shown = ""
    for prompt in ("Password", "The same again"):
        while prompt not in shown:
            assert select.select([mine], [], [], 60)[0], shown
            shown += os.read(mine, 1_000).decode()
        while termios.tcgetattr(mine)[3] & termios.ECHO:  # what is typed before is thrown away
            assert process.poll() is None, shown
            time.sleep(0.01)
        os.write(mine, f"{PASSWORD}\n".encode())
    assert process.wait(60) == 0
    shown += os.read(mine, 1_000).decode()
    os.close(mine)
    assert PASSWORD not in shown
    accounts.sign_in(EMAIL, PASSWORD)


@pytest.mark.parametrize(
    ("arguments", "stdin", "said"),
    [
        ((*ADD, "--password-stdin"), "short\n", "at least 12"),
        ((*ADD, "--password-stdin"), "", "at least 12"),
        ((*ADD, "--password-stdin"), b"gr\xfcne kettle moves slowly\n", "not in UTF-8"),
        (ADD, f"{PASSWORD}\n{PASSWORD}\n", "--password-stdin"),
        ((*ADD, "--password-stdin"), "Siti.Rahman-2026\n", "easily guessed"),
        ((*ADD, "--password-stdin", "--no-password"), "", "exclude each other"),
        (("users", "add", "siti", "--name", "Siti", "--role", "lead"), "", "no e-mail address"),
        (("users", "add", EMAIL, "--name", " ", "--role", "lead"), "", "name"),
        (("users", "add", EMAIL, "--name", "Siti", "--role", "boss"), "", "--role"),
        (("users", "add", EMAIL, "--name", "Siti"), "", "--role"),
        (("users", "set", EMAIL), "", "nothing to change"),
        (("users", "set", EMAIL, "--role", "lead"), "", "has no account"),
        (("desk", "tokens", "add", "--name", "Mail", "--role", "boss"), "", "--role"),
        (("desk", "tokens", "add", "--name", "Mail", "--role", "intake", "--days", "0"), "", "days"),
        (("desk", "tokens", "revoke", "none"), "", "no token 'none'"),
    ],
    ids=str,
)
def test_bad_usage_is_explained_with_exit_2(
    command: Command, arguments: tuple[str, ...], stdin: str | bytes, said: str
) -> None:
    done = command(*arguments, stdin=stdin)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert "Traceback" not in done.err
    assert json.loads(command("users", "list", "--json").out) == []


def test_people_are_listed(command: Command) -> None:
    command(*ADD, "--no-password")
    (user,) = json.loads(command("users", "list", "--json").out)
    assert (user["email"], user["role"], user["active"], user["has_password"]) == (EMAIL, "admin", True, False)
    line = command("users", "list").out
    for part in (EMAIL, "admin", "active", "Siti Rahman"):
        assert part in line


def test_an_account_that_guessing_has_locked_is_listed_as_locked(command: Command, accounts: Accounts) -> None:
    command(*ADD, "--password-stdin", stdin=f"{PASSWORD}\n")
    for _ in range(5):
        with pytest.raises(UnknownCallerError):
            accounts.sign_in(EMAIL, "a wrong password")
    (user,) = json.loads(command("users", "list", "--json").out)
    until = f"locked until {user['locked_until'][:16].replace('T', ' ')} UTC"
    assert until in command("users", "list").out
    assert until in command("users", "set", EMAIL, "--name", "Siti R.").err
    assert "active" in command("users", "set", EMAIL, "--active").err
    assert "locked" not in command("users", "list").out


def test_nobody_and_nothing_is_said_so(command: Command) -> None:
    for arguments, said in ((("users", "list"), "no accounts yet"), (("desk", "tokens", "list"), "no tokens yet")):
        done = command(*arguments)
        assert (done.code, done.out) == (0, "")
        assert said in done.err
        assert command(*arguments, "--json").out == "[]\n"


def test_a_person_is_changed(command: Command, accounts: Accounts) -> None:
    command(*ADD, "--password-stdin", stdin=f"{PASSWORD}\n")
    command("users", "add", "other@desk.example.org", "--name", "Other", "--role", "admin", "--no-password")
    cookie, _ = accounts.sign_in(EMAIL, PASSWORD)
    done = command("users", "set", EMAIL, "--role", "officer", "--name", "Siti R.")
    assert (done.code, done.out) == (0, "")
    assert "Siti R., officer, active" in done.err
    with pytest.raises(UnknownCallerError):
        accounts.session(cookie)
    command("users", "set", EMAIL, "--inactive")
    with pytest.raises(UnknownCallerError):
        accounts.sign_in(EMAIL, PASSWORD)
    command("users", "set", EMAIL, "--active", "--password-stdin", stdin="seven blue lanterns drift\n")
    accounts.sign_in(EMAIL, "seven blue lanterns drift")


def test_the_last_administrator_cannot_lock_everybody_out(command: Command) -> None:
    command(*ADD, "--no-password")
    for arguments in (("--inactive",), ("--role", "lead")):
        done = command("users", "set", EMAIL, *arguments)
        assert done.code == 2
        assert "last active administrator" in done.err


def test_a_person_is_added_once(command: Command) -> None:
    command(*ADD, "--no-password")
    done = command(*ADD, "--no-password")
    assert done.code == 2
    assert "has an account already" in done.err


def test_a_token_alone_is_on_stdout_and_is_listed_without_it(command: Command, accounts: Accounts) -> None:
    made = command("desk", "tokens", "add", "--name", "Mail gateway", "--role", "intake", "--days", "90")
    secret = made.out.strip()
    assert made.code == 0
    assert made.out == f"{secret}\n"
    assert secret not in made.err
    assert accounts.tokens.caller_of(secret).role == "intake"
    (token,) = json.loads(command("desk", "tokens", "list", "--json").out)
    assert secret not in str(token)
    assert token["id"] in made.err
    listed = command("desk", "tokens", "list").out
    for part in (token["id"], "intake", "Mail gateway", token["expires_at"][:10]):
        assert part in listed
    done = command("desk", "tokens", "revoke", token["id"])
    assert done.code == 0
    assert "revoked" in command("desk", "tokens", "list").out
    with pytest.raises(UnknownCallerError):
        accounts.tokens.caller_of(secret)
