"""What tests of the review desk do there: sign in, make tickets, claim and write."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from assistant.people import UserRole

API = "/v1/helpdesk"
DESK_PASSWORD = "seven green kettles travel by rail"
PEOPLE: dict[tuple[str, UserRole], str] = {
    ("Mai Tran", "officer"): "mai@helpdesk.example",
    ("Somchai Dee", "lead"): "somchai@helpdesk.example",
    ("Aisyah Omar", "admin"): "aisyah@helpdesk.example",
    ("Ro Reader", "read-only"): "ro@helpdesk.example",
    ("Ina Post", "intake"): "ina@helpdesk.example",
}
OFFICER, LEAD, ADMIN, READER, SENDER = PEOPLE.values()
QUESTION = "What is ASSIST?"
UNFOUNDED = "The fee for a complaint is 500 dollars."

OpenDesk = Callable[[str], Page]


@dataclass(frozen=True)
class Made:
    """A ticket that a test has made."""

    number: int
    link: str


@contextmanager
def signed_in(browser: Browser, url: str, email: str) -> Iterator[Page]:
    """The queue as somebody sees it, in a browser of their own."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB", base_url=url)
    page = context.new_page()
    page.goto("/desk/sign-in")
    sign_in(page, email)
    expect(page.get_by_role("heading", level=1)).to_have_text("Queue")
    yield page
    context.close()


def sign_in(page: Page, email: str, password: str = DESK_PASSWORD) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def asked(page: Page, path: str, body: dict[str, Any] | None = None) -> Any:
    """What the API gives the person of a page."""
    csrf = page.request.get(f"{API}/session").json()["csrf"]
    if body is None:
        return page.request.get(f"{API}{path}").json()
    response = page.request.post(f"{API}{path}", data=body, headers={"X-CSRF-Token": csrf})
    assert response.ok, response.text()
    return response.json()


def ticket(page: Page, question: str = QUESTION, **fields: Any) -> Made:
    """A new ticket whose draft has been made."""
    made = asked(page, "/tickets", {"question": question, "channel": "desk", "language": "en", **fields})
    page.wait_for_timeout(200)
    for _ in range(300):
        if asked(page, f"/tickets/{made['number']}")["draft"] == "ready":
            return Made(made["number"], made["link"])
        page.wait_for_timeout(200)
    pytest.fail("no draft was made within a minute")


def withdraw_all(page: Page) -> None:
    """Lets no verified answer serve any more, so that it comes into no other test's draft."""
    csrf = page.request.get(f"{API}/session").json()["csrf"]
    for verified in asked(page, "/verified"):
        if verified["state"] == "serving":
            response = page.request.delete(f"{API}/verified/{verified['id']}", headers={"X-CSRF-Token": csrf})
            assert response.ok, response.text()


def claimed(page: Page, made: Made) -> None:
    """Opens a ticket and makes it that person's."""
    page.goto(f"/desk/tickets/{made.number}")
    page.get_by_role("button", name=re.compile("^(Claim|Take from)")).click()
    expect(page.get_by_label("Reply to the trader")).to_be_editable()


def write(page: Page, words: str) -> str:
    """Adds a sentence to the reply; returns the whole text."""
    area = page.get_by_label("Reply to the trader")
    area.focus()
    page.keyboard.press("Control+End")
    page.keyboard.type(f" {words}")
    return area.input_value()


def kept_in_tab(page: Page) -> list[str]:
    """What the page has put aside for when it is opened again."""
    stored = page.evaluate("Object.entries(sessionStorage)")
    return [value for key, value in stored if key.startswith("desk:")]


def reply(page: Page, made: Made) -> str:
    return str(asked(page, f"/tickets/{made.number}")["reply"]["text"])


def expect_accessible(page: Page) -> None:
    """That axe finds nothing wrong with a page as it is now."""
    found = Axe().run(page).response
    assert found["passes"]
    broken = [(each["id"], [node["html"] for node in each["nodes"]]) for each in found["violations"]]
    assert not broken, broken
