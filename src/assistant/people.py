"""Who works at the helpdesk, in which role, and what each role may do (data/permissions.yaml)."""

import datetime
import re
from functools import cache
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from assistant import data
from assistant.errors import RefusedError
from assistant.types import Frozen, OneLine

UserRole = Literal["officer", "lead", "admin", "intake", "read-only"]
Permission = Literal[
    "intake", "read", "personal", "work", "oversee", "publish", "figures", "audit", "erase", "administer"
]
CallerKind = Literal["user", "token", "system"]

ADDRESS = re.compile(r"[^@\s<>\"',;]+@[^@\s<>\"',;]+\.[^@\s<>\"',;]+")
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 200


def _address(text: str) -> str:
    if not ADDRESS.fullmatch(text) or not text.isprintable():
        raise ValueError("is no e-mail address: write it as name@example.org")
    return text.casefold()


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("holds control characters: leave them out")
    return text


Email = Annotated[str, StringConstraints(strip_whitespace=True, max_length=254), AfterValidator(_address)]
Name = Annotated[OneLine, AfterValidator(_printable), Field(min_length=1, max_length=100)]
Password = Annotated[str, Field(min_length=SHORTEST_PASSWORD, max_length=LONGEST_PASSWORD)]


class Caller(Frozen):
    """Whoever asks the helpdesk for something: a person, a program with a token, or the assistant itself."""

    id: str
    name: str
    role: UserRole
    kind: CallerKind = "user"

    def may(self, permission: Permission) -> bool:
        """Whether the role has this permission."""
        return permission in permissions()[self.role]

    def need(self, permission: Permission) -> None:
        """Raise RefusedError unless the role has this permission."""
        if not self.may(permission):
            raise RefusedError(f"the role {self.role!r} may not do this: it needs the permission {permission!r}")


SYSTEM = Caller(id="system", name="assistant", role="admin", kind="system")


class User(Frozen):
    """A person with an account. `email` is what they sign in with."""

    id: str
    email: Email
    name: OneLine
    role: UserRole
    active: bool = True
    has_password: bool = True
    created_at: datetime.datetime
    locked_until: datetime.datetime | None = None

    @property
    def caller(self) -> Caller:
        """The person as one who asks."""
        return Caller(id=self.id, name=self.name, role=self.role)


class NewUser(Frozen):
    """A person to be added; without a password they sign in through the identity provider alone."""

    email: Email
    name: Name
    role: UserRole
    password: Password | None = Field(default=None, repr=False)


class UserChange(Frozen):
    """What is to be different about a person; None leaves it as it is."""

    name: Name | None = None
    role: UserRole | None = None
    active: bool | None = None
    password: Password | None = Field(default=None, repr=False)


class Identity(Frozen):
    """Who the identity provider says somebody is. `subject` is its hash for them, `email` one that it has verified."""

    subject: str
    email: Email


class NewToken(Frozen):
    """An API token to be made; without `days` it is good until it is revoked."""

    name: Name
    role: UserRole
    days: int | None = Field(default=None, ge=1, le=3_650)


class Token(Frozen):
    """An API token of a program; the token itself is shown once and kept as a hash."""

    id: str
    name: OneLine
    role: UserRole
    created_at: datetime.datetime
    expires_at: datetime.datetime | None = None
    revoked_at: datetime.datetime | None = None
    last_used_at: datetime.datetime | None = None


class Session(Frozen):
    """A person who is signed in. `csrf` goes with every request that changes something."""

    user: User
    csrf: str = Field(repr=False)
    expires_at: datetime.datetime


@cache
def permissions() -> dict[UserRole, frozenset[Permission]]:
    """What each role may do."""
    return {role: frozenset(found) for role, found in data.read("permissions.yaml")["roles"].items()}
