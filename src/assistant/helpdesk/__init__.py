"""The review desk's service: what traders hand over, what officers do with it, and what the assistant learns of it."""

from dataclasses import dataclass

from assistant.helpdesk.accounts import Accounts
from assistant.helpdesk.sign_on import SignOn
from assistant.helpdesk.trail import Trail


@dataclass(frozen=True)
class Helpdesk:
    """The parts of the helpdesk. `sign_on` is None where no identity provider is set."""

    accounts: Accounts
    trail: Trail
    sign_on: SignOn | None = None
