"""Versions of the index in real Chroma: whole or not at all, and never mixed."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from assistant.errors import DataUnavailableError, IndexUnavailableError
from assistant.ports import Vectors
from assistant.store import AT_ONCE, ChromaStore, Folder, Place, Server
from assistant.types import Manifest, Passage
from fakes import WordEmbedder, make_document, make_passage

EMBEDDER = WordEmbedder()
TEXTS = ["Rules of origin.", "Goods in transit.", "Refunds of duty. ใบขน 🚢"]

BUILD_AND_HANG = """
import sys, time
sys.path.insert(0, {tests!r})
from pathlib import Path
import test_store as here
from assistant.store import ChromaStore, Folder
store = ChromaStore(Folder(Path({path!r})))
def embed(batch):
    print("half", flush=True)
    time.sleep(60)
with store.writing():
    store.publish(here.manifest({version!r}), here.DOCUMENTS, here.{passages}, embed, afresh={afresh})
"""

PASSAGES = [make_passage(text, id=f"p{n}", position=n, country="SG" if n else None) for n, text in enumerate(TEXTS)]
CHANGED = [*PASSAGES[1:], make_passage("Refunds are paid in June.", id="p9", position=0)]
VECTORS = EMBEDDER.embed_passages(TEXTS)
DOCUMENTS = [make_document("Body.", id="b"), make_document("Body.", id="a", country="MY", see_also=("b",))]


def manifest(version: str = "v1", passages: int = len(TEXTS)) -> Manifest:
    return Manifest(
        version=version,
        corpus_hash="hash",
        model="fake:words",
        chunker="c",
        documents=len(DOCUMENTS),
        passages=passages,
    )


def embed(passages: Sequence[Passage]) -> Vectors:
    return EMBEDDER.embed_passages([passage.text for passage in passages])


def publish(place: Place, version: str = "v1") -> ChromaStore:
    store = ChromaStore(place)
    store.publish(manifest(version), DOCUMENTS, PASSAGES, embed)
    return store


def builds(folder: Path) -> list[Path]:
    """What builds have left in a folder."""
    return [entry for entry in folder.iterdir() if entry.is_dir()]


@pytest.fixture(scope="module")
def chroma_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Chroma server."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(Path(sys.executable).with_name("chroma")), "run", "--port", str(port), "--path", "chroma"]
    folder = tmp_path_factory.mktemp("chroma")
    server = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _ in range(300):
        try:
            opener.open(f"{url}/api/v2/heartbeat", timeout=2).close()
            break
        except OSError:
            time.sleep(0.1)
    yield url
    server.terminate()
    server.wait(timeout=20)


@pytest.fixture(params=["folder", "server"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "folder":
        return Folder(tmp_path / "index")
    return Server(request.getfixturevalue("chroma_url"))


def test_what_is_published_is_read_again(place: Place) -> None:
    publish(place)
    store = ChromaStore(place)
    assert store.reopen() == manifest()
    assert store.passages() == PASSAGES
    assert store.documents() == sorted(DOCUMENTS, key=lambda document: document.id)


def test_the_nearest_passages_come_first_with_their_cosine(place: Place) -> None:
    store = publish(place)
    query = EMBEDDER.embed_queries(["rules of transit"])[0]
    found = store.search(query, 2)
    cosines = VECTORS @ query
    assert [name for name, _ in found] == [f"p{row}" for row in np.argsort(-cosines)[:2]]
    assert [cosine for _, cosine in found] == pytest.approx(sorted(cosines, reverse=True)[:2], abs=1e-4)


def test_an_open_store_keeps_to_its_version(place: Place) -> None:
    publish(place)
    reader = ChromaStore(place)
    reader.reopen()
    publish(place, "v2")
    assert reader.manifest.version == "v1"
    assert len(reader.passages()) == len(PASSAGES)
    assert not reader.is_current
    assert reader.reopen().version == "v2"
    assert reader.is_current


def test_a_reader_of_a_version_that_was_built_again_is_told_and_can_still_read(place: Place) -> None:
    publish(place)
    reader = ChromaStore(place)
    reader.reopen()
    publish(place, "v2")
    publish(place)
    assert reader.manifest == manifest()
    assert not reader.is_current
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _: reader.search(VECTORS[0], 1)[0][0], range(64)))
    assert set(found) == {"p0"}


def test_an_incomplete_build_is_not_published(place: Place) -> None:
    publish(place)
    with pytest.raises(IndexUnavailableError):
        ChromaStore(place).publish(manifest("v2"), DOCUMENTS, PASSAGES[:1], embed)
    assert ChromaStore(place).reopen().version == "v1"


def test_the_same_version_can_be_built_again(place: Place) -> None:
    publish(place)
    publish(place)
    assert ChromaStore(place).passages() == PASSAGES


def asked_for(place: Place, version: str, passages: Sequence[Passage], **how: bool) -> list[str]:
    """The ids of the passages whose vectors a build asks for."""
    asked: list[str] = []

    def noting(batch: Sequence[Passage]) -> Vectors:
        asked.extend(passage.id for passage in batch)
        return embed(batch)

    ChromaStore(place).publish(manifest(version, len(passages)), DOCUMENTS, passages, noting, **how)
    return asked


def test_on_disk_only_what_changed_is_written(tmp_path: Path) -> None:
    place = Folder(tmp_path)
    publish(place)
    assert asked_for(place, "v2", CHANGED) == ["p9"]
    store = ChromaStore(place)
    assert sorted(passage.id for passage in store.passages()) == ["p1", "p2", "p9"]
    assert store.search(embed(CHANGED[2:])[0], 1)[0][0] == "p9"
    assert "p0" not in [name for name, _ in store.search(embed(PASSAGES[:1])[0], 10)]


def test_a_passage_whose_provenance_changed_is_written_again(tmp_path: Path) -> None:
    place = Folder(tmp_path)
    publish(place)
    renamed = [*PASSAGES[:2], PASSAGES[2].model_copy(update={"publisher": "Another"})]
    assert asked_for(place, "v2", renamed) == ["p2"]
    assert [passage.publisher for passage in ChromaStore(place).passages()][2] == "Another"


def test_a_version_made_afresh_takes_nothing_over(tmp_path: Path) -> None:
    publish(Folder(tmp_path))
    assert asked_for(Folder(tmp_path), "v2", PASSAGES, afresh=True) == ["p0", "p1", "p2"]


def test_a_version_of_which_little_stays_is_written_anew(tmp_path: Path) -> None:
    publish(Folder(tmp_path))
    assert asked_for(Folder(tmp_path), "v2", [PASSAGES[0], CHANGED[2]]) == ["p0", "p9"]


def test_older_versions_are_cleared_away(tmp_path: Path) -> None:
    for version in ("v1", "v2", "v3"):
        publish(Folder(tmp_path, grace=0.0), version)
    assert len(builds(tmp_path)) == 2
    assert ChromaStore(Folder(tmp_path)).reopen().version == "v3"


def test_on_a_server_older_versions_are_cleared_away(chroma_url: str) -> None:
    place = Server(chroma_url, grace=0.0)
    for version in ("v1", "v2", "v3"):
        publish(place, version)
    names = {
        collection.name.split("-")[1] for collection in place.open("").list_collections() if "-v" in collection.name
    }
    assert names == {"v2", "v3"}


def test_a_build_that_was_cleared_away_under_its_reader_is_named(tmp_path: Path) -> None:
    store = publish(Folder(tmp_path))
    store.reopen()
    for build in builds(tmp_path):
        shutil.rmtree(build)
    with ThreadPoolExecutor(16) as pool, pytest.raises(IndexUnavailableError, match="--rebuild"):
        list(pool.map(lambda _: store.search(VECTORS[0], 1), range(64)))


def test_without_an_index_the_message_says_how_to_get_one(tmp_path: Path) -> None:
    store = ChromaStore(Folder(tmp_path / "index"))
    assert not store.is_current
    with pytest.raises(IndexUnavailableError, match="assistant index"):
        store.reopen()


@pytest.mark.parametrize(
    ("version", "passages", "afresh"),
    [("new", "CHANGED", False), ("new", "PASSAGES", True), ("old", "PASSAGES", True)],
    ids=["one passage changed", "all written anew", "same corpus, rebuilt"],
)
def test_a_build_killed_half_way_leaves_the_old_index_serving(
    tmp_path: Path, version: str, passages: str, afresh: bool
) -> None:
    publish(Folder(tmp_path / "built"), "old")
    shutil.copytree(tmp_path / "built", tmp_path / "index")
    script = BUILD_AND_HANG.format(
        tests=str(Path(__file__).parent),
        path=str(tmp_path / "index"),
        version=version,
        passages=passages,
        afresh=afresh,
    )
    build = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert build.stdout is not None
    assert build.stdout.readline() == "half\n"
    os.kill(build.pid, signal.SIGKILL)
    assert build.wait(timeout=20) == -signal.SIGKILL
    build.stdout.close()

    store = ChromaStore(Folder(tmp_path / "index"))
    assert store.reopen().version == "old"
    assert store.passages() == PASSAGES
    with store.writing():
        publish(Folder(tmp_path / "index"), "new")
    assert store.reopen().version == "new"
    assert store.passages() == PASSAGES


def test_a_second_writer_is_told_to_wait(tmp_path: Path) -> None:
    first, second = Folder(tmp_path), Folder(tmp_path)
    with first.writing(), pytest.raises(IndexUnavailableError, match="wait"), second.writing():
        pass
    with second.writing():
        pass


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataUnavailableError, match="ASSISTANT_DATA_DIR"), Folder(tmp_path / "file" / "index").writing():
        pass


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A folder with a published index that no client of this process has open."""
    publish(Folder(tmp_path / "built"))
    shutil.copytree(tmp_path / "built", tmp_path / "copied")
    return tmp_path / "copied"


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "current.json").write_text("{broken"),
        lambda folder: (folder / "current.json").write_text("{}"),
        lambda folder: (folder / "current.json").write_bytes(b"\xff\xfe"),
        lambda folder: shutil.rmtree(builds(folder)[0]),
        lambda folder: (builds(folder)[0] / "chroma.sqlite3").unlink(),
        lambda folder: (builds(folder)[0] / "chroma.sqlite3").write_bytes(b"garbage " * 10_000),
        lambda folder: (builds(folder)[0] / "chroma.sqlite3").write_bytes(b""),
    ],
    ids=["pointer cut", "pointer empty", "pointer not text", "version gone", "database gone", "garbage", "empty"],
)
def test_a_damaged_index_is_named_with_the_way_out(copied: Path, damage: object) -> None:
    damage(copied)  # type: ignore[operator]
    with pytest.raises(IndexUnavailableError, match="index --rebuild"):
        ChromaStore(Folder(copied)).reopen()


def test_a_damaged_index_can_be_replaced(copied: Path) -> None:
    (builds(copied)[0] / "chroma.sqlite3").write_bytes(b"garbage " * 10_000)
    assert publish(Folder(copied)).passages() == PASSAGES


def test_a_cut_database_is_not_served(copied: Path) -> None:
    database = builds(copied)[0] / "chroma.sqlite3"
    whole = database.read_bytes()
    database.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(IndexUnavailableError, match="index --rebuild"):
        ChromaStore(Folder(copied)).passages()


def test_a_server_that_does_not_answer_is_named() -> None:
    with pytest.raises(IndexUnavailableError, match="ASSISTANT_CHROMA_URL"):
        Server("http://127.0.0.1:9")


def test_a_disk_that_is_full_is_named_and_the_old_version_serves(tmp_path: Path) -> None:
    publish(Folder(tmp_path))

    def full(_: Sequence[Passage]) -> Vectors:
        raise OSError(28, "No space left on device")

    with pytest.raises(DataUnavailableError, match=r"No space left.*free space"):
        ChromaStore(Folder(tmp_path)).publish(manifest("v2"), DOCUMENTS, CHANGED, full)
    assert ChromaStore(Folder(tmp_path)).reopen().version == "v1"
    assert len(builds(tmp_path)) == 1


@pytest.mark.parametrize("name", ["folder", "server"])
def test_more_rows_than_fit_in_one_request_are_read(name: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    many = [make_passage(f"Sentence {n}.", id=f"m{n}", position=n) for n in range(2 * AT_ONCE + 1)]
    where = Folder(tmp_path) if name == "folder" else Server(request.getfixturevalue("chroma_url"))
    ChromaStore(where).publish(manifest("many", len(many)), DOCUMENTS, many, embed)
    assert ChromaStore(where).passages() == many
