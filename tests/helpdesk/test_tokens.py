"""API tokens: shown once, kept as hashes, good until they expire or are revoked."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from assistant.database import Database, audit
from assistant.errors import NotFoundError, RefusedError, UnknownCallerError
from assistant.helpdesk.tokens import Tokens
from assistant.people import SYSTEM, Caller, NewToken
from officers import Clock, database_in

LEAD = Caller(id="lead", name="Ms Lead", role="lead")
MAILER = NewToken(name="Mail gateway", role="intake")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return database_in(tmp_path)


@pytest.fixture
def tokens(database: Database, clock: Clock) -> Tokens:
    return Tokens(database, clock)


def test_a_program_is_known_by_its_token(tokens: Tokens) -> None:
    secret, token = tokens.add(MAILER, SYSTEM)
    assert tokens.caller_of(secret) == Caller(id=token.id, name="Mail gateway", role="intake", kind="token")


def test_only_the_hash_is_kept(tokens: Tokens, tmp_path: Path) -> None:
    secret, _ = tokens.add(MAILER, SYSTEM)
    assert len(secret) >= len("desk_") + 43
    with closing(sqlite3.connect(tmp_path / "helpdesk.sqlite3")) as raw:
        dump = "\n".join(raw.iterdump())
        (kept,) = raw.execute("SELECT hash FROM tokens").fetchone()
    assert secret not in dump
    with pytest.raises(UnknownCallerError):
        tokens.caller_of(kept)


@pytest.mark.parametrize("secret", ["", "desk_", "desk_nobody", "ü", "x" * 10_000])
def test_a_forged_token_is_nobodys(tokens: Tokens, secret: str) -> None:
    tokens.add(MAILER, SYSTEM)
    with pytest.raises(UnknownCallerError, match="ask an administrator"):
        tokens.caller_of(secret)


def test_a_revoked_token_is_of_no_use_at_once(tokens: Tokens, database: Database, clock: Clock) -> None:
    secret, token = tokens.add(MAILER, SYSTEM)
    tokens.caller_of(secret)
    tokens.revoke(token.id, SYSTEM)
    with pytest.raises(UnknownCallerError, match="revoked"):
        tokens.caller_of(secret)
    revoked = tokens.list(SYSTEM)
    clock.passes(days=1)
    tokens.revoke(token.id, SYSTEM)
    assert tokens.list(SYSTEM) == revoked
    assert [event.action for event in audit.latest(database)] == ["token.revoked", "token.added"]


def test_a_token_expires(tokens: Tokens, clock: Clock) -> None:
    secret, _ = tokens.add(NewToken(name="For a month", role="intake", days=30), SYSTEM)
    clock.passes(days=30, seconds=-1)
    tokens.caller_of(secret)
    clock.passes(seconds=1)
    with pytest.raises(UnknownCallerError, match="expired"):
        tokens.caller_of(secret)


def test_the_last_use_is_written_down_once_a_minute(tokens: Tokens, clock: Clock) -> None:
    secret, _ = tokens.add(MAILER, SYSTEM)
    assert [token.last_used_at for token in tokens.list(SYSTEM)] == [None]
    first = clock()
    for _ in range(3):
        tokens.caller_of(secret)
        clock.passes(seconds=29)
    assert [token.last_used_at for token in tokens.list(SYSTEM)] == [first]
    tokens.caller_of(secret)
    assert [token.last_used_at for token in tokens.list(SYSTEM)] == [clock()]


def test_only_an_administrator_looks_after_tokens(tokens: Tokens) -> None:
    _, token = tokens.add(MAILER, SYSTEM)
    for attempt in (
        lambda: tokens.add(MAILER, LEAD),
        lambda: tokens.list(LEAD),
        lambda: tokens.revoke(token.id, LEAD),
    ):
        with pytest.raises(RefusedError, match="administer"):
            attempt()
    assert tokens.list(SYSTEM) == (token,)


def test_a_token_that_is_not_there_cannot_be_revoked(tokens: Tokens) -> None:
    with pytest.raises(NotFoundError, match="no token 'none'"):
        tokens.revoke("none", SYSTEM)
