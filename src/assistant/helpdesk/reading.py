"""Rows into what officers see; personal data only for those who may see it."""

from collections.abc import Collection, Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from assistant.database import audit
from assistant.database.tickets import (
    ContactRow,
    DecisionRow,
    DraftRow,
    MessageRow,
    OriginalRow,
    ReplyRow,
    TicketRow,
    VerifiedRow,
)
from assistant.helpdesk.work import PRIORITIES, countries_of, disabled_among, private, row_of
from assistant.people import Caller
from assistant.tickets import Contact, Decision, Draft, Message, Reply, Summary, Ticket

EXCERPT = 300  # characters of a question in the queue


def summaries(session: Session, rows: Sequence[TicketRow]) -> tuple[Summary, ...]:
    """Tickets as rows of the queue."""
    numbers = [row.id for row in rows]
    countries, failed = countries_of(session, numbers), set(session.scalars(undelivered(numbers)))
    gone = disabled_among(session, {row.officer_id for row in rows})
    return tuple(
        _summary(row, countries.get(row.id, ()), undelivered=row.id in failed, disabled=row.officer_id in gone)
        for row in rows
    )


def undelivered(numbers: Collection[int] | None = None) -> Select[int]:
    """Which tickets, of these or of all, have a last letter that did not arrive."""
    last = select(func.max(MessageRow.id)).where(MessageRow.delivery.is_not(None)).group_by(MessageRow.ticket_id)
    of_these = last if numbers is None else last.where(MessageRow.ticket_id.in_(numbers))
    return select(MessageRow.ticket_id).where(MessageRow.delivery == "failed", MessageRow.id.in_(of_these))


def _summary(row: TicketRow, countries: tuple[str, ...], *, undelivered: bool, disabled: bool) -> Summary:
    return Summary(
        number=row.id,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
        due_at=row.due_at,
        status=row.status,
        priority=PRIORITIES[row.priority],
        channel=row.channel,
        language=row.language,
        countries=countries,
        topic=row.topic,
        question=row.question[:EXCERPT],
        officer=row.officer,
        officer_id=row.officer_id,
        officer_disabled=disabled,
        confidence=row.confidence,
        draft=row.draft,
        stale=row.stale,
        undelivered=undelivered,
    )


def whole(session: Session, number: int, caller: Caller) -> Ticket:
    """A ticket with all that belongs to it. Raises NotFoundError."""
    row = row_of(session, number)
    short = summaries(session, [row])[0]
    open_to, contact = caller.may("personal"), contact_of(session, number)
    published = session.scalar(select(VerifiedRow.id).where(VerifiedRow.ticket_id == number))
    return Ticket(
        **{**short.model_dump(), "question": row.question},
        subject=row.subject,
        contact=contact if open_to else None,
        has_contact=contact is not None,
        messages=messages_of(session, number, originals=open_to),
        suggestion=suggestion_of(session, row),
        reply=reply_of(session, number) if open_to else _veiled(reply_of(session, number), contact, short.countries),
        decisions=decisions_of(session, number),
        history=audit.of_ticket(session, number),
        published=published,
        erased=row.erased,
    )


def contact_of(session: Session, number: int) -> Contact | None:
    """Whom the reply goes to; None where that was erased or never known."""
    row = session.get(ContactRow, number)
    return Contact(name=row.name, address=row.address) if row else None


def messages_of(session: Session, number: int, *, originals: bool) -> tuple[Message, ...]:
    """The messages of a ticket, oldest first."""
    rows = session.execute(
        select(MessageRow, OriginalRow.text)
        .outerjoin(OriginalRow, OriginalRow.message_id == MessageRow.id)
        .where(MessageRow.ticket_id == number)
        .order_by(MessageRow.id)
    )
    return tuple(
        Message(
            id=row.id,
            direction=row.direction,
            at=row.at,
            author=row.author or "trader",
            text=row.text,
            original=original if originals else None,
            attachments=row.attachments,
            delivery=row.delivery,
        )
        for row, original in rows
    )


def latest_draft(session: Session, number: int) -> DraftRow | None:
    """The newest suggestion of a ticket."""
    newest = select(func.max(DraftRow.id)).where(DraftRow.ticket_id == number).scalar_subquery()
    return session.scalar(select(DraftRow).where(DraftRow.id == newest))


def suggestion_of(session: Session, ticket: TicketRow) -> Draft | None:
    """The newest suggestion, with what has changed since it was made."""
    row = latest_draft(session, ticket.id)
    if row is None:
        return None
    stale = ticket.stale if ticket.draft != "ready" else None
    return draft(row).model_copy(update={"stale": stale})


def draft(row: DraftRow) -> Draft:
    """A suggestion as it was made."""
    return Draft.model_validate(
        {"id": row.id, "made_at": row.made_at, "answer": row.answer, "reason": row.reason, "similar": row.similar}
    )


def reply_of(session: Session, number: int) -> Reply | None:
    """What an officer is about to send, or sent."""
    row = session.get(ReplyRow, number)
    if row is None:
        return None
    edited = {"draft_id": row.draft_id, "edited_by": row.editor, "edited_at": row.saved_at if row.editor else None}
    return Reply.model_validate({**row.reply, **edited})


def _veiled(reply: Reply | None, contact: Contact | None, countries: tuple[str, ...]) -> Reply | None:
    """The reply without personal data: officers write to people by their names."""
    if reply is None:
        return None

    def veil(text: str) -> str:
        return private(text, contact, countries)

    sentences = tuple(each.model_copy(update={"text": veil(each.text)}) for each in reply.sentences)
    return reply.model_copy(update={"text": veil(reply.text), "sentences": sentences})


def decisions_of(session: Session, number: int) -> tuple[Decision, ...]:
    """What was decided, oldest first."""
    rows: Sequence[DecisionRow] = session.scalars(
        select(DecisionRow).where(DecisionRow.ticket_id == number).order_by(DecisionRow.id)
    ).all()
    return tuple(
        Decision(
            at=row.at,
            by=row.officer or "",
            outcome=row.outcome,
            reason=row.reason,
            draft=row.draft_text,
            sent=row.sent_text,
        )
        for row in rows
    )
