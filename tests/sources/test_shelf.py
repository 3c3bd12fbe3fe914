"""Documents, their earlier versions and the originals on a real disk."""

from pathlib import Path

import pytest

from assistant import chunking, corpus
from assistant.errors import DataUnavailableError, NotFoundError
from assistant.sources import Shelf
from assistant.types import Document
from fakes import make_document


def document(body: str = "No fee is charged.", **fields: object) -> Document:
    return make_document(body, **{"id": "notice", "wording": "verbatim", "retrieved_on": "2026-11-23", **fields})


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "sources")


def test_what_is_put_there_serves(shelf: Shelf) -> None:
    kept = shelf.put(document(), b"raw")
    assert shelf.documents() == [kept]
    assert shelf.find("notice") == kept
    assert kept.version == corpus.version("No fee is charged.")
    assert shelf.original(kept.original or "") == b"raw"


def test_what_served_before_is_kept(shelf: Shelf) -> None:
    first = shelf.put(document(), b"one")
    second = shelf.put(document("A fee is charged."), b"two")
    assert shelf.documents() == [second]
    assert shelf.versions("notice") == [first]
    assert shelf.find("notice", first.version) == first


def test_a_passage_of_any_version_is_found(shelf: Shelf) -> None:
    before, after = shelf.put(document()), shelf.put(document("A fee is charged."))
    for each in (before, after):
        [passage] = chunking.passages(each)
        assert shelf.passage(passage.id) == passage


def test_what_is_removed_serves_no_more_and_is_kept(shelf: Shelf) -> None:
    kept = shelf.put(document())
    shelf.remove("notice")
    assert shelf.documents() == []
    assert shelf.versions("notice") == [kept]


def test_front_matter_may_be_edited_by_hand(shelf: Shelf) -> None:
    shelf.put(document())
    path = shelf.path("notice")
    path.write_text(path.read_text().replace("publisher: ", "publisher: Port "), encoding="utf-8")
    assert shelf.documents()[0].publisher.startswith("Port ")


@pytest.mark.parametrize("name", ["nobody", "../notice", "", "a/b", "notice."])
def test_what_is_not_there_is_not_found(shelf: Shelf, name: str) -> None:
    shelf.put(document())
    with pytest.raises(NotFoundError):
        shelf.find(name)
    with pytest.raises(NotFoundError):
        shelf.passage(f"{name}.0123456789ab")


def test_an_original_that_is_not_kept_is_not_found(shelf: Shelf) -> None:
    with pytest.raises(NotFoundError):
        shelf.original("0" * 64)


def test_what_a_killed_writer_left_does_no_harm(shelf: Shelf) -> None:
    kept = shelf.put(document())
    (shelf.path("notice").parent / "tmpabc.tmp").write_text("half")
    assert shelf.documents() == [kept]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataUnavailableError, match="ASSISTANT_DATA_DIR"):
        Shelf(tmp_path / "file" / "sources").put(document(), b"raw")
