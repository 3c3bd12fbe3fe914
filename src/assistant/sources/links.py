"""What a page or a site map links to."""

import gzip
import io
import zlib
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

import defusedxml.ElementTree
import lxml.html
from lxml import etree

from assistant.errors import ExtractionError

TRACKING = ("utm_", "fbclid", "gclid", "mc_", "sessionid", "phpsessid", "jsessionid")
# fmt: off
NOT_PAGES = frozenset([
    "jpg", "jpeg", "png", "gif", "svg", "webp", "ico", "bmp", "mp3", "mp4", "avi", "mov", "wmv", "css", "js", "json",
    "xml", "rss", "zip", "rar", "7z", "exe", "apk", "xls", "xlsx", "ppt", "pptx", "csv",
])
# fmt: on
MAX_SITEMAP = 20 * 2**20


def of_page(raw: bytes, url: str) -> list[str]:
    """The addresses that a page links to, each once, in order."""
    try:
        root = lxml.html.document_fromstring(raw)
    except (etree.ParserError, ValueError):
        return []
    base = root.find(".//base")
    start = urljoin(url, base.get("href") or "") if base is not None else url
    found = (link.get("href") for link in root.iter("a") if "nofollow" not in (link.get("rel") or "").split())
    return list(dict.fromkeys(filter(None, (normal(start, href) for href in found if href))))


def of_sitemap(raw: bytes) -> tuple[list[str], list[str]]:
    """The pages that a site map lists, and the further site maps.

    Raises:
        ExtractionError: it is none.
    """
    try:
        text = _unpacked(raw)
        root = defusedxml.ElementTree.fromstring(text)
    except (OSError, EOFError, zlib.error, ValueError, SyntaxError) as error:  # defusedxml's errors are ValueErrors
        raise ExtractionError(f"is no site map ({error})") from error
    places = [(element.text or "").strip() for element in root.iter() if element.tag.rpartition("}")[2] == "loc"]
    found = list(dict.fromkeys(filter(None, (normal(place, "") for place in places))))
    return ([], found) if root.tag.rpartition("}")[2] == "sitemapindex" else (found, [])


def normal(base: str, href: str) -> str | None:
    """The full address of a link without fragment and tracking; None for what leads to no page."""
    try:
        parts = urlsplit(urljoin(base, href.strip()))
    except ValueError:
        return None
    suffix = parts.path.rpartition("/")[2].rpartition(".")[2].lower() if "." in parts.path else ""
    if parts.scheme not in ("http", "https") or not parts.hostname or suffix in NOT_PAGES:
        return None
    query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if not _is_tracking(name)]
    return urlunsplit((parts.scheme, parts.netloc.lower(), parts.path or "/", urlencode(query), ""))


def _is_tracking(name: str) -> bool:
    return name.lower().startswith(TRACKING)


def _unpacked(raw: bytes) -> bytes:
    if not raw.startswith(b"\x1f\x8b"):
        return raw
    with gzip.GzipFile(fileobj=io.BytesIO(raw)) as file:
        text = file.read(MAX_SITEMAP + 1)
    if len(text) > MAX_SITEMAP:
        raise ValueError("larger than it may be")
    return text


def below(url: str, start: str) -> bool:
    """Whether an address is of the same host and folder as another, or under it."""
    here, there = urlsplit(url), urlsplit(start)
    folder = there.path.rpartition("/")[0] + "/"
    return _host(here.netloc) == _host(there.netloc) and (here.path or "/").startswith(folder)


def same_host(url: str, start: str) -> bool:
    """Whether two addresses are of one host, with or without its "www."."""
    return _host(urlsplit(url).netloc) == _host(urlsplit(start).netloc)


def _host(netloc: str) -> str:
    return netloc.lower().removeprefix("www.")


def is_document(url: str) -> bool:
    """Whether an address ends as those of PDF and Word files do."""
    return urlsplit(url).path.lower().endswith((".pdf", ".docx"))


def parents(urls: list[str]) -> Iterator[str]:
    """The site of each address, once."""
    yield from dict.fromkeys(f"{urlsplit(url).scheme}://{urlsplit(url).netloc}/" for url in urls)
