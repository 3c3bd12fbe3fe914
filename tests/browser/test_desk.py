"""Officers at the review desk: keyboard, flagged edits, two at once, a database that is gone; and the trader's page."""

import json
import re

import pytest
from at_desk import (
    ADMIN,
    API,
    DESK_PASSWORD,
    LEAD,
    OFFICER,
    READER,
    UNFOUNDED,
    OpenDesk,
    asked,
    claimed,
    expect_accessible,
    kept_in_tab,
    reply,
    sign_in,
    ticket,
    write,
)
from playwright.sync_api import Browser, Dialog, Route, expect

pytestmark = pytest.mark.browser

HOSTILE = "<script>window.ran = true</script><img src=x onerror='window.ran = true'> <b>What is ASSIST?</b>"


# -- signing in --------------------------------------------------------------------------------------------------


def test_signing_in_leads_to_the_page_that_was_wanted(browser: Browser, desk_url: str) -> None:
    page = browser.new_page(base_url=desk_url)
    page.goto("/desk/?status=sent&q=form")
    expect(page).to_have_url(re.compile(r"/desk/sign-in\?next="))
    sign_in(page, OFFICER, "not the password at all")
    expect(page.get_by_role("alert")).to_contain_text("password")
    sign_in(page, OFFICER)
    expect(page).to_have_url(re.compile(r"/desk/\?status=sent&q=form$"))
    page.close()


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/desk/", "//evil.example/desk/", "/\\evil.example/desk/", "/docs"]
)
def test_signing_in_leads_to_no_other_site(browser: Browser, desk_url: str, elsewhere: str) -> None:
    page = browser.new_page(base_url=desk_url)
    page.goto(f"/desk/sign-in?next={elsewhere}")
    sign_in(page, OFFICER)
    expect(page).to_have_url(f"{desk_url}/desk/")
    page.close()


def test_navigation_shows_what_the_role_allows(desk: OpenDesk) -> None:
    names = {
        READER: ["Queue", "Figures", "Missing", "Library"],
        ADMIN: ["Queue", "Figures", "Missing", "Library", "People", "Audit"],
    }
    for email, expected in names.items():
        page = desk(email)
        expect(page.get_by_role("navigation", name="Desk", exact=True).get_by_role("link")).to_have_text(expected)


# -- the queue ---------------------------------------------------------------------------------------------------


def test_queue_by_keyboard(desk: OpenDesk) -> None:
    page = desk(OFFICER)
    for number in range(3):
        ticket(page, f"What is ASSIST, asked by keyboard {number}?")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("asked by keyboard")
    rows = page.locator("#queue tbody tr")
    expect(page).to_have_url(re.compile("q=asked"))
    expect(rows.filter(has_not_text="asked by keyboard")).to_have_count(0)
    expect(rows).to_have_count(3)
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(rows.nth(0)).to_be_focused()
    chosen = rows.nth(0).get_attribute("data-number")
    page.keyboard.press("c")
    expect(rows.nth(0).locator(".c-officer")).to_have_text("Me")
    expect(page.locator("tr.selected")).to_have_attribute("data-number", str(chosen))
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Keyboard shortcuts")
    page.keyboard.press("Escape")
    rows.nth(0).focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/desk/tickets/{chosen}$"))


def test_filters_and_order_stay_in_the_address(desk: OpenDesk) -> None:
    page = desk(OFFICER)
    ticket(page, "What is ASSIST in Laos?", countries=["LA"])
    page.get_by_label("Country").select_option("LA")
    page.get_by_role("button", name=re.compile("^No")).click()
    page.get_by_role("button", name=re.compile("^No")).click()
    expect(page).to_have_url(re.compile("country=LA.*sort=number.*descending=true"))
    page.reload()
    expect(page.get_by_label("Country")).to_have_value("LA")
    expect(page.locator("th[aria-sort=descending]")).to_have_text("No.")
    numbers = [int(text) for text in page.locator("#queue .c-number a").all_inner_texts()]
    assert numbers == sorted(numbers, reverse=True)
    page.get_by_label("Search").fill("nobody ever asked this")
    expect(page.get_by_text("No ticket fits these filters")).to_be_visible()
    page.locator("#empty").get_by_role("button", name="Clear filters").click()
    expect(page.locator("#queue tbody tr").first).to_be_visible()


def test_ticket_by_hand_gives_the_traders_link_once(desk: OpenDesk, browser: Browser) -> None:
    page = desk(OFFICER)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Enter a question by hand").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Question").fill("What is ASSIST? Somebody telephoned.")
    form.get_by_label("Thailand").check()
    form.get_by_role("button", name="Make the ticket").click()
    told = page.get_by_role("dialog", name="was made")
    expect(told).to_contain_text("Give this link to the trader")
    expect(told).to_contain_text("It is not shown again")
    told.get_by_role("button", name="Copy the link").click()
    link = told.locator("code").inner_text()
    assert page.evaluate("navigator.clipboard.readText()") == link
    expect_accessible(page)
    told.get_by_role("link", name="Open ticket").click()
    expect(page.locator("#messages")).to_contain_text("Somebody telephoned")
    expect(page.locator("#facts")).to_contain_text("Thailand")
    expect(page.locator("#contact")).to_contain_text("Nobody left a name or an address")
    trader = browser.new_page()
    trader.goto(link)
    expect(trader.locator("#messages")).to_contain_text("Somebody telephoned")
    trader.close()


# -- review ------------------------------------------------------------------------------------------------------


def test_edit_without_a_source_is_flagged_named_and_sent_all_the_same(desk: OpenDesk, browser: Browser) -> None:
    page = desk(OFFICER)
    made = ticket(page)
    claimed(page, made)
    expect(page.locator("#evidence mark").first).to_be_visible()
    expect(page.locator("#standing-sum")).to_have_text("Nothing to look at")
    text = write(page, UNFOUNDED)
    flagged = page.locator("#sentences li.flagged")
    expect(flagged).to_have_count(1)
    expect(flagged).to_contain_text(UNFOUNDED)
    expect(page.locator(".mirror .flagged")).to_have_text(UNFOUNDED)
    page.keyboard.press("Control+Enter")
    question = page.get_by_role("dialog")
    expect(question).to_contain_text(UNFOUNDED)
    assert not asked(page, f"/tickets/{made.number}")["decisions"], "nothing goes out before the officer has confirmed"
    question.get_by_role("button", name="Send all the same").click()
    expect(page.locator("#facts .chip")).to_have_text(re.compile("Sent|Approved"))
    decision = asked(page, f"/tickets/{made.number}")["decisions"][-1]
    assert decision["outcome"] == "edited"
    assert UNFOUNDED in decision["sent"]
    assert text
    page.get_by_text("Draft and what was sent, compared").click()
    expect(page.locator("#decisions ins").first).to_be_visible()
    trader = browser.new_page(base_url=page.url)
    trader.goto(made.link)
    expect(trader.locator("#messages")).to_contain_text(UNFOUNDED)
    expect(trader.locator("#messages")).to_contain_text("non-binding guidance")
    expect(trader.locator("#messages")).to_contain_text("https://assist.asean.org")
    assert "Mai" not in trader.content()
    trader.close()


def test_translate_check_shows_all_that_goes_out(desk: OpenDesk) -> None:
    page = desk(OFFICER)
    claimed(page, ticket(page))
    write(page, UNFOUNDED)
    page.get_by_role("button", name="Translate check").click()
    row = page.get_by_role("dialog").get_by_role("row", name=UNFOUNDED)
    expect(row).to_contain_text("no source")
    expect(row).to_have_class(re.compile("warned"))
    expect(page.get_by_role("dialog").get_by_role("row").nth(1)).not_to_contain_text("no source")


def test_sentence_and_evidence_light_each_other(desk: OpenDesk) -> None:
    page = desk(OFFICER)
    claimed(page, ticket(page))
    cited = page.locator("#sentences li", has=page.locator(".markers")).first
    cited.locator("button").focus()
    expect(page.locator("#evidence .lit")).to_have_count(1)
    page.locator("#evidence .source").first.focus()
    expect(cited).to_have_class(re.compile("lit"))


def test_words_of_the_source_itself_stand_in_quotation_marks(desk: OpenDesk) -> None:
    page = desk(OFFICER)
    made = ticket(page)

    def verbatim(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, body=response.text().replace('"restated"', '"verbatim"'))

    page.route(f"**{API}/tickets/{made.number}", verbatim)
    page.goto(f"/desk/tickets/{made.number}")
    citation = asked(page, f"/tickets/{made.number}")["suggestion"]["answer"]["citations"][0]
    card = page.locator(f"[data-marker='{citation['marker']}']")
    expect(card.locator("blockquote")).to_contain_text(f"“{citation['quote']}”")
    expect(card).to_contain_text(f"Quoted from {citation['publisher']}")


def test_quoted_words_are_those_of_the_citation(desk: OpenDesk) -> None:
    page = desk(OFFICER)
    made = ticket(page)
    page.goto(f"/desk/tickets/{made.number}")
    citation = asked(page, f"/tickets/{made.number}")["suggestion"]["answer"]["citations"][0]
    card = page.locator(f"[data-marker='{citation['marker']}']")
    expect(card.locator("mark")).to_have_text(citation["quote"])
    for fact in (citation["publisher"], "binding", citation["as_of"] or "undated"):
        expect(card).to_contain_text(fact)
    assert citation["wording"] == "restated"
    dated = f"as of {citation['as_of']}" if citation["as_of"] else "undated"
    expect(card).to_contain_text(f"Our restatement of {citation['publisher']}, {dated}")
    expect(card.locator("blockquote")).not_to_contain_text(f"“{citation['quote']}")
    if citation["url"] is None:
        expect(card.get_by_role("link")).to_have_count(0)
    else:
        expect(card.get_by_role("link")).to_have_attribute("href", citation["url"])


def test_markup_of_a_trader_is_text(desk: OpenDesk) -> None:
    page = desk(OFFICER)
    made = ticket(page, HOSTILE, subject="<i>ASSIST</i>")
    page.goto(f"/desk/tickets/{made.number}")
    expect(page.locator("#messages .prose").first).to_have_text(HOSTILE)
    expect(page.get_by_role("heading", level=1)).to_have_text("<i>ASSIST</i>")
    page.goto(f"/desk/?q={made.number}")
    page.goto("/desk/?sort=number&descending=true")
    expect(page.locator("#queue .words").first).to_contain_text("<b>")
    assert page.evaluate("window.ran") is None


def test_reader_sees_neither_contact_nor_ways_to_act(desk: OpenDesk) -> None:
    made = ticket(desk(OFFICER), contact={"name": "Linh Tran", "address": "linh@trader.example"}, consent=True)
    page = desk(READER)
    page.goto(f"/desk/tickets/{made.number}")
    expect(page.locator("#contact")).to_contain_text("Your role does not show who wrote")
    expect(page.get_by_label("Reply to the trader")).not_to_be_editable()
    assert "linh@trader.example" not in page.content()
    expect(page.get_by_role("button", name=re.compile("Claim|Approve|Reject"))).to_have_count(0)


def test_where_a_reply_goes_is_changed(desk: OpenDesk) -> None:
    page = desk(OFFICER)
    made = ticket(page, contact={"name": "Linh Tran", "address": "linh@trader.example"}, consent=True)
    claimed(page, made)
    page.get_by_text("More", exact=True).click()
    page.get_by_role("button", name="Change where the reply goes").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Name")).to_have_value("Linh Tran")
    dialog.get_by_label("E-mail").fill("linh.tran@trader.example")
    expect_accessible(page)
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator("#contact")).to_contain_text("linh.tran@trader.example")


def test_reject_and_escalate_ask_for_what_they_need(desk: OpenDesk) -> None:
    page = desk(OFFICER)
    made = ticket(page)
    claimed(page, made)
    page.get_by_role("button", name="Escalate to ASSIST").click()
    expect(page.get_by_role("dialog").locator(".missing").first).to_contain_text("Missing")
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Reject").click()
    page.get_by_label("Reason").select_option("duplicate")
    page.get_by_role("dialog").get_by_role("button", name="Reject").click()
    expect(page.locator("#facts .chip")).to_have_text("Rejected")
    expect(page.locator("#decisions")).to_contain_text("duplicate")
    expect(page.get_by_label("Reply to the trader")).not_to_be_editable()


# -- work is not lost --------------------------------------------------------------------------------------------


def test_two_officers_on_one_ticket(desk: OpenDesk) -> None:
    first, second = desk(OFFICER), desk(LEAD)
    made = ticket(first)
    claimed(first, made)
    second.goto(f"/desk/tickets/{made.number}")
    second.get_by_role("button", name="Take from").click()
    expect(second.get_by_label("Reply to the trader")).to_be_editable()
    theirs = write(second, "Thank you for asking.")
    second.keyboard.press("Control+s")
    expect(second.locator("#saved")).to_contain_text("Saved at")
    mine = write(first, "Best regards.")
    first.keyboard.press("Control+s")
    banner = first.locator("#banners .problem")
    expect(banner).to_contain_text("Somebody else has changed this ticket")
    expect(first.get_by_label("Reply to the trader")).to_have_value(mine)
    banner.get_by_role("button", name="See both").click()
    expect(first.get_by_role("dialog")).to_contain_text("Thank you for asking.")
    expect(first.get_by_role("dialog")).to_contain_text("Best regards.")
    first.keyboard.press("Escape")
    assert reply(second, made) == theirs, "nobody overwrites silently"
    banner.get_by_role("button", name="Go on without it").click()
    expect(first.get_by_label("Reply to the trader")).to_have_value(theirs)


def test_database_is_gone_and_comes_back(desk: OpenDesk) -> None:
    page = desk(OFFICER)
    made = ticket(page)
    claimed(page, made)

    def unavailable(route: Route) -> None:
        problem = {"title": "Service Unavailable", "status": 503, "detail": "the database does not answer"}
        route.fulfill(status=503, content_type="application/problem+json", body=json.dumps(problem))

    page.route("**/v1/helpdesk/**", unavailable)
    text = write(page, "Best regards.")
    page.keyboard.press("Control+s")
    banner = page.locator("#banners .warning")
    expect(banner).to_contain_text(
        "The database does not answer; your text is kept in this page and in this browser tab"
    )
    text = write(page, "Thank you.")
    assert [json.loads(value)["text"] for value in kept_in_tab(page)] == [text]
    page.unroute("**/v1/helpdesk/**")
    page.route("**/v1/helpdesk/**", lambda route: route.abort())
    page.wait_for_timeout(1500)
    expect(banner).to_be_visible()
    page.unroute("**/v1/helpdesk/**")
    expect(page.locator("#banners .success")).to_contain_text("Your text is saved", timeout=20_000)
    assert reply(page, made) == text
    assert kept_in_tab(page) == []


def test_unsaved_text_survives_a_reload(desk: OpenDesk) -> None:
    page = desk(OFFICER)
    claimed(page, ticket(page))
    warned: list[str] = []

    def leave(dialog: Dialog) -> None:
        warned.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    text = write(page, "Best regards.")
    page.reload()
    assert warned == ["beforeunload"]
    expect(page.get_by_label("Reply to the trader")).to_have_value(text)
    expect(page.locator("#banners")).to_contain_text("is back")


def test_session_that_ends_does_not_take_the_text(desk: OpenDesk) -> None:
    page = desk(OFFICER)
    made = ticket(page)
    claimed(page, made)
    page.context.clear_cookies()
    text = write(page, "Best regards.")
    page.keyboard.press("Control+s")
    again = page.get_by_role("dialog", name="Sign in again")
    again.get_by_label("Password").fill("not the password at all")
    again.get_by_role("button", name="Sign in", exact=True).click()
    expect(again.get_by_role("alert")).to_be_visible()
    again.get_by_label("Password").fill(DESK_PASSWORD)
    again.get_by_role("button", name="Sign in", exact=True).click()
    expect(again).to_be_hidden()
    expect(page.locator("#saved")).to_contain_text("Saved at")
    assert reply(page, made) == text


def test_trader_who_writes_again_makes_the_draft_stale(desk: OpenDesk) -> None:
    page = desk(OFFICER)
    made = ticket(page)
    claimed(page, made)
    text = write(page, "Best regards.")
    page.keyboard.press("Control+s")
    expect(page.locator("#saved")).to_contain_text("Saved at")
    link = made.link.rpartition("/")[2]
    assert page.request.post(f"{API}/progress/{link}", data={"text": "And who may file a complaint?"}).ok
    for _ in range(300):
        if asked(page, f"/tickets/{made.number}")["draft"] == "ready":
            break
        page.wait_for_timeout(200)
    page.reload()
    warning = page.locator("#banners .warning")
    expect(warning).to_contain_text("The trader wrote again. There is a new draft")
    expect(page.locator("#messages")).to_contain_text("And who may file a complaint?")
    expect(page.get_by_label("Reply to the trader")).to_have_value(text)
    warning.get_by_role("button", name="Keep my text").click()
    expect(warning).to_be_hidden()
    expect(page.locator("#saved")).to_contain_text("Saved at")
    assert asked(page, f"/tickets/{made.number}")["stale"] is None


# -- the trader's page -------------------------------------------------------------------------------------------


def test_status_page_speaks_the_traders_language_and_takes_more(
    desk: OpenDesk, browser: Browser, desk_url: str
) -> None:
    made = ticket(desk(OFFICER), "ASSIST คืออะไร", language="th")
    page = browser.new_page(base_url=desk_url, locale="en-GB")
    answer = page.goto(made.link)
    assert answer is not None
    assert "noindex" in answer.headers["x-robots-tag"]
    expect(page.locator("html")).to_have_attribute("lang", "th")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"คำถามของท่าน เลขที่ {made.number}")
    page.get_by_role("textbox").fill("<b>เพิ่มเติม</b>")
    page.get_by_role("button", name="ส่ง").click()
    expect(page.locator("#messages")).to_contain_text("<b>เพิ่มเติม</b>")
    expect(page.get_by_role("textbox")).to_have_value("")
    expect_accessible(page)
    page.goto(f"/desk/status/{'x' * 32}")
    expect(page.get_by_role("alert")).to_contain_text("There is no question at this address")
    page.close()


def test_what_is_wrong_with_a_traders_message_is_told_beside_it_and_it_stays(
    desk: OpenDesk, browser: Browser, desk_url: str
) -> None:
    made = ticket(desk(OFFICER), language="th")
    page = browser.new_page(base_url=desk_url)
    page.goto(made.link)
    box = page.get_by_role("textbox")
    box.fill("ก" * 20_001)
    page.get_by_role("button", name="ส่ง").click()
    expect(page.get_by_role("alert")).to_contain_text("20,001")
    assert len(box.input_value()) == 20_001
    problem = {"title": "Unprocessable Content", "status": 422, "detail": "this text cannot be read"}
    page.route("**/progress/**", lambda route: route.fulfill(status=422, json=problem))
    box.fill("คำถามเพิ่มเติม")
    page.get_by_role("button", name="ส่ง").click()
    expect(page.get_by_role("alert")).to_have_text("ระบบไม่รับข้อความของท่าน: this text cannot be read")
    expect(box).to_have_value("คำถามเพิ่มเติม")
    expect_accessible(page)
    page.close()


def test_a_trader_whose_question_is_one_for_assist_is_told_how_to_go_on(
    desk: OpenDesk, browser: Browser, desk_url: str
) -> None:
    officer = desk(OFFICER)
    made = ticket(officer)
    page = browser.new_page(base_url=desk_url)
    page.goto(made.link)
    expect(page.locator("#messages li")).to_have_count(1)
    expect(page.locator("#next")).to_be_hidden()
    version = asked(officer, f"/tickets/{made.number}")["version"]
    asked(officer, f"/tickets/{made.number}/escalate", {"version": version})
    page.reload()
    told = page.get_by_role("region", name="What happens now")
    expect(told).to_contain_text("recommends that you file this case with ASSIST")
    expect(told.get_by_role("link")).to_have_attribute("href", "https://assist.asean.org")
    expect(told.get_by_role("listitem")).to_have_count(3)
    expect_accessible(page)
    page.close()


# -- all pages ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1280, 1024])
def test_pages_are_accessible_fit_and_run_nothing_foreign(desk: OpenDesk, width: int) -> None:
    page = desk(ADMIN)
    made = ticket(page)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.set_viewport_size({"width": width, "height": 800})
    for path in ("", "figures", "gaps", "library", "people", "audit", f"tickets/{made.number}"):
        page.goto(f"/desk/{path}")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        expect_accessible(page)
    claimed(page, made)
    write(page, UNFOUNDED)
    expect(page.locator("#sentences li.flagged")).to_have_count(1)
    expect_accessible(page)
    page.get_by_role("button", name="Approve and send").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    expect_accessible(page)
    assert said == []
