"""Figures of the helpdesk: how much comes in, how soon it is answered, and what becomes of suggested answers."""

import csv
import datetime
import io
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from pydantic import ConfigDict, Field
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from assistant.database import Database, now
from assistant.database.tickets import DecisionRow, TicketCountryRow, TicketRow
from assistant.people import Caller
from assistant.tickets import OPEN
from assistant.types import Frozen

SENT = ("unedited", "edited", "written")
NONE = "none"  # the key of tickets without a country or topic
LONGEST = 3_660  # days
# A ticket counts once, by what was decided on it last, however often it was opened
# again; a question back decides nothing.
LAST = DecisionRow.id.in_(
    select(func.max(DecisionRow.id)).where(DecisionRow.outcome != "asked").group_by(DecisionRow.ticket_id)
)
GROUPS = ("country", "language", "topic", "channel")


class Totals(Frozen):
    """Tickets that came and those decided in the time, by the last decision; `open` are all that are open now."""

    tickets: int
    open: int
    sent: int
    unedited: int
    edited: int
    written: int
    rejected: int
    escalated: int


class Minutes(Frozen):
    """Until the first answer, over the tickets that had theirs in the time; None where none had."""

    median: float | None
    p90: float | None


class Day(Frozen):
    """One day, in UTC."""

    day: datetime.date
    created: int = 0
    sent: int = 0


class Group(Frozen):
    """Tickets of one country, language, topic or channel. A ticket about two countries counts for each."""

    key: str
    created: int = 0
    sent: int = 0
    unedited: int = 0
    edited: int = 0
    rejected: int = 0


class Reason(Frozen):
    """Why tickets were rejected."""

    reason: str
    count: int


class Numbers(Frozen):
    """All figures of a time, its first and last day included."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, serialize_by_alias=True)

    first: datetime.date = Field(alias="from")
    last: datetime.date = Field(alias="to")
    totals: Totals
    first_answer_minutes: Minutes
    by_day: tuple[Day, ...]
    by_country: tuple[Group, ...]
    by_language: tuple[Group, ...]
    by_topic: tuple[Group, ...]
    by_channel: tuple[Group, ...]
    reject_reasons: tuple[Reason, ...]

    def csv(self) -> str:
        """The tables as one: which table, its key, and what it counts."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["by", *Group.model_fields])
        writer.writerows(["day", day.day.isoformat(), day.created, day.sent, "", "", ""] for day in self.by_day)
        for name in GROUPS:
            groups: tuple[Group, ...] = getattr(self, f"by_{name}")
            writer.writerows([name, *group.model_dump().values()] for group in groups)
        return out.getvalue()


class Figures:
    """Counts in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, days: int, caller: Caller) -> Numbers:
        """The figures of the last `days` days, today included, in UTC."""
        caller.need("figures")
        last = now().date()
        first = last - datetime.timedelta(days=min(max(days, 1), LONGEST) - 1)
        since = datetime.datetime.combine(first, datetime.time(), datetime.UTC)
        with self._database.reading() as session:
            outcomes = _counts(session, _outcomes(DecisionRow.outcome, since))
            return Numbers(
                first=first,
                last=last,
                totals=_totals(session, since, outcomes),
                first_answer_minutes=_first_answers(session, since),
                by_day=_days(session, since, first, last),
                by_country=_groups(session, since, TicketCountryRow.country, by_country=True),
                by_language=_groups(session, since, TicketRow.language),
                by_topic=_groups(session, since, TicketRow.topic),
                by_channel=_groups(session, since, TicketRow.channel),
                reject_reasons=_reasons(session, since),
            )


def _created(key: ColumnElement[Any] | Any, since: datetime.datetime) -> Select[Any]:
    return select(key, func.count(TicketRow.id.distinct())).where(TicketRow.created_at >= since).group_by(key)


def _outcomes(key: ColumnElement[Any] | Any, since: datetime.datetime) -> Select[Any]:
    return select(key, func.count()).where(DecisionRow.at >= since, LAST).group_by(key)


def _counts(session: Session, chosen: Select[Any]) -> dict[Any, int]:
    return dict(session.execute(chosen).all())


def _totals(session: Session, since: datetime.datetime, outcomes: dict[Any, int]) -> Totals:
    tickets = session.scalar(select(func.count(TicketRow.id)).where(TicketRow.created_at >= since))
    still_open = session.scalar(select(func.count(TicketRow.id)).where(TicketRow.status.in_(OPEN)))
    named = {name: outcomes.get(name, 0) for name in (*SENT, "rejected", "escalated")}
    return Totals(tickets=tickets or 0, open=still_open or 0, sent=sum(named[name] for name in SENT), **named)


def _first_answers(session: Session, since: datetime.datetime) -> Minutes:
    times = session.execute(select(TicketRow.created_at, TicketRow.answered_at).where(TicketRow.answered_at >= since))
    minutes = [(answered - created).total_seconds() / 60 for created, answered in times if answered]
    if not minutes:
        return Minutes(median=None, p90=None)
    median, p90 = np.percentile(minutes, [50, 90])
    return Minutes(median=round(float(median), 1), p90=round(float(p90), 1))


def _days(session: Session, since: datetime.datetime, first: datetime.date, last: datetime.date) -> tuple[Day, ...]:
    day = _day_of(session)
    created = _counts(session, _created(day(TicketRow.created_at), since))
    sent = _counts(session, _outcomes(day(DecisionRow.at), since).where(DecisionRow.outcome.in_(SENT)))
    dates = [first + datetime.timedelta(days=count) for count in range((last - first).days + 1)]
    return tuple(
        Day(day=date, created=created.get(date.isoformat(), 0), sent=sent.get(date.isoformat(), 0)) for date in dates
    )


def _day_of(session: Session) -> Callable[[Any], ColumnElement[str]]:
    """The day in UTC of a moment, as text; each database has its own way."""
    if session.get_bind().dialect.name == "sqlite":
        return lambda column: func.strftime("%Y-%m-%d", column)
    return lambda column: func.to_char(func.timezone("UTC", column), "YYYY-MM-DD")


def _groups(session: Session, since: datetime.datetime, key: Any, *, by_country: bool = False) -> tuple[Group, ...]:
    """Counts by what tickets have in common, the largest first."""
    came = _created(key, since).select_from(TicketRow)
    decided = (
        select(key, DecisionRow.outcome, func.count())
        .select_from(DecisionRow)
        .join(TicketRow, TicketRow.id == DecisionRow.ticket_id)
        .where(DecisionRow.at >= since, LAST)
        .group_by(key, DecisionRow.outcome)
    )
    if by_country:
        joined = TicketCountryRow.ticket_id == TicketRow.id
        came, decided = came.outerjoin(TicketCountryRow, joined), decided.outerjoin(TicketCountryRow, joined)
    found: dict[str, Counter[str]] = {}
    for name, count in session.execute(came):
        found.setdefault(name or NONE, Counter())["created"] += count
    for name, outcome, count in session.execute(decided):
        counted = found.setdefault(name or NONE, Counter())
        counted[outcome] += count
        counted["sent"] += count if outcome in SENT else 0
    return tuple(sorted((_group(name, counted) for name, counted in found.items()), key=_order))


def _group(key: str, counted: Counter[str]) -> Group:
    return Group(key=key, **{name: counted[name] for name in Group.model_fields if name != "key"})


def _order(group: Group) -> tuple[int, str]:
    return -group.created, group.key


def _reasons(session: Session, since: datetime.datetime) -> tuple[Reason, ...]:
    """The reasons, without what officers wrote beside them."""
    rejected = _outcomes(DecisionRow.reason, since).where(DecisionRow.outcome == "rejected")
    counted: Counter[str] = Counter()
    for reason, count in session.execute(rejected):
        counted[reason_of(reason)] += count
    return tuple(Reason(reason=reason, count=count) for reason, count in _largest_first(counted))


def reason_of(kept: str | None) -> str:
    """The reason code of a rejection: what stands before the officer's comment."""
    return (kept or "other").partition(":")[0]


def _largest_first(counted: Counter[str]) -> Sequence[tuple[str, int]]:
    return sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
