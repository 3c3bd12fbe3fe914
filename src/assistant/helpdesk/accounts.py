"""People with accounts, and who of them is signed in."""

import datetime
import hmac
import ipaddress
import secrets
import uuid
from collections.abc import Callable

import limits
from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as Transaction

from assistant.database import Database, audit, now
from assistant.database.accounts import SessionRow, UserRow
from assistant.errors import ConflictError, NotFoundError, TooOftenError, UnknownCallerError
from assistant.helpdesk import passwords
from assistant.helpdesk.passwords import Passwords
from assistant.helpdesk.tokens import NOTED_EVERY, SECRET_BYTES, Tokens
from assistant.helpdesk.work import hashed
from assistant.people import SYSTEM, Caller, Identity, NewUser, Session, User, UserChange

IDLE = datetime.timedelta(hours=1)  # a session nobody uses ends
LONGEST = datetime.timedelta(hours=12)  # every session ends: a working day
FAILURES = 5  # wrong passwords in a row that lock an account
LOCKED = datetime.timedelta(minutes=15)
FAILURES_OF_ADDRESS = limits.parse("30/15minutes")  # wrong passwords from one network, for whatever accounts
NETWORK_BITS = 64  # of an IPv6 address; whoever has one has them all

WRONG = (
    "the e-mail address or the password is not right, or there were too many wrong ones: "
    f"after {FAILURES} an account rests for {LOCKED.seconds // 60} minutes"
)
SIGN_IN_AGAIN = "the session has ended: sign in again"
UNKNOWN_IDENTITY = "no active account here belongs to whom the identity provider names: ask an administrator for one"

Clock = Callable[[], datetime.datetime]


class Accounts:
    """People and their sessions in the database; `tokens` are those of programs. Safe to share by threads."""

    def __init__(self, database: Database, passwords: Passwords | None = None, clock: Clock = now) -> None:
        self._database = database
        self._passwords = passwords or Passwords()
        self._now = clock
        self.tokens = Tokens(database, clock)
        self._failed = limits.strategies.MovingWindowRateLimiter(limits.storage.MemoryStorage())

    # -- people ------------------------------------------------------------------------------------------------------

    def add_user(self, new: NewUser, caller: Caller) -> User:
        """Add a person.

        Raises:
            InputError: the password is easily guessed.
            ConflictError: the e-mail address has an account already.
        """
        caller.need("administer")
        if new.password is not None:
            passwords.check(new.password, new.email, new.name)
        row = UserRow(
            id=uuid.uuid4().hex,
            email=new.email,
            name=new.name,
            role=new.role,
            password=self._passwords.hash(new.password) if new.password is not None else None,
            active=True,
            created_at=self._now(),
        )
        with self._database.writing() as session:
            session.add(row)
            try:
                session.flush()
            except IntegrityError:
                raise ConflictError(f"{new.email} has an account already: change that one") from None
            audit.note(session, caller, "user.added", user=row.id, role=row.role)
            return _user(row)

    def users(self, caller: Caller) -> tuple[User, ...]:
        """Everybody who has or had an account, by name."""
        caller.need("administer")
        with self._database.reading() as session:
            return tuple(_user(row) for row in session.scalars(select(UserRow).order_by(UserRow.name, UserRow.email)))

    def find_user(self, email: str, caller: Caller) -> User:
        """The person with that e-mail address. Raises NotFoundError."""
        caller.need("administer")
        with self._database.reading() as session:
            row = session.scalar(select(UserRow).where(UserRow.email == email.strip().casefold()))
            if row is None:
                raise NotFoundError(f"{email} has no account: add it with `assistant users add`")
            return _user(row)

    def change_user(self, user_id: str, change: UserChange, caller: Caller) -> User:
        """Change a person. A new role or password, and deactivation, end their sessions.

        A new password and activation end a lock-out; deactivation lets go of the identity at the provider.

        Raises:
            NotFoundError: there is no such person.
            InputError: the password is easily guessed.
            ConflictError: they are the last active administrator.
        """
        caller.need("administer")
        kept = self._passwords.hash(change.password) if change.password is not None else None
        with self._database.writing() as session:
            row = session.get(UserRow, user_id, with_for_update=True)
            if row is None:
                raise NotFoundError(f"there is no user {user_id!r}")
            if change.password is not None:
                passwords.check(change.password, row.email, change.name or row.name)
            if change.role not in (None, "admin") or change.active is False:
                _keep_an_administrator(session, row)
            changed = _apply(row, change, kept)
            if {"role", "password", "deactivated"} & set(changed):
                _end_sessions(session, SessionRow.user_id == row.id)
            if changed:
                audit.note(session, caller, "user.changed", user=row.id, changed=changed, role=row.role)
            return _user(row)

    # -- signing in and out ------------------------------------------------------------------------------------------

    def sign_in(self, email: str, password: str, address: str = "") -> tuple[str, Session]:
        """A new session and the value of its cookie. `address` is the network address the request came from.

        An unknown e-mail address, a wrong password, an inactive and a locked account all take the same time and
        are told in the same words.

        Raises:
            UnknownCallerError: that is nobody who may come in.
            TooOftenError: too many wrong passwords came from that address.
        """
        network = network_of(address)
        if not self._failed.test(FAILURES_OF_ADDRESS, network):
            raise TooOftenError("too many wrong passwords came from this address: wait 15 minutes")
        found = self._account(email)
        user_id, kept = found or (None, None)
        right = self._passwords.fits(kept, password)
        renewed = self._passwords.hash(password) if right and kept and self._passwords.is_outdated(kept) else None
        with self._database.writing() as session:
            row = session.get(UserRow, user_id, with_for_update=True) if user_id else None
            refusal = self._refusal(row, kept, right=right)
            if row is not None and refusal is None:
                row.failures, row.locked_until, row.password = 0, None, renewed or row.password
                return self._begin(session, row, "password")
            self._note_failure(session, row, refusal)
        self._failed.hit(FAILURES_OF_ADDRESS, network)
        raise UnknownCallerError(WRONG)

    def sign_in_as(self, identity: Identity) -> tuple[str, Session]:
        """A new session of whom the identity provider names, and the value of its cookie.

        The first time the account with that e-mail address is bound to them; nobody else at the provider can then
        come in by it, not even with the same address.

        Raises:
            UnknownCallerError: no active account belongs to them.
        """
        with self._database.writing() as session:
            row = session.scalar(select(UserRow).where(UserRow.email == identity.email).with_for_update())
            if row is not None and row.active and row.subject in (None, identity.subject):
                row.subject = identity.subject
                return self._begin(session, row, "identity provider")
            reason = "unknown" if row is None else "another identity" if row.active else "inactive"
            audit.note(session, SYSTEM, "session.refused", user=row.id if row else None, reason=reason)
        raise UnknownCallerError(UNKNOWN_IDENTITY, code="no-account")

    def session(self, cookie: str) -> Session:
        """Who is signed in with that cookie; being used keeps a session from ending. Raises UnknownCallerError."""
        key, moment = hashed(cookie), self._now()
        with self._database.reading() as session:
            found = session.execute(
                select(SessionRow, UserRow).join(UserRow, UserRow.id == SessionRow.user_id).where(SessionRow.id == key)
            ).first()
            if found is None or not hmac.compare_digest(found[0].id, key):
                raise UnknownCallerError(SIGN_IN_AGAIN)
            row, user = found
            if not user.active or _end_of(row) <= moment:
                raise UnknownCallerError(SIGN_IN_AGAIN)
            seen_at, current = row.seen_at, _session(row, user)
        if moment - seen_at < NOTED_EVERY:
            return current
        with self._database.writing() as session:
            session.execute(update(SessionRow).where(SessionRow.id == key).values(seen_at=moment))
        return current

    def sign_out(self, cookie: str) -> None:
        """End the session of that cookie; one that has ended already is no error."""
        with self._database.writing() as session:
            row = session.get(SessionRow, hashed(cookie))
            if row is None:
                return
            user = session.get_one(UserRow, row.user_id)
            session.delete(row)
            audit.note(session, _user(user).caller, "session.ended")

    def sign_out_everywhere(self, user_id: str, caller: Caller) -> None:
        """End all sessions of a person: their own, or, for an administrator, anybody's."""
        if caller.id != user_id:
            caller.need("administer")
        with self._database.writing() as session:
            _end_sessions(session, SessionRow.user_id == user_id)
            audit.note(session, caller, "sessions.ended", user=user_id)

    # --------------------------------------------------------------------------------------------------------------

    def _account(self, email: str) -> tuple[str, str | None] | None:
        """Id and password hash of the account with that e-mail address."""
        typed = email.strip().casefold()
        with self._database.reading() as session:
            chosen = UserRow.email == (typed if typed.isprintable() else "")  # PostgreSQL takes no NUL
            found = session.execute(select(UserRow.id, UserRow.password).where(chosen)).first()
            return (found[0], found[1]) if found else None

    def _refusal(self, row: UserRow | None, kept: str | None, *, right: bool) -> str | None:
        """Why somebody may not come in, as it is noted, or None."""
        if row is None:
            return "unknown"
        if not row.active:
            return "inactive"
        if row.locked_until is not None and row.locked_until > self._now():
            return "locked"
        return None if right and row.password == kept else "password"  # it may have been changed meanwhile

    def _note_failure(self, session: Transaction, row: UserRow | None, refusal: str | None) -> None:
        audit.note(session, SYSTEM, "session.refused", user=row.id if row else None, reason=refusal)
        if row is None or refusal != "password":
            return
        row.failures = 1 if row.locked_until is not None else row.failures + 1  # a lock that has ended
        row.locked_until = None
        if row.failures >= FAILURES:
            row.failures, row.locked_until = 0, self._now() + LOCKED
            audit.note(session, SYSTEM, "user.locked", user=row.id)

    def _begin(self, session: Transaction, user: UserRow, way: str) -> tuple[str, Session]:
        """A new session; those that have ended are cleared away."""
        begun = self._now()
        _end_sessions(session, or_(SessionRow.expires_at <= begun, SessionRow.seen_at <= begun - IDLE))
        cookie = secrets.token_urlsafe(SECRET_BYTES)
        row = SessionRow(
            id=hashed(cookie),
            user_id=user.id,
            csrf=secrets.token_urlsafe(SECRET_BYTES),
            created_at=begun,
            expires_at=begun + LONGEST,
            seen_at=begun,
        )
        session.add(row)
        audit.note(session, _user(user).caller, "session.started", way=way)
        return cookie, _session(row, user)


def network_of(address: str) -> str:
    """What an address is counted as: an IPv6 address with all others of its network."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if parsed.version == 4:
        return address
    return str(ipaddress.ip_network((parsed, NETWORK_BITS), strict=False))


def _keep_an_administrator(session: Transaction, row: UserRow) -> None:
    """Raise ConflictError if nobody else could administer. The rows are locked, so that two cannot go at once."""
    ids = session.scalars(
        select(UserRow.id).where(UserRow.role == "admin", UserRow.active).order_by(UserRow.id).with_for_update()
    ).all()
    if row.id in ids and len(ids) == 1:
        raise ConflictError(f"{row.name} is the last active administrator: make somebody else one first")


def _apply(row: UserRow, change: UserChange, password: str | None) -> list[str]:
    """Change the row; returns what is different now."""
    changed = []
    if change.name is not None and change.name != row.name:
        row.name = change.name
        changed.append("name")
    if change.role is not None and change.role != row.role:
        row.role = change.role
        changed.append("role")
    if change.active is not None and change.active != row.active:
        row.active = change.active
        row.subject = row.subject if change.active else None
        changed.append("activated" if change.active else "deactivated")
    if password is not None:
        row.password = password
        changed.append("password")
    if change.active or password is not None:
        row.failures, row.locked_until = 0, None
    return changed


def _end_sessions(session: Transaction, which: ColumnElement[bool]) -> None:
    session.execute(delete(SessionRow).where(which))


def _end_of(row: SessionRow) -> datetime.datetime:
    return min(row.expires_at, row.seen_at + IDLE)


def _session(row: SessionRow, user: UserRow) -> Session:
    return Session(user=_user(user), csrf=row.csrf, expires_at=_end_of(row))


def _user(row: UserRow) -> User:
    return User.model_validate(
        {
            "id": row.id,
            "email": row.email,
            "name": row.name,
            "role": row.role,
            "active": row.active,
            "has_password": row.password is not None,
            "created_at": row.created_at,
            "locked_until": row.locked_until,
        }
    )
