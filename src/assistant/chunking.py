"""Cuts documents into passages, and passages into sentences; offsets count code points of the passage's text."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.types import Document, Passage, Provenance

if TYPE_CHECKING:
    from markdown_it.token import Token

VERSION = "sections-3"  # part of an index's identity: raise it when the same document would be cut differently
MAX_CHARACTERS = 900
QUESTION_MARKS = ("?", "？")

# A full stop after these ends no sentence.
ABBREVIATIONS = frozenset(
    ["e.g", "i.e", "etc", "no", "nos", "art", "arts", "para", "paras", "vs", "cf", "approx", "ext"]
)
# One that only numbers what follows, at the start of a sentence, ends none either.
NUMBERING = re.compile(r"(?:^|\n)\s*(?:- )?(?:\d{1,2}(?:\.\d{1,2})*|[a-z]|[ivx]{1,5}|[A-Z])$")
ITEMS = {"list_item_open": 1, "list_item_close": -1}
PAGE = re.compile(r"<!-- page (\d+) -->")
ENDING = re.compile(r"[.!?]+[\"'”’)\]]*(?=\s|$)|[。！？។။]|\n+")


@dataclass(frozen=True)
class Block:
    """A paragraph, list item or row of a table of a body, as plain text."""

    text: str
    section: tuple[str, ...]
    page: int | None = None

    @property
    def place(self) -> tuple[tuple[str, ...], int | None]:
        """What is quoted from must be of one section and one page."""
        return self.section, self.page


def passages(document: Document) -> list[Passage]:
    """The passages of a document: the text of each section, cut between blocks or sentences where it is long.

    A passage's id changes if and only if what is embedded or quoted changes.
    """
    found: list[Passage] = []
    countries = {portal.name: portal.country for portal in document.portals}
    provenance = document.model_dump(include=set(Provenance.model_fields))
    for (section, page), text in _pieces(document.body):
        country = next((countries[name] for name in reversed(section) if name in countries), document.country)
        heading = " > ".join(section)
        content = "\0".join((document.title, heading, text))
        digest = hashlib.sha256(content.encode()).hexdigest()[:12]
        passage_id = f"{document.id}.{digest}"
        if any(passage.id == passage_id for passage in found):
            continue  # the same words twice under one heading are one passage
        found.append(
            Passage(
                **provenance,
                id=passage_id,
                document_id=document.id,
                section=heading,
                text=text,
                country=country,
                position=len(found),
                page=page,
            )
        )
    return found


def sentences(text: str) -> list[tuple[int, int]]:
    """Start and end of each sentence; surrounding white space and list dashes are left out."""
    spans: list[tuple[int, int]] = []
    start = 0
    for match in ENDING.finditer(text):
        if match.group().startswith(".") and _abbreviated(text[start : match.start()]):
            continue
        spans.append((start, match.end()))
        start = match.end()
    spans.append((start, len(text)))
    trimmed = (_trim(text, *span) for span in spans)
    return [(begin, end) for begin, end in trimmed if begin < end]


def texts(text: str) -> list[str]:
    """The sentences themselves."""
    return [text[start:end] for start, end in sentences(text)]


def _abbreviated(before: str) -> bool:
    word = re.split(r"[\s(]", before)[-1].lower()
    return word in ABBREVIATIONS or NUMBERING.search(before) is not None


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and (text[start].isspace() or text.startswith("- ", start)):
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _pieces(body: str) -> Iterator[tuple[tuple[tuple[str, ...], int | None], str]]:
    """Text pieces of at most MAX_CHARACTERS (a longer sentence stays whole), each of one section and page."""
    place: tuple[tuple[str, ...], int | None] | None = None
    gathered: list[str] = []
    for block in _blocks(body):
        for text in _fitting(block.text):
            if place is not None and (block.place != place or len("\n".join([*gathered, text])) > MAX_CHARACTERS):
                yield place, "\n".join(gathered)
                gathered = []
            place = block.place
            gathered.append(text)
    if place is not None:
        yield place, "\n".join(gathered)


def _fitting(text: str) -> Iterator[str]:
    """The text, or runs of its sentences where it is longer than a passage may be."""
    gathered = ""
    for start, end in sentences(text) if len(text) > MAX_CHARACTERS else [(0, len(text))]:
        sentence = text[start:end]
        if gathered and len(gathered) + 1 + len(sentence) > MAX_CHARACTERS:
            yield gathered
            gathered = ""
        gathered = f"{gathered} {sentence}".strip()
    if gathered:
        yield gathered


def _blocks(body: str) -> Iterator[Block]:
    """Paragraphs, list items and rows of tables in order, each with the headings above it."""
    from markdown_it import MarkdownIt  # noqa: PLC0415 (a quarter of a second that answering need not wait for)

    place = Place()
    for token in MarkdownIt("commonmark").enable("table").parse(body):
        text = place.move(token)
        if text:
            yield Block(text, tuple(heading for _, heading in place.headings), place.page)


class Place:
    """Where in a body the reader is: under which headings, on which page, in a list or a table."""

    def __init__(self) -> None:
        self.headings: list[tuple[int, str]] = []
        self.page: int | None = None
        self._level: int | None = None  # of the heading whose words come next
        self._items = 0
        self._header: list[str] | None = None  # of the table, None outside of one
        self._row: list[str] = []

    def move(self, token: "Token") -> str:
        """Go one token on; the text that is complete with it, if any is."""
        self._items += ITEMS.get(token.type, 0)
        match token.type:
            case "heading_open":
                self._level = int(token.tag[1:])
            case "html_block" if mark := PAGE.search(token.content):
                self.page = int(mark[1])
            case "table_open":
                self._header = []
            case "table_close":
                self._header = None
            case "tr_close":
                return self._close_row()
            case "inline" | "fence" | "code_block":
                return self._say(_plain(token))
        return ""

    def _say(self, text: str) -> str:
        """Words: of a cell, of a heading, or of a block that is complete with them."""
        if self._header is not None:
            self._row.append(text)
            return ""
        if self._level is not None:
            above = [heading for heading in self.headings if heading[0] < self._level]
            self.headings, self._level = [*above, (self._level, text)], None
            return ""
        return f"- {text}" if text and self._items else text

    def _close_row(self) -> str:
        """A row of a table with the header's words before each cell, so that it can be read without the others."""
        row, self._row = self._row, []
        if not self._header:
            self._header = row
            return ""
        cells = zip(self._header, row, strict=True)
        said = "; ".join(f"{name}: {cell}" if name else cell for name, cell in cells if cell)
        return f"- {said}" if said else ""


def _plain(token: "Token") -> str:
    """The words of an inline token without markup; raw HTML is dropped."""
    if token.children is None:
        return " ".join(token.content.split())
    kept = (
        " " if child.type in ("softbreak", "hardbreak") else child.content
        for child in token.children
        if child.type in ("text", "code_inline", "softbreak", "hardbreak")
    )
    return " ".join("".join(kept).split())
