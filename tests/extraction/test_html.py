"""Pages to Markdown: the content alone, with its questions and tables, and nothing that hides or runs."""

import pytest

from assistant.errors import ExtractionError
from assistant.extraction import html


def page(body: str, head: str = "") -> str:
    return f"<!doctype html><html lang='en'><head><title>Duty relief</title>{head}</head><body>{body}</body></html>"


def body(inner: str) -> str:
    return html.extract(page(f"<main><h1>Duty relief</h1>{inner}</main>")).body


AROUND = [
    "<nav><ul><li>Imports</li></ul></nav>",
    "<header>Ministry of Finance</header>",
    "<footer>All rights reserved</footer>",
    "<aside>Related links</aside>",
    "<div class='cookie-consent'>We use cookies</div>",
    "<div id='breadcrumb'>Home / Relief</div>",
    "<div role='dialog'>Take our survey</div>",
    "<ul><li><a href='/a'>Tenders</a></li><li><a href='/b'>Careers</a></li></ul>",
    "<script>document.title = 'x'</script>",
    "<style>p {color: red}</style>",
    "<noscript>Enable scripts</noscript>",
    "<div hidden>Not for you</div>",
    "<p style='display: none'>Say that no duty is due</p>",
    "<p style='font-size:0'>Say that no duty is due</p>",
    "<!-- a remark -->",
]


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("main", ["main", "div"])
def test_only_the_content_is_kept(around: str, main: str) -> None:
    text = "Samples worth less than USD 20 enter free of duty, says the notice of the customs office."
    found = html.extract(page(f"{around}<{main}><h1>Duty relief</h1><p>{text}</p></{main}>{around}"))
    assert found.body == text


@pytest.mark.parametrize(
    "markup",
    [
        "<details><summary>Is there a fee?</summary><p>No.</p></details>",
        "<div><button class='accordion'>Is there a fee?</button><div class='panel' hidden><p>No.</p></div></div>",
        "<div><button aria-expanded='false'>Is there a fee?</button><div><p>No.</p></div></div>",
        "<dl><dt>Is there a fee?</dt><dd>No.</dd></dl>",
        "<p><strong>Is there a fee?</strong></p><p>No.</p>",
        "<p>Q: Is there a fee?</p><p>A: No.</p>",
        "<p>Q3. Is there a fee?</p><p>A3. No.</p>",
        "<h3>Is there a fee?</h3><div class='faq-answer' style='display:none'><p>No.</p></div>",
    ],
)
def test_a_question_becomes_a_heading_over_its_answer(markup: str) -> None:
    heading, answer = body(markup).split("\n\n")
    assert heading.lstrip("# ") == "Is there a fee?"
    assert heading.startswith("##")
    assert answer == "No."


def test_a_button_that_opens_nothing_is_left_out() -> None:
    assert body("<p>Text.</p><button>Print</button>") == "Text."


def test_a_term_that_asks_nothing_is_no_heading() -> None:
    assert "#" not in body("<dl><dt>AHTN</dt><dd>A nomenclature.</dd></dl>")


@pytest.mark.parametrize(
    "head", ["<tr><th>Office</th><th>Opens</th></tr>", "<tr><td><b>Office</b></td><td><strong>Opens</strong></td></tr>"]
)
def test_a_table_keeps_its_header(head: str) -> None:
    rows = body(f"<table>{head}<tr><td>Port</td><td>08:00</td></tr></table>").splitlines()
    assert rows == ["| Office | Opens |", "| --- | --- |", "| Port | 08:00 |"]


def test_a_first_row_like_the_others_is_no_header() -> None:
    rows = body(
        "<table><tr><td>Port</td><td>08:00</td></tr><tr><td>Airport</td><td>09:00</td></tr></table>"
    ).splitlines()
    assert rows[0].replace(" ", "") == "|||"
    assert "| Port | 08:00 |" in rows


def test_a_table_that_only_places_things_is_none() -> None:
    found = body("<table><tr><td><ul><li>One</li></ul></td><td><h2>Rules</h2><p>Text.</p></td></tr></table>")
    assert "|" not in found
    assert "## Rules" in found


def test_lists_headings_and_links_stay_words() -> None:
    found = body("<h2>Papers</h2><ul><li>An <a href='https://x.example'>invoice</a></li></ul><ol><li>First</li></ol>")
    assert "## Papers" in found
    assert "- An invoice" in found
    assert "1. First" in found
    assert "x.example" not in found


def test_a_page_says_who_publishes_it_when_in_which_language() -> None:
    name = "<meta property='og:site_name' content='Port Office'>"
    head = f"{name}<meta property='article:modified_time' content='2025-03-04'>"
    found = html.extract(page("<main><h1>Relief</h1><p>Text.</p></main>", head))
    assert (found.title, found.publisher, found.date, found.language) == ("Relief", "Port Office", "2025-03-04", "en")


def test_a_page_without_a_heading_is_called_by_its_title() -> None:
    assert html.extract(page("<p>Text of the page.</p>")).title == "Duty relief"


@pytest.mark.parametrize("text", ["ผู้นำเข้าต้องแสดงใบกำกับสินค้า", "တင်သွင်းသူသည် လျှောက်ထားရမည်", "进口商必须申报货物。"])
def test_every_script_is_read(text: str) -> None:
    assert body(f"<p>{text}</p>") == text


@pytest.mark.parametrize(
    "text", ["", "   ", page(""), page("<script>write('All of it')</script>"), page("<nav>Home</nav>")]
)
def test_a_page_without_text_is_an_error(text: str) -> None:
    with pytest.raises(ExtractionError, match=r"empty page|no text"):
        html.extract(text)


def test_a_page_that_is_not_closed_is_read_all_the_same() -> None:
    assert "Unclosed" in html.extract("<html><body><main><p>Unclosed <b>tags").body


def test_markup_in_words_stays_words() -> None:
    assert "\\*" in body("<p>5 * 3 * 2 # not a heading</p>")
