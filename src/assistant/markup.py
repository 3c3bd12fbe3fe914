"""What of a page or an HTML mail nobody reads: what runs, what only steers the page, what is hidden."""

import re

import lxml.html

# fmt: off
RUNS = frozenset([
    "script", "style", "noscript", "template", "iframe", "object", "embed", "svg", "canvas", "audio", "video", "link",
    "meta", "base", "input", "select", "textarea", "img",
])
# fmt: on
HIDES = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|(?:font-size|opacity)\s*:\s*0(?![.\d])", re.IGNORECASE)


def hidden(element: lxml.html.HtmlElement) -> bool:
    """Whether the element's own attributes hide it."""
    return element.get("hidden") is not None or HIDES.search(element.get("style") or "") is not None
