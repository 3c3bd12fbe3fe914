"""An administrator brings in a PDF; a trader opens the page of it that the answer cites."""

from typing import Any

import pytest
from chat import answered_by_api, ask
from fpdf import FPDF
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

ADMIN = {"Authorization": "Bearer administrator of the tests"}  # the token that the server of these tests has
QUESTION = "For how long do exporters of zircon sand keep the loading register?"
PAGES = (
    ["Zircon Sand Notice", "This notice is about zircon sand that leaves the country by sea."],
    [
        "Loading register",
        "Exporters of zircon sand keep the loading register for nine years after the ship has sailed.",
    ],
)
READ_WITHIN = 120  # seconds, of which the passages' embedding takes most on a busy machine


def notice() -> bytes:
    """A PDF of two pages."""
    pdf = FPDF()
    for heading, text in PAGES:
        pdf.add_page()
        pdf.set_font("helvetica", "B", 20)
        pdf.multi_cell(0, 12, heading, new_x="LMARGIN", new_y="NEXT")
        pdf.set_font("helvetica", size=11)
        pdf.multi_cell(0, 6, text, new_x="LMARGIN", new_y="NEXT")
    return bytes(pdf.output())


def cited(page: Page) -> dict[str, Any] | None:
    """The citation of the notice, once the index has it."""
    citations = answered_by_api(page, question=QUESTION)["citations"]
    return next((citation for citation in citations if citation["document_id"] == "zircon-sand-notice"), None)


def test_an_ingested_pdf_is_cited_and_opened_at_its_page(browser_page: Page) -> None:
    sent = browser_page.request.post(
        "/v1/sources",
        headers=ADMIN,
        multipart={
            "file": {"name": "zircon-sand-notice.pdf", "mimeType": "application/pdf", "buffer": notice()},
            "given": '{"publisher": "Office of Minerals"}',
        },
    )
    assert sent.ok, sent.text()
    for _ in range(READ_WITHIN):
        if citation := cited(browser_page):
            break
        browser_page.wait_for_timeout(1_000)
    else:
        pytest.fail("the notice did not come into the answers")
    assert citation["page"] == 2
    assert "nine years" in citation["quote"]
    exchange = ask(browser_page, QUESTION)
    exchange.locator(".marker").first.click()
    dialog = browser_page.get_by_role("dialog")
    expect(dialog).to_contain_text("Office of Minerals")
    expect(dialog).to_contain_text("page 2")
    address = dialog.get_by_role("link").get_attribute("href")
    assert address is not None
    assert address.endswith("#page=2")
    original = browser_page.request.get(address)
    assert original.headers["content-type"] == "application/pdf"
    assert original.body().startswith(b"%PDF")
