"""Writing Markdown that says exactly the text it is given: what would be markup in it is escaped."""

import re
from collections.abc import Iterable, Sequence

# What would begin a heading, quote, list, table, rule or HTML at the start of a line, or be markup within it.
AT_START = re.compile(r"^(#{1,6}(?=\s|$)|[-+](?=\s|$)|>|[-=~]{2,})")
NUMBERED = re.compile(r"^(\d{1,9})([.)])(?=\s|$)")
WITHIN = re.compile(r"([\\`*_\[\]<|&])")


def escaped(text: str) -> str:
    """Text as it has to stand in a Markdown paragraph."""
    plain = WITHIN.sub(r"\\\1", " ".join(text.split()))
    return NUMBERED.sub(r"\1\\\2", AT_START.sub(r"\\\1", plain))


def heading(text: str, level: int) -> str:
    """A heading of level 1 to 6."""
    return f"{'#' * max(1, min(level, 6))} {escaped(text)}"


def item(text: str) -> str:
    """An item of a list."""
    return f"- {escaped(text)}"


def page(number: int) -> str:
    """A line that nobody sees and that says on which page of the source the text after it begins."""
    return f"<!-- page {number} -->"


def table(rows: Sequence[Sequence[str | None]]) -> str:
    """A table whose first row is its header."""
    width = max(map(len, rows))
    filled = [[escaped(cell or "") for cell in row] + [""] * (width - len(row)) for row in rows]
    lines = [f"| {' | '.join(row)} |" for row in filled]
    return "\n".join([lines[0], f"|{' --- |' * width}", *lines[1:]])


def document(blocks: Iterable[str]) -> str:
    """Blocks as one text; items of one list stay together."""
    text = ""
    for block in blocks:
        together = block.startswith("- ") and text.rpartition("\n")[2].startswith("- ")
        text += f"{block}" if not text else f"\n{block}" if together else f"\n\n{block}"
    return text
