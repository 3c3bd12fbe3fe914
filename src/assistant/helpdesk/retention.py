"""Takes the personal data of traders away, on request and by age; figures and the audit log keep what they had."""

import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import ColumnElement, delete, exists, func, or_, select
from sqlalchemy.orm import Session

from assistant.database import Answers, Database, audit, now
from assistant.database.accounts import SessionRow, SignInRow
from assistant.database.answers import AnswerRow
from assistant.database.tickets import ContactRow, DecisionRow, DraftRow, MessageRow, OriginalRow, ReplyRow, TicketRow
from assistant.errors import InputError
from assistant.helpdesk.reading import contact_of
from assistant.helpdesk.work import countries_of, hashed, private, row_of
from assistant.people import SYSTEM, Caller, Email
from assistant.settings import Settings
from assistant.types import Frozen

AT_ONCE = 100  # tickets in one transaction: officers wait no longer than for that many
ERASED = "ticket.erased"
ATTACHMENT = "attachment"  # what stands for a file's name, which may tell whose it is

EMAIL: TypeAdapter[str] = TypeAdapter(Email)


class Expired(Frozen):
    """How much has passed its time and is gone: tickets' personal data, and whole rows of the others."""

    tickets: int = 0
    drafts: int = 0
    sessions: int = 0
    sign_ins: int = 0
    answers: int = 0


class Retention:
    """Erases. Redacted texts, decisions and history of a ticket stay, and ids of mails, so that none comes twice."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._age = datetime.timedelta(days=settings.retention_days)

    def erase(self, number: int, caller: Caller) -> None:
        """Delete the personal data of a ticket. Raises NotFoundError."""
        caller.need("erase")
        with self._database.writing() as session:
            _erase(session, row_of(session, number))
            audit.note(session, caller, ERASED, number, why="request")
        self._database.forget()

    def erase_address(self, address: str, caller: Caller) -> tuple[int, ...]:
        """Delete the personal data of every ticket of one trader; returns the tickets' numbers.

        Raises:
            InputError: that is no e-mail address.
        """
        caller.need("erase")
        wanted = _address(address)
        with self._database.writing() as session:
            theirs = select(ContactRow.ticket_id).where(func.lower(ContactRow.address) == wanted)
            numbers = tuple(session.scalars(theirs.order_by(ContactRow.ticket_id)))
            for number in numbers:
                _erase(session, row_of(session, number))
                audit.note(session, caller, ERASED, number, why="request")
            audit.note(session, caller, "address.erased", address=hashed(wanted), tickets=len(numbers))
        self._database.forget()
        return numbers

    def expire(self) -> Expired:
        """Delete what has passed its time; may be called as often as one likes."""
        moment = now()
        tickets = 0
        while erased := self._erase_some(moment - self._age):
            tickets += erased
        answers = Answers(self._database).forget(self._age)
        with self._database.writing() as session:
            gone = Expired(
                tickets=tickets,
                drafts=_deleted(session, DraftRow, _is_past(moment - self._age)),
                sessions=_deleted(session, SessionRow, SessionRow.expires_at < moment),
                sign_ins=_deleted(session, SignInRow, SignInRow.expires_at < moment),
                answers=answers,
            )
            if gone != Expired():
                audit.note(session, SYSTEM, "retention.applied", **gone.model_dump())
        if gone != Expired():
            self._database.forget()
        return gone

    def _erase_some(self, before: datetime.datetime) -> int:
        """Erase some of the tickets that were closed so long ago; returns how many."""
        of_ticket = MessageRow.ticket_id == TicketRow.id
        personal = or_(
            TicketRow.erased.is_(False),
            exists().where(ContactRow.ticket_id == TicketRow.id),
            exists().where(OriginalRow.message_id == MessageRow.id, of_ticket),
        )
        chosen = select(TicketRow).where(TicketRow.closed_at < before, personal).order_by(TicketRow.id).limit(AT_ONCE)
        with self._database.writing() as session:
            rows = session.scalars(chosen).all()
            for row in rows:
                _erase(session, row)
                audit.note(session, SYSTEM, ERASED, row.id, why="age")
        return len(rows)


def _address(text: str) -> str:
    try:
        return EMAIL.validate_python(text)
    except ValidationError:
        raise InputError(f"{text!r} is no e-mail address: write it as name@example.org; nothing was erased") from None


def _erase(session: Session, row: TicketRow) -> None:
    """What officers wrote may hold personal data too, and is redacted before it is forgotten whose to look for."""
    contact, countries = contact_of(session, row.id), countries_of(session, [row.id]).get(row.id, ())

    def clean(text: str) -> str:
        return private(text, contact, countries)

    row.subject, row.question, row.searched = clean(row.subject), clean(row.question), clean(row.searched)
    row.erased, row.version = True, row.version + 1
    messages = session.scalars(select(MessageRow).where(MessageRow.ticket_id == row.id)).all()
    for message in messages:
        message.text = clean(message.text)
        message.attachments = [{**attachment, "name": ATTACHMENT} for attachment in message.attachments]
    for decision in session.scalars(select(DecisionRow).where(DecisionRow.ticket_id == row.id)):
        decision.reason = clean(decision.reason) if decision.reason else None
        decision.sent_text = clean(decision.sent_text) if decision.sent_text else None
    given = session.get(AnswerRow, row.answer_id) if row.answer_id else None
    if given is not None:  # what the trader asked in the chat before
        given.answer = {**given.answer, "question": clean(str(given.answer["question"]))}
    reply = session.get(ReplyRow, row.id)
    if reply is not None:
        reply.reply = _cleaned(reply.reply, clean)
    session.flush()
    session.execute(delete(OriginalRow).where(OriginalRow.message_id.in_([message.id for message in messages])))
    session.execute(delete(ContactRow).where(ContactRow.ticket_id == row.id))


def _cleaned(reply: dict[str, object], clean: Any) -> dict[str, object]:
    """A reply with its own words redacted; what it cites stays as it is."""
    sentences: Any = reply["sentences"]
    kept = [{**sentence, "text": clean(sentence["text"])} for sentence in sentences]
    return {**reply, "text": clean(reply["text"]), "sentences": kept}


def _is_past(before: datetime.datetime) -> ColumnElement[bool]:
    """Whether a draft is of a ticket closed so long ago, and not the one that its reply was written on."""
    closed = select(TicketRow.id).where(TicketRow.closed_at < before)
    written_on = exists().where(ReplyRow.draft_id == DraftRow.id)
    return DraftRow.ticket_id.in_(closed) & ~written_on


def _deleted(session: Session, table: type[Any], which: ColumnElement[bool]) -> int:
    return session.execute(delete(table).where(which)).rowcount  # type: ignore[attr-defined,no-any-return]
