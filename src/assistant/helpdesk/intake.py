"""Tickets come in: from programs, from the chat, by mail, by hand; and further messages from their traders."""

import re
import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant import language
from assistant.bootstrap import Assistant
from assistant.correspondence import IncomingMail
from assistant.database import Database, audit, now
from assistant.database.tickets import ContactRow, MessageRow, TicketCountryRow, TicketRow
from assistant.errors import InputError, NotFoundError
from assistant.helpdesk.outbox import Outbox
from assistant.helpdesk.reading import messages_of
from assistant.helpdesk.work import RANKS, add_message, countries_of, due, hashed, private
from assistant.people import SYSTEM, Caller
from assistant.tickets import CLOSED, UNSEEN, Attachment, Contact, Message, NewTicket, Progress
from assistant.types import Receipt

STATUS_PAGE = "/desk/status/"
SEARCHED = 2_000  # characters of a question that the queue's search looks into
EDGES = re.compile(r"\s+")
NO_TEXT = "(no text)"


class Intake:
    """Takes questions and keeps personal data apart from the first moment on."""

    def __init__(self, database: Database, assistant: Assistant, outbox: Outbox) -> None:
        self._database = database
        self._assistant = assistant
        self._outbox = outbox

    def create(self, new: NewTicket, caller: Caller) -> Receipt:
        """Take a question. The same mail again gives the ticket that it made before, with no link.

        Raises:
            InputError: a country or language that is not known.
        """
        caller.need("intake")
        self._check(new)
        secret = secrets.token_urlsafe(24)
        with self._database.writing() as session:
            before = _of_mail(session, new.message_id)
            if before is not None:
                return Receipt(number=before, created=False)
            row = self._add(session, new, secret)
            audit.note(session, caller, "ticket.created", row.id, channel=new.channel)
            return Receipt(number=row.id, link=f"{STATUS_PAGE}{secret}")

    def add(self, number: int, text: str, caller: Caller, **values: object) -> None:
        """A further message of the trader: what was suggested is stale, and the ticket is open again."""
        attachments = values.pop("attachments", [])
        with self._database.writing() as session:
            row = session.get(TicketRow, number)
            if row is None:
                raise NotFoundError(f"there is no ticket {number}")
            found = session.get(ContactRow, number)
            contact = Contact(name=found.name, address=found.address) if found else None
            countries = countries_of(session, [number]).get(number, ())
            kept = private(text, contact, countries)
            original = None if row.erased else text
            add_message(session, number, "in", kept, original, attachments=attachments, **values)
            row.status = ("claimed" if row.officer_id else "new") if row.status in (*CLOSED, "waiting") else row.status
            row.draft, row.stale, row.lease, row.attempts = "wanted", "message", None, 0
            row.searched = f"{row.searched} {_searched(kept)}"[: 2 * SEARCHED]
            row.version, row.updated_at, row.closed_at = row.version + 1, now(), None
            audit.note(session, caller, "ticket.message", number)

    def take_mail(self, mail: IncomingMail) -> Receipt | None:
        """A mail becomes a ticket, or a further message of the one it replies to; None where no person wrote it.

        A reply counts as one only from the address that the ticket's letters go to. A report that a letter of ours did
        not arrive opens its ticket again.
        """
        number = self._outbox.came_back(mail.returned) if mail.returned else None
        if number is not None:
            return Receipt(number=number, created=False)
        ignored = "our own" if self._outbox.is_ours(mail.sender_address) else "automatic" if mail.automatic else None
        if ignored:
            with self._database.writing() as session:
                audit.note(session, SYSTEM, "mail.ignored", reason=ignored)
            return None
        receipt = self._taken(mail)
        if mail.findings and receipt.created:
            with self._database.writing() as session:
                add_message(
                    session, receipt.number, "note", f"This mail {'; '.join(mail.findings)}.", author=SYSTEM.name
                )
        return receipt

    def _taken(self, mail: IncomingMail) -> Receipt:
        text = next((each for each in (mail.text, mail.subject) if each.strip(UNSEEN)), NO_TEXT)
        with self._database.reading() as session:
            before, number = _of_mail(session, mail.message_id), _answered_by(session, mail)
        if before is not None or number is None:
            return self.create(
                NewTicket(
                    question=text,
                    subject=mail.subject,
                    channel="mail",
                    contact=Contact(name=mail.sender_name, address=mail.reply_to or mail.sender_address),
                    consent=True,
                    attachments=mail.attachments,
                    message_id=mail.message_id,
                ),
                SYSTEM,
            )
        self.add(number, text, SYSTEM, attachments=attached(mail.attachments), message_id=mail.message_id)
        return Receipt(number=number, created=False)

    def progress(self, link: str) -> Progress:
        """What the trader sees under their secret link. Raises NotFoundError."""
        with self._database.reading() as session:
            row = _by_link(session, link)
            messages = [m for m in messages_of(session, row.id, originals=True) if m.direction != "note"]
            shown = tuple(
                message.model_copy(
                    update={
                        "author": _shown_author(message),
                        "text": message.original or message.text,
                        "original": None,
                    }
                )
                for message in messages
            )
            escalation = self._assistant.escalation(row.language)
            return Progress(
                number=row.id,
                status=row.status,
                language=row.language,
                created_at=row.created_at,
                messages=shown,
                answer=next((m.text for m in reversed(shown) if m.delivery), None),
                disclaimer=self._assistant.disclaimer(row.language),
                escalation=f"{escalation.text} {escalation.url}",
            )

    def write_again(self, link: str, text: str) -> Progress:
        """A further message under the secret link. Raises NotFoundError."""
        with self._database.reading() as session:
            number = _by_link(session, link).id
        self.add(number, text, SYSTEM)
        return self.progress(link)

    def _check(self, new: NewTicket) -> None:
        self._assistant.countries.require(*new.countries)
        if new.language and language.normal(new.language) not in self._assistant.messages.languages:
            known = ", ".join(self._assistant.messages.languages)
            raise InputError(f"unknown language {new.language!r}: use one of {known}, or leave it out")

    def _add(self, session: Session, new: NewTicket, secret: str) -> TicketRow:
        countries = new.countries or self._assistant.countries.find(f"{new.subject} {new.question}")
        question = private(new.question, new.contact, countries)
        subject = private(new.subject, new.contact, countries)
        moment = now()
        row = TicketRow(
            created_at=moment,
            updated_at=moment,
            due_at=due(new.priority, moment),
            status="new",
            priority=RANKS[new.priority],
            channel=new.channel,
            language=language.normal(new.language) if new.language else language.detect(new.question),
            topic=None,
            subject=subject,
            question=question,
            searched=_searched(f"{subject} {question}"),
            answer_id=new.answer_id,
            link=hashed(secret),
            draft="wanted",
        )
        session.add(row)
        session.flush()
        session.add_all(TicketCountryRow(ticket_id=row.id, country=code) for code in dict.fromkeys(countries))
        if new.contact.name or new.contact.address:
            session.add(ContactRow(ticket_id=row.id, consent=new.consent, **new.contact.model_dump()))
        for turn in new.history:
            said = private(turn.content, new.contact, countries)
            from_us = {"author": "assistant"} if turn.role == "assistant" else {}
            add_message(session, row.id, "out" if from_us else "in", said, turn.content, **from_us)
        add_message(
            session,
            row.id,
            "in",
            question,
            new.question,
            attachments=attached(new.attachments),
            message_id=new.message_id,
        )
        return row


def _shown_author(message: Message) -> str:
    """Who a trader is told wrote a message: no officer's name."""
    return "helpdesk" if message.delivery else "assistant" if message.direction == "out" else "trader"


def attached(names: tuple[Attachment, ...]) -> list[dict[str, object]]:
    """Attachments as they are kept."""
    return [name.model_dump() for name in names]


def _searched(text: str) -> str:
    return EDGES.sub(" ", text).casefold()[:SEARCHED]


def _of_mail(session: Session, message_id: str | None) -> int | None:
    if message_id is None:
        return None
    return session.scalar(select(MessageRow.ticket_id).where(MessageRow.message_id == message_id))


def _answered_by(session: Session, mail: IncomingMail) -> int | None:
    """The ticket whose letter a mail answers, if it comes from where that letter went."""
    ids = [*filter(None, [mail.in_reply_to]), *mail.references]
    theirs = [*filter(None, [mail.sender_address, mail.reply_to])]
    chosen = (
        select(MessageRow.ticket_id)
        .join(ContactRow, ContactRow.ticket_id == MessageRow.ticket_id)
        .where(MessageRow.message_id.in_(ids), ContactRow.address.in_(theirs))
        .order_by(MessageRow.id.desc())
    )
    return session.scalar(chosen.limit(1)) if ids and theirs else None


def _by_link(session: Session, link: str) -> TicketRow:
    row = session.scalar(select(TicketRow).where(TicketRow.link == hashed(link)))
    if row is None:
        raise NotFoundError("there is no question under this link: it may have been mistyped")
    return row
