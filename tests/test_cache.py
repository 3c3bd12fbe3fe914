"""The file that keeps what models computed."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from assistant.cache import AT_ONCE, Cache, key
from assistant.errors import DataUnavailableError
from places import copy_vectors


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "cache.sqlite3"


def test_what_is_written_is_read_again_after_a_restart(path: Path) -> None:
    Cache(path).write({b"one": b"1", b"two": b"2"})
    assert Cache(path).read([b"one", b"two", b"three"]) == {b"one": b"1", b"two": b"2"}


def test_more_keys_than_one_query_takes_are_read(path: Path) -> None:
    values = {key("model", "text", str(number)): str(number).encode() for number in range(2 * AT_ONCE + 1)}
    cache = Cache(path)
    cache.write(values)
    assert cache.read(list(values)) == values


def test_a_cleared_cache_has_nothing(path: Path) -> None:
    cache = Cache(path)
    cache.write({b"one": b"1"})
    cache.clear()
    assert cache.read([b"one"]) == {}


def test_a_key_tells_model_kind_and_text_apart() -> None:
    assert len({key("m", "k", "t"), key("n", "k", "t"), key("m", "l", "t"), key("m", "k", "u")}) == 4


def test_threads_share_a_cache(path: Path) -> None:
    cache = Cache(path)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: cache.write({b"%d" % number: b"x"}), range(200)))
    assert len(cache.read([b"%d" % number for number in range(200)])) == 200


def test_a_file_that_is_no_cache_is_named(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite3"
    path.write_bytes(b"not a database " * 1_000)
    with pytest.raises(DataUnavailableError, match=r"cache\.sqlite3.*delete"):
        Cache(path)


def test_a_damaged_cache_is_named(path: Path) -> None:
    values = {key("model", "text", str(number)): b"x" * 1_000 for number in range(300)}
    Cache(path).write(values)
    damaged = path.with_name("damaged.sqlite3")
    copy_vectors(path, damaged)
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[:4_096] + b"\xa5" * (len(whole) - 4_096))
    with pytest.raises(DataUnavailableError, match=r"damaged\.sqlite3.*delete"):
        Cache(damaged).read(list(values))


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataUnavailableError, match="ASSISTANT_DATA_DIR"):
        Cache(tmp_path / "file" / "cache.sqlite3")
