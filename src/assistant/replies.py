"""What a language model is given and is to reply, and what it replied, however well that is formed."""

import json
import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json

from assistant import chunking, citations
from assistant.types import Written

SENTENCES = 6  # that are asked for at most

TOKEN = re.compile(r"<\s*(L\d+)\s*>", re.IGNORECASE)  # stands for a link
CONTROL = re.compile(r"<\|[^|>]{0,40}\|>|\[/?INST\]|</?s>|<</?SYS>>")  # what chat templates put between turns
THOUGHT = re.compile(r"<think>.*?(?:</think>|$)", re.DOTALL)
JSON = re.compile(r"\{\s*\"|\[\s*\{|^[{\[](?!\d)")
FENCE = re.compile(r"^```\w*$", re.MULTILINE)
AFTER_STOP = re.compile(r"([.!?])\s*((?:\[\d+\]\s*)+)")
BULLET = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+")


def quoted(text: str) -> str:
    """A text from outside as data: without what chat templates or our tokens are made of."""
    return TOKEN.sub("", CONTROL.sub("", text))


def form(passages: int, *, translated: bool) -> dict[str, Any]:
    """The JSON schema of a reply about so many passages."""
    sentence: dict[str, Any] = {
        "passages": {"type": "array", "items": {"type": "integer", "enum": [*range(1, passages + 1)]}, "minItems": 1},
        "text": {"type": "string"},
    }
    if translated:
        sentence["translation"] = {"type": "string"}
    item = {"type": "object", "properties": sentence, "required": [*sentence], "additionalProperties": False}
    sentences = {"type": "array", "items": item, "maxItems": SENTENCES}
    return {
        "type": "object",
        "properties": {"sentences": sentences},
        "required": ["sentences"],
        "additionalProperties": False,
    }


def written(reply: str, *, whole: bool = False) -> list[Written]:
    """The sentences of a reply that are complete, one by one; of one that is `whole`, all that can be read.

    It may be JSON, begun or broken off, with or without words around it, or plain text with markers [n].
    """
    text = FENCE.sub("", THOUGHT.sub("", reply)).strip()
    begin = JSON.search(text)
    rows = _from_json(text[begin.start() :]) if begin else _from_text(text, whole=whole)
    return [_plain(row) for row in rows if citations.without_markers(row.text)]


def _from_json(text: str) -> list[Written]:
    try:
        parsed, closed = json.JSONDecoder().raw_decode(text)[0], True
    except (ValueError, RecursionError):
        closed = False
        try:
            parsed = from_json(text, allow_partial="trailing-strings")
        except ValueError:
            return []
    rows = parsed.get("sentences") if isinstance(parsed, dict) else parsed
    found = rows if isinstance(rows, list) else []
    return [row for at, each in enumerate(found, start=1) for row in _row(each, closed=closed or at < len(found))]


def _row(row: object, *, closed: bool) -> list[Written]:
    """One entry of the reply, sentence by sentence; of one that is not closed yet, all but the last.

    With a translation, which may be cut elsewhere, it stays as it is. Numbers of passages may be texts such as "[1]".
    """
    if not isinstance(row, Mapping):
        return []
    numbers = [int(number) for number in re.findall(r"\d{1,3}", json.dumps(row.get("passages")))]
    try:
        found = Written(text=row.get("text"), passages=tuple(numbers), translation=row.get("translation") or "")
    except ValidationError:
        return []
    if found.translation:
        return [found] if closed else []
    texts = [found.text[start:end] for start, end in chunking.sentences(found.text)]
    return [found.model_copy(update={"text": text}) for text in (texts if closed else texts[:-1])]


def _from_text(text: str, *, whole: bool) -> list[Written]:
    lines = [BULLET.sub("", line) for line in AFTER_STOP.sub(r" \2\1 ", text).splitlines()]
    found = [line[start:end] for line in lines for start, end in chunking.sentences(line)]
    rows = [Written(text=sentence, passages=tuple(citations.markers(sentence))) for sentence in found]
    return rows if whole else rows[:-1]


def _plain(row: Written) -> Written:
    """Without markers, which the gate sets, and without line breaks."""
    texts = {name: citations.without_markers(getattr(row, name)) for name in ("text", "translation")}
    return row.model_copy(update={name: re.sub(r"\s+([.!?,])", r"\1", text) for name, text in texts.items()})
