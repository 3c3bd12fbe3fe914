"""The queue of a run and what is known of pages, across processes."""

from pathlib import Path

import pytest

from assistant.errors import DataUnavailableError
from assistant.sources.ledger import Ledger, Page, Task


def task(name: str, depth: int = 0) -> Task:
    return Task(url=name, start="start", depth=depth, country="SG")


def test_the_nearest_pages_come_first(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "sync.sqlite3")
    ledger.add([task("far", 2), task("near", 1), task("start"), task("near", 0)])
    seen = []
    while (now := ledger.next()) is not None:
        seen.append(now.url)
        ledger.finish(now)
    assert seen == ["start", "near", "far"]
    assert ledger.counts() == (3, 3)
    ledger.close()


def test_a_later_process_goes_on_where_the_first_stopped(tmp_path: Path) -> None:
    first = Ledger(tmp_path / "folder" / "sync.sqlite3")
    first.add([task("one"), task("two")])
    first.finish(task("one"), Page(url="one", etag='"1"', modified="Mon", links=("a", "b")))
    first.close()
    second = Ledger(tmp_path / "folder" / "sync.sqlite3")
    assert second.unfinished()
    assert second.next() == task("two")
    assert second.page("one") == Page(url="one", etag='"1"', modified="Mon", links=("a", "b"))
    second.finish(task("two"))
    assert not second.unfinished()
    second.close()


def test_a_new_run_forgets_the_queue_and_not_the_pages(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "sync.sqlite3")
    ledger.add([task("one")])
    ledger.finish(task("one"), Page(url="one"))
    ledger.begin()
    assert ledger.counts() == (0, 0)
    assert ledger.page("one") == Page(url="one")
    ledger.forget("one")
    assert ledger.page("one") is None
    ledger.close()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataUnavailableError, match="ASSISTANT_DATA_DIR"):
        Ledger(tmp_path / "file" / "sync.sqlite3")
