"""Tickets as rows, for tests of what is made of them."""

import datetime
import secrets
from typing import Any

from sqlalchemy.orm import Session

from assistant.bootstrap import Assistant
from assistant.database import Database, now
from assistant.database.tickets import (
    DecisionRow,
    DraftRow,
    MessageRow,
    ReplyRow,
    TicketCountryRow,
    TicketRow,
)
from assistant.people import Caller
from assistant.tickets import Checked
from assistant.types import Answer, Question

LEAD = Caller(id="lead", name="Lin", role="lead")
OFFICER = Caller(id="officer", name="Omar", role="officer")
READER = Caller(id="reader", name="Rhea", role="read-only")


def add_ticket(session: Session, question: str, **fields: Any) -> TicketRow:
    """A ticket with its first message, about `countries`."""
    countries = fields.pop("countries", ())
    at = fields.pop("at", now())
    defaults = {
        "created_at": at,
        "updated_at": at,
        "due_at": at + datetime.timedelta(days=2),
        "status": "new",
        "priority": 1,
        "channel": "api",
        "language": "en",
        "topic": "facts",
        "subject": "",
        "question": question,
        "searched": question.casefold(),
        "link": secrets.token_hex(32),
        "draft": "ready",
    }
    row = TicketRow(**{**defaults, **fields})
    session.add(row)
    session.flush()
    session.add_all(TicketCountryRow(ticket_id=row.id, country=code) for code in countries)
    session.add(MessageRow(ticket_id=row.id, direction="in", at=at, text=question, attachments=[]))
    session.flush()
    return row


def add_draft(session: Session, number: int, answer: Answer | None, reason: str | None = None) -> DraftRow:
    row = DraftRow(
        ticket_id=number,
        made_at=now(),
        index_version="v1",
        answer=answer.model_dump(mode="json") if answer else None,
        reason=reason,
        similar=[],
    )
    session.add(row)
    session.flush()
    return row


def decide(session: Session, number: int, outcome: str, **fields: Any) -> None:
    session.add(DecisionRow(ticket_id=number, outcome=outcome, **{"at": now(), **fields}))


def answered(
    database: Database, assistant: Assistant, question: str, *own: Checked, country: str | None = None, **fields: Any
) -> int:
    """An approved ticket whose reply is the assistant's own draft, and sentences of the officer's."""
    answer = assistant.draft(Question(text=question, country=country))
    assert answer.status in ("answered", "partial"), answer.text
    sentences = [
        Checked(**sentence.model_dump(), standing="quoted" if sentence.citations else "own words")
        for sentence in answer.sentences
    ]
    sentences += own
    text = " ".join(sentence.marked for sentence in sentences)
    with database.writing() as session:
        row = add_ticket(session, question, **{"status": "approved", "countries": answer.countries, **fields})
        made = add_draft(session, row.id, answer)
        reply = {
            "text": text,
            "sentences": [sentence.model_dump(mode="json") for sentence in sentences],
            "citations": [citation.model_dump(mode="json") for citation in answer.citations],
            "draft_id": None,
        }
        session.add(ReplyRow(ticket_id=row.id, draft_id=made.id, reply=reply, user_id="officer", saved_at=now()))
        decide(session, row.id, "edited" if own else "unedited", draft_text=answer.text, sent_text=text)
        session.add(MessageRow(ticket_id=row.id, direction="out", at=now(), text=text, attachments=[]))
        return row.id
