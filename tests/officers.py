"""People and clocks for tests of the helpdesk."""

import datetime
from pathlib import Path

from argon2 import PasswordHasher

from assistant.bootstrap import Assistant
from assistant.database import Database
from assistant.helpdesk import Helpdesk
from assistant.helpdesk.accounts import Accounts
from assistant.helpdesk.passwords import Passwords
from assistant.helpdesk.sign_on import SignOn
from assistant.people import SYSTEM, NewUser, User, UserRole
from assistant.ports import IdentityProvider

PASSWORD = "green kettle moves slowly"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Clock:
    """Time that a test lets pass."""

    def __init__(self) -> None:
        self.time = datetime.datetime(2026, 3, 2, 9, 0, tzinfo=datetime.UTC)

    def __call__(self) -> datetime.datetime:
        return self.time

    def passes(self, **span: float) -> None:
        self.time += datetime.timedelta(**span)


def database_in(folder: Path) -> Database:
    return Database(f"sqlite:///{folder / 'helpdesk.sqlite3'}")


def accounts_on(database: Database, clock: Clock | None = None) -> Accounts:
    """Accounts whose passwords are hashed quickly."""
    return Accounts(database, Passwords(QUICK), clock or Clock())


def helpdesk_on(
    database: Database, assistant: Assistant, clock: Clock | None = None, provider: IdentityProvider | None = None
) -> Helpdesk:
    """A helpdesk whose people live by a clock of the test's."""
    clock = clock or Clock()
    accounts = accounts_on(database, clock)
    helpdesk = Helpdesk(database, assistant, accounts=accounts)
    helpdesk.sign_on = SignOn(database, accounts, provider, clock) if provider else None
    return helpdesk


def add(accounts: Accounts, role: UserRole = "officer", name: str = "", password: str | None = PASSWORD) -> User:
    """A person of that role, called after it unless told otherwise."""
    name = name or f"Ms {role.title()}"
    email = f"{name.split()[-1].lower()}@desk.example.org"
    return accounts.add_user(NewUser(email=email, name=name, role=role, password=password), SYSTEM)
