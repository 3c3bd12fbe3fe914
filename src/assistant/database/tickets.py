"""Tables of the helpdesk's work. Personal data stands in `contacts` and `originals` alone."""

import datetime

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from assistant.database.engine import Base, Moment


class TicketRow(Base):
    """A trader's question and how far it is. `version` grows with every change that an officer must have seen.

    `question` is redacted, `searched` what the queue's search looks into, `vector` float32, `link` a hash.
    `priority` is a rank, the highest for the most urgent. Who works on it may be a person or a program, hence no
    foreign key, and its name beside it. `lease` is until when somebody makes the draft.
    """

    __tablename__ = "tickets"
    __table_args__ = (
        Index("ix_tickets_status_due_at", "status", "due_at"),
        Index("ix_tickets_draft_priority", "draft", "priority"),
        {"sqlite_autoincrement": True},  # the number of a deleted ticket is never given again
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime.datetime] = mapped_column(Moment, index=True)
    updated_at: Mapped[datetime.datetime] = mapped_column(Moment, index=True)
    due_at: Mapped[datetime.datetime] = mapped_column(Moment, index=True)
    status: Mapped[str] = mapped_column(String(16))
    priority: Mapped[int]
    channel: Mapped[str] = mapped_column(String(16))
    language: Mapped[str] = mapped_column(String(8), index=True)
    topic: Mapped[str | None] = mapped_column(String(32), index=True)
    subject: Mapped[str] = mapped_column(String(300))
    question: Mapped[str] = mapped_column(Text)
    searched: Mapped[str] = mapped_column(Text)
    vector: Mapped[bytes | None] = mapped_column(LargeBinary)
    answer_id: Mapped[str | None] = mapped_column(String(64))
    link: Mapped[str] = mapped_column(String(64), unique=True)
    officer_id: Mapped[str | None] = mapped_column(String(64), index=True)
    officer: Mapped[str | None] = mapped_column(String(100))
    draft: Mapped[str] = mapped_column(String(16))
    lease: Mapped[datetime.datetime | None] = mapped_column(Moment)
    attempts: Mapped[int] = mapped_column(default=0)
    stale: Mapped[str | None] = mapped_column(String(16))
    confidence: Mapped[float | None]
    answered_at: Mapped[datetime.datetime | None] = mapped_column(Moment)
    closed_at: Mapped[datetime.datetime | None] = mapped_column(Moment, index=True)
    erased: Mapped[bool] = mapped_column(default=False)


class TicketCountryRow(Base):
    """That a ticket is about a country."""

    __tablename__ = "ticket_countries"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True)
    country: Mapped[str] = mapped_column(String(2), primary_key=True, index=True)


class ContactRow(Base):
    """Personal data: whom the reply goes to."""

    __tablename__ = "contacts"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    address: Mapped[str | None] = mapped_column(String(254), index=True)
    consent: Mapped[bool]


class MessageRow(Base):
    """What was written, redacted. `message_id` is that of a mail, and tells replies and repetitions."""

    __tablename__ = "messages"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), index=True)
    direction: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime.datetime] = mapped_column(Moment)
    author_id: Mapped[str | None] = mapped_column(String(64))
    author: Mapped[str | None] = mapped_column(String(100))
    text: Mapped[str] = mapped_column(Text)
    attachments: Mapped[list[dict[str, object]]] = mapped_column(JSON)
    message_id: Mapped[str | None] = mapped_column(String(500), unique=True)
    delivery: Mapped[str | None] = mapped_column(String(16), index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    tried_at: Mapped[datetime.datetime | None] = mapped_column(Moment)


class OriginalRow(Base):
    """Personal data: a trader's message in their own words."""

    __tablename__ = "originals"

    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True)
    text: Mapped[str] = mapped_column(Text)


class DraftRow(Base):
    """A suggested answer, as it was made."""

    __tablename__ = "drafts"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), index=True)
    made_at: Mapped[datetime.datetime] = mapped_column(Moment)
    index_version: Mapped[str] = mapped_column(String(64))
    answer: Mapped[dict[str, object] | None] = mapped_column(JSON(none_as_null=True))
    reason: Mapped[str | None] = mapped_column(String(500))
    similar: Mapped[list[dict[str, object]]] = mapped_column(JSON)


class ReplyRow(Base):
    """What an officer is about to send on a ticket, as last saved."""

    __tablename__ = "replies"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True)
    draft_id: Mapped[int | None] = mapped_column(ForeignKey("drafts.id"), index=True)
    reply: Mapped[dict[str, object]] = mapped_column(JSON)
    user_id: Mapped[str | None] = mapped_column(String(64))
    editor: Mapped[str | None] = mapped_column(String(100))
    saved_at: Mapped[datetime.datetime] = mapped_column(Moment)


class DecisionRow(Base):
    """What an officer decided: the suggestion beside what was sent, for figures and for learning."""

    __tablename__ = "decisions"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime.datetime] = mapped_column(Moment, index=True)
    user_id: Mapped[str | None] = mapped_column(String(64))
    officer: Mapped[str | None] = mapped_column(String(100))
    outcome: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(2_100))
    draft_text: Mapped[str | None] = mapped_column(Text)
    sent_text: Mapped[str | None] = mapped_column(Text)


class CannedRow(Base):
    """A paragraph of the library."""

    __tablename__ = "canned"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    title: Mapped[str] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(8))
    country: Mapped[str | None] = mapped_column(String(2))


class VerifiedRow(Base):
    """A published answer. `id` is its document's; `sources` are the passages that it rests on."""

    __tablename__ = "verified"

    id: Mapped[str] = mapped_column(String(100), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    question: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(8))
    countries: Mapped[list[str]] = mapped_column(JSON)
    sources: Mapped[list[str]] = mapped_column(JSON)
    user_id: Mapped[str] = mapped_column(String(64))
    user_name: Mapped[str] = mapped_column(String(100))
    published_at: Mapped[datetime.datetime] = mapped_column(Moment)
    expires_on: Mapped[datetime.date]
    state: Mapped[str] = mapped_column(String(16), index=True)
