"""The audit log as those may read it who look after the helpdesk."""

from collections.abc import Sequence

from assistant.database import Database, audit
from assistant.people import Caller
from assistant.tickets import Actor, Event


class Trail:
    """Reads the audit log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def latest(
        self,
        caller: Caller,
        *,
        number: int | None = None,
        actor: str | None = None,
        action: str | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> Sequence[Event]:
        """The newest lines that fit, newest first; `before` is the id of the last one seen."""
        caller.need("audit")
        return audit.latest(self._database, number=number, actor=actor, action=action, before=before, limit=limit)

    def actors(self, caller: Caller) -> tuple[Actor, ...]:
        """Whoever the audit log may name, by name."""
        caller.need("audit")
        found = audit.actors(self._database)
        return tuple(Actor(id=key, name=found[key]) for key in sorted(found, key=lambda key: (found[key], key)))
