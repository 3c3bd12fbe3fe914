"""Links of pages and site maps."""

import gzip

import pytest

from assistant.errors import ExtractionError
from assistant.sources import links

HERE = "https://port.example/faq/start.html"


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("two.html", "https://port.example/faq/two.html"),
        ("/law", "https://port.example/law"),
        ("../x", "https://port.example/x"),
        ("?page=2", "https://port.example/faq/start.html?page=2"),
        ("#top", HERE),
        ("a?utm_source=x&id=3&fbclid=9", "https://port.example/faq/a?id=3"),
        ("HTTPS://Other.Example/A", "https://other.example/A"),
        ("mailto:a@b.example", None),
        ("javascript:void(0)", None),
        ("tel:123", None),
        ("picture.PNG", None),
        ("http://[broken", None),
    ],
)
def test_links_become_whole_addresses(href: str, url: str | None) -> None:
    found = links.of_page(f'<a href="{href}">x</a>'.encode(), HERE)
    assert found == ([url] if url else [])


def test_each_link_counts_once_and_base_is_kept_to() -> None:
    page = (
        b'<head><base href="/en/"></head><a href="a">1</a><a href="a#b">2</a><a rel="nofollow" href="c">3</a><a>4</a>'
    )
    assert links.of_page(page, HERE) == ["https://port.example/en/a"]


@pytest.mark.parametrize("raw", [b"", b"   ", b"\xff\xfe"])
def test_what_is_no_page_has_no_links(raw: bytes) -> None:
    assert links.of_page(raw, HERE) == []


SCHEMA = b"http://www.sitemaps.org/schemas/sitemap/0.9"
MAP = b"<urlset xmlns='%s'><url><loc> https://port.example/a </loc></url></urlset>" % SCHEMA
INDEX = b"<sitemapindex><sitemap><loc>https://port.example/more.xml.gz</loc></sitemap></sitemapindex>"


@pytest.mark.parametrize("raw", [MAP, gzip.compress(MAP)], ids=["plain", "packed"])
def test_a_site_map_lists_pages(raw: bytes) -> None:
    assert links.of_sitemap(raw) == (["https://port.example/a"], [])


def test_an_index_lists_site_maps() -> None:
    assert links.of_sitemap(INDEX) == ([], ["https://port.example/more.xml.gz"])


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><urlset><url><loc>&b;</loc></url></urlset>'


@pytest.mark.parametrize(
    "raw",
    [b"", b"not xml", b"\x1f\x8bbroken", BOMB, gzip.compress(bytes(links.MAX_SITEMAP + 9))],
    ids=["empty", "no XML", "broken", "bomb", "too large"],
)
def test_what_is_no_site_map_is_told(raw: bytes) -> None:
    with pytest.raises(ExtractionError, match="no site map"):
        links.of_sitemap(raw)


@pytest.mark.parametrize(
    ("url", "near"),
    [
        ("https://port.example/faq/two", True),
        ("https://www.port.example/faq/deep/er", True),
        ("https://port.example/faq", False),
        ("https://port.example/law", False),
        ("https://other.example/faq/two", False),
    ],
)
def test_near_is_what_lies_in_the_folder(url: str, near: bool) -> None:
    assert links.below(url, HERE) is near
