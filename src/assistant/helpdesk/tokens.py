"""API tokens of programs: shown once, kept as hashes, revocable."""

import datetime
import hmac
import secrets
import uuid
from collections.abc import Callable

from sqlalchemy import select, update

from assistant.database import Database, audit, now
from assistant.database.accounts import TokenRow
from assistant.errors import NotFoundError, UnknownCallerError
from assistant.helpdesk.work import hashed
from assistant.people import Caller, NewToken, Token

NOTED_EVERY = datetime.timedelta(minutes=1)  # how often the last use is written down
SECRET_BYTES = 32
MARK = "desk_"  # lets whoever looks for lost secrets know one
UNKNOWN = "the token is not known, has expired or was revoked: ask an administrator for a new one"

Clock = Callable[[], datetime.datetime]


class Tokens:
    """The tokens in the database. Safe to share by threads."""

    def __init__(self, database: Database, clock: Clock = now) -> None:
        self._database = database
        self._now = clock

    def add(self, new: NewToken, caller: Caller) -> tuple[str, Token]:
        """A new token, which is shown this once, and what is kept of it."""
        caller.need("administer")
        secret = MARK + secrets.token_urlsafe(SECRET_BYTES)
        made = self._now()
        row = TokenRow(
            id=uuid.uuid4().hex,
            name=new.name,
            role=new.role,
            hash=hashed(secret),
            created_at=made,
            expires_at=made + datetime.timedelta(days=new.days) if new.days else None,
        )
        with self._database.writing() as session:
            session.add(row)
            audit.note(session, caller, "token.added", token=row.id, role=row.role, days=new.days)
            session.flush()
            return secret, _token(row)

    def list(self, caller: Caller) -> tuple[Token, ...]:
        """All tokens there are and were, the newest first."""
        caller.need("administer")
        with self._database.reading() as session:
            rows = session.scalars(select(TokenRow).order_by(TokenRow.created_at.desc(), TokenRow.id))
            return tuple(_token(row) for row in rows)

    def revoke(self, token_id: str, caller: Caller) -> None:
        """Let a token be of no use from now on; one that was revoked before stays so. Raises NotFoundError."""
        caller.need("administer")
        with self._database.writing() as session:
            row = session.get(TokenRow, token_id, with_for_update=True)
            if row is None:
                raise NotFoundError(f"there is no token {token_id!r}: list those there are")
            if row.revoked_at is None:
                row.revoked_at = self._now()
                audit.note(session, caller, "token.revoked", token=row.id)

    def caller_of(self, secret: str) -> Caller:
        """The program that sends that token. Raises UnknownCallerError."""
        key, moment = hashed(secret), self._now()
        with self._database.reading() as session:
            row = session.scalar(select(TokenRow).where(TokenRow.hash == key))
            if row is None or not hmac.compare_digest(row.hash, key) or not _is_good(row, moment):
                raise UnknownCallerError(UNKNOWN)
            token = _token(row)
        if token.last_used_at is None or moment - token.last_used_at >= NOTED_EVERY:
            with self._database.writing() as session:
                session.execute(update(TokenRow).where(TokenRow.id == token.id).values(used_at=moment))
        return Caller(id=token.id, name=token.name, role=token.role, kind="token")


def _is_good(row: TokenRow, moment: datetime.datetime) -> bool:
    return row.revoked_at is None and (row.expires_at is None or row.expires_at > moment)


def _token(row: TokenRow) -> Token:
    return Token.model_validate(
        {
            "id": row.id,
            "name": row.name,
            "role": row.role,
            "created_at": row.created_at,
            "expires_at": row.expires_at,
            "revoked_at": row.revoked_at,
            "last_used_at": row.used_at,
        }
    )
