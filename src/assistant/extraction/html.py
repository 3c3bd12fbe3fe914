"""Web page to Markdown: its main content alone, questions as headings, tables as tables, nothing that hides or runs."""

import re
from collections.abc import Iterator
from functools import cache

import lxml.html
from htmldate import find_date
from lxml import etree
from markdownify import markdownify
from readability import Document as Readable

from assistant import data
from assistant.errors import ExtractionError
from assistant.markup import RUNS, hidden
from assistant.types import Extracted

MAIN = ("//main", "//*[@role='main']", "//article[not(//article[2])]")
HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
# fmt: off
BLOCKS = HEADINGS.union([
    "p", "div", "ul", "ol", "dl", "table", "section", "article", "blockquote", "pre", "details",
])
# fmt: on
AROUND = ("nav", "aside", "footer", "header")
ROLES = frozenset(["navigation", "banner", "contentinfo", "search", "dialog", "alertdialog", "menu", "menubar"])
OPENS = re.compile(r"accordion|collaps|toggle|faq|panel|tab|answer|expand", re.IGNORECASE)  # at a reader's click
LABELLED = re.compile(r"^\s*Q(?:uestion)?\s*\d*\s*[:.)]\s*(?P<text>\S.*)$", re.DOTALL)
ASKS = re.compile(r"[?？]\s*$")
ANSWER = re.compile(r"^\s*A(?:nswer)?\s*\d*\s*[:.]\s+")
LONGEST_QUESTION = 300  # characters
ENOUGH = 0.25  # of the text of a page that its main content has to have
MOST = 0.6  # of the text of a page that nothing around it has
MOSTLY_LINKS = 0.6  # share of a block's text


def extract(text: str) -> Extracted:
    """The main content of a page.

    Raises:
        ExtractionError: nothing to read in it.
    """
    try:
        root = lxml.html.document_fromstring(text.encode(), parser=lxml.html.HTMLParser(encoding="utf-8"))
    except (etree.ParserError, ValueError):
        raise ExtractionError("is an empty page") from None
    found = _about(root, text)
    _drop_what_is_not_content(root)
    _questions_to_headings(root)
    _unfold_layout_tables(root)
    main = _main(root)
    title = found["title"] or _text(next(main.iter("h1"), main))[:LONGEST_QUESTION] or None
    body = _markdown(main, title)
    if not body.strip():
        raise ExtractionError("has no text: it may be made by a script, which is never run; save it from a browser")
    return Extracted(title=title, body=body, **{key: found[key] for key in ("language", "publisher", "date")})


def _about(root: lxml.html.HtmlElement, text: str) -> dict[str, str | None]:
    """What the page says of itself."""

    def content(*names: str) -> str | None:
        for name in names:
            for value in root.xpath("//meta[@property=$name or @name=$name]/@content", name=name):
                if value.strip():
                    return " ".join(value.split())
        return None

    first = root.find(".//h1")
    title = _text(first) if first is not None and len(root.findall(".//h1")) == 1 else ""
    publisher = content("og:site_name", "dcterms.publisher", "DC.publisher", "publisher")
    return {
        "title": title or content("og:title") or _text(root.find(".//title")) or None,
        "publisher": publisher,
        "language": (root.get("lang") or content("og:locale", "content-language") or "").lower()[:2] or None,
        "date": find_date(text, original_date=False, extensive_search=False),
    }


def _drop_what_is_not_content(root: lxml.html.HtmlElement) -> None:
    everything = max(len(_text(root)), 1)
    for element in list(root.iter()):
        if not isinstance(element.tag, str):  # a comment or processing instruction
            element.drop_tree() if element.getparent() is not None else None
        elif element.getparent() is not None and _is_around(element, everything):
            element.drop_tree()


def _is_around(element: lxml.html.HtmlElement, everything: int) -> bool:
    if element.tag in RUNS:
        return True
    if element.tag in ("html", "body", "main", "h1"):
        return False
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    if _is_hidden(element, names):
        return True
    within = any(above.tag in ("main", "article") for above in element.iterancestors())
    if (element.tag in AROUND and not (within and element.tag == "header")) or element.get("role") in ROLES:
        return True
    return bool(_chrome().search(names)) and len(_text(element)) < MOST * everything


def _is_hidden(element: lxml.html.HtmlElement, names: str) -> bool:
    """What no reader ever sees; an answer that opens at a click is seen."""
    return hidden(element) and not OPENS.search(names) and element.get("aria-labelledby") is None


@cache
def _chrome() -> re.Pattern[str]:
    """Names that pages give to what stands around their content."""
    names = "|".join(data.read("pages.yaml")["around"])
    return re.compile(rf"(?:^|[\s_-])(?:{names})(?:$|[\s_-])", re.IGNORECASE)


def _questions_to_headings(root: lxml.html.HtmlElement) -> None:
    """A question becomes a heading over its answer, however the page marks it up."""
    level = 2
    for element in list(root.iter(etree.Element)):
        if element.tag in HEADINGS:
            level = int(element.tag[1])
        elif _asks(element):
            _make_heading(element, min(level + 1, 6))
        elif element.tag == "button":
            element.drop_tree()


def _asks(element: lxml.html.HtmlElement) -> bool:
    text = _text(element)
    if not text or len(text) > LONGEST_QUESTION or any(a.tag in (*HEADINGS, "table") for a in element.iterancestors()):
        return False
    if element.tag in ("summary", "button"):
        return element.tag == "summary" or _opens(element)
    if element.tag == "dt":
        return ASKS.search(text) is not None
    if element.tag not in ("p", "div") or any(child.tag in BLOCKS for child in element):
        return False
    strong = len(element) > 0 and _text(element[0]) == text and element[0].tag in ("strong", "b")
    return LABELLED.match(text) is not None or (strong and ASKS.search(text) is not None)


def _opens(element: lxml.html.HtmlElement) -> bool:
    said = element.get("aria-expanded") or element.get("aria-controls")
    return said is not None or OPENS.search(element.get("class") or "") is not None


def _make_heading(element: lxml.html.HtmlElement, level: int) -> None:
    match = LABELLED.match(_text(element))
    text = match["text"] if match else _text(element)
    parent = element.getparent()
    while parent is not None and parent.tag in ("dl", "p", "span"):  # a heading cannot stand in these
        parent.tag = "div"
        parent = parent.getparent()
    answer = element.getnext()
    for child in list(element):
        element.remove(child)
    element.tag, element.text = f"h{level}", text
    element.attrib.clear()
    if answer is not None and answer.tag == "dd":
        answer.tag = "div"
    if answer is not None and answer.text:
        answer.text = ANSWER.sub("", answer.text)


def _unfold_layout_tables(root: lxml.html.HtmlElement) -> None:
    """A table that only places things on the page becomes what stands in it."""
    for table in list(root.iter("table")):
        rows = [row for row in table.iter("tr") if next(row.iterancestors("table")) is table]
        columns = max((sum(cell.tag in ("td", "th") for cell in row) for row in rows), default=0)
        holds_blocks = any(cell.tag in BLOCKS - {"p", "div"} for cell in table.iterdescendants())
        if holds_blocks or columns < 2 or len(rows) < 2:
            for part in [table, *table.iter("tbody", "thead", "tr", "td", "th")]:
                part.tag = "div"
        elif not any(True for _ in table.iter("th")) and all(_is_bold(cell) for cell in rows[0]):
            for cell in rows[0]:
                cell.tag = "th"


def _is_bold(cell: lxml.html.HtmlElement) -> bool:
    return any(_text(part) == _text(cell) for part in cell.iter("b", "strong"))


def _main(root: lxml.html.HtmlElement) -> lxml.html.HtmlElement:
    """Where the page marks its content, that; else what readability takes for it; else all that is left."""
    body = root.find(".//body")
    whole = body if body is not None else root
    _drop_link_lists(whole)
    length = len(_text(whole))
    for path in MAIN:
        for element in root.xpath(path):
            if len(_text(element)) >= ENOUGH * length:
                return element
    readable = Readable(lxml.html.tostring(root, encoding="unicode"), min_text_length=1).summary(html_partial=True)
    chosen = lxml.html.fromstring(readable) if readable.strip() else whole
    return chosen if len(_text(chosen)) >= (1 - ENOUGH) * length else whole


def _drop_link_lists(whole: lxml.html.HtmlElement) -> None:
    """Blocks that are little more than links lead elsewhere and say nothing."""
    for element in list(whole.iter("div", "ul", "ol", "section", "p")):
        if element.getparent() is None or element is whole:
            continue
        links = [_text(link) for link in element.iter("a")]
        length = len(_text(element))
        if len(links) > 1 and length and sum(map(len, links)) >= MOSTLY_LINKS * length and length < 1_000:
            element.drop_tree()


def _markdown(main: lxml.html.HtmlElement, title: str | None) -> str:
    source = lxml.html.tostring(main, encoding="unicode")
    text = markdownify(
        source, heading_style="ATX", bullets="-", strip=["a", "img", "strong", "b", "em", "i", "u", "sup", "sub"],
        escape_misc=True, table_infer_header=False,
    )  # fmt: skip
    return "\n".join(_lines(text, title)).strip()


def _lines(text: str, title: str | None) -> Iterator[str]:
    """Without the title, which the document has already, and without lines that close up."""
    before = ""
    for line in text.splitlines():
        plain = line.rstrip()
        if not plain and not before:
            continue
        if plain.startswith("# ") and plain[2:].replace("\\", "") == (title or ""):
            continue
        if plain.startswith("# "):
            plain = f"#{plain}"
        before = plain
        yield plain


def _text(element: lxml.html.HtmlElement | None) -> str:
    return "" if element is None else " ".join(element.text_content().split())
