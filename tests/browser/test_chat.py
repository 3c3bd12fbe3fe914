"""A trader at the chat page: asks, reads, opens sources, goes on; by keyboard, on a phone, with odd input."""

import re

import pytest
from chat import answer, answered_by_api, ask, expect_no_serious_violation
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

ASSIST = "https://assist.asean.org"
DISCLAIMER = re.compile("non-binding guidance")


def expect_disclaimer_and_assist(page: Page) -> None:
    bar = page.locator("#disclaimer")
    expect(bar.get_by_text(DISCLAIMER)).to_be_in_viewport()
    expect(bar.get_by_role("link", name="ASSIST")).to_be_in_viewport()
    expect(bar.get_by_role("link", name="ASSIST")).to_have_attribute("href", ASSIST)


def test_question_by_keyboard_alone(browser_page: Page) -> None:
    browser_page.keyboard.press("Tab")
    expect(browser_page.get_by_role("link", name="Skip to the question box")).to_be_focused()
    browser_page.keyboard.press("Enter")
    expect(browser_page.get_by_label("Your question")).to_be_focused()
    browser_page.keyboard.type("What is ASSIST?")
    browser_page.keyboard.press("Enter")
    exchange = answer(browser_page, 0)
    expect(exchange.get_by_role("heading", level=2)).to_contain_text("What is ASSIST?")
    expect(exchange.locator(".status")).to_have_text("Answered from the sources")
    shown = exchange.locator(".sentence").all_inner_texts()
    expected = answered_by_api(browser_page, question="What is ASSIST?")["sentences"]
    assert [re.sub(r"\s*(\[\d+\])+$", "", text) for text in shown] == [sentence["text"] for sentence in expected]
    expect(browser_page.get_by_label("Your question")).to_have_value("")
    expect(browser_page.locator("#spoken")).to_contain_text(expected[0]["text"])


def test_answer_appears_while_it_is_being_made(browser_page: Page) -> None:
    browser_page.evaluate(
        """() => {
            window.seen = [];
            new MutationObserver(() => {
                const status = document.querySelector(".exchange .status");
                if (status) window.seen.push(status.className);
            }).observe(document.querySelector("#conversation"), {subtree: true, childList: true, attributes: true});
        }"""
    )
    ask(browser_page, "What is ASSIST?")
    seen = browser_page.evaluate("window.seen")
    assert "searching" in seen[0]
    assert "answered" in seen[-1]


def test_citation_opens_the_passage_with_the_quote_marked(browser_page: Page) -> None:
    exchange = ask(browser_page, "What is ASSIST?")
    citation = answered_by_api(browser_page, question="What is ASSIST?")["citations"][0]
    passage = browser_page.request.get(f"/v1/passages/{citation['passage_id']}").json()
    exchange.locator(".marker").first.focus()
    browser_page.keyboard.press("Enter")
    dialog = browser_page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    assert dialog.locator("mark").text_content() == citation["quote"]
    assert dialog.locator("blockquote").text_content() == passage["text"] or citation["wording"] == "verbatim"
    assert citation["quote"] == passage["text"][citation["start"] : citation["end"]]
    for fact in (citation["title"], citation["publisher"], citation["as_of"] or "undated", "binding"):
        expect(dialog).to_contain_text(fact)
    if citation["url"] is None:
        expect(dialog).to_contain_text("The source's own address is not known")
        assert dialog.get_by_role("link").count() == 0
    else:
        expect(dialog.get_by_role("link")).to_have_attribute("href", citation["url"])
    browser_page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(exchange.locator(".marker").first).to_be_focused()


def test_disclaimer_and_assist_are_always_in_view(browser_page: Page) -> None:
    expect_disclaimer_and_assist(browser_page)
    ask(browser_page, "What is ASSIST?")
    expect_disclaimer_and_assist(browser_page)
    browser_page.mouse.wheel(0, -5000)
    expect_disclaimer_and_assist(browser_page)


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>window.ran = true</script> What is ASSIST?",
        '<img src=x onerror="window.ran = true"> What is ASSIST?',
        "${window.ran = true} {{window.ran = true}} What is ASSIST?",
        "What is ASSIST?'); DROP TABLE answers; --",
    ],
)
def test_markup_in_a_question_stays_text(browser_page: Page, hostile: str) -> None:
    exchange = ask(browser_page, hostile)
    expect(exchange.get_by_role("heading", level=2)).to_contain_text(hostile)
    assert browser_page.evaluate("window.ran") is None
    assert exchange.locator("script, img").count() == 0


def test_right_to_left_text_keeps_the_layout(browser_page: Page) -> None:
    exchange = ask(browser_page, "ما هو ASSIST؟ هل يمكنني تقديم شكوى؟")
    assert exchange.locator(".asked .question").evaluate("each => getComputedStyle(each).direction") == "rtl"
    assert browser_page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_refusal_shows_the_portal_without_an_invented_link(browser_page: Page) -> None:
    exchange = ask(browser_page, "Where are Indonesia's customs FAQs?")
    known = {portal["url"] for portal in browser_page.request.get("/v1/portals").json()} | {ASSIST}
    card = exchange.locator(".portal").first
    expect(card).to_contain_text("Indonesia")
    expect(card).to_contain_text("No link on ASEAN's list")
    links = exchange.get_by_role("link").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert set(links) <= known


def test_clarification_continues_the_conversation(browser_page: Page) -> None:
    exchange = ask(browser_page, "What is the import duty on laptops?")
    expect(exchange.locator(".status")).to_have_text("One question back")
    exchange.get_by_role("button", name="Thailand").click()
    second = answer(browser_page, 1)
    expect(second.get_by_role("heading", level=2)).to_contain_text("Thailand")
    expect(second.locator(".status")).to_have_text("See the official portal")
    expect(second.locator(".portal").first).to_contain_text("Thailand")
    assert exchange.locator(".options").count() == 0


def test_follow_up_is_asked_by_its_button(browser_page: Page) -> None:
    exchange = ask(browser_page, "What is ASSIST?")
    follow_up = exchange.locator(".follow-ups button").first
    question = follow_up.inner_text()
    follow_up.click()
    expect(answer(browser_page, 1).get_by_role("heading", level=2)).to_contain_text(question)


def test_examples_and_portals_follow_the_country(browser_page: Page) -> None:
    browser_page.get_by_label("Country").select_option("SG")
    expect(browser_page.get_by_role("complementary")).to_contain_text("Official portals: Singapore")
    expect(browser_page.locator("#portals .portal").first).to_be_visible()
    example = browser_page.locator(".examples button").first
    question = example.inner_text()
    example.click()
    expect(answer(browser_page, 0).get_by_role("heading", level=2)).to_contain_text(question)


def test_page_speaks_the_chosen_language(browser_page: Page) -> None:
    assert browser_page.locator("select[name=language] option").count() == 11
    browser_page.get_by_label("Language").select_option("th")
    expect(browser_page.get_by_role("heading", level=1)).to_have_text("ผู้ช่วยแนะนำด้านศุลกากรอาเซียน")
    browser_page.get_by_label("คำถามของท่าน").fill("What is ASSIST?")
    browser_page.keyboard.press("Enter")
    expect(answer(browser_page, 0).locator(".status")).to_have_text("ตอบจากแหล่งข้อมูล")
    expect(browser_page.locator("#disclaimer")).to_contain_text("ไม่มีผลผูกพัน")


def test_page_starts_in_the_language_of_the_browser(browser: Browser, server_url: str) -> None:
    page = browser.new_page(locale="vi-VN")
    page.goto(server_url)
    expect(page.get_by_role("heading", level=1)).to_have_text("Trợ lý hướng dẫn hải quan ASEAN")
    expect(page.locator("html")).to_have_attribute("lang", "vi")
    page.close()


def test_feedback_up(browser_page: Page) -> None:
    exchange = ask(browser_page, "What is ASSIST?")
    exchange.get_by_role("button", name="Helpful", exact=True).click()
    expect(exchange.get_by_text("Thank you for your feedback.")).to_be_visible()


def test_feedback_down_with_a_reason(browser_page: Page) -> None:
    exchange = ask(browser_page, "What is ASSIST?")
    exchange.get_by_role("button", name="Not helpful").click()
    exchange.get_by_label("Something is missing").check()
    exchange.get_by_label("Comment").fill("Who may file?")
    exchange.get_by_role("button", name="Send", exact=True).click()
    expect(exchange.get_by_text("Thank you for your feedback.")).to_be_visible()


def test_answer_is_copied_with_sources_and_disclaimer(browser_page: Page) -> None:
    browser_page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    exchange = ask(browser_page, "What is ASSIST?")
    exchange.get_by_role("button", name="Copy answer").click()
    expect(exchange.get_by_role("button", name="Copied")).to_be_visible()
    copied = browser_page.evaluate("navigator.clipboard.readText()")
    expected = answered_by_api(browser_page, question="What is ASSIST?")
    for part in (expected["text"], expected["disclaimer"], ASSIST):
        assert part in copied


def test_new_conversation_starts_over(browser_page: Page) -> None:
    ask(browser_page, "What is ASSIST?")
    browser_page.get_by_role("button", name="New conversation").click()
    expect(browser_page.locator(".welcome")).to_be_visible()
    assert browser_page.locator(".exchange").count() == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [("   ", "The question is empty"), ("?!", "has no words"), ("word " * 500, "shorten it")],
)
def test_unusable_question_gets_a_message_and_stays(browser_page: Page, text: str, message: str) -> None:
    box = browser_page.get_by_label("Your question")
    box.fill(text)
    browser_page.keyboard.press("Enter")
    expect(browser_page.get_by_role("alert")).to_contain_text(message)
    expect(box).to_have_value(text)
    box.fill("What is ASSIST?")
    browser_page.keyboard.press("Enter")
    answer(browser_page, 0)
    expect(browser_page.get_by_role("alert")).to_be_empty()


def test_phone_width_has_no_horizontal_scroll(browser_page: Page) -> None:
    browser_page.set_viewport_size({"width": 375, "height": 812})
    for question in ("What is ASSIST?", "What duty do I pay on laptops in Thailand?"):
        ask(browser_page, question)
        assert browser_page.evaluate("document.documentElement.scrollWidth") <= 375
        expect_disclaimer_and_assist(browser_page)
    browser_page.locator(".sources button").first.click()
    expect(browser_page.get_by_role("dialog").locator("mark")).to_be_in_viewport()
    box = browser_page.get_by_role("dialog").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 375


def test_axe_finds_nothing_serious(browser_page: Page) -> None:
    expect_no_serious_violation(browser_page)
    exchange = ask(browser_page, "What is ASSIST?")
    exchange.get_by_role("button", name="Not helpful").click()
    exchange.get_by_label("Comment").wait_for()
    expect_no_serious_violation(browser_page)
    ask(browser_page, "What duty do I pay on laptops in Thailand?")
    expect_no_serious_violation(browser_page)
    browser_page.locator(".marker").first.click()
    expect_no_serious_violation(browser_page)


def test_page_asks_nobody_else_for_anything(browser_page: Page, server_url: str) -> None:
    asked: list[str] = []
    browser_page.on("request", lambda request: asked.append(request.url))
    browser_page.reload()
    browser_page.wait_for_selector(".welcome")
    ask(browser_page, "What is ASSIST?")
    assert asked
    assert [url for url in asked if not url.startswith((server_url, "data:", "blob:"))] == []
