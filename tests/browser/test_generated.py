"""A language model words the answer: its sentences appear one by one as they are checked, in the reader's language."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chat import ask
from playwright.sync_api import Browser, Page, expect

from conftest import opened, serving
from language_models.scripted import Says, sentences
from language_models.scripted import serving as speaking

pytestmark = pytest.mark.browser

QUESTION = {
    "en": "When was the Coordinating Committee on Customs established?",
    "th": "คณะกรรมการประสานงานด้านศุลกากร (CCC) ก่อตั้งเมื่อใด",
}
RIGHT = "The Coordinating Committee on Customs (CCC) was established on 6 June 2006 in Siem Reap, Cambodia."
THAI = "คณะกรรมการประสานงานด้านศุลกากร (CCC) ก่อตั้งเมื่อวันที่ 6 มิถุนายน 2006 ที่เมืองเสียมราฐ ประเทศกัมพูชา"
INVENTED = "The committee charges a fee of 250 dollars, see https://fees.example.com."
PAUSE = 0.2  # seconds before each piece of a reply


def script(request: dict[str, Any]) -> Says:
    """What a good model would say, and something that it made up."""
    translated = "translation" in request["messages"][0]["content"]
    right = {"passages": [1], "text": RIGHT} | ({"translation": THAI} if translated else {})
    invented = {"passages": [1], "text": INVENTED} | ({"translation": INVENTED} if translated else {})
    return Says(pieces=sentences(right, invented, size=40).pieces, pause=PAUSE)


@pytest.fixture(scope="module")
def generating_url(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A second application on a copy of the first one's data, that asks a model."""
    served = next(Path(tmp_path_factory.getbasetemp()).glob("served*"))
    folder = tmp_path_factory.mktemp("generating")
    shutil.copytree(served / "data", folder / "data")
    with (
        speaking(script) as model,
        serving(folder, ASSISTANT_LLM_BASE_URL=model.url, ASSISTANT_LLM_MODEL="scripted") as url,
    ):
        yield url


@pytest.fixture
def page(browser: Browser, generating_url: str) -> Iterator[Page]:
    with opened(browser, generating_url) as page:
        yield page


@pytest.mark.parametrize(("code", "told"), [("en", RIGHT), ("th", THAI)])
def test_checked_sentences_appear_with_their_source_and_invented_ones_never(page: Page, code: str, told: str) -> None:
    page.evaluate(
        """() => {
            window.seen = [];
            const conversation = document.querySelector("#conversation");
            new MutationObserver(() => {
                const searching = conversation.querySelector(".status-searching") !== null;
                window.seen.push({text: conversation.innerText, searching});
            }).observe(conversation, {subtree: true, childList: true});
        }"""
    )
    exchange = ask(page, QUESTION[code])
    sentence = exchange.locator(".sentence", has_text=told)
    expect(sentence).to_have_attribute("lang", code)
    expect(sentence.locator(".marker")).to_have_count(1)
    seen = page.evaluate("window.seen")
    assert not any("250" in each["text"] or "fees.example.com" in each["text"] for each in seen)
    assert any(told in each["text"] and each["searching"] for each in seen), "it appears before the reply has ended"
    sentence.locator(".marker").click()
    expect(page.get_by_role("dialog").locator("mark")).to_contain_text("6 June 2006")
