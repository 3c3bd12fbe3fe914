"""Suggested answers."""

import datetime
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest
from sqlalchemy import select, update

from assistant.bootstrap import Assistant
from assistant.database import Database, now
from assistant.database.tickets import DraftRow, TicketRow
from assistant.errors import ConflictError, IndexUnavailableError
from assistant.helpdesk import Helpdesk
from assistant.helpdesk.drafting import ATTEMPTS, Drafter
from assistant.types import Answer, Question
from desks import ANA, BUDI, FOUNDED, LEAD, SENTENCE, UNKNOWN, ask, drafted, edited, seen


class Failing:
    """An assistant that fails to answer."""

    def __init__(self, assistant: Assistant, error: Exception) -> None:
        self._assistant = assistant
        self._error = error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._assistant, name)

    def draft(self, _question: Question) -> Answer:
        raise self._error


def test_an_answer_is_suggested_with_its_citations(helpdesk: Helpdesk) -> None:
    ticket = drafted(helpdesk)
    assert ticket.suggestion is not None
    assert ticket.suggestion.answer is not None
    assert ticket.suggestion.reason is None
    assert (ticket.status, ticket.draft) == ("drafted", "ready")
    assert ticket.confidence == ticket.suggestion.answer.confidence
    assert ticket.topic == "facts"
    assert ticket.reply is not None
    assert ticket.reply.text == ticket.suggestion.answer.text
    assert SENTENCE in [sentence.text for sentence in ticket.reply.sentences]
    assert ticket.reply.sentences[0].standing == "quoted"
    assert ticket.reply.draft_id == ticket.suggestion.id


def test_where_the_sources_do_not_answer_the_reason_is_told(helpdesk: Helpdesk) -> None:
    ticket = drafted(helpdesk, UNKNOWN)
    assert ticket.suggestion is not None
    assert ticket.suggestion.reason == "the sources do not answer this question"
    assert ticket.suggestion.answer is not None
    assert ticket.suggestion.answer.status == "routed"
    assert (ticket.status, ticket.confidence) == ("new", None)
    assert ticket.reply is not None
    assert ticket.reply.text == ""


def test_what_has_no_words_gets_no_draft(helpdesk: Helpdesk) -> None:
    ticket = drafted(helpdesk, "??? !!!")
    assert ticket.suggestion is not None
    assert ticket.suggestion.answer is None
    assert ticket.suggestion.reason is not None
    assert "no words" in ticket.suggestion.reason


def test_a_long_mail_is_drafted_from_its_beginning(helpdesk: Helpdesk) -> None:
    ticket = drafted(helpdesk, f"{FOUNDED} {'And so on. ' * 1000}")
    assert ticket.suggestion is not None
    assert ticket.suggestion.answer is not None


def test_the_most_urgent_comes_first(helpdesk: Helpdesk, database: Database) -> None:
    ask(helpdesk)
    urgent = ask(helpdesk, priority="urgent").number
    helpdesk.drafter.next()
    with database.reading() as session:
        assert session.scalars(select(DraftRow.ticket_id)).all() == [urgent]


def test_several_drafters_make_each_draft_once(database: Database, helpdesk: Helpdesk, small: Assistant) -> None:
    made = {ask(helpdesk).number for _ in range(12)}
    drafters = [Drafter(database, small) for _ in range(3)]

    def work(drafter: Drafter) -> None:
        while drafter.next():
            pass

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, drafters))
    with database.reading() as session:
        assert sorted(session.scalars(select(DraftRow.ticket_id))) == sorted(made)


def test_a_draft_that_nobody_finished_is_taken_over(helpdesk: Helpdesk, database: Database) -> None:
    number = ask(helpdesk).number
    past, ahead = now() - datetime.timedelta(minutes=1), now() + datetime.timedelta(minutes=1)
    for lease, free in ((ahead, False), (past, True)):
        with database.writing() as session:
            session.execute(update(TicketRow).values(draft="drafting", lease=lease))
        assert helpdesk.drafter.next() is free
    assert helpdesk.queue.open(number, ANA).draft == "ready"


@pytest.mark.parametrize(
    "error", [RuntimeError("disk"), IndexUnavailableError("the index cannot be read")], ids=["unexpected", "expected"]
)
def test_what_fails_is_tried_again_at_once_and_then_given_up(
    helpdesk: Helpdesk, database: Database, small: Assistant, error: Exception
) -> None:
    number = ask(helpdesk).number
    drafter = Drafter(database, cast("Assistant", Failing(small, error)))
    for _ in range(ATTEMPTS - 1):
        with pytest.raises(type(error)):
            drafter.next()
        assert helpdesk.queue.open(number, ANA).draft == "wanted"
    with pytest.raises(type(error)):
        drafter.next()
    ticket = helpdesk.queue.open(number, ANA)
    assert ticket.draft == "ready"
    assert ticket.suggestion is not None
    assert "no draft could be made" in str(ticket.suggestion.reason)


def test_similar_questions_show_what_was_sent(helpdesk: Helpdesk) -> None:
    first = drafted(helpdesk)
    helpdesk.review.save(first.number, edited(first, f"{SENTENCE} [1] Thank you for asking."), ANA)
    opened = helpdesk.queue.open(first.number, ANA)
    helpdesk.review.approve(first.number, seen(opened), ANA)
    second = drafted(helpdesk, "In which year was the Sample Coordinating Committee on Customs established?")
    assert second.suggestion is not None
    assert [each.number for each in second.suggestion.similar] == [first.number]
    assert "Thank you for asking." in second.suggestion.similar[0].text
    other = drafted(helpdesk, "Where can I read Malaysia's customs guides?")
    assert other.suggestion is not None
    assert other.suggestion.similar == ()


def test_what_an_officer_has_written_is_not_overwritten(helpdesk: Helpdesk) -> None:
    ticket = drafted(helpdesk)
    saved = helpdesk.review.save(ticket.number, edited(ticket, "My own words?"), ANA)
    remade = helpdesk.drafter.suggest(ticket.number, seen(saved), ANA)
    assert remade.suggestion is not None
    assert ticket.suggestion is not None
    assert remade.suggestion.id > ticket.suggestion.id
    assert remade.reply is not None
    assert remade.reply.text == "My own words?"


def test_only_whose_ticket_it_is_has_the_draft_made_anew(helpdesk: Helpdesk) -> None:
    ticket = drafted(helpdesk)
    claimed = helpdesk.queue.claim(ticket.number, seen(ticket), ANA)
    with pytest.raises(ConflictError, match="claimed by Ana"):
        helpdesk.drafter.suggest(ticket.number, seen(claimed), BUDI)


def test_a_changed_source_makes_the_draft_stale(helpdesk: Helpdesk, database: Database) -> None:
    ticket = drafted(helpdesk)
    assert helpdesk.drafter.look_for_changes() == 0
    with database.writing() as session:
        row = session.scalars(select(DraftRow)).one()
        assert row.answer is not None
        answer = Answer.model_validate(row.answer)
        gone = [each.model_copy(update={"passage_id": "gone.1"}) for each in answer.citations]
        row.answer = answer.model_copy(update={"citations": tuple(gone)}).model_dump(mode="json")
    later = Drafter(database, helpdesk.assistant)  # as after the index has changed
    assert later.look_for_changes() == 1
    stale = helpdesk.queue.open(ticket.number, LEAD)
    assert (stale.stale, stale.version > ticket.version) == ("source", True)
    with pytest.raises(ConflictError):
        helpdesk.review.approve(ticket.number, seen(ticket), ANA)
    with pytest.raises(ConflictError, match="source that it cites has changed"):
        helpdesk.review.approve(ticket.number, seen(stale), ANA)
    assert helpdesk.drafter.next()
    fresh = helpdesk.queue.open(ticket.number, ANA)
    assert fresh.stale is None
    assert helpdesk.review.approve(ticket.number, seen(fresh), ANA).status == "sent"
