"""A trader hands a question over from the chat to a helpdesk in memory: by keyboard, on a phone, with trouble."""

import asyncio
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import uvicorn
from chat import answer, ask, expect_no_serious_violation
from playwright.sync_api import Browser, Locator, Page, expect
from pydantic import SecretStr

from assistant import api
from assistant.bootstrap import Assistant
from assistant.errors import DataUnavailableError, IndexUnavailableError
from assistant.types import AnswerEvent, Question
from assistant_ui import chat
from conftest import opened
from fakes import MemoryHelpdesk

pytestmark = [
    pytest.mark.browser,
    # Gradio, which runs in this process here, asks pandas for an option that is going.
    pytest.mark.filterwarnings("ignore:.*no_silent_downcasting"),
]

ANSWERED = "What is ASSIST?"
REFUSED = "What duty do I pay on laptops in Thailand?"
UNAVAILABLE = "Is the index there?"
PHONE = {"width": 390, "height": 844}


class Moody:
    """The assistant with mail, but for one question that it fails at."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self.settings = assistant.settings.model_copy(update={"smtp_url": SecretStr("smtp://localhost:25")})

    def __getattr__(self, name: str) -> Any:
        return getattr(self._assistant, name)

    def stream(self, question: Question) -> Iterator[AnswerEvent]:
        if question.text == UNAVAILABLE:
            raise IndexUnavailableError("no index")
        return self._assistant.stream(question)


class Application:
    """The chat page over an assistant, served by this process until it is stopped."""

    def __init__(self, assistant: Any, helpdesk: MemoryHelpdesk | None) -> None:
        self.url = ""
        self._served = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(assistant, helpdesk)), daemon=True)
        self._thread.start()
        assert self._served.wait(timeout=60)

    async def _serve(self, assistant: Any, helpdesk: MemoryHelpdesk | None) -> None:
        mounted = chat.mount(api.create(assistant), assistant, handover=helpdesk)
        self._server = uvicorn.Server(uvicorn.Config(mounted, port=0, log_level="warning", ws="none"))
        serving = asyncio.create_task(self._server.serve())
        while not self._server.started:
            await asyncio.sleep(0.05)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self._served.set()
        await serving

    def stop(self) -> None:
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(timeout=20)


@pytest.fixture(scope="module")
def serve(chromium: str) -> Iterator[Callable[..., str]]:
    """Serves an assistant with a helpdesk; returns the address."""
    started: list[Application] = []

    def start(assistant: Any, helpdesk: MemoryHelpdesk | None) -> str:
        started.append(Application(assistant, helpdesk))
        return started[-1].url

    yield start
    for application in started:
        application.stop()


@pytest.fixture(scope="module")
def served(serve: Callable[..., str], small: Assistant) -> tuple[str, MemoryHelpdesk]:
    helpdesk = MemoryHelpdesk()
    return serve(Moody(small), helpdesk), helpdesk


@pytest.fixture
def helpdesk(served: tuple[str, MemoryHelpdesk]) -> Iterator[MemoryHelpdesk]:
    """With nothing handed to it yet, and in good order again afterwards."""
    served[1].requests.clear()
    yield served[1]
    served[1].failure = None
    served[1].open.set()


@pytest.fixture
def page(browser: Browser, served: tuple[str, MemoryHelpdesk], helpdesk: MemoryHelpdesk) -> Iterator[Page]:
    with opened(browser, served[0]) as page:
        yield page


def open_form(exchange: Locator) -> Locator:
    exchange.get_by_role("button", name="Send to the helpdesk").click()
    form = exchange.get_by_role("form", name="Send this question to the helpdesk")
    expect(form.get_by_label("Your e-mail address")).to_be_focused()
    return form


def fill(form: Locator, address: str = "trader@example.com") -> None:
    form.get_by_label("Your e-mail address").fill(address)
    form.get_by_label("Your name").fill("Ann Lim")
    form.get_by_label("What you would like to add").fill("For 20 laptops.\nPlease hurry.")
    form.get_by_role("checkbox").check()


def expect_filled(form: Locator, address: str = "trader@example.com") -> None:
    expect(form.get_by_label("Your e-mail address")).to_have_value(address)
    expect(form.get_by_label("Your name")).to_have_value("Ann Lim")
    expect(form.get_by_label("What you would like to add")).to_have_value("For 20 laptops.\nPlease hurry.")
    expect(form.get_by_role("checkbox")).to_be_checked()


def send(form: Locator) -> None:
    form.get_by_role("button", name="Send", exact=True).click()


def expect_sent(page: Page, exchange: Locator, number: int = 101, *, said_last: bool = True) -> None:
    handed = exchange.locator(".handed")
    expect(handed).to_be_focused()
    expect(handed).to_contain_text(f"Your question is with the helpdesk: number {number}.")
    expect(handed).to_contain_text("by e-mail")
    expect(handed.get_by_role("link")).to_have_attribute("href", f"/desk/status/secret-{number}")
    if said_last:
        expect(page.locator("#spoken")).to_contain_text(f"number {number}")
    expect(page.locator("#disclaimer").get_by_text("non-binding guidance")).to_be_in_viewport()
    expect(exchange.get_by_role("form")).to_have_count(0)


def test_without_a_helpdesk_the_page_does_not_mention_it(
    browser: Browser, serve: Callable[..., str], small: Assistant
) -> None:
    with opened(browser, serve(small, None)) as page:
        ask(page, ANSWERED)
        ask(page, REFUSED)
        assert "helpdesk" not in page.locator("body").inner_text().lower()


def test_a_question_is_handed_over_with_what_came_before(page: Page, helpdesk: MemoryHelpdesk) -> None:
    ask(page, ANSWERED)
    exchange = ask(page, REFUSED)
    form = open_form(exchange)
    for said in ("the conversation before it", "a customs helpdesk officer", "90 days", "does not make the answer bin"):
        expect(form.get_by_role("list")).to_contain_text(said)
    fill(form, "Trader@EXAMPLE.com")
    send(form)
    expect_sent(page, exchange)
    (request,) = helpdesk.requests
    assert (request.question, request.history[0].content) == (REFUSED, ANSWERED)
    assert (request.address, request.name) == ("Trader@example.com", "Ann Lim")
    assert (request.note, request.countries) == ("For 20 laptops.\nPlease hurry.", ("TH",))
    assert request.answer_id
    expect(exchange.get_by_role("button", name="Send to the helpdesk")).to_have_count(0)


def test_without_mail_no_address_is_needed_and_the_reply_is_under_the_link(
    browser: Browser, serve: Callable[..., str], small: Assistant
) -> None:
    helpdesk = MemoryHelpdesk()
    with opened(browser, serve(small, helpdesk)) as page:
        exchange = ask(page, REFUSED)
        form = open_form(exchange)
        expect(form.get_by_label("Your e-mail address (optional)")).to_be_visible()
        expect(form.get_by_role("list")).to_contain_text("you read it under a secret link")
        expect(form).not_to_contain_text("including your e-mail address")
        form.get_by_role("checkbox").check()
        send(form)
        handed = exchange.locator(".handed")
        expect(handed).to_contain_text("You read the reply under this link")
        expect(handed).not_to_contain_text("by e-mail")
        expect(handed.get_by_role("link")).to_have_attribute("href", "/desk/status/secret-101")
        expect_no_serious_violation(page)
    assert [request.address for request in helpdesk.requests] == [None]


def test_by_keyboard_alone(page: Page, helpdesk: MemoryHelpdesk) -> None:
    exchange = ask(page, ANSWERED)
    button = exchange.get_by_role("button", name="Send to the helpdesk")
    button.focus()
    page.keyboard.press("Enter")
    expect(exchange.get_by_label("Your e-mail address")).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(exchange.get_by_role("form")).to_have_count(0)
    expect(button).to_be_focused()
    page.keyboard.press("Space")
    expect(exchange.get_by_label("Your e-mail address")).to_be_focused()
    page.keyboard.type("trader@example.com")
    for _ in ("name", "note", "consent"):
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect_sent(page, exchange)
    assert [request.name for request in helpdesk.requests] == [None]


def test_bad_address_and_no_consent_are_told_and_nothing_typed_is_lost(page: Page, helpdesk: MemoryHelpdesk) -> None:
    exchange = ask(page, ANSWERED)
    form = open_form(exchange)
    fill(form, "trader at example")
    form.get_by_role("checkbox").uncheck()
    send(form)
    address = form.get_by_label("Your e-mail address")
    expect(address).to_be_focused()
    expect(address).to_have_attribute("aria-invalid", "true")
    expect(address).to_have_accessible_description(re.compile("Enter an e-mail address"))
    expect(form.get_by_role("checkbox")).to_have_accessible_description(re.compile("90 days.*Tick this box", re.DOTALL))
    expect(form.get_by_label("What you would like to add")).to_have_value("For 20 laptops.\nPlease hurry.")
    expect_no_serious_violation(page)
    form.get_by_role("checkbox").check()
    address.fill("trader@example.com")
    expect_filled(form)
    assert helpdesk.requests == []
    page.keyboard.press("Enter")
    expect_sent(page, exchange)


def test_with_the_database_gone_all_stays_and_can_be_sent_later(page: Page, helpdesk: MemoryHelpdesk) -> None:
    helpdesk.failure = DataUnavailableError("the database is gone")
    exchange = ask(page, REFUSED)
    form = open_form(exchange)
    fill(form)
    for _ in range(2):
        send(form)
        expect(form.get_by_role("alert")).to_contain_text("could not be sent just now")
        expect(form.get_by_role("alert")).to_be_focused()
        expect_filled(form)
    helpdesk.failure = None
    send(form)
    expect_sent(page, exchange)


def test_a_double_click_sends_once(page: Page, helpdesk: MemoryHelpdesk) -> None:
    exchange = ask(page, ANSWERED)
    form = open_form(exchange)
    fill(form)
    helpdesk.open.clear()
    form.get_by_role("button", name="Send", exact=True).dblclick()
    sending = form.get_by_role("button", name="Sending…")
    expect(sending).to_have_attribute("aria-disabled", "true")
    sending.click(force=True)
    form.get_by_label("Your e-mail address").press("Enter")
    helpdesk.open.set()
    expect_sent(page, exchange)
    assert len(helpdesk.requests) == 1


def test_what_is_typed_outlives_another_question_and_cancel_drops_it(page: Page, helpdesk: MemoryHelpdesk) -> None:
    first = ask(page, ANSWERED)
    fill(open_form(first))
    ask(page, REFUSED)
    expect_filled(first.get_by_role("form"))
    page.get_by_label("Language").select_option("th")
    expect(page.get_by_role("heading", level=1)).to_have_text("ผู้ช่วยแนะนำด้านศุลกากรอาเซียน")
    expect_filled(first.get_by_role("form"))
    first.get_by_role("button", name="Cancel").click()
    expect(first.get_by_role("button", name="Send to the helpdesk")).to_be_focused()
    expect(open_form(first).get_by_label("Your name")).to_have_value("")
    assert helpdesk.requests == []


def test_sending_while_another_answer_comes_is_not_undone(page: Page, helpdesk: MemoryHelpdesk) -> None:
    first = ask(page, ANSWERED)
    form = open_form(first)
    fill(form)
    helpdesk.open.clear()
    send(form)
    expect(form.get_by_role("button", name="Sending…")).to_be_visible()
    second = ask(page, REFUSED)
    helpdesk.open.set()
    expect_sent(page, first, said_last=False)  # the other answer may be said after it
    expect(second.locator(".tools")).to_be_visible()
    assert len(helpdesk.requests) == 1


def test_each_question_gets_a_number_of_its_own(page: Page, helpdesk: MemoryHelpdesk) -> None:
    for position, question in enumerate((ANSWERED, REFUSED)):
        exchange = ask(page, question)
        form = open_form(exchange)
        fill(form)
        send(form)
        expect_sent(page, exchange, 101 + position)
    assert [request.question for request in helpdesk.requests] == [ANSWERED, REFUSED]


def test_an_answer_that_failed_can_be_handed_over(page: Page, helpdesk: MemoryHelpdesk) -> None:
    page.get_by_label("Your question").fill(UNAVAILABLE)
    page.keyboard.press("Enter")
    failed = page.locator('.exchange[data-exchange="0"]')
    expect(failed.locator(".status")).to_have_text("No answer", timeout=30_000)
    form = open_form(failed)
    fill(form)
    send(form)
    expect_sent(page, failed)
    assert [request.answer_id for request in helpdesk.requests] == [None]
    page.get_by_label("Your question").fill(ANSWERED)
    page.keyboard.press("Enter")
    answer(page, 1)
    expect(failed.locator(".handed")).to_contain_text("number 101")


@pytest.mark.parametrize("size", [PHONE, {"width": 1280, "height": 900}], ids=["phone", "desktop"])
def test_axe_finds_nothing_serious_and_nothing_is_cut_off(page: Page, helpdesk: MemoryHelpdesk, size: Any) -> None:
    page.set_viewport_size(size)
    exchange = ask(page, REFUSED)
    expect_no_serious_violation(page)
    form = open_form(exchange)
    expect(form.get_by_label("Your e-mail address")).to_be_in_viewport()
    expect_no_serious_violation(page)
    fill(form)
    for control in (form.get_by_role("checkbox"), form.get_by_role("button", name="Send", exact=True)):
        box = control.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= size["width"]
    send(form)
    expect_sent(page, exchange)
    expect(exchange.locator(".handed h3")).to_be_in_viewport()
    expect_no_serious_violation(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_the_form_speaks_the_language_of_the_answer(page: Page, helpdesk: MemoryHelpdesk) -> None:
    page.get_by_label("Language").select_option("th")
    page.get_by_label("คำถามของท่าน").fill(ANSWERED)
    page.keyboard.press("Enter")
    exchange = answer(page, 0)
    exchange.get_by_role("button", name="ส่งให้ฝ่ายช่วยเหลือ").click()
    exchange.get_by_label("อีเมลของท่าน").fill("trader@example.com")
    exchange.get_by_role("button", name="ส่ง", exact=True).click()
    expect(exchange.get_by_role("alert")).to_contain_text("หากท่านยินยอม")
    exchange.get_by_role("checkbox").check()
    exchange.get_by_role("button", name="ส่ง", exact=True).click()
    expect(exchange.locator(".handed")).to_contain_text("หมายเลข 101")
    assert [request.language for request in helpdesk.requests] == ["th"]
