"""People sign in, stay signed in for a while, and are kept out when they should be."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from assistant.database import Database, audit
from assistant.database.accounts import SessionRow, UserRow
from assistant.errors import ConflictError, InputError, NotFoundError, RefusedError, TooOftenError, UnknownCallerError
from assistant.helpdesk.accounts import FAILURES, IDLE, LOCKED, LONGEST, WRONG, Accounts, network_of
from assistant.helpdesk.passwords import Passwords
from assistant.people import SYSTEM, Caller, Identity, NewUser, UserChange
from officers import PASSWORD, Clock, accounts_on, add, database_in

LEAD = Caller(id="lead", name="Ms Lead", role="lead")
OTHER_PASSWORD = "seven blue lanterns drift"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return database_in(tmp_path)


@pytest.fixture
def accounts(database: Database, clock: Clock) -> Accounts:
    return accounts_on(database, clock)


def refused(accounts: Accounts, email: str, password: str, address: str = "") -> str:
    with pytest.raises(UnknownCallerError) as refusal:
        accounts.sign_in(email, password, address)
    return str(refusal.value)


def noted(database: Database, action: str) -> list[dict[str, object]]:
    return [event.detail for event in audit.latest(database, action=action)]


# -- signing in and out


def test_a_person_signs_in_and_out(accounts: Accounts) -> None:
    user = add(accounts, "lead")
    cookie, session = accounts.sign_in(" Lead@Desk.Example.ORG ", PASSWORD)
    assert session.user == user
    assert accounts.session(cookie) == session
    assert accounts.session(cookie).user.caller == Caller(id=user.id, name="Ms Lead", role="lead")
    accounts.sign_out(cookie)
    with pytest.raises(UnknownCallerError, match="sign in again"):
        accounts.session(cookie)
    accounts.sign_out(cookie)


def test_two_sessions_share_nothing(accounts: Accounts) -> None:
    add(accounts)
    (first, one), (second, two) = (accounts.sign_in("officer@desk.example.org", PASSWORD) for _ in range(2))
    assert first != second
    assert one.csrf != two.csrf
    accounts.sign_out(first)
    assert accounts.session(second) == two


def test_secrets_have_256_bits_and_only_their_hashes_are_kept(accounts: Accounts, tmp_path: Path) -> None:
    add(accounts)
    cookie, _ = accounts.sign_in("officer@desk.example.org", PASSWORD)
    assert len(cookie) >= 43  # in base 64
    with closing(sqlite3.connect(tmp_path / "helpdesk.sqlite3")) as raw:
        dump = "\n".join(raw.iterdump())
    assert "$argon2id$" in dump
    assert cookie not in dump
    assert PASSWORD not in dump


@pytest.mark.parametrize("cookie", ["", "x", "ü", "' OR 1=1 --", "a" * 5_000])
def test_a_forged_cookie_is_nobodys(accounts: Accounts, cookie: str) -> None:
    add(accounts)
    accounts.sign_in("officer@desk.example.org", PASSWORD)
    with pytest.raises(UnknownCallerError, match="sign in again"):
        accounts.session(cookie)


def test_the_hash_of_a_cookie_is_no_cookie(accounts: Accounts, database: Database) -> None:
    add(accounts)
    accounts.sign_in("officer@desk.example.org", PASSWORD)
    with database.reading() as session:
        key = session.scalars(select(SessionRow.id)).one()
    with pytest.raises(UnknownCallerError):
        accounts.session(key)


def test_a_session_that_nobody_uses_ends(accounts: Accounts, clock: Clock) -> None:
    add(accounts)
    cookie, _ = accounts.sign_in("officer@desk.example.org", PASSWORD)
    for _ in range(5):
        clock.passes(seconds=IDLE.total_seconds() - 1)
        accounts.session(cookie)
    clock.passes(seconds=IDLE.total_seconds())
    with pytest.raises(UnknownCallerError):
        accounts.session(cookie)


def test_a_session_that_is_used_ends_too(accounts: Accounts, clock: Clock) -> None:
    add(accounts)
    cookie, session = accounts.sign_in("officer@desk.example.org", PASSWORD)
    start = clock()
    while clock() + IDLE / 2 < start + LONGEST:
        clock.passes(seconds=IDLE.total_seconds() / 2)
        session = accounts.session(cookie)
    assert session.expires_at <= start + LONGEST
    clock.passes(seconds=IDLE.total_seconds() / 2)
    with pytest.raises(UnknownCallerError):
        accounts.session(cookie)


def test_sessions_that_ended_are_cleared_away(accounts: Accounts, database: Database, clock: Clock) -> None:
    add(accounts)
    for _ in range(3):
        accounts.sign_in("officer@desk.example.org", PASSWORD)
        clock.passes(seconds=IDLE.total_seconds())
    with database.reading() as session:
        assert len(session.scalars(select(SessionRow)).all()) == 1


# -- who may not come in


def test_nobody_learns_why_they_may_not_come_in(accounts: Accounts) -> None:
    add(accounts, "admin")
    add(accounts, "officer")
    gone = add(accounts, "lead")
    accounts.change_user(gone.id, UserChange(active=False), SYSTEM)
    add(accounts, "read-only", password=None)
    told = {
        refused(accounts, "nobody@desk.example.org", PASSWORD),
        refused(accounts, "officer@desk.example.org", "wrong"),
        refused(accounts, gone.email, PASSWORD),
        refused(accounts, "read-only@desk.example.org", ""),
        refused(accounts, "nul\x00@desk.example.org", PASSWORD),
        refused(accounts, "", ""),
    }
    assert told == {WRONG}


class CountingHasher(PasswordHasher):
    """Counts the hashes that it compares a password with, which is what takes time."""

    compared = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002 (as the library calls it)
        self.compared += 1
        return super().verify(hash, password)


@pytest.mark.parametrize("name", ["officer", "nobody", "read-only", "away"])
def test_a_refusal_costs_the_same_for_everybody(database: Database, name: str) -> None:
    hasher = CountingHasher(time_cost=1, memory_cost=8, parallelism=1)
    accounts = Accounts(database, Passwords(hasher))
    add(accounts)
    add(accounts, "read-only", password=None)
    away = add(accounts, "lead", name="Ms Away")
    accounts.change_user(away.id, UserChange(active=False), SYSTEM)
    refused(accounts, f"{name}@desk.example.org", "wrong password")
    assert hasher.compared == 1


def test_five_wrong_passwords_lock_an_account_for_a_while(accounts: Accounts, database: Database, clock: Clock) -> None:
    user = add(accounts)
    for _ in range(FAILURES):
        assert refused(accounts, user.email, "wrong") == WRONG
    assert refused(accounts, user.email, PASSWORD) == WRONG
    clock.passes(seconds=LOCKED.total_seconds() - 1)
    assert refused(accounts, user.email, PASSWORD) == WRONG
    clock.passes(seconds=1)
    accounts.sign_in(user.email, PASSWORD)
    assert noted(database, "user.locked") == [{"user": user.id}]


def test_a_lock_that_ended_gives_five_more(accounts: Accounts, clock: Clock) -> None:
    user = add(accounts)
    for _ in range(FAILURES):
        refused(accounts, user.email, "wrong")
    clock.passes(seconds=LOCKED.total_seconds())
    for _ in range(FAILURES - 1):
        refused(accounts, user.email, "wrong")
    accounts.sign_in(user.email, PASSWORD)
    for _ in range(FAILURES - 1):  # a right one in between begins the count anew
        refused(accounts, user.email, "wrong")
    accounts.sign_in(user.email, PASSWORD)


def test_guesses_at_the_same_moment_are_counted_all(accounts: Accounts, database: Database) -> None:
    user = add(accounts)
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda guess: refused(accounts, user.email, f"wrong {guess}"), range(12)))
    assert len([detail for detail in noted(database, "session.refused") if detail["reason"] == "password"]) == FAILURES
    assert refused(accounts, user.email, PASSWORD) == WRONG


def test_guessing_over_many_accounts_from_one_address_is_stopped(accounts: Accounts) -> None:
    user = add(accounts)
    for guess in range(30):
        refused(accounts, f"person{guess}@desk.example.org", PASSWORD, f"2001:db8::{guess}")
    with pytest.raises(TooOftenError, match="wait"):
        accounts.sign_in(user.email, PASSWORD, "2001:db8::ffff")
    accounts.sign_in(user.email, PASSWORD, "192.0.2.7")


def test_signing_in_rightly_is_not_counted_against_an_address(accounts: Accounts) -> None:
    user = add(accounts)
    for _ in range(40):
        accounts.sign_in(user.email, PASSWORD, "192.0.2.7")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("testclient", "unknown"),
        ("", "unknown"),
    ],
)
def test_an_address_counts_with_its_network(address: str, network: str) -> None:
    assert network_of(address) == network


def test_what_is_noted_names_no_secret_and_nobody_unknown(accounts: Accounts, database: Database) -> None:
    user = add(accounts)
    refused(accounts, "victim@elsewhere.example.org", "typed by mistake")
    refused(accounts, user.email, "typed by mistake")
    cookie, _ = accounts.sign_in(user.email, PASSWORD)
    accounts.sign_out(cookie)
    events = audit.latest(database)
    assert [event.action for event in reversed(events)] == [
        "user.added",
        "session.refused",
        "session.refused",
        "session.started",
        "session.ended",
    ]
    assert noted(database, "session.refused") == [
        {"user": user.id, "reason": "password"},
        {"user": None, "reason": "unknown"},
    ]
    assert events[0].actor == user.id
    said = " ".join(event.model_dump_json() for event in events)
    for secret in ("elsewhere", "typed by mistake", PASSWORD, cookie, user.email):
        assert secret not in said


def test_a_hash_of_older_parameters_is_made_anew(accounts: Accounts, database: Database, clock: Clock) -> None:
    user = add(accounts)
    stronger = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    Accounts(database, Passwords(stronger), clock).sign_in(user.email, PASSWORD)
    with database.reading() as session:
        kept = session.get_one(UserRow, user.id).password
    assert kept is not None
    assert not stronger.check_needs_rehash(kept)
    Accounts(database, Passwords(stronger), clock).sign_in(user.email, PASSWORD)


# -- people


def test_people_are_added_and_listed(accounts: Accounts) -> None:
    one, two = add(accounts, "officer", "Zeta Tan"), add(accounts, "lead", "Ana Cruz", password=None)
    assert accounts.users(SYSTEM) == (two, one)
    assert (one.has_password, two.has_password) == (True, False)
    assert accounts.find_user(" TAN@desk.example.org", SYSTEM) == one
    with pytest.raises(NotFoundError, match="nobody@"):
        accounts.find_user("nobody@desk.example.org", SYSTEM)


def test_an_address_has_one_account(accounts: Accounts) -> None:
    add(accounts)
    with pytest.raises(ConflictError, match="has an account already"):
        accounts.add_user(NewUser(email="Officer@desk.example.org", name="Another", role="admin"), SYSTEM)
    assert len(accounts.users(SYSTEM)) == 1


def test_an_address_that_two_add_at_once_has_one_account(accounts: Accounts) -> None:
    outcomes: list[str] = []

    def try_to_add(_: int) -> None:
        try:
            outcomes.append(add(accounts, password=None).role)
        except ConflictError:
            outcomes.append("refused")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(try_to_add, range(4)))
    assert sorted(outcomes) == ["officer", "refused", "refused", "refused"]


def test_only_an_administrator_looks_after_people(accounts: Accounts) -> None:
    user = add(accounts)
    for attempt in (
        lambda: accounts.users(LEAD),
        lambda: accounts.find_user(user.email, LEAD),
        lambda: accounts.add_user(NewUser(email="a@b.org", name="A", role="admin"), LEAD),
        lambda: accounts.change_user(user.id, UserChange(role="admin"), LEAD),
        lambda: accounts.sign_out_everywhere(user.id, LEAD),
    ):
        with pytest.raises(RefusedError, match="administer"):
            attempt()
    assert [known.role for known in accounts.users(SYSTEM)] == ["officer"]


@pytest.mark.parametrize(
    ("change", "ends"),
    [
        (UserChange(role="lead"), True),
        (UserChange(role="officer"), False),
        (UserChange(password=OTHER_PASSWORD), True),
        (UserChange(active=False), True),
        (UserChange(name="Somebody Else"), False),
    ],
    ids=str,
)
def test_a_new_role_or_password_and_deactivation_end_sessions(
    accounts: Accounts, change: UserChange, *, ends: bool
) -> None:
    user, other = add(accounts), add(accounts, "lead")
    cookies = [accounts.sign_in(user.email, PASSWORD)[0] for _ in range(2)]
    others, _ = accounts.sign_in(other.email, PASSWORD)
    accounts.change_user(user.id, change, SYSTEM)
    for cookie in cookies:
        if ends:
            with pytest.raises(UnknownCallerError):
                accounts.session(cookie)
        else:
            assert accounts.session(cookie).user.id == user.id
    assert accounts.session(others).user == other


def test_everybody_may_end_their_own_sessions(accounts: Accounts) -> None:
    user = add(accounts)
    cookies = [accounts.sign_in(user.email, PASSWORD)[0] for _ in range(2)]
    accounts.sign_out_everywhere(user.id, user.caller)
    for cookie in cookies:
        with pytest.raises(UnknownCallerError):
            accounts.session(cookie)


def test_a_new_password_counts_and_the_old_one_no_more(accounts: Accounts) -> None:
    user = add(accounts)
    for _ in range(FAILURES):
        refused(accounts, user.email, "wrong")
    accounts.change_user(user.id, UserChange(password=OTHER_PASSWORD), SYSTEM)
    refused(accounts, user.email, PASSWORD)
    accounts.sign_in(user.email, OTHER_PASSWORD)


def test_what_was_changed_is_noted_without_what_it_was_changed_to(accounts: Accounts, database: Database) -> None:
    user = add(accounts)
    accounts.change_user(user.id, UserChange(name="New Name", role="lead", password=OTHER_PASSWORD), SYSTEM)
    accounts.change_user(user.id, UserChange(name="New Name", role="lead"), SYSTEM)
    assert noted(database, "user.changed") == [
        {"user": user.id, "changed": ["name", "role", "password"], "role": "lead"}
    ]


def test_the_last_active_administrator_stays(accounts: Accounts) -> None:
    one = add(accounts, "admin", "First Admin")
    for change in (UserChange(role="lead"), UserChange(active=False)):
        with pytest.raises(ConflictError, match="last active administrator"):
            accounts.change_user(one.id, change, SYSTEM)
    two = add(accounts, "admin", "Second Chief")
    accounts.change_user(two.id, UserChange(active=False), SYSTEM)
    with pytest.raises(ConflictError, match="last active administrator"):
        accounts.change_user(one.id, UserChange(role="lead"), SYSTEM)
    accounts.change_user(two.id, UserChange(active=True), SYSTEM)
    assert accounts.change_user(one.id, UserChange(role="lead"), SYSTEM).role == "lead"


def test_two_administrators_cannot_go_at_once(accounts: Accounts) -> None:
    both = [add(accounts, "admin", "First Admin"), add(accounts, "admin", "Second Chief")]
    ready = threading.Barrier(2)

    def go(user_id: str) -> bool:
        ready.wait()
        try:
            accounts.change_user(user_id, UserChange(active=False), SYSTEM)
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(go, [user.id for user in both])) == [False, True]


def test_a_person_who_is_not_there_cannot_be_changed(accounts: Accounts) -> None:
    with pytest.raises(NotFoundError, match="no user 'nobody'"):
        accounts.change_user("nobody", UserChange(name="A"), SYSTEM)


def test_an_easily_guessed_password_is_refused_and_changes_nothing(accounts: Accounts) -> None:
    user = add(accounts)
    with pytest.raises(InputError, match="easily guessed"):
        accounts.change_user(user.id, UserChange(role="admin", password="Officer-2026!!"), SYSTEM)
    with pytest.raises(InputError, match="easily guessed"):
        accounts.add_user(NewUser(email="a@b.org", name="A", role="lead", password="Password1234"), SYSTEM)
    assert accounts.users(SYSTEM) == (user,)
    accounts.sign_in(user.email, PASSWORD)


# -- through the identity provider


def test_an_identity_comes_in_by_its_verified_address(accounts: Accounts, database: Database) -> None:
    user = add(accounts, password=None)
    cookie, session = accounts.sign_in_as(Identity(subject="s1", email="OFFICER@desk.example.org"))
    assert session.user == user
    assert accounts.session(cookie) == session
    assert noted(database, "session.started") == [{"way": "identity provider"}]


def test_an_account_belongs_to_the_identity_that_came_first(accounts: Accounts, database: Database) -> None:
    user = add(accounts)
    accounts.sign_in_as(Identity(subject="s1", email=user.email))
    with pytest.raises(UnknownCallerError, match="no active account"):
        accounts.sign_in_as(Identity(subject="s2", email=user.email))
    accounts.sign_in_as(Identity(subject="s1", email=user.email))
    assert noted(database, "session.refused") == [{"user": user.id, "reason": "another identity"}]


def test_identities_without_an_active_account_stay_out(accounts: Accounts) -> None:
    user = add(accounts)
    accounts.change_user(user.id, UserChange(active=False), SYSTEM)
    for email in (user.email, "nobody@desk.example.org"):
        with pytest.raises(UnknownCallerError, match="no active account"):
            accounts.sign_in_as(Identity(subject="s1", email=email))


def test_deactivation_lets_go_of_the_identity(accounts: Accounts) -> None:
    user = add(accounts)
    accounts.sign_in_as(Identity(subject="s1", email=user.email))
    for active in (False, True):
        accounts.change_user(user.id, UserChange(active=active), SYSTEM)
    _, session = accounts.sign_in_as(Identity(subject="s2", email=user.email))
    assert session.user.id == user.id
