"""The desk's pages around the review: long words, addresses that ask for nonsense, finding by number, roles."""

import re

import pytest
from at_desk import (
    ADMIN,
    API,
    DESK_PASSWORD,
    LEAD,
    OFFICER,
    READER,
    SENDER,
    OpenDesk,
    asked,
    claimed,
    expect_accessible,
    sign_in,
    ticket,
    write,
)
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

LONG = "https://customs.example/" + "a" * 300
SIZES = [{"width": 1280, "height": 800}, {"width": 390, "height": 800}]


def expect_as_wide_as_the_window(page: Page, width: int, path: str) -> None:
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= width, (width, path)


def test_a_word_of_300_letters_widens_no_page(desk: OpenDesk, browser: Browser) -> None:
    page = desk(LEAD)
    made = ticket(page, f"Who levies {LONG}?", subject="s" * 300, contact={"name": "n" * 100})
    asked(page, f"/tickets/{made.number}/notes", {"text": LONG})
    asked(page, "/canned", {"title": "t" * 120, "text": LONG})
    page.request.post("/v1/answers", data={"question": f"What duty do I pay on {LONG} in Thailand?"})
    claimed(page, made)
    write(page, LONG)
    page.keyboard.press("Control+s")
    expect(page.locator("#saved")).to_contain_text("Saved at")
    for size in SIZES:
        page.set_viewport_size(size)
        for path in (f"tickets/{made.number}", "gaps", "library", "audit", ""):
            page.goto(f"/desk/{path}")
            expect_as_wide_as_the_window(page, size["width"], path)
            if path == "gaps":
                expect(page.locator("#gaps")).to_contain_text(LONG[:30])
        trader = browser.new_page(base_url=page.url, viewport=size)
        trader.goto(made.link)
        expect(trader.locator("#messages")).to_contain_text(LONG)
        expect_as_wide_as_the_window(trader, size["width"], "status")
        trader.close()


@pytest.mark.parametrize("query", ["status=nonsense", "page=abc", "sort=colour&country=TH"])
def test_an_address_that_asks_for_nonsense_is_told_once_and_cleared(desk: OpenDesk, query: str) -> None:
    page = desk(OFFICER)
    ticket(page)
    page.clock.install()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url) if "/helpdesk/tickets?" in request.url else None)
    page.goto(f"/desk/?{query}")
    expect(page.get_by_role("alert")).to_contain_text(re.compile("Input should be"))
    page.clock.run_for(120_000)
    assert len(requests) == 1, "what is wrong with an address stays wrong: it is not asked for again"
    expect(page.locator("#banners .warning")).to_have_count(0)
    page.locator("#empty").get_by_role("button", name="Clear filters").click()
    expect(page.locator("#queue tbody tr").first).to_be_visible()
    expect(page).to_have_url(re.compile(r"/desk/$"))


def test_a_number_finds_its_ticket_also_a_closed_one(desk: OpenDesk) -> None:
    page = desk(OFFICER)
    made = ticket(page)
    version = asked(page, f"/tickets/{made.number}")["version"]
    asked(page, f"/tickets/{made.number}/reject", {"version": version, "reason": "spam"})
    page.get_by_label("Search").fill(f"#{made.number}")
    expect(page.locator("#queue tbody tr")).to_have_count(1)
    expect(page.locator("#queue td.c-number")).to_have_text(str(made.number))
    expect(page.locator("#count")).to_contain_text("open or closed")


def test_a_role_without_a_desk_is_told_so_and_can_sign_out(browser: Browser, desk_url: str) -> None:
    page = browser.new_page(base_url=desk_url)
    page.goto("/desk/sign-in")
    sign_in(page, SENDER)
    expect(page.get_by_role("heading", level=1)).to_have_text("Your role has no desk")
    expect(page.locator("#main")).to_contain_text("Ask an administrator")
    expect(page.locator("#nav a")).to_have_count(0)
    expect(page.locator("#banners .banner")).to_have_count(0)
    expect_accessible(page)
    page.locator("#main").get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/desk/sign-in"))
    page.close()


def test_a_page_that_is_not_for_a_role_says_so(desk: OpenDesk) -> None:
    page = desk(READER)
    for path in ("people", "audit"):
        page.goto(f"/desk/{path}")
        expect(page.get_by_role("heading", level=1)).to_have_text("Your role has no part in this page")
        expect(page.locator("table")).to_have_count(0)
        expect(page.locator("#nav").get_by_role("link", name=path.title())).to_have_count(0)
    page.get_by_role("link", name="To the queue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Queue")


def test_anybody_may_take_the_ticket_of_a_disabled_account(desk: OpenDesk) -> None:
    page, admin = desk(OFFICER), desk(ADMIN)
    gone = {"name": "Gone Away", "email": "gone@helpdesk.example", "role": "officer", "password": DESK_PASSWORD}
    user = asked(admin, "/users", gone)
    made = ticket(page)
    theirs = desk(gone["email"])
    claimed(theirs, made)
    csrf = admin.request.get(f"{API}/session").json()["csrf"]
    admin.request.patch(f"{API}/users/{user['id']}", data={"active": False}, headers={"X-CSRF-Token": csrf})
    page.goto(f"/desk/?q=%23{made.number}")
    expect(page.locator("#queue td.c-officer")).to_have_text("Gone Away (account disabled)")
    page.goto(f"/desk/tickets/{made.number}")
    expect(page.locator("#facts")).to_contain_text("Gone Away (account disabled)")
    page.get_by_role("button", name="Take from Gone Away").click()
    expect(page.get_by_label("Reply to the trader")).to_be_editable()


def test_audit_is_chosen_by_names_and_tells_in_words(desk: OpenDesk) -> None:
    page = desk(LEAD)
    made = ticket(page)
    version = asked(page, f"/tickets/{made.number}")["version"]
    due = {"version": version, "priority": "high", "countries": ["TH", "SG"], "due_at": "2030-05-01T10:00:00Z"}
    asked(page, f"/tickets/{made.number}/triage", due)
    page.goto("/desk/audit")
    page.get_by_label("Action").select_option(label="Priority, due time or countries set")
    page.get_by_label("Who").select_option(label="Somchai Dee")
    newest = page.locator("#lines tr").first
    expect(newest.locator(".detail")).to_contain_text("Priority: high")
    for said in ("Countries: Thailand, Singapore", "Due: 1 May"):
        expect(newest.locator(".detail")).to_contain_text(said)
    assert not re.search(r'[{}\[\]"_]|ticket\.', page.locator("#lines").inner_text())
    expect(page).to_have_url(re.compile(r"action=ticket\.triaged&actor="))
    page.reload()
    expect(page.get_by_label("Who")).to_have_value(re.compile(r"\w{32}"))
    expect(page.get_by_label("Action")).to_have_value("ticket.triaged")
    expect_accessible(page)
    page.goto("/desk/audit?action=user.added")
    expect(page.locator("#lines .detail").first).to_contain_text(re.compile("Person: [A-Z][a-z]+ [A-Z]"))
