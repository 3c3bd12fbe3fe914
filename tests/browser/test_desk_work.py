"""What an officer typed is never lost or cut, and who came between, and how, is told in words."""

import re

import pytest
from at_desk import (
    ADMIN,
    LEAD,
    OFFICER,
    UNFOUNDED,
    OpenDesk,
    asked,
    claimed,
    kept_in_tab,
    reply,
    ticket,
    withdraw_all,
    write,
)
from playwright.sync_api import Dialog, Page, expect

pytestmark = pytest.mark.browser


def also_opened(page: Page) -> Page:
    """The same ticket in another window of the same person."""
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.get_by_label("Reply to the trader")).to_be_editable()
    return other


def saved(page: Page) -> None:
    page.keyboard.press("Control+s")
    expect(page.locator("#saved")).to_contain_text("Saved at")


def test_another_window_of_ones_own_is_called_that_and_the_text_stays(desk: OpenDesk) -> None:
    page, reader = desk(OFFICER), desk(LEAD)
    made = ticket(page)
    claimed(page, made)
    other = also_opened(page)
    write(other, "Thank you for asking.")
    saved(other)
    reader.goto(f"/desk/tickets/{made.number}")  # who reads last has changed nothing
    mine = write(page, "Best regards.")
    page.keyboard.press("Control+s")
    banner = page.locator("#banners .problem")
    expect(banner).to_contain_text("You, in another window, saved a reply")
    for wrong in ("Somebody else", "Somchai", "reply.saved"):
        expect(banner).not_to_contain_text(wrong)
    banner.get_by_role("button", name="Reload and keep my text").click()
    expect(banner).to_be_hidden()
    expect(page.get_by_label("Reply to the trader")).to_have_value(mine)
    saved(page)
    assert reply(page, made) == mine


def test_who_changed_a_ticket_is_named_with_what_they_did(desk: OpenDesk) -> None:
    page, lead, admin = desk(OFFICER), desk(LEAD), desk(ADMIN)
    made = ticket(page)
    claimed(page, made)
    mine = write(page, "Best regards.")
    version = asked(lead, f"/tickets/{made.number}")["version"]
    asked(lead, f"/tickets/{made.number}/claim", {"version": version})
    admin.goto(f"/desk/tickets/{made.number}")
    page.keyboard.press("Control+s")
    banner = page.locator("#banners .problem")
    expect(banner).to_contain_text("Somebody else has changed this ticket. Somchai Dee claimed it")
    for wrong in ("Aisyah", "ticket.claimed", "seen"):
        expect(banner).not_to_contain_text(wrong)
    expect(page.get_by_label("Reply to the trader")).to_have_value(mine)


def test_a_dialog_keeps_what_was_typed_when_somebody_came_between(desk: OpenDesk) -> None:
    page = desk(LEAD)
    made = ticket(page)
    claimed(page, made)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#facts .chip")).to_have_text(re.compile("Sent|Approved"))
    link = made.link.rpartition("/")[2]
    page.reload()
    page.get_by_text("More", exact=True).click()
    page.get_by_role("button", name="Publish as verified answer").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Question it answers").fill("What is ASSIST good for?")
    assert page.request.post(f"/v1/helpdesk/progress/{link}", data={"text": "Thank you."}).ok
    dialog.get_by_role("button", name="Publish", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("The trader wrote again")
    expect(dialog.get_by_label("Question it answers")).to_have_value("What is ASSIST good for?")


def test_what_will_be_published_is_shown_before(desk: OpenDesk) -> None:
    page = desk(LEAD)
    made = ticket(page)
    claimed(page, made)
    write(page, UNFOUNDED)
    expect(page.locator("#sentences li.flagged")).to_have_count(1)
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Send all the same").click()
    expect(page.locator("#facts .chip").first).to_have_text("Sent")
    page.get_by_text("More", exact=True).click()
    page.get_by_role("button", name="Publish as verified answer").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Question it answers").fill("What is  ASSIST for?")
    dialog.get_by_label("Expires after").fill("10")
    preview = dialog.get_by_role("region", name="What will be published")
    expect(preview).to_contain_text("What is ASSIST for?")
    supported = [
        each["text"] for each in asked(page, f"/tickets/{made.number}")["reply"]["sentences"] if each["supported"]
    ]
    assert supported
    expect(preview.locator(":scope > ol > li")).to_have_count(len(supported))
    for position, sentence in enumerate(supported):
        expect(preview.locator(":scope > ol > li").nth(position)).to_contain_text(sentence)
    expect(preview.locator(".left")).to_contain_text(UNFOUNDED)
    until = preview.get_by_text("Used until").inner_text()
    dialog.get_by_role("button", name="Publish", exact=True).click()
    expect(page.locator("#banners .success").last).to_contain_text("Published")
    (verified,) = [each for each in asked(page, "/verified") if each["number"] == made.number]
    assert (verified["question"], verified["text"]) == ("What is ASSIST for?", " ".join(supported))
    shown = page.evaluate(
        "day => new Intl.DateTimeFormat('en-GB', {dateStyle: 'medium'}).format(new Date(day))", verified["expires_on"]
    )
    assert shown in until
    withdraw_all(page)


def test_a_text_that_is_too_long_is_counted_and_refused_not_cut(desk: OpenDesk) -> None:
    page = desk(OFFICER)
    made = ticket(page)
    claimed(page, made)
    area = page.get_by_label("Reply to the trader")
    area.fill("x" * 20_001)
    expect(page.locator("#text-length")).to_contain_text("20,001 of 20,000 characters")
    page.keyboard.press("Control+s")
    expect(page.locator("#banners .problem")).to_contain_text("Not saved: 20,001 of 20,000")
    expect(page.get_by_role("button", name="Approve and send")).to_be_disabled()
    assert len(area.input_value()) == 20_001
    area.fill("x" * 20_000)
    expect(page.locator("#banners .problem")).to_have_count(0)
    saved(page)
    assert len(reply(page, made)) == 20_000
    page.get_by_role("button", name="Ask the trader").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Your question to the trader").fill("y" * 20_001)
    dialog.get_by_role("button", name="Send the question").click()
    expect(dialog).to_contain_text("20,001 of 20,000 characters at most: too long")
    assert asked(page, f"/tickets/{made.number}")["status"] == "claimed"


def test_closing_a_ticket_leaves_nothing_unsaved(desk: OpenDesk) -> None:
    page = desk(OFFICER)
    made = ticket(page)
    claimed(page, made)
    text = write(page, "Best regards.")
    page.get_by_role("button", name="Reject").click()
    page.get_by_role("dialog").get_by_role("button", name="Reject").click()
    expect(page.locator("#facts .chip")).to_have_text("Rejected")
    assert reply(page, made) == text
    assert kept_in_tab(page) == []
    warned: list[str] = []

    def leave(dialog: Dialog) -> None:
        warned.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.goto("/desk/")
    assert warned == []


def test_an_error_stays_until_it_is_dismissed_and_good_news_outlives_the_news_before(desk: OpenDesk) -> None:
    page = desk(LEAD)
    numbers = [ticket(page).number for _ in range(2)]
    refused: list[bool] = []
    page.route(
        "**/claim",
        lambda route: route.fulfill(status=403, json={"detail": "not you"}) if refused else route.continue_(),
    )
    page.clock.install()
    page.goto("/desk/?sort=number&descending=true")
    for number in reversed(numbers):
        page.locator(f"tr[data-number='{number}']").focus()
        page.keyboard.press("c")
        expect(page.locator("#banners .success")).to_contain_text(f"Ticket {number} is yours")
        page.clock.run_for(15_000)
    expect(page.locator("#banners .success")).to_be_visible()
    page.clock.run_for(10_000)
    expect(page.locator("#banners .success")).to_have_count(0)
    refused.append(True)
    page.keyboard.press("c")
    expect(page.locator("#banners .problem")).to_contain_text("Not you.")
    refused.clear()
    page.clock.run_for(300_000)
    page.keyboard.press("c")
    expect(page.locator("#banners .success")).to_be_visible()
    expect(page.locator("#banners .problem")).to_contain_text("Not you.")
    page.locator("#banners .problem").get_by_role("button", name="Dismiss").click()
    expect(page.locator("#banners .problem")).to_have_count(0)
