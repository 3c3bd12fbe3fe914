"""The queue: finds tickets, opens them, and says whose they are."""

import math
import re
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select
from sqlalchemy.orm import Session

from assistant.countries import Countries
from assistant.database import Database, audit, now
from assistant.database.tickets import ContactRow, TicketCountryRow, TicketRow
from assistant.errors import ConflictError
from assistant.helpdesk.reading import contact_of, summaries, undelivered, whole
from assistant.helpdesk.work import RANKS, add_message, change, countries_of, disabled_among, private, row_of, workable
from assistant.people import Caller
from assistant.tickets import CLOSED, OPEN, Filter, Readdressed, Seen, Ticket, Tickets, Triage

SORTS: dict[str, Any] = {
    "due": TicketRow.due_at,
    "created": TicketRow.created_at,
    "updated": TicketRow.updated_at,
    "priority": TicketRow.priority,
    "confidence": TicketRow.confidence,
    "number": TicketRow.id,
}
NUMBER = re.compile(r"#?(\d{1,9})", re.ASCII)  # what is looked for by its number: 42 or #42


class Queue:
    """All tickets, and who works on which."""

    def __init__(self, database: Database, countries: Countries) -> None:
        self._database = database
        self._countries = countries

    def find(self, wanted: Filter, caller: Caller) -> Tickets:
        """One page of the tickets that fit, without personal data."""
        caller.need("read")
        chosen = select(TicketRow).where(*_conditions(wanted, caller))
        column = SORTS[wanted.sort]
        order = column.desc().nulls_last() if wanted.descending else column.asc().nulls_last()
        page = chosen.order_by(order, TicketRow.id).limit(wanted.size).offset((wanted.page - 1) * wanted.size)
        with self._database.reading() as session:
            total = session.scalar(_counted(chosen)) or 0
            rows = session.scalars(page).all()
            items = summaries(session, rows)
        return Tickets(items=items, total=total, page=wanted.page, pages=max(1, math.ceil(total / wanted.size)))

    def open(self, number: int, caller: Caller) -> Ticket:
        """A ticket with all that belongs to it; that it was seen is noted. Raises NotFoundError."""
        caller.need("read")
        with self._database.writing() as session:
            row_of(session, number)
            audit.note(session, caller, "ticket.seen", number, personal=caller.may("personal"))
            session.flush()
            return whole(session, number, caller)

    def claim(self, number: int, seen: Seen, caller: Caller) -> Ticket:
        """Make a ticket the caller's.

        Raises ConflictError where it is another's, unless the caller oversees or the other's account is disabled.
        """
        caller.need("work")
        with self._database.writing() as session:
            before = row_of(session, number)
            if before.status not in OPEN:
                raise ConflictError(f"ticket {number} is closed already ({before.status})")
            anothers = before.officer_id not in (None, caller.id)
            if anothers and not caller.may("oversee") and not disabled_among(session, [before.officer_id]):
                raise ConflictError(
                    f"ticket {number} is claimed by {before.officer}: ask them, or a lead, to release it"
                )
            taken_from = before.officer if anothers else None
            status = before.status if before.status == "waiting" else "claimed"
            change(session, number, seen, officer_id=caller.id, officer=caller.name, status=status)
            audit.note(session, caller, "ticket.claimed", number, taken_from=taken_from)
            return _again(session, number, caller)

    def release(self, number: int, seen: Seen, caller: Caller) -> Ticket:
        """Give a ticket back to the queue. Raises ConflictError where it is another's, unless the caller oversees."""
        caller.need("work")
        with self._database.writing() as session:
            before = row_of(session, number)
            if before.officer_id != caller.id and not caller.may("oversee"):
                raise ConflictError(f"ticket {number} is not yours to release")
            free = "drafted" if before.draft == "ready" and before.confidence is not None else "new"
            status = free if before.status == "claimed" else before.status
            change(session, number, seen, officer_id=None, officer=None, status=status)
            audit.note(session, caller, "ticket.released", number)
            return _again(session, number, caller)

    def triage(self, number: int, triage: Triage, caller: Caller) -> Ticket:
        """Set countries; priority and due time need the permission to oversee.

        Raises:
            InputError: a country that is not known.
            ConflictError: the ticket is another's, closed, or was changed meanwhile.
        """
        caller.need("work")
        self._countries.require(*(triage.countries or ()))
        if triage.priority is not None or triage.due_at is not None:
            caller.need("oversee")
        with self._database.writing() as session:
            workable(session, number, caller) if not caller.may("oversee") else row_of(session, number)
            values: dict[str, Any] = {"priority": RANKS[triage.priority]} if triage.priority else {}
            values |= {"due_at": triage.due_at} if triage.due_at else {}
            change(session, number, triage, **values)
            if triage.countries is not None:
                session.execute(delete(TicketCountryRow).where(TicketCountryRow.ticket_id == number))
                session.add_all(TicketCountryRow(ticket_id=number, country=code) for code in set(triage.countries))
            told = triage.model_dump(mode="json", exclude={"version"}, exclude_none=True)
            audit.note(session, caller, "ticket.triaged", number, **told)
            return _again(session, number, caller)

    def readdress(self, number: int, readdressed: Readdressed, caller: Caller) -> Ticket:
        """Put down where the reply is to go instead. The audit log says that it was changed, not to what.

        Raises:
            ConflictError: the ticket is another's, closed, erased, or was changed meanwhile.
        """
        caller.need("work")
        caller.need("personal")
        with self._database.writing() as session:
            before = workable(session, number, caller)
            if before.erased:
                raise ConflictError(f"the personal data of ticket {number} was erased: no new is kept")
            change(session, number, readdressed)
            contact = readdressed.contact
            session.merge(ContactRow(ticket_id=number, name=contact.name, address=contact.address, consent=True))
            audit.note(session, caller, "contact.changed", number)
            return _again(session, number, caller)

    def note(self, number: int, text: str, caller: Caller) -> Ticket:
        """Add a note that no trader sees. It changes nothing that others may have seen, so it needs no version."""
        caller.need("work")
        with self._database.writing() as session:
            row_of(session, number)
            kept = private(text, contact_of(session, number), countries_of(session, [number]).get(number, ()))
            add_message(session, number, "note", kept, text, author_id=caller.id, author=caller.name)
            audit.note(session, caller, "ticket.noted", number)
            return _again(session, number, caller)


def _again(session: Session, number: int, caller: Caller) -> Ticket:
    """The ticket as it is now, within the transaction that changed it."""
    session.flush()
    session.expire_all()
    return whole(session, number, caller)


def _counted(chosen: Select[TicketRow]) -> Select[int]:
    return select(func.count()).select_from(chosen.with_only_columns(TicketRow.id).subquery())


def _conditions(wanted: Filter, caller: Caller) -> list[ColumnElement[bool]]:
    found = _states(wanted)
    for column, value in ((TicketRow.language, wanted.language), (TicketRow.channel, wanted.channel)):
        found += [column == value] if value else []
    if wanted.priority:
        found.append(TicketRow.priority == RANKS[wanted.priority])
    if wanted.officer:
        officer = {"me": caller.id, "nobody": None}.get(wanted.officer, wanted.officer)
        found.append(TicketRow.officer_id.is_(None) if officer is None else TicketRow.officer_id == officer)
    if wanted.country:
        about = select(TicketCountryRow.ticket_id).where(TicketCountryRow.country == wanted.country)
        found.append(TicketRow.id.in_(about))
    return [*found, *_searched(wanted.q)]


def _states(wanted: Filter) -> list[ColumnElement[bool]]:
    """How far a ticket is."""
    found: list[ColumnElement[bool]] = []
    if wanted.status:
        found.append(TicketRow.status.in_(wanted.status))
    if wanted.open is not None:
        found.append(TicketRow.status.in_(OPEN if wanted.open else CLOSED))
    if wanted.overdue:
        found += [TicketRow.due_at < now(), TicketRow.status.in_(OPEN)]
    if wanted.undelivered:
        found.append(TicketRow.id.in_(undelivered()))
    return found


def _searched(words: str) -> list[ColumnElement[bool]]:
    """That a ticket's text has each of these words, or that they are its number."""
    texts = [TicketRow.searched.contains(word, autoescape=True) for word in words.casefold().split()]
    number = NUMBER.fullmatch(words.strip())
    return [or_(TicketRow.id == int(number[1]), and_(*texts))] if number else texts
