"""What an officer does with a ticket: edits and checks the reply, approves, rejects, asks back, escalates."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant import data
from assistant.bootstrap import Assistant
from assistant.database import Database, audit, now
from assistant.database.tickets import CannedRow, ContactRow, DecisionRow, DraftRow, ReplyRow, TicketRow
from assistant.errors import ConflictError, InputError, NotFoundError
from assistant.helpdesk.checking import Checker, folded, is_empty, joined, own_sentences
from assistant.helpdesk.comparing import compare
from assistant.helpdesk.drafting import stored
from assistant.helpdesk.letters import LetterWriter
from assistant.helpdesk.outbox import Outbox
from assistant.helpdesk.reading import contact_of, draft, latest_draft, messages_of, reply_of, whole
from assistant.helpdesk.work import add_message, change, countries_of, private, row_of, workable
from assistant.people import Caller
from assistant.tickets import (
    Asked,
    CaseSummary,
    Comparison,
    Contact,
    Edited,
    Outcome,
    Rejected,
    Reply,
    Seen,
    Ticket,
)
from assistant.types import Answer

NOT_SAID = "not stated"


class Review:
    """Replies, and the decisions that close a ticket."""

    def __init__(self, database: Database, assistant: Assistant, outbox: Outbox) -> None:
        self._database = database
        self._assistant = assistant
        self._outbox = outbox
        self._checker = Checker(assistant)
        self._letters = LetterWriter(assistant)

    # -- the reply -----------------------------------------------------------------------------------------------

    def check(self, number: int, edited: Edited, caller: Caller) -> Reply:
        """How each sentence of a reply stands to its sources; nothing is kept. Raises NotFoundError."""
        caller.need("work")
        with self._database.reading() as session:
            row = row_of(session, number)
            answer = _answer(_draft_row(session, row, edited.draft_id))
            own = (*own_sentences(answer), *session.scalars(select(CannedRow.text)))
            code, contact = row.language, contact_of(session, number)
        citations = answer.citations if answer else ()
        names = [
            name for name in (contact.name if contact else "", caller.name, self._assistant.settings.desk_name) if name
        ]
        sentences = self._checker.check(edited.text, citations, own, code, names)
        return Reply(text=edited.text, sentences=sentences, citations=citations, draft_id=edited.draft_id)

    def save(self, number: int, edited: Edited, caller: Caller) -> Ticket:
        """Keep the reply as it is now; an unclaimed ticket becomes the caller's.

        A reply on the newest draft says that its author has seen that: it is stale no longer.

        Raises:
            ConflictError: the ticket is another's, closed, or was changed meanwhile.
        """
        checked = self.check(number, edited, caller)
        with self._database.writing() as session:
            before = workable(session, number, caller)
            newest = latest_draft(session, number)
            seen_newest = before.draft == "ready" and edited.draft_id == (newest.id if newest else None)
            claimed = {} if before.officer_id else _claimed(before, caller)
            change(session, number, edited, stale=None if seen_newest else before.stale, **claimed)
            session.merge(
                ReplyRow(
                    ticket_id=number,
                    draft_id=edited.draft_id,
                    reply=stored(checked),
                    user_id=caller.id,
                    editor=caller.name,
                    saved_at=now(),
                )
            )
            audit.note(session, caller, "reply.saved", number, characters=len(edited.text))
            session.flush()
            return whole(session, number, caller)

    # -- decisions -----------------------------------------------------------------------------------------------

    def approve(self, number: int, seen: Seen, caller: Caller) -> Ticket:
        """Send the reply, with the disclaimer and ASSIST.

        Raises:
            ConflictError: the ticket is another's, closed, changed meanwhile, or its draft is stale.
            InputError: there is nothing to send.
        """
        caller.need("work")
        with self._database.writing() as session:
            before = workable(session, number, caller)
            reply = reply_of(session, number)
            _check_fresh(before)
            if reply is None or is_empty(reply.text):
                raise InputError(f"the reply to ticket {number} is empty: write one, or reject the ticket")
            text, suggestion = joined(reply.text, reply.sentences), _answer(_draft_row(session, before, reply.draft_id))
            used = {marker for sentence in reply.sentences for marker in sentence.citations}
            citations = [citation for citation in reply.citations if citation.marker in used]
            letter = self._letters.reply(text, citations, before.language)
            self._close(session, before, seen, caller, "approved")
            self._decide(session, number, caller, _outcome(reply, suggestion), suggestion=suggestion, sent=text)
            self._write(session, before, letter, caller)
            flagged = sum(sentence.supported is False for sentence in reply.sentences)
            audit.note(session, caller, "ticket.approved", number, sentences=len(reply.sentences), flagged=flagged)
            session.flush()
        self._outbox.deliver(number)
        return self._again(number, caller)

    def reject(self, number: int, rejected: Rejected, caller: Caller) -> Ticket:
        """Close without a reply, and say why. Raises ConflictError as `approve` does."""
        caller.need("work")
        with self._database.writing() as session:
            before = workable(session, number, caller)
            self._close(session, before, rejected, caller, "rejected")
            contact = contact_of(session, number)
            comment = private(rejected.comment, contact)
            reason = f"{rejected.reason}: {comment}" if comment else rejected.reason
            suggestion = _answer(latest_draft(session, number))
            self._decide(session, number, caller, "rejected", suggestion=suggestion, reason=reason)
            audit.note(session, caller, "ticket.rejected", number, reason=rejected.reason)
            session.flush()
            return whole(session, number, caller)

    def ask(self, number: int, asked: Asked, caller: Caller) -> Ticket:
        """Ask the trader back; the ticket waits. Raises ConflictError as `approve` does."""
        caller.need("work")
        with self._database.writing() as session:
            before = workable(session, number, caller)
            change(session, number, asked, **{**_claimed(before, caller), "status": "waiting"})
            self._decide(session, number, caller, "asked")
            self._write(session, before, self._letters.question(asked.text, before.language), caller)
            audit.note(session, caller, "ticket.asked", number)
            session.flush()
        self._outbox.deliver(number)
        return self._again(number, caller)

    def escalate(self, number: int, seen: Seen, caller: Caller) -> Ticket:
        """Close as a case for ASSIST, its summary kept as a note. Raises ConflictError as `approve` does."""
        summary = self.case_summary(number, caller)
        with self._database.writing() as session:
            before = workable(session, number, caller)
            self._close(session, before, seen, caller, "escalated")
            self._decide(session, number, caller, "escalated", suggestion=_answer(latest_draft(session, number)))
            contact = contact_of(session, number)
            kept = private(summary.text, contact, countries_of(session, [number]).get(number, ()))
            add_message(session, number, "note", kept, summary.text, author_id=caller.id, author=caller.name)
            audit.note(session, caller, "ticket.escalated", number, missing=list(summary.missing))
            session.flush()
            return whole(session, number, caller)

    # -- helps ---------------------------------------------------------------------------------------------------

    def case_summary(self, number: int, caller: Caller) -> CaseSummary:
        """What ASSIST asks for, as far as the ticket says it."""
        caller.need("work")
        with self._database.reading() as session:
            row, contact = row_of(session, number), contact_of(session, number)
            messages = [m for m in messages_of(session, number, originals=True) if m.direction != "note"]
            countries = countries_of(session, [number]).get(number, ())
        said = {
            "email": contact.address if contact else None,
            "problem": "\n\n".join(m.original or m.text for m in messages if m.direction == "in") or row.question,
        }
        asked = data.read("desk.yaml")["assist"]
        fields = {field["label"]: said.get(field["key"]) for field in asked}
        named = ", ".join(self._assistant.countries.name(code) for code in countries) or NOT_SAID
        missing = tuple(label for label, value in fields.items() if value is None)
        text = "\n".join(
            [
                *(f"{label}: {value if value is not None else NOT_SAID}" for label, value in fields.items()),
                f"Countries named in the question (which is which, the trader has to say): {named}",
            ]
        )
        return CaseSummary(fields=fields, missing=missing, text=text, url=self._assistant.escalation().url)

    def comparison(self, number: int, caller: Caller) -> tuple[Comparison, ...]:
        """Each sentence of the reply beside what it rests on, if anything, and what the two do not share."""
        caller.need("work")
        with self._database.reading() as session:
            row = row_of(session, number)
            reply, code = reply_of(session, number), row.language
        if reply is None:
            raise NotFoundError(f"ticket {number} has no reply yet")
        cited = ((s, [c for c in reply.citations if c.marker in s.citations]) for s in reply.sentences)
        return tuple(compare(self._assistant, sentence, citations, code) for sentence, citations in cited)

    # -- steps ---------------------------------------------------------------------------------------------------

    def _again(self, number: int, caller: Caller) -> Ticket:
        with self._database.reading() as session:
            return whole(session, number, caller)

    @staticmethod
    def _close(session: Session, before: TicketRow, seen: Seen, caller: Caller, status: str) -> None:
        values = _claimed(before, caller) | {"status": status, "closed_at": now()}
        values |= {"answered_at": before.answered_at or now()} if status == "approved" else {}
        change(session, before.id, seen, **values)

    @staticmethod
    def _decide(
        session: Session,
        number: int,
        caller: Caller,
        outcome: Outcome,
        *,
        suggestion: Answer | None = None,
        sent: str | None = None,
        reason: str | None = None,
    ) -> None:
        contact = contact_of(session, number)
        row = DecisionRow(
            ticket_id=number,
            at=now(),
            user_id=caller.id,
            officer=caller.name,
            outcome=outcome,
            reason=reason,
            draft_text=suggestion.text if suggestion else None,
            sent_text=private(sent, contact) if sent else None,
        )
        session.add(row)

    def _write(self, session: Session, ticket: TicketRow, letter: str, caller: Caller) -> None:
        contact: Contact | None = contact_of(session, ticket.id)
        mailed = bool(session.get(ContactRow, ticket.id)) and self._outbox.reaches(contact)
        kept = private(letter, contact)
        delivery = "pending" if mailed else "link"
        message_id = self._outbox.message_id() if mailed else None
        add_message(
            session,
            ticket.id,
            "out",
            kept,
            letter,
            author_id=caller.id,
            author=caller.name,
            delivery=delivery,
            message_id=message_id,
        )


def _claimed(before: TicketRow, caller: Caller) -> dict[str, str]:
    """Whoever works on a ticket that is nobody's makes it theirs."""
    status = {} if before.status == "waiting" else {"status": "claimed"}
    return {"officer_id": caller.id, "officer": caller.name, **status}


def _check_fresh(ticket: TicketRow) -> None:
    """Nothing is sent that what it rests on has overtaken."""
    if ticket.stale is None and ticket.draft != "drafting":
        return
    why = {"message": "the trader has written again", "source": "a source that it cites has changed"}
    reason = why.get(ticket.stale or "", "its draft is being made")
    raise ConflictError(f"the reply to ticket {ticket.id} is stale ({reason}): look at the newest draft and save again")


def _draft_row(session: Session, ticket: TicketRow, draft_id: int | None) -> DraftRow | None:
    """The draft that a reply is written on. Raises InputError where it is not one of the ticket's."""
    if draft_id is None:
        return None
    row = session.get(DraftRow, draft_id)
    if row is None or row.ticket_id != ticket.id:
        raise InputError(f"there is no draft {draft_id} of ticket {ticket.id}: open the ticket again")
    return row


def _answer(row: DraftRow | None) -> Answer | None:
    return draft(row).answer if row else None


def _outcome(reply: Reply, suggestion: Answer | None) -> Outcome:
    if suggestion is None or suggestion.status not in ("answered", "partial"):
        return "written"
    return "unedited" if folded(reply.text) == folded(suggestion.text) else "edited"
