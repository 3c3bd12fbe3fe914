"""What the parts of the helpdesk share: reading rows into tickets, and changing one that nobody else has changed."""

import datetime
import hashlib
import re
from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from assistant import data
from assistant.database import audit, now
from assistant.database.accounts import UserRow
from assistant.database.tickets import MessageRow, OriginalRow, TicketCountryRow, TicketRow
from assistant.errors import ConflictError, NotFoundError
from assistant.people import Caller
from assistant.privacy import redact
from assistant.tickets import OPEN, Contact, Priority, Seen

RANKS: dict[Priority, int] = {"low": 0, "normal": 1, "high": 2, "urgent": 3}
PRIORITIES: dict[int, Priority] = {rank: name for name, rank in RANKS.items()}
SHORTEST_NAME = 3  # letters; a shorter part of a name may be any word
NAME_REPLACED = "[name]"

Row = TypeVar("Row")


def hashed(secret: str) -> str:
    """What is kept of a secret: its SHA-256."""
    return hashlib.sha256(secret.encode()).hexdigest()


def due(priority: Priority, since: datetime.datetime) -> datetime.datetime:
    """Until when a ticket of that priority is to be answered."""
    return since + datetime.timedelta(hours=data.read("desk.yaml")["hours"][priority])


def private(text: str, contact: Contact | None, countries: Collection[str] = ()) -> str:
    """The text as it may be kept apart from personal data: addresses, telephone numbers and the contact's name gone."""
    redacted = redact(text)
    for country in countries:
        redacted = redact(redacted, country)
    for part in contact.name.split() if contact else ():
        if len(part) >= SHORTEST_NAME:
            redacted = _without(redacted, part)
    return redacted


def _without(text: str, name: str) -> str:
    """The text with a word taken out wherever it stands by itself."""
    return re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", NAME_REPLACED, text, flags=re.IGNORECASE)


def row_of(session: Session, number: int) -> TicketRow:
    """The row of a ticket. Raises NotFoundError."""
    row = session.get(TicketRow, number)
    if row is None:
        raise NotFoundError(f"there is no ticket {number}")
    return row


def change(session: Session, number: int, seen: Seen, **values: Any) -> TicketRow:
    """Change a ticket, its version one more, if it is still the one the caller saw.

    Raises:
        NotFoundError: there is no such ticket.
        ConflictError: somebody changed it meanwhile; the message says who and what.
    """
    changed = update(TicketRow).where(TicketRow.id == number, TicketRow.version == seen.version)
    done = session.execute(changed.values(version=TicketRow.version + 1, updated_at=now(), **values))
    if done.rowcount == 1:  # type: ignore[attr-defined]
        row = row_of(session, number)
        session.refresh(row)
        return row
    row_of(session, number)
    raise changed_meanwhile(session, number)


def changed_meanwhile(session: Session, number: int) -> ConflictError:
    """That somebody changed a ticket: who did so last, and what, in words. Whoever only read it is not named."""
    did = {name: told["did"] for name, told in data.read("desk.yaml")["actions"].items() if "did" in told}
    last = next((line for line in reversed(audit.of_ticket(session, number)) if line.action in did), None)
    who = f" ({last.actor_name} {did[last.action]})" if last else ""
    return ConflictError(f"ticket {number} has been changed meanwhile{who}: open it again; nothing was overwritten")


def workable(session: Session, number: int, caller: Caller) -> TicketRow:
    """The row of an open ticket that is the caller's or nobody's.

    Raises:
        ConflictError: it is closed, or another officer's.
    """
    row = row_of(session, number)
    if row.status not in OPEN:
        raise ConflictError(f"ticket {number} is closed already ({row.status}): open it again to see what was decided")
    if row.officer_id not in (None, caller.id):
        raise ConflictError(f"ticket {number} is claimed by {row.officer}")
    return row


def disabled_among(session: Session, officers: Collection[str | None]) -> frozenset[str]:
    """Those of these ids that are of people whose account is disabled."""
    found = select(UserRow.id).where(UserRow.id.in_(filter(None, officers)), UserRow.active.is_(False))
    return frozenset(session.scalars(found))


def countries_of(session: Session, numbers: Collection[int]) -> Mapping[int, tuple[str, ...]]:
    """The countries of some tickets."""
    rows = session.execute(
        select(TicketCountryRow.ticket_id, TicketCountryRow.country)
        .where(TicketCountryRow.ticket_id.in_(numbers))
        .order_by(TicketCountryRow.country)
    )
    found: dict[int, tuple[str, ...]] = {}
    for number, country in rows:
        found[number] = (*found.get(number, ()), country)
    return found


def add_message(
    session: Session, number: int, direction: str, text: str, original: str | None = None, **values: Any
) -> MessageRow:
    """Add a message to a ticket; what it says in full is kept apart."""
    row = MessageRow(ticket_id=number, direction=direction, at=now(), text=text, **{"attachments": [], **values})
    session.add(row)
    session.flush()
    if original is not None and original != text:
        session.add(OriginalRow(message_id=row.id, text=original))
    return row
