"""Personal data goes, on request and by age, from every column of both kinds of database; all else stays."""

import datetime
import json
import threading
from typing import Any

import pytest
from sqlalchemy import func, select

from assistant.database import Answers, Base, Database, audit, now
from assistant.database.accounts import SessionRow, SignInRow, UserRow
from assistant.database.tickets import (
    ContactRow,
    DecisionRow,
    DraftRow,
    MessageRow,
    OriginalRow,
    ReplyRow,
    TicketCountryRow,
    TicketRow,
)
from assistant.errors import InputError, NotFoundError, RefusedError
from assistant.helpdesk.retention import Expired, Retention
from assistant.people import SYSTEM, Caller
from assistant.settings import Settings
from fakes import make_answer

ADMIN = Caller(id="ada", name="Ada", role="admin")
DAY = datetime.timedelta(days=1)
PERSONAL = ("Siti", "Rahma", "siti@example.com", "9123 4567", "9123", "siti-passport")
NAME, ADDRESS = "Siti Rahma", "siti@example.com"
SAID = "I am Siti Rahma, 9123 4567. Do I need a Form D for HS 85171300?"
KEPT = "I am [name] [name], [phone]. Do I need a Form D for HS 85171300?"
TYPED = "Dear Siti Rahma, we called you at 9123 4567. A Form D is needed for HS 85171300 [1]."


@pytest.fixture
def retention(database: Database) -> Retention:
    return Retention(database, Settings(retention_days=30))


def put(database: Database, address: str = ADDRESS, closed: int | None = None, link: str = "link") -> int:
    """A ticket as intake and review leave it, closed so many days ago."""
    moment = now()
    with database.writing() as session:
        ticket = TicketRow(
            created_at=moment, updated_at=moment, due_at=moment, status="sent" if closed else "claimed", priority=1,
            channel="mail", language="en", subject="A question", question=KEPT, searched=KEPT.casefold(), link=link,
            draft="ready", attempts=0, closed_at=moment - closed * DAY if closed else None,
        )  # fmt: skip
        session.add(ticket)
        session.flush()
        session.add(TicketCountryRow(ticket_id=ticket.id, country="SG"))
        session.add(ContactRow(ticket_id=ticket.id, name=NAME, address=address, consent=True))
        attachment = {"name": "siti-passport.pdf", "media_type": "application/pdf", "size": 7}
        for direction, text, original, files in (
            ("in", KEPT, SAID, [attachment]),
            ("note", "Siti Rahma called from 9123 4567, siti@example.com", None, []),
            ("out", "Dear [name] [name]", "Dear Siti Rahma", []),
        ):
            message = MessageRow(
                ticket_id=ticket.id, direction=direction, at=moment, text=text, attachments=files,
                message_id=f"<{direction}-{link}@mail.example>", attempts=0,
            )  # fmt: skip
            session.add(message)
            session.flush()
            if original:
                session.add(OriginalRow(message_id=message.id, text=original))
        drafts = [_draft(ticket.id, moment) for _ in range(2)]
        session.add_all(drafts)
        session.flush()
        sentences = [{"text": TYPED, "citations": [1], "supported": True, "score": 1.0, "standing": "quoted"}]
        reply = {"text": TYPED, "sentences": sentences, "citations": [{"quote": "Call 6355 2000", "marker": 1}]}
        session.add(ReplyRow(ticket_id=ticket.id, draft_id=drafts[1].id, reply=reply, saved_at=moment))
        session.add(
            DecisionRow(ticket_id=ticket.id, at=moment, outcome="edited", reason="asked by Siti Rahma",
                        draft_text="A Form D is needed.", sent_text=TYPED)
        )  # fmt: skip
        audit.note(session, ADMIN, "ticket.approved", ticket.id, sentences=1)
        return ticket.id


def _draft(number: int, moment: datetime.datetime) -> DraftRow:
    return DraftRow(ticket_id=number, made_at=moment, index_version="v", answer=None, reason="none", similar=[])


def everything(database: Database) -> str:
    """Every value of every table, as text."""
    with database.engine.connect() as connection:
        rows = [list(connection.execute(select(table)).mappings()) for table in Base.metadata.sorted_tables]
    return json.dumps([[dict(row) for row in table] for table in rows], default=str, ensure_ascii=False)


def one(database: Database, table: type[Any], key: object) -> Any:
    with database.reading() as session:
        row = session.get_one(table, key)
        session.expunge(row)
        return row


def test_nothing_personal_is_left_anywhere_after_a_request(database: Database, retention: Retention) -> None:
    number = put(database)
    assert all(word in everything(database) for word in PERSONAL)
    retention.erase(number, ADMIN)
    found = everything(database)
    assert [word for word in PERSONAL if word in found or word.casefold() in found] == []


def test_the_answer_that_a_trader_had_in_the_chat_forgets_their_name(database: Database, retention: Retention) -> None:
    number = put(database)
    Answers(database).record(make_answer(question=f"I am {NAME}. What is a Form D?"))
    with database.writing() as session:
        session.get_one(TicketRow, number).answer_id = "answer-1"
    retention.erase(number, ADMIN)
    kept = Answers(database).find("answer-1")
    assert kept is not None
    assert kept.question == "I am [name] [name]. What is a Form D?"


def test_what_is_redacted_stays_with_figures_and_history(database: Database, retention: Retention) -> None:
    number = put(database)
    before = audit.latest(database, number=number)
    retention.erase(number, ADMIN)
    row = one(database, TicketRow, number)
    assert (row.erased, row.version, row.question, row.status) == (True, 2, KEPT, "claimed")
    with database.reading() as session:
        messages = session.scalars(select(MessageRow).order_by(MessageRow.id)).all()
        assert [message.text for message in messages] == [
            KEPT,
            "[name] [name] called from [phone], [email]",
            "Dear [name] [name]",
        ]
        assert messages[0].attachments == [{"name": "attachment", "media_type": "application/pdf", "size": 7}]
        assert messages[0].message_id == "<in-link@mail.example>"
        kept = "Dear [name] [name], we called you at [phone]. A Form D is needed for HS 85171300 [1]."
        decision = session.scalars(select(DecisionRow)).one()
        assert (decision.outcome, decision.reason, decision.sent_text) == ("edited", "asked by [name] [name]", kept)
        reply = session.get_one(ReplyRow, number).reply
    assert reply["text"] == kept
    assert reply["citations"] == [{"quote": "Call 6355 2000", "marker": 1}]
    events = audit.latest(database, number=number)
    assert events[1:] == before
    assert (events[0].action, events[0].actor, events[0].detail) == ("ticket.erased", "ada", {"why": "request"})


def test_who_may_not_erase_erases_nothing(database: Database, retention: Retention) -> None:
    number = put(database)
    before = everything(database)
    for role in ("officer", "lead", "intake", "read-only"):
        with pytest.raises(RefusedError, match="erase"):
            retention.erase(number, Caller(id="x", name="X", role=role))
        with pytest.raises(RefusedError, match="erase"):
            retention.erase_address(ADDRESS, Caller(id="x", name="X", role=role))
    with pytest.raises(NotFoundError, match="999"):
        retention.erase(999, ADMIN)
    assert everything(database) == before


def test_erasing_twice_is_no_error(database: Database, retention: Retention) -> None:
    number = put(database)
    retention.erase(number, ADMIN)
    retention.erase(number, ADMIN)
    assert one(database, TicketRow, number).question == KEPT


def test_all_of_one_trader_goes_and_nobody_elses(database: Database, retention: Retention) -> None:
    mine = [put(database, link=f"mine {number}") for number in range(3)]
    other = put(database, address="budi@example.com", link="other")
    assert retention.erase_address(f" {ADDRESS.upper()} ", ADMIN) == tuple(mine)
    assert retention.erase_address("nobody@example.com", ADMIN) == ()
    with database.reading() as session:
        assert session.scalars(select(ContactRow.ticket_id)).all() == [other]
    line = audit.latest(database, action="address.erased")[-1]
    assert line.detail["tickets"] == 3
    assert len(str(line.detail["address"])) == 64
    with database.reading() as session:
        texts = session.scalars(select(MessageRow.text).where(MessageRow.ticket_id.in_(mine))).all()
        assert session.scalar(select(func.count()).select_from(OriginalRow)) == 2
    assert not any(ADDRESS in text for text in texts)
    assert ADDRESS not in str(audit.latest(database)).casefold()


def test_what_is_no_address_is_refused_before_anything_is_noted(database: Database, retention: Retention) -> None:
    put(database)
    before = everything(database)
    for nonsense in ("nonsense", "", "a@b"):
        with pytest.raises(InputError, match="no e-mail address"):
            retention.erase_address(nonsense, ADMIN)
    assert everything(database) == before


def test_what_has_passed_its_time_goes_by_itself_and_what_has_not_stays(
    database: Database, retention: Retention
) -> None:
    old = [put(database, closed=31, link=f"old {number}") for number in range(2)]
    put(database, closed=29, link="newer")
    put(database, link="open")
    moment = now()
    with database.writing() as session:
        session.add(UserRow(id="ada", email="ada@desk.example", name="Ada", role="admin", created_at=moment))
        session.flush()
        for name, end in (("past", moment - DAY), ("future", moment + DAY)):
            session.add(SessionRow(id=name, user_id="ada", csrf="c", created_at=moment, expires_at=end, seen_at=moment))
            session.add(SignInRow(state=name, nonce="n", verifier="v", browser="b", expires_at=end))
    Answers(database).record(make_answer())
    assert retention.expire() == Expired(tickets=2, drafts=2, sessions=1, sign_ins=1, answers=0)
    with database.reading() as session:
        assert session.scalars(select(TicketRow.id).where(TicketRow.erased).order_by(TicketRow.id)).all() == old
        assert session.scalar(select(func.count()).select_from(ContactRow)) == 2
        assert session.scalar(select(func.count()).select_from(DraftRow)) == 6
        assert session.scalars(select(SessionRow.id)).all() == ["future"]
        assert session.scalars(select(SignInRow.state)).all() == ["future"]
    lines = audit.latest(database, actor=SYSTEM.id)
    assert [line.action for line in lines] == ["retention.applied", "ticket.erased", "ticket.erased"]
    assert lines[0].detail["tickets"] == 2
    assert retention.expire() == Expired()
    assert audit.latest(database, actor=SYSTEM.id) == lines


def test_a_contact_that_came_after_the_erasure_expires_too(database: Database, retention: Retention) -> None:
    number = put(database, closed=31)
    retention.erase(number, ADMIN)
    with database.writing() as session:
        session.add(ContactRow(ticket_id=number, name="Siti", address=ADDRESS, consent=True))
    assert retention.expire().tickets == 1
    with database.reading() as session:
        assert session.get(ContactRow, number) is None


def test_more_tickets_than_one_transaction_takes_expire(database: Database, retention: Retention) -> None:
    for number in range(103):
        put(database, closed=40, link=str(number))
    assert retention.expire().tickets == 103
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(OriginalRow)) == 0


def test_two_processes_that_expire_at_once_do_it_once(database: Database, retention: Retention) -> None:
    for number in range(20):
        put(database, closed=40, link=str(number))
    found: list[Expired] = []
    threads = [threading.Thread(target=lambda: found.append(retention.expire())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(ContactRow)) == 0
        assert session.scalar(select(func.count()).select_from(TicketRow).where(TicketRow.version == 2)) == 20
