"""The real corpus: clean, in our own words, with addresses that its sources give."""

import datetime
import re
from pathlib import Path

import pytest

from assistant import corpus, countries
from assistant.types import Document
from places import SHARED

RUN = 14  # words in a row that two texts share only where one was copied
LISTS_OF_TITLES = ("asean-customs-key-documents", "asean-customs-press-and-publications")  # titles are facts


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def runs(text: str) -> set[tuple[str, ...]]:
    found = words(text)
    return {tuple(found[start : start + RUN]) for start in range(len(found) - RUN + 1)}


def shared(*folders: str) -> str:
    texts = [path for folder in folders for path in (SHARED / folder).glob("*") if path.suffix in (".txt", ".md")]
    if not texts:
        pytest.skip("../shared is not here")
    return "\n".join(path.read_text(encoding="utf-8") for path in texts)


def test_lint_finds_nothing(real_corpus: Path) -> None:
    today = datetime.datetime.now(datetime.UTC).date()
    assert [str(finding) for finding in corpus.lint(real_corpus, today)] == []


def prose(document: Document) -> list[str]:
    """The body between its headings, which are names."""
    return re.split(r"(?m)^#.*$", document.body)


def test_nothing_is_copied_from_the_source_page(real_corpus: Path) -> None:
    page = runs(shared("seed"))
    ours = (document for document in corpus.load(real_corpus) if document.id not in LISTS_OF_TITLES)
    copied = {document.id: [run for text in prose(document) for run in runs(text) & page] for document in ours}
    assert {name: sorted(map(" ".join, found)) for name, found in copied.items() if found} == {}


def test_every_portal_address_stands_in_a_source(real_corpus: Path) -> None:
    """With or without its scheme, or shortened to ".../page"."""
    sources = shared("seed", "facts")
    addresses = [portal.url for document in corpus.load(real_corpus) for portal in document.portals if portal.url]
    bare = {url: url.split("://")[1].rstrip("/") for url in addresses}
    shortened = {url: f".../{address.rpartition('/')[2]}" for url, address in bare.items() if "/" in address}
    missing = [url for url in bare if bare[url] not in sources and shortened.get(url, url) not in sources]
    assert addresses
    assert missing == []


def test_every_country_has_a_portal_document(real_corpus: Path) -> None:
    portals = [portal for document in corpus.load(real_corpus) for portal in document.portals]
    assert {portal.country for portal in portals} >= set(countries.load().codes)


def test_every_country_code_is_one_of_asean(real_corpus: Path) -> None:
    named = {document.country for document in corpus.load(real_corpus)} - {None}
    assert named <= set(countries.load().codes)
