"""The audit log: who saw, changed and sent what. The database itself refuses to change or delete a row."""

import datetime
from collections.abc import Sequence

from sqlalchemy import JSON, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from assistant.database.accounts import UserRow
from assistant.database.engine import Base, Database, Moment, now
from assistant.people import Caller
from assistant.tickets import Event

MOST = 500


class EventRow(Base):
    """One line. `ticket_id` is no foreign key: the line outlives the ticket."""

    __tablename__ = "events"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 (as SQLAlchemy wants it)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime.datetime] = mapped_column(Moment, index=True)
    actor: Mapped[str] = mapped_column(String(64), index=True)
    actor_name: Mapped[str] = mapped_column(String(100))
    action: Mapped[str] = mapped_column(String(64), index=True)
    ticket_id: Mapped[int | None] = mapped_column(index=True)
    detail: Mapped[dict[str, object]] = mapped_column(JSON)


def note(session: Session, caller: Caller, action: str, number: int | None = None, **detail: object) -> None:
    """Add a line, in the transaction of what it tells of. `detail` may hold no personal data."""
    session.add(
        EventRow(
            at=now(), actor=caller.id, actor_name=caller.name, action=action, ticket_id=number, detail=dict(detail)
        )
    )


def of_ticket(session: Session, number: int) -> tuple[Event, ...]:
    """The lines of one ticket, oldest first."""
    rows = session.scalars(select(EventRow).where(EventRow.ticket_id == number).order_by(EventRow.id))
    return tuple(event(row) for row in rows)


def latest(
    database: Database,
    *,
    number: int | None = None,
    actor: str | None = None,
    action: str | None = None,
    before: int | None = None,
    limit: int = 100,
) -> Sequence[Event]:
    """The newest lines that fit, newest first; `before` is the id of the last one seen."""
    chosen = select(EventRow).order_by(EventRow.id.desc()).limit(min(limit, MOST))
    for column, value in ((EventRow.ticket_id, number), (EventRow.actor, actor), (EventRow.action, action)):
        chosen = chosen.where(column == value) if value is not None else chosen
    if before is not None:
        chosen = chosen.where(EventRow.id < before)
    with database.reading() as session:
        return tuple(event(row) for row in session.scalars(chosen))


def actors(database: Database) -> dict[str, str]:
    """The name of everybody who is named in the log, and of everybody who has an account, by their ids."""
    written = select(EventRow.actor, func.max(EventRow.actor_name)).group_by(EventRow.actor)
    with database.reading() as session:
        named = dict(session.execute(written).all())
        return named | dict(session.execute(select(UserRow.id, UserRow.name)).all())


def event(row: EventRow) -> Event:
    """A row as it is shown."""
    return Event(
        id=row.id,
        at=row.at,
        actor=row.actor,
        actor_name=row.actor_name,
        action=row.action,
        number=row.ticket_id,
        detail=row.detail,
    )
