"""Events of the chat page that concern the helpdesk, on a real assistant and a helpdesk in memory."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import gradio as gr
import pytest

from assistant.bootstrap import Assistant
from assistant.errors import IndexUnavailableError
from assistant.ports import HandOver
from assistant.types import AnswerEvent, Question
from assistant_ui.chat import Chat, Choice, Updates
from assistant_ui.exchange import Exchange
from fakes import MemoryHelpdesk

ANSWERED = "What is ASSIST?"
REFUSED = "What duty do I pay on laptops in Thailand?"
FILLED = {"address": "Trader@Example.com", "name": "Ann Lim", "note": "For 20 laptops.", "consent": True}


class Unavailable:
    """An assistant that cannot answer any more."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def __getattr__(self, name: str) -> Any:
        return getattr(self._assistant, name)

    def stream(self, question: Question) -> Iterator[AnswerEvent]:
        raise IndexUnavailableError("no index")


@pytest.fixture
def helpdesk() -> MemoryHelpdesk:
    return MemoryHelpdesk()


@pytest.fixture
def page(small: Assistant, helpdesk: MemoryHelpdesk) -> Chat:
    return built(small, helpdesk)


def built(assistant: Any, helpdesk: HandOver | None = None) -> Chat:
    """The page, made where an event loop runs: Gradio would leave one of its own open.

    In a thread of its own, since Playwright keeps a loop running in ours.
    """

    async def build() -> Chat:
        return Chat(assistant, helpdesk)

    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, build()).result()


def asked(page: Chat, *questions: str, choice: Choice = Choice()) -> tuple[Exchange, ...]:  # noqa: B008 (frozen)
    exchanges: tuple[Exchange, ...] = ()
    for question in questions:
        exchanges = last(page.on_ask(question, choice, exchanges))[page.exchanges]
    return exchanges


def last(updates: Iterator[Updates]) -> Updates:
    *_, final = updates
    return final


def event(number: int, **fields: object) -> gr.EventData:
    return gr.EventData(None, {"exchange": number, **fields})


def shown(page: Chat, exchanges: tuple[Exchange, ...]) -> str:
    return page.on_handed(Choice(), exchanges)


def test_without_a_helpdesk_nothing_is_said_of_one(small: Assistant) -> None:
    page = built(small)
    exchanges = asked(page, ANSWERED, REFUSED)
    html = shown(page, exchanges)
    assert "data-exchange" in html
    assert "helpdesk" not in html
    assert "handOver" not in html
    assert page.on_hand_over(Choice(), exchanges, event(0, **FILLED)) == ""


def test_what_is_handed_over_is_the_question_with_its_answer_and_what_came_before(
    page: Chat, helpdesk: MemoryHelpdesk
) -> None:
    exchanges = asked(page, ANSWERED, REFUSED, "What is ATIGA?")
    said = page.on_hand_over(Choice(), exchanges, event(1, **FILLED))
    assert said == "Your question is with the helpdesk: number 101."
    (request,) = helpdesk.requests
    answers = [exchange.answer for exchange in exchanges]
    assert answers[0] is not None
    assert answers[1] is not None
    assert request.question == REFUSED
    assert [turn.content for turn in request.history] == [ANSWERED, answers[0].text]
    assert (request.language, request.countries, request.answer_id) == ("en", ("TH",), answers[1].id)
    assert (request.address, request.name, request.note) == ("Trader@example.com", "Ann Lim", "For 20 laptops.")


def test_the_number_and_the_link_take_the_place_of_the_form(page: Chat) -> None:
    exchanges = asked(page, ANSWERED)
    assert 'name="address"' in page.on_toggle(Choice(), exchanges, event(0))
    page.on_hand_over(Choice(), exchanges, event(0, **FILLED))
    html = shown(page, exchanges)
    assert "Your question is with the helpdesk: number 101." in html
    assert 'href="/desk/status/secret-101"' in html
    assert 'name="address"' not in html
    assert "handOver" not in html
    assert "example.com" not in html.partition("Your question is with the helpdesk")[2].partition("</section>")[0]


def test_the_form_says_for_how_many_days_it_is_kept(page: Chat, small: Assistant) -> None:
    html = page.on_toggle(Choice(), asked(page, ANSWERED), event(0))
    assert f"How long it is kept: {small.settings.retention_days} days" in html


def test_the_offer_stands_out_where_the_sources_did_not_answer(page: Chat) -> None:
    assert "can look into this question" not in shown(page, asked(page, ANSWERED))
    assert "can look into this question" in shown(page, asked(page, REFUSED))


def test_an_answer_that_failed_can_be_handed_over_and_stays_then(small: Assistant, helpdesk: MemoryHelpdesk) -> None:
    page = built(Unavailable(small), helpdesk)
    exchanges = asked(page, ANSWERED, choice=Choice(country="SG"))
    assert "can look into this question" in shown(page, exchanges)
    page.on_hand_over(Choice(country="SG"), exchanges, event(0, **FILLED))
    (request,) = helpdesk.requests
    assert (request.question, request.countries, request.answer_id) == (ANSWERED, ("SG",), None)
    after = last(page.on_ask(REFUSED, Choice(), exchanges))[page.exchanges]
    assert [exchange.question for exchange in after] == [ANSWERED, REFUSED]


def test_a_failed_answer_that_nobody_hands_over_goes_when_the_next_is_asked(small: Assistant) -> None:
    page = built(Unavailable(small), MemoryHelpdesk())
    after = asked(page, ANSWERED, REFUSED)
    assert [exchange.question for exchange in after] == [REFUSED]


def test_an_answer_that_streams_meanwhile_does_not_undo_it(page: Chat, helpdesk: MemoryHelpdesk) -> None:
    exchanges = asked(page, REFUSED)
    streaming = page.on_ask(ANSWERED, Choice(), exchanges)
    next(streaming)
    page.on_hand_over(Choice(), exchanges, event(0, **FILLED))
    after = last(streaming)
    assert "number 101" in after[page.conversation]
    page.on_hand_over(Choice(), after[page.exchanges], event(0, **FILLED))
    assert len(helpdesk.requests) == 1


@pytest.mark.parametrize("number", [-1, 1, 10**9])
def test_an_exchange_that_is_not_there_is_not_handed_over(page: Chat, helpdesk: MemoryHelpdesk, number: int) -> None:
    exchanges = asked(page, ANSWERED)
    assert page.on_hand_over(Choice(), exchanges, event(number, **FILLED)) == ""
    assert 'name="address"' not in page.on_toggle(Choice(), exchanges, event(number))
    assert helpdesk.requests == []
