"""Cuts documents into passages, and passages into sentences; offsets count code points of the passage's text."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.types import Document, Passage, Provenance

if TYPE_CHECKING:
    from markdown_it.token import Token

VERSION = "sections-2"  # part of an index's identity: raise it when the same document would be cut differently
MAX_CHARACTERS = 900

# A full stop after these ends no sentence.
ABBREVIATIONS = frozenset(
    ["e.g", "i.e", "etc", "no", "nos", "art", "arts", "para", "paras", "vs", "cf", "approx", "ext"]
)
ENDING = re.compile(r"[.!?]+[\"'”’)\]]*(?=\s|$)|[。！？។။]|\n+")


@dataclass(frozen=True)
class Block:
    """A paragraph, list item or heading of a body, as plain text."""

    text: str
    section: tuple[str, ...]


def passages(document: Document) -> list[Passage]:
    """The passages of a document: the text of each section, cut between blocks or sentences where it is long.

    A passage's id changes if and only if what is embedded or quoted changes.
    """
    found: list[Passage] = []
    countries = {portal.name: portal.country for portal in document.portals}
    provenance = document.model_dump(include=set(Provenance.model_fields))
    for section, text in _pieces(document.body):
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


def _abbreviated(before: str) -> bool:
    word = re.split(r"[\s(]", before)[-1].lower()
    return word in ABBREVIATIONS


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and (text[start].isspace() or text.startswith("- ", start)):
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _pieces(body: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Text pieces of at most MAX_CHARACTERS (a longer sentence stays whole), each within one section."""
    section: tuple[str, ...] | None = None
    gathered: list[str] = []
    for block in _blocks(body):
        for text in _fitting(block.text):
            if section is not None and (block.section != section or len("\n".join([*gathered, text])) > MAX_CHARACTERS):
                yield section, "\n".join(gathered)
                gathered = []
            section = block.section
            gathered.append(text)
    if section is not None:
        yield section, "\n".join(gathered)


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
    """Paragraphs and list items in order, each with the headings above it."""
    headings: list[tuple[int, str]] = []
    level: int | None = None
    items = 0
    from markdown_it import MarkdownIt  # noqa: PLC0415 (a quarter of a second that answering need not wait for)

    for token in MarkdownIt("commonmark").enable("table").parse(body):
        if token.type == "heading_open":
            level = int(token.tag[1:])
        elif token.type == "list_item_open":
            items += 1
        elif token.type == "list_item_close":
            items -= 1
        elif token.type == "inline" and level is not None:
            headings = [heading for heading in headings if heading[0] < level] + [(level, _plain(token))]
            level = None
        elif token.type in ("inline", "fence", "code_block"):
            text = _plain(token)
            if text:
                yield Block(f"- {text}" if items else text, tuple(heading for _, heading in headings))


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
