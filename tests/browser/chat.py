"""What the tests of the pages do at the chat."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

ANSWERS_WITHIN = 30_000  # milliseconds, on a busy machine


def ask(page: Page, question: str) -> Locator:
    """Type a question, press Enter and wait for the end of its answer."""
    before = page.locator(".exchange").count()
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")
    return answer(page, before)


def answer(page: Page, number: int) -> Locator:
    exchange = page.locator(f'.exchange[data-exchange="{number}"]')
    expect(exchange.locator(".tools")).to_be_visible(timeout=ANSWERS_WITHIN)
    return exchange


def answered_by_api(page: Page, **row: str) -> dict[str, Any]:
    response = page.request.post("/v1/answers", data=row)
    assert response.ok
    return dict(response.json())


def expect_no_serious_violation(page: Page) -> None:
    found = Axe().run(page).response
    assert found["passes"]
    serious = [each for each in found["violations"] if each["impact"] in ("serious", "critical")]
    assert not serious, [(each["id"], [node["html"] for node in each["nodes"]]) for each in serious]
