"""Files of all kinds to Markdown that the corpus can hold: an adapter over the libraries that read each kind."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import PurePosixPath

from assistant import data
from assistant.errors import ExtractionError
from assistant.types import Extracted

HTML, PDF, WORD, MARKDOWN, TEXT = "text/html", "application/pdf", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "text/markdown", "text/plain"  # fmt: skip # noqa: E501
BY_SUFFIX: Mapping[str, str] = {
    ".html": HTML,
    ".htm": HTML,
    ".xhtml": HTML,
    ".aspx": HTML,
    ".php": HTML,
    ".pdf": PDF,
    ".docx": WORD,
    ".md": MARKDOWN,
    ".markdown": MARKDOWN,
    ".txt": TEXT,
}
SUFFIXES: Mapping[str, str] = {HTML: ".html", PDF: ".pdf", WORD: ".docx", MARKDOWN: ".md", TEXT: ".txt"}
PACKED = b"PK\x03\x04"
LOOKS_LIKE_HTML = re.compile(
    rb"^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)


def media_type(raw: bytes, name: str, declared: str | None = None) -> str:
    """What a file is: its first bytes decide, then what was declared, then its name.

    Raises:
        ExtractionError: a kind that is not read.
    """
    if b"%PDF-" in raw[:1_024]:
        return PDF
    if LOOKS_LIKE_HTML.match(raw[:4_096]):
        return HTML
    plain = (declared or "").split(";")[0].strip().lower()
    by_name = BY_SUFFIX.get(PurePosixPath(name.lower()).suffix)
    if raw.startswith(PACKED):
        if WORD in (plain, by_name):
            return WORD
    elif plain in (MARKDOWN, TEXT) or by_name in (MARKDOWN, TEXT, HTML):
        return by_name if by_name in (MARKDOWN, TEXT, HTML) else plain
    elif plain in (HTML, "application/xhtml+xml"):
        return HTML
    elif PDF in (plain, by_name):
        raise ExtractionError("says it is a PDF and is none: get it again")
    said = f" ({plain or PurePosixPath(name).suffix})" if plain or PurePosixPath(name).suffix else ""
    raise ExtractionError(f"is of a kind that is not read{said}: give HTML, PDF, Word (.docx), Markdown or text")


class Reader:
    """Serves the SourceReader port."""

    def read(self, raw: bytes, name: str, declared: str | None = None) -> Extracted:
        """The text of a file, its kind and what was noticed. `declared` is the Content-Type it came with, if any.

        Raises:
            ExtractionError: saying in a few words why it cannot be read, and what to do.
        """
        if not raw.strip():
            raise ExtractionError("is empty")
        kind = media_type(raw, name, declared)
        found = _readers()[kind](raw, _charset(declared))
        body, orders = _without_orders(found.body)
        if not re.search(r"\w", re.sub(r"<!--.*?-->", "", body)):
            raise ExtractionError("has no text")
        findings = (
            *found.findings,
            *(f"left out a paragraph that gives orders to a machine: {_short(o)}" for o in orders),
        )
        return found.model_copy(update={"media_type": kind, "body": body, "findings": findings})


@cache
def _readers() -> Mapping[str, Callable[[bytes, str | None], Extracted]]:
    from assistant.decoding import decode  # noqa: PLC0415
    from assistant.extraction import html, pdf, plain, word  # noqa: PLC0415 (a second that only reading files takes)

    def decoded(extract: Callable[[str], Extracted]) -> Callable[[bytes, str | None], Extracted]:
        def read(raw: bytes, charset: str | None) -> Extracted:
            text, findings = decode(raw, charset)
            found = extract(text)
            return found.model_copy(update={"findings": (*findings, *found.findings)})

        return read

    return {
        HTML: decoded(html.extract),
        MARKDOWN: decoded(plain.extract_markdown),
        TEXT: decoded(plain.extract_text),
        PDF: lambda raw, _: pdf.extract(raw),
        WORD: lambda raw, _: word.extract(raw),
    }


def _charset(declared: str | None) -> str | None:
    match = re.search(r"charset\s*=\s*[\"']?([A-Za-z0-9_:.-]+)", declared or "", re.IGNORECASE)
    return match[1] if match else None


def _without_orders(body: str) -> tuple[str, list[str]]:
    """The body without paragraphs that speak to a machine, and those paragraphs."""
    blocks = re.split(r"\n{2,}", body)
    orders = [block for block in blocks if _orders().search(block)]
    return "\n\n".join(block for block in blocks if block not in orders), orders


@cache
def _orders() -> re.Pattern[str]:
    return re.compile("|".join(data.read("pages.yaml")["orders"]), re.IGNORECASE | re.DOTALL)


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return f"“{plain[:60]}…”" if len(plain) > 60 else f"“{plain}”"
