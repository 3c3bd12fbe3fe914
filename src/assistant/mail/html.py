"""An HTML mail as plain text: its paragraphs, lists and rows; no scripts, no styles, nothing hidden, no pictures."""

import re

import lxml.html
from lxml import etree

from assistant.markup import RUNS, hidden

NOT_READ = RUNS | {"head", "title"}
BREAKS = frozenset(
    ["div", "li", "tr", "ul", "ol", "dl", "dt", "dd", "table", "section", "article", "center", "hr", "form"]
)
PARAGRAPHS = frozenset(["p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre"])
CELLS = frozenset(["td", "th"])
HIDES = re.compile(r"mso-hide\s*:\s*all|max-height\s*:\s*0(?:px|pt)?\s*(?:;|$)|font-size\s*:\s*1px", re.IGNORECASE)
EMBEDDED = re.compile(rb"data:[^\"'\s>]{200,}")  # a picture inside an attribute


def without_pictures(raw: bytes) -> bytes:
    """The HTML without the pictures that stand in it as text, which may be most of it."""
    return EMBEDDED.sub(b"data:", raw)


def to_text(html: str) -> str:
    """The text that a reader of the mail sees; quoted mail begins its lines with "> ", as in a plain mail."""
    try:
        parser = lxml.html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
        root = lxml.html.document_fromstring(html.replace("\0", "").encode(errors="replace"), parser=parser)
    except (etree.ParserError, ValueError):  # nothing in it
        return ""
    page = _Page()
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        if event == "start" and _is_unread(element):
            walk.skip_subtree()
        elif event == "start":
            page.open(element)
        else:
            page.close(element, unread=_is_unread(element))
    return page.text()


def _is_unread(element: lxml.html.HtmlElement) -> bool:
    return element.tag in NOT_READ or hidden(element) or HIDES.search(element.get("style") or "") is not None


class _Page:
    """Lines as they come about."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._quoted = 0

    def open(self, element: lxml.html.HtmlElement) -> None:
        self._break(element.tag)
        if element.tag == "blockquote":
            self._quoted += 1
        if element.tag == "li":
            self._line.append("- ")
        self._line.append(element.text or "")

    def close(self, element: lxml.html.HtmlElement, *, unread: bool) -> None:
        if not unread:
            self._break(element.tag)
            if element.tag == "blockquote":
                self._quoted -= 1
            if element.tag in CELLS and element.getnext() is not None:
                self._line.append(" | ")
            if element.tag == "br":
                self._end_line()
        self._line.append(element.tail or "")

    def text(self) -> str:
        self._end_line()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self._lines)).strip()

    def _break(self, tag: str) -> None:
        if tag in BREAKS or tag in PARAGRAPHS:
            self._end_line(empty=False)
        if tag in PARAGRAPHS and self._lines and self._lines[-1]:
            self._lines.append("")

    def _end_line(self, *, empty: bool = True) -> None:
        line = " ".join("".join(self._line).split())
        self._line.clear()
        if line and line != "|":
            self._lines.append(f"{'> ' * min(self._quoted, 5)}{line}")
        elif empty:
            self._lines.append("")
