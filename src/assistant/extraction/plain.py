"""Markdown and plain text, which need little."""

import re

from assistant.extraction import markdown
from assistant.types import Extracted

TITLE = re.compile(r"\A\s*#\s+(.+?)\s*$", re.MULTILINE)
FRONT = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
HTML = re.compile(
    r"<(script|style|iframe)\b.*?(</\1>|\Z)|<!--.*?(-->|\Z)|</?[a-zA-Z][^>\n]*>", re.DOTALL | re.IGNORECASE
)


def extract_markdown(text: str) -> Extracted:
    """Markdown as it is, without front matter, comments and HTML; its first heading is its title."""
    body = HTML.sub("", FRONT.sub("", text.replace("\r\n", "\n"))).strip()
    match = TITLE.match(body)
    return Extracted(title=match[1] if match else None, body=body[match.end() :].strip() if match else body)


def extract_text(text: str) -> Extracted:
    """Paragraphs are what stands between empty lines; the first line is the title if it stands alone."""
    blocks = [" ".join(block.split()) for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n")) if block.strip()]
    title = blocks[0] if len(blocks) > 1 and len(blocks[0]) < 120 and not blocks[0].endswith(".") else None
    rest = blocks[1:] if title else blocks
    return Extracted(title=title, body=markdown.document(map(markdown.escaped, rest)))
