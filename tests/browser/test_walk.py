"""The whole loop in a browser: a trader hands over, an officer answers, a lead publishes, the next trader is served.

With WALK_SHOTS=FOLDER it is also walked on the real corpus, and a picture of each step is kept there, for docs/desk.
"""

import json
import os
import re
from pathlib import Path

import pytest
from at_desk import LEAD, UNFOUNDED, asked, signed_in, ticket, withdraw_all, write
from chat import ask
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from conftest import furnish, opened, serving

pytestmark = pytest.mark.browser

QUESTION = "Who may file a complaint with ASSIST?"
ALIKE = "Which firms may file a complaint with ASSIST?"
ADDED = "Please ask for our leaflet if you file for the first time."
INDEXED_WITHIN = 60  # seconds
DESK: ViewportSize = {"width": 1280, "height": 1000}
REAL_QUESTION = "How long must a certified exporter keep records?"
REAL_ALIKE = "For how long does a certified exporter have to keep its records?"
OTHERS: dict[str, dict[str, str]] = {  # what else lies in the queue of the pictures
    "Thuế nhập khẩu máy tính xách tay vào Thái Lan là bao nhiêu?": {"language": "vi", "channel": "api"},
    "Where can I read about rules of origin for Singapore?": {"channel": "mail", "priority": "high"},
    "Di mana saya bisa mengadukan hambatan perdagangan di Malaysia?": {"language": "id", "priority": "urgent"},
    "ใครยื่นคำร้องต่อ ASSIST ได้บ้าง": {"language": "th", "priority": "low"},
}
SHOTS = os.environ.get("WALK_SHOTS", "")


class Album:
    """Screenshots in the order of the walk, where somebody wants them."""

    def __init__(self, folder: str = "") -> None:
        self._folder = Path(folder) if folder else None
        self._count = 0

    def shoot(self, page: Page, name: str, *, whole: bool = False) -> None:
        self._count += 1
        if self._folder:
            page.screenshot(path=self._folder / f"{self._count:02}-{name}.png", full_page=whole)


def hand_over(exchange: Locator) -> int:
    """The question goes to the helpdesk; returns its number there."""
    exchange.get_by_role("button", name="Send to the helpdesk").click()
    form = exchange.get_by_role("form", name="Send this question to the helpdesk")
    form.get_by_label("Your e-mail address").fill("siti@trader.example")
    form.get_by_label("Your name").fill("Siti Rahma")
    form.get_by_role("checkbox").check()
    form.get_by_role("button", name="Send", exact=True).click()
    handed = exchange.locator(".handed")
    expect(handed).to_contain_text("Your question is with the helpdesk")
    found = re.search(r"number (\d+)", handed.inner_text())
    assert found is not None
    return int(found[1])


def drafted(page: Page, number: int) -> None:
    for _ in range(300):
        if asked(page, f"/tickets/{number}")["draft"] == "ready":
            return
        page.wait_for_timeout(200)
    pytest.fail("no draft was made within a minute")


def walk(browser: Browser, url: str, album: Album, question: str = QUESTION, alike: str = ALIKE) -> None:
    with opened(browser, url) as trader, signed_in(browser, url, LEAD) as officer:
        officer.set_viewport_size(DESK)
        exchange = ask(trader, question)
        album.shoot(trader, "trader-asks")
        number = hand_over(exchange)
        exchange.locator(".handed").scroll_into_view_if_needed()
        album.shoot(trader, "trader-hands-over")
        drafted(officer, number)
        officer.goto("/desk/")
        expect(officer.get_by_role("row").filter(has_text=question).first).to_be_visible()
        album.shoot(officer, "queue")
        officer.goto(f"/desk/tickets/{number}")
        officer.get_by_role("button", name="Claim").click()
        expect(officer.get_by_label("Reply to the trader")).to_be_editable()
        expect(officer.locator("#evidence mark").first).to_be_visible()
        album.shoot(officer, "draft-and-evidence")
        write(officer, UNFOUNDED)
        expect(officer.locator("#sentences li.flagged")).to_have_count(1)
        album.shoot(officer, "sentence-flagged")
        box = officer.get_by_label("Reply to the trader")
        box.fill(box.input_value().replace(UNFOUNDED, ADDED))
        expect(officer.locator("#sentences li.flagged")).to_contain_text(ADDED)
        officer.keyboard.press("Control+Enter")
        officer.get_by_role("button", name="Send all the same").click()
        expect(officer.locator("#facts .chip").first).to_have_text(re.compile("Sent|Approved"))
        album.shoot(officer, "sent")
        status = trader.context.new_page()
        status.goto(str(exchange.locator(".handed").get_by_role("link").get_attribute("href")))
        expect(status.locator("#messages")).to_contain_text("non-binding guidance")
        expect(status.locator("#messages")).to_contain_text("https://assist.asean.org")
        album.shoot(status, "trader-reads", whole=True)
        officer.get_by_text("More", exact=True).click()
        officer.get_by_role("button", name="Keep as eval case").click()
        expect(officer.locator("#banners .success").last).to_contain_text("Kept as eval case")
        album.shoot(officer, "eval-case")
        officer.get_by_text("More", exact=True).click()
        officer.get_by_role("button", name="Publish as verified answer").click()
        dialog = officer.get_by_role("dialog")
        album.shoot(officer, "publish")
        dialog.get_by_role("button", name="Publish", exact=True).click()
        expect(officer.locator("#banners .success").last).to_contain_text("Published")
    served(browser, url, alike, album)


def served(browser: Browser, url: str, question: str, album: Album) -> None:
    """The next trader's answer cites the verified one, once the index has it."""
    with opened(browser, url) as trader:
        for _ in range(INDEXED_WITHIN):
            answer = trader.request.post("/v1/answers", data={"question": question}).json()
            authorities = {citation["authority"] for citation in answer["citations"]}
            if "helpdesk answer" in authorities:
                break
            trader.wait_for_timeout(1_000)
        else:
            pytest.fail(f"the verified answer is not cited: {json.dumps(answer)[:2000]}")
        assert ADDED not in answer["text"], "what no source supports is not published"
        exchange = ask(trader, question)
        expect(exchange).to_contain_text("helpdesk answer")
        album.shoot(trader, "next-trader")


def test_a_question_goes_round_the_whole_loop(browser: Browser, desk_url: str) -> None:
    walk(browser, desk_url, Album())
    with signed_in(browser, desk_url, LEAD) as page:
        withdraw_all(page)


@pytest.mark.skipif(not SHOTS, reason="WALK_SHOTS names no folder for the pictures")
def test_pictures_of_the_loop_on_the_real_corpus(
    browser: Browser, chromium: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("walk")
    furnish(folder)
    with serving(folder) as url:
        with signed_in(browser, url, LEAD) as officer:
            for question, fields in OTHERS.items():
                ticket(officer, question, **fields)
        walk(browser, url, Album(SHOTS), REAL_QUESTION, REAL_ALIKE)
