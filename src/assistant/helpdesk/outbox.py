"""Brings what officers wrote to the traders: by mail where that is possible, else under the secret link."""

import datetime
import logging
import re

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from assistant.correspondence import MAX_REFERENCES, OutgoingMail, is_message_id
from assistant.database import Database, audit, now
from assistant.database.tickets import MessageRow, OriginalRow, TicketRow
from assistant.errors import DataUnavailableError, MailError, MailRefusedError
from assistant.helpdesk.reading import contact_of, undelivered
from assistant.helpdesk.work import row_of
from assistant.people import SYSTEM
from assistant.ports import MailSender
from assistant.tickets import Contact

ATTEMPTS = 12
PAUSE = datetime.timedelta(minutes=1)  # before the second try, doubled for each further one
LONGEST_PAUSE = datetime.timedelta(hours=6)
LEASE = datetime.timedelta(minutes=10)  # after which a mail whose sending nobody finished is tried again
LONGEST_SUBJECT = 200
ANSWERED = re.compile(r"^(?:\s*(?:re|fwd?|aw|sv|bls|balas)\s*:)+|\[#\d+\]", re.IGNORECASE)
AWAY = ("approved", "sent", "waiting")  # states of a ticket whose letter is out
LONGEST_REASON = 300
SUBJECT = "Your question to the customs helpdesk"

log = logging.getLogger(__name__)


class Outbox:
    """Delivers each message once; several processes may share one database."""

    def __init__(self, database: Database, sender: MailSender | None) -> None:
        self._database = database
        self._sender = sender

    def reaches(self, contact: Contact | None) -> bool:
        """Whether a message to that contact goes out by mail."""
        return self._sender is not None and contact is not None and contact.address is not None

    def message_id(self) -> str | None:
        """A new id for a mail; None where no mail goes out."""
        return self._sender.new_message_id() if self._sender else None

    def is_ours(self, address: str | None) -> bool:
        """Whether mails from there are our own, which nobody is to answer."""
        return self._sender is not None and address is not None and address == self._sender.address.casefold()

    def deliver(self, number: int) -> None:
        """Deliver what a ticket has to be delivered. What cannot be sent now stays, and is tried again later."""
        with self._database.reading() as session:
            chosen = select(MessageRow.id).where(MessageRow.ticket_id == number, MessageRow.delivery == "pending")
            waiting = session.scalars(chosen.order_by(MessageRow.id)).all()
        for message in waiting:
            self._send(message)
        with self._database.writing() as session:
            _settle(session, number)

    def deliver_pending(self) -> int:
        """Deliver all that is due; returns for how many tickets."""
        with self._database.writing() as session:
            lost = MessageRow.tried_at < now() - LEASE
            session.execute(update(MessageRow).where(MessageRow.delivery == "sending", lost).values(delivery="pending"))
            rows = session.execute(
                select(MessageRow.ticket_id, MessageRow.attempts, MessageRow.tried_at).where(
                    MessageRow.delivery == "pending"
                )
            )
            due = {number for number, attempts, tried in rows if tried is None or tried + _pause(attempts) <= now()}
            left = session.scalars(select(TicketRow.id).where(TicketRow.status == "approved")).all()
        for number in sorted(due):
            self._guarded(number)
        for number in set(left) - due:
            with self._database.writing() as session:
                _settle(session, number)
        return len(due)

    def came_back(self, message_id: str) -> int | None:
        """A letter did not reach its trader, as the mail servers tell later; returns its ticket."""
        chosen = select(MessageRow).where(MessageRow.message_id == message_id, MessageRow.delivery == "sent")
        with self._database.writing() as session:
            row = session.scalar(chosen)
            if row is None:
                return None
            _undelivered(session, row, "it came back")
            return row.ticket_id

    def _guarded(self, number: int) -> None:
        """Deliver what a ticket has; whatever happens there, the others get theirs."""
        try:
            self.deliver(number)
        except DataUnavailableError:
            raise
        except Exception:
            log.exception("the letters of ticket %s cannot be delivered", number)

    def _send(self, message_id: int) -> None:
        """Send one message, unless somebody else is at it."""
        mine = update(MessageRow).where(MessageRow.id == message_id, MessageRow.delivery == "pending")
        with self._database.writing() as session:
            taken = session.execute(mine.values(delivery="sending", attempts=MessageRow.attempts + 1, tried_at=now()))
            if taken.rowcount != 1:  # type: ignore[attr-defined]
                return
            mail = _mail(session, message_id)
        state, why = _tried(self._sender, mail) if mail and self._sender else ("link", "")
        with self._database.writing() as session:
            row = session.get_one(MessageRow, message_id)
            if state == "failed" or (state == "pending" and row.attempts >= ATTEMPTS):
                _undelivered(session, row, why)
                return
            row.delivery = state
            audit.note(session, SYSTEM, f"mail.{state}", row.ticket_id, attempt=row.attempts)


def _tried(sender: MailSender, mail: OutgoingMail) -> tuple[str, str]:
    """What became of a mail, and why."""
    try:
        sender.send(mail)
    except MailRefusedError as error:
        log.warning("a mail was refused for good: %s", error)
        return "failed", str(error)
    except MailError as error:
        log.warning("a mail could not be sent now: %s", error)
        return "pending", str(error)
    return "sent", ""


def _undelivered(session: Session, message: MessageRow, why: str) -> None:
    """The trader has not got it and will not: whoever worked on the ticket has it before them again."""
    message.delivery = "failed"
    row = row_of(session, message.ticket_id)
    if row.status in AWAY and not row.erased:
        row.status, row.closed_at = "claimed" if row.officer_id else "new", None
    row.version, row.updated_at = row.version + 1, now()
    audit.note(session, SYSTEM, "mail.failed", row.id, attempt=message.attempts, why=why[:LONGEST_REASON])


def _settle(session: Session, number: int) -> None:
    """An approved ticket all of whose messages have gone, the last one to where it should, is sent."""
    row = row_of(session, number)
    on_its_way = select(MessageRow.id).where(
        MessageRow.ticket_id == number, MessageRow.delivery.in_(("pending", "sending"))
    )
    waits = session.scalar(on_its_way.union_all(undelivered([number])).limit(1)) is not None
    if row.status == "approved" and not waits:
        row.status, row.version, row.updated_at = "sent", row.version + 1, now()
        audit.note(session, SYSTEM, "reply.sent", number)


def _mail(session: Session, message_id: int) -> OutgoingMail | None:
    """The mail of a message; None where the address has been erased meanwhile."""
    row = session.get_one(MessageRow, message_id)
    contact, ticket = contact_of(session, row.ticket_id), row_of(session, row.ticket_id)
    if contact is None or contact.address is None or row.message_id is None:
        return None
    original = session.get(OriginalRow, message_id)
    earlier = session.scalars(
        select(MessageRow.message_id)
        .where(MessageRow.ticket_id == row.ticket_id, MessageRow.id < message_id, MessageRow.message_id.is_not(None))
        .order_by(MessageRow.id)
    ).all()
    references = tuple(each for each in earlier if each and is_message_id(each))[-MAX_REFERENCES:]
    return OutgoingMail(
        to_address=contact.address,
        to_name=contact.name,
        subject=f"Re: {_plain(ticket.subject) or SUBJECT} [#{ticket.id}]",
        text=original.text if original else row.text,
        message_id=row.message_id,
        in_reply_to=references[-1] if references else None,
        references=references,
    )


def _plain(subject: str) -> str:
    """A subject without the marks of earlier answers, and with room for ours."""
    return ANSWERED.sub("", subject)[:LONGEST_SUBJECT].strip()


def _pause(attempts: int) -> datetime.timedelta:
    return min(PAUSE * float(2 ** max(0, attempts - 1)), LONGEST_PAUSE)
