"""Figures from rows with known counts, on SQLite and PostgreSQL."""

import csv
import datetime
import io

import pytest
from sqlalchemy import select

from assistant.database import Database, now
from assistant.database.tickets import DecisionRow
from assistant.errors import RefusedError
from assistant.helpdesk.figures import Figures, Numbers
from assistant.people import Caller
from rows import LEAD, READER, add_ticket, decide

DAY = datetime.timedelta(days=1)
MINUTE = datetime.timedelta(minutes=1)


@pytest.fixture
def figures(database: Database) -> Figures:
    return Figures(database)


def fill(database: Database) -> None:
    """Six tickets of today, one of ten days ago that is decided today, one too old to count."""
    noon = now()
    with database.writing() as session:
        for outcome, minutes, countries in (
            ("unedited", 10, ("SG",)),
            ("edited", 20, ("SG", "MY")),
            ("written", 90, ()),
        ):
            row = add_ticket(
                session, "q", countries=countries, status="sent", at=noon, answered_at=noon + minutes * MINUTE
            )
            decide(session, row.id, outcome)
        for reason in ("spam", "out of scope: Mr Tan asked for: much"):
            row = add_ticket(
                session, "q", status="rejected", channel="mail", language="th", topic=None, countries=("TH",)
            )
            decide(session, row.id, "rejected", reason=reason)
        row = add_ticket(session, "q", status="waiting")
        decide(session, row.id, "asked")
        old = add_ticket(session, "q", status="escalated", at=noon - 10 * DAY, countries=("MY",))
        decide(session, old.id, "escalated")
        ancient = add_ticket(session, "q", status="sent", at=noon - 90 * DAY, answered_at=noon - 80 * DAY)
        decide(session, ancient.id, "edited", at=noon - 80 * DAY)


def test_what_came_and_what_was_decided(database: Database, figures: Figures) -> None:
    fill(database)
    found = figures.read(7, READER)
    assert found.totals.model_dump() == {
        "tickets": 6, "open": 1, "sent": 3, "unedited": 1, "edited": 1, "written": 1, "rejected": 2, "escalated": 1,
    }  # fmt: skip
    assert (found.first_answer_minutes.median, found.first_answer_minutes.p90) == (20.0, 76.0)
    assert [reason.model_dump() for reason in found.reject_reasons] == [
        {"reason": "out of scope", "count": 1},
        {"reason": "spam", "count": 1},
    ]


def test_a_longer_time_holds_more(database: Database, figures: Figures) -> None:
    fill(database)
    assert figures.read(30, READER).totals.tickets == 7
    assert figures.read(365, READER).totals.tickets == 8
    assert figures.read(365, READER).totals.edited == 2


def test_every_day_is_there_and_in_utc(database: Database, figures: Figures) -> None:
    midnight = datetime.datetime.combine(now().date(), datetime.time(), datetime.UTC)
    with database.writing() as session:
        add_ticket(session, "q", at=midnight)
        row = add_ticket(session, "q", at=midnight - datetime.timedelta(microseconds=1))
        decide(session, row.id, "unedited", at=midnight - datetime.timedelta(microseconds=1))
    days = figures.read(3, READER).by_day
    assert [(day.created, day.sent) for day in days] == [(0, 0), (1, 1), (1, 0)]
    assert days[-1].day == midnight.date()


def test_groups(database: Database, figures: Figures) -> None:
    fill(database)
    found = figures.read(7, READER)
    countries = {group.key: group.model_dump(exclude={"key"}) for group in found.by_country}
    assert countries == {
        "SG": {"created": 2, "sent": 2, "unedited": 1, "edited": 1, "rejected": 0},
        "MY": {"created": 1, "sent": 1, "unedited": 0, "edited": 1, "rejected": 0},
        "TH": {"created": 2, "sent": 0, "unedited": 0, "edited": 0, "rejected": 2},
        "none": {"created": 2, "sent": 1, "unedited": 0, "edited": 0, "rejected": 0},
    }
    assert [(g.key, g.created, g.sent, g.rejected) for g in found.by_channel] == [("api", 4, 3, 0), ("mail", 2, 0, 2)]
    assert [(g.key, g.created) for g in found.by_language] == [("en", 4), ("th", 2)]
    assert [(g.key, g.created) for g in found.by_topic] == [("facts", 4), ("none", 2)]


def test_a_ticket_that_was_opened_again_counts_once_by_its_last_decision(database: Database, figures: Figures) -> None:
    with database.writing() as session:
        again = add_ticket(session, "q", status="sent", countries=("SG",))
        for outcome, days in (("unedited", 2), ("asked", 1), ("rejected", 1), ("edited", 0), ("asked", 0)):
            decide(session, again.id, outcome, at=now() - days * DAY, reason="spam" if outcome == "rejected" else None)
    found = figures.read(7, READER)
    assert (found.totals.sent, found.totals.unedited, found.totals.edited, found.totals.rejected) == (1, 0, 1, 0)
    assert [(day.created, day.sent) for day in found.by_day[-3:]] == [(0, 0), (0, 0), (1, 1)]
    assert [(group.sent, group.unedited, group.edited, group.rejected) for group in found.by_country] == [(1, 0, 1, 0)]
    assert found.reject_reasons == ()
    with database.reading() as session:
        assert len(session.scalars(select(DecisionRow)).all()) == 5


def test_nothing_gives_noughts(figures: Figures) -> None:
    found = figures.read(2, LEAD)
    assert set(found.totals.model_dump().values()) == {0}
    assert found.first_answer_minutes.median is None
    assert len(found.by_day) == 2
    assert found.by_country == found.reject_reasons == ()


def test_json_and_csv(database: Database, figures: Figures) -> None:
    fill(database)
    found = figures.read(7, READER)
    read = found.model_dump(mode="json")
    assert list(read)[:2] == ["from", "to"]
    assert Numbers.model_validate(read) == found
    rows = list(csv.DictReader(io.StringIO(found.csv())))
    assert sum(int(row["created"]) for row in rows if row["by"] == "day") == found.totals.tickets
    assert {row["key"] for row in rows if row["by"] == "country"} == {"SG", "MY", "TH", "none"}
    assert len(rows) == 7 + 4 + 2 + 2 + 2


def test_programs_that_hand_in_questions_see_no_figures(figures: Figures) -> None:
    with pytest.raises(RefusedError):
        figures.read(7, Caller(id="t", name="web", role="intake", kind="token"))
