"""Versions of the index in Chroma, through LlamaIndex's vector store; embedded on disk or on a Chroma server."""

import json
import math
import os
import secrets
import shutil
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import chromadb
import numpy as np
from chromadb.api import ClientAPI
from chromadb.api.client import Client
from chromadb.api.types import GetResult
from chromadb.config import Settings as ChromaSettings
from chromadb.errors import ChromaError
from filelock import FileLock, Timeout
from llama_index.core.schema import TextNode
from llama_index.core.vector_stores.types import VectorStoreQuery
from llama_index.vector_stores.chroma import ChromaVectorStore

from assistant.errors import DataUnavailableError, IndexUnavailableError
from assistant.ports import EmbedPassages, Vectors
from assistant.types import Document, Frozen, Manifest, Passage

BATCH = 256  # passages that are embedded and written at once
AT_ONCE = 1_000  # rows in one request
WORTH_COPYING = 0.5  # share of a version that has to stay for its copy to be quicker than writing it anew
COSINE = {"hnsw": {"space": "cosine"}}
REBUILD = "run `assistant index --rebuild`"
GRACE = 60.0  # seconds; readers look for a newer build every few


class Published(Frozen):
    """The version that serves: what it is made of, and the name under which its build wrote it."""

    build: str
    manifest: Manifest


class Place(Protocol):
    """Where builds live and which one serves. A build is named apart from its version: a version can be built again."""

    def current(self) -> Published | None:
        """What serves now. Raises IndexUnavailableError where that cannot be read."""
        ...

    @property
    def branches(self) -> bool:
        """Whether a build can begin as a copy of another."""
        ...

    def open(self, build: str) -> ClientAPI:
        """A client on a build, new or complete."""
        ...

    def release(self, client: ClientAPI) -> None:
        """Give back a client that is used no more."""
        ...

    def branch(self, before: str, build: str) -> ClientAPI:
        """A client on a new build that begins as a copy of a complete one."""
        ...

    def publish(self, published: Published) -> None:
        """Let a complete build serve, in one step, and clear away builds that nobody reads any more.

        The one that served before is kept, and for a while those whose place was taken lately.
        """
        ...

    def discard(self, build: str) -> None:
        """Clear a build away that was not completed, as far as that can be done."""
        ...

    def writing(self) -> AbstractContextManager[None]:
        """A context in which nobody else writes. Raises IndexUnavailableError where somebody does."""
        ...


class Folder:
    """Embedded Chroma: each build in a folder of its own; the one that serves is named in a file replaced whole."""

    branches = True

    def __init__(self, path: Path, grace: float = GRACE) -> None:
        """A build is kept `grace` seconds after another took its place."""
        self._path = path
        self._grace = grace
        self._pointer = path / "current.json"

    def current(self) -> Published | None:
        """What serves now."""
        try:
            return Published.model_validate_json(self._pointer.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise IndexUnavailableError(f"{self._pointer} cannot be read: {REBUILD}") from error

    def open(self, build: str) -> ClientAPI:
        """A client on a build, new or complete."""
        return chromadb.PersistentClient(str(self._path / build), settings=_settings())

    def release(self, client: ClientAPI) -> None:
        """Close a client and its files."""
        if isinstance(client, Client):
            client.close()

    def branch(self, before: str, build: str) -> ClientAPI:
        """A client on a new build that begins as a copy of a complete one, to which nobody writes."""
        shutil.copytree(self._path / before, self._path / build)
        return self.open(build)

    def publish(self, published: Published) -> None:
        """Let a complete build serve; the time of another's folder says since when it does not serve."""
        before = self._build_before()
        temporary = self._pointer.with_suffix(".tmp")
        with temporary.open("w", encoding="utf-8") as file:
            file.write(published.model_dump_json(indent=2))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self._pointer)
        for folder in self._path.iterdir():
            if folder.name == before:
                os.utime(folder)
            elif folder.is_dir() and folder.name != published.build and _age(folder) > self._grace:
                shutil.rmtree(folder, ignore_errors=True)

    def discard(self, build: str) -> None:
        """Clear a build away that was not completed."""
        shutil.rmtree(self._path / build, ignore_errors=True)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the writers' lock; the operating system gives it back when the process dies."""
        try:
            self._path.mkdir(parents=True, exist_ok=True)
            with FileLock(self._path / "writer.lock", timeout=0):
                yield
        except Timeout:
            raise IndexUnavailableError("another `assistant index` is running: wait for it to finish") from None
        except OSError as error:
            raise DataUnavailableError(
                f"{self._path} cannot be written ({error.strerror}): set ASSISTANT_DATA_DIR to a folder you may write"
            ) from error

    def _build_before(self) -> str | None:
        try:
            published = self.current()
        except IndexUnavailableError:
            return None
        return published.build if published else None


class Server:
    """A Chroma server: collections named by build, the one that serves named in the metadata of a small collection."""

    POINTER = "assistant-current"
    branches = False

    def __init__(self, url: str, grace: float = GRACE) -> None:
        """A build is kept `grace` seconds after another took its place."""
        self._url = url
        self._grace = grace
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        try:
            self._client = chromadb.HttpClient(
                host=parts.hostname or "",
                port=parts.port or (443 if secure else 8000),
                ssl=secure,
                settings=_settings(),
            )
        except ValueError as error:
            raise IndexUnavailableError(
                f"no Chroma server answers at {url}: start it (`chroma run`), or empty ASSISTANT_CHROMA_URL"
            ) from error

    def current(self) -> Published | None:
        """What serves now."""
        metadata = self._pointer().metadata or {}
        return Published.model_validate_json(str(metadata["published"])) if "published" in metadata else None

    def open(self, build: str) -> ClientAPI:  # noqa: ARG002 (one client serves every build)
        """A client on a build, new or complete."""
        return self._client

    def release(self, client: ClientAPI) -> None:
        """Nothing: one client serves every build."""

    def branch(self, before: str, build: str) -> ClientAPI:
        """A server's collections cannot be copied."""
        raise NotImplementedError

    def publish(self, published: Published) -> None:
        """Let a complete build serve; the collection that says so says too since when others do not."""
        before, moment = self.current(), time.time()
        left = {build: since for build, since in self._left().items() if moment - since <= self._grace}
        if before is not None:
            left[before.build] = moment
        self._pointer().modify(metadata={"published": published.model_dump_json(), "left": json.dumps(left)})
        kept = {name for build in (published.build, *left) for name in collection_names(build)}
        for collection in self._client.list_collections():
            if collection.name.startswith(("passages-", "documents-")) and collection.name not in kept:
                self._client.delete_collection(collection.name)

    def discard(self, build: str) -> None:
        """The next build that is published clears it away: now the server may not answer."""

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Builds have names of their own, and the last to publish wins: nothing to lock."""
        yield

    def _left(self) -> dict[str, float]:
        """Builds that served, and when another took the place of each, in seconds since 1970."""
        return json.loads(str((self._pointer().metadata or {}).get("left", "{}")))  # type: ignore[no-any-return]

    def _pointer(self) -> chromadb.Collection:
        return self._client.get_or_create_collection(self.POINTER, embedding_function=None)


class ChromaStore:
    """Serves the PassageStore port. An opened store keeps to its version until `reopen` is called.

    The files of that version are closed when nobody has the store any more.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._release: Callable[[], object] | None = None
        self._opened: Published | None = None
        self._passages: ChromaVectorStore | None = None
        self._documents: chromadb.Collection | None = None

    @property
    def manifest(self) -> Manifest:
        """The manifest of the opened version."""
        return self._opened.manifest if self._opened else self.reopen()

    @property
    def is_current(self) -> bool:
        """Whether what is open is what serves now: not a build of another version, nor an earlier one of the same.

        Raises:
            IndexUnavailableError: what serves now cannot be read.
        """
        return self._opened is not None and self._opened == self._place.current()

    def another(self) -> "ChromaStore":
        """One of the same place with nothing opened."""
        return ChromaStore(self._place)

    def writing(self) -> AbstractContextManager[None]:
        """A context in which nobody else builds. Raises IndexUnavailableError where somebody does."""
        return self._place.writing()

    def publish(
        self,
        manifest: Manifest,
        documents: Sequence[Document],
        passages: Sequence[Passage],
        embed: EmbedPassages,
        *,
        afresh: bool = False,
    ) -> None:
        """Write a whole version, then make it current; passages that the one before holds are taken over from it."""
        published = Published(build=f"{manifest.version}-{secrets.token_hex(4)}", manifest=manifest)
        try:
            self._write(published, documents, passages, embed, None if afresh else self._before(manifest))
        except (ChromaError, OSError) as error:
            self._place.discard(published.build)
            raise DataUnavailableError(
                f"the index cannot be written ({error}): free space in ASSISTANT_DATA_DIR, or on Chroma's server"
            ) from error

    def _write(
        self,
        published: Published,
        documents: Sequence[Document],
        passages: Sequence[Passage],
        embed: EmbedPassages,
        before: Published | None,
    ) -> None:
        client, collection, held = self._begun(published, passages, before)
        with released_after(self._place, client):
            self._fill(published, client, collection, held, documents, passages, embed)
        self._place.publish(published)

    @staticmethod
    def _fill(
        published: Published,
        client: ClientAPI,
        collection: chromadb.Collection,
        held: frozenset[str],
        documents: Sequence[Document],
        passages: Sequence[Passage],
        embed: EmbedPassages,
    ) -> None:
        manifest = published.manifest
        vectors = ChromaVectorStore(chroma_collection=collection)
        missing = [passage for passage in passages if passage.id not in held]
        for start in range(0, len(missing), BATCH):
            batch = missing[start : start + BATCH]
            vectors.add([_node(passage, row) for passage, row in zip(batch, embed(batch), strict=True)])
        shelf = client.create_collection(collection_names(published.build)[1], embedding_function=None)
        for start in range(0, len(documents), AT_ONCE):
            chunk = documents[start : start + AT_ONCE]
            shelf.add(
                ids=[document.id for document in chunk],
                documents=[document.model_dump_json() for document in chunk],
                embeddings=np.zeros((len(chunk), 1), dtype=np.float32),
            )
        if collection.count() != manifest.passages:
            raise IndexUnavailableError(f"{collection.count()} of {manifest.passages} passages were written: {REBUILD}")

    def _begun(
        self, published: Published, passages: Sequence[Passage], before: Published | None
    ) -> tuple[ClientAPI, chromadb.Collection, frozenset[str]]:
        """The build's collection: a copy of the one that serves, less what changed, if most did not; else an empty one.

        With it go the ids of the passages that it holds already.
        """
        name = collection_names(published.build)[0]
        wanted = {passage.id: _slim(passage) for passage in passages}
        there = _held(self._place, before) if before else {}
        held = frozenset(passage_id for passage_id, slim in there.items() if wanted.get(passage_id) == slim)
        if before is None or len(held) < WORTH_COPYING * max(len(there), len(wanted)):
            client = self._place.open(published.build)
            return client, client.create_collection(name, embedding_function=None, configuration=COSINE), frozenset()  # type: ignore[arg-type]
        client = self._place.branch(before.build, published.build)
        old_name, old_shelf = collection_names(before.build)
        client.delete_collection(old_shelf)
        collection = client.get_collection(old_name, embedding_function=None)
        collection.modify(name=name)
        gone = [passage_id for passage_id in there if passage_id not in held]
        for start in range(0, len(gone), AT_ONCE):
            collection.delete(ids=gone[start : start + AT_ONCE])
        return client, collection, held

    def _before(self, manifest: Manifest) -> Published | None:
        """The version that serves, if a build can begin from it: on disk, whole, and of the same model."""
        try:
            published = self._place.current() if self._place.branches else None
            if published is not None and published.manifest.model == manifest.model:
                ChromaStore(self._place).reopen()
                return published
        except IndexUnavailableError:
            return None
        return None

    def reopen(self) -> Manifest:
        """Open the version that is current now.

        Raises:
            IndexUnavailableError: where there is none, or it cannot be read whole.
        """
        published = self._place.current()
        if published is None:
            raise IndexUnavailableError("there is no index yet: run `assistant index`")
        manifest = published.manifest
        passages_name, documents_name = collection_names(published.build)
        try:
            client = self._place.open(published.build)
            collection = client.get_collection(passages_name, embedding_function=None)
            shelf = client.get_collection(documents_name, embedding_function=None)
            complete = collection.count() == manifest.passages and shelf.count() == manifest.documents
        except IndexUnavailableError:
            raise
        except Exception as error:
            raise IndexUnavailableError(f"the index cannot be read ({error}): {REBUILD}") from error
        if not complete:
            raise IndexUnavailableError(f"the index is incomplete: {REBUILD}")
        before = self._release
        self._passages, self._documents = ChromaVectorStore(chroma_collection=collection), shelf
        self._opened = published
        self._release = weakref.finalize(self, self._place.release, client)
        if before is not None:
            before()
        return manifest

    def documents(self) -> list[Document]:
        """All documents of the opened version, ordered by id."""
        texts = (text for page in _pages(self._open_documents(), ["documents"]) for text in page["documents"] or ())
        return sorted((Document.model_validate_json(text) for text in texts), key=lambda document: document.id)

    def passages(self) -> list[Passage]:
        """All passages of the opened version, ordered by document and position."""
        found = [
            Passage(**json.loads(str(metadata["passage"])), text=text)
            for page in _pages(self._open_passages().client, ["documents", "metadatas"])
            for text, metadata in zip(page["documents"] or (), page["metadatas"] or (), strict=True)
        ]
        return sorted(found, key=lambda passage: (passage.document_id, passage.position))

    def search(self, vector: Vectors, limit: int) -> list[tuple[str, float]]:
        """Ids of the nearest passages with their cosine, best first.

        Raises:
            IndexUnavailableError: the opened version cannot be read.
        """
        query = VectorStoreQuery(query_embedding=vector.tolist(), similarity_top_k=limit)
        try:
            result = self._open_passages().query(query)
        except ChromaError as error:
            raise IndexUnavailableError(f"the index cannot be read ({error}): {REBUILD}") from error
        # LlamaIndex gives exp(-distance), and the distance of this space is 1 - cosine.
        cosines = (1.0 + math.log(max(similarity, 1e-9)) for similarity in result.similarities or ())
        return list(zip(result.ids or (), cosines, strict=True))

    def _open_passages(self) -> ChromaVectorStore:
        if self._passages is None:
            self.reopen()
        assert self._passages is not None  # noqa: S101 (reopen sets it or raises)
        return self._passages

    def _open_documents(self) -> chromadb.Collection:
        if self._documents is None:
            self.reopen()
        assert self._documents is not None  # noqa: S101 (reopen sets it or raises)
        return self._documents


def _age(path: Path) -> float:
    """Seconds since it was last changed."""
    return time.time() - path.stat().st_mtime


def _settings() -> ChromaSettings:
    """Fresh every time: each Chroma client writes its own address into the settings it is given."""
    return ChromaSettings(anonymized_telemetry=False)


def collection_names(build: str) -> tuple[str, str]:
    """The names of a build's collection of passages and of documents."""
    return f"passages-{build}", f"documents-{build}"


@contextmanager
def released_after(place: Place, client: ClientAPI) -> Iterator[None]:
    """A context at whose end a client is given back."""
    try:
        yield
    finally:
        place.release(client)


def _held(place: Place, published: Published) -> dict[str, str]:
    """The passages that a build holds: id, and all that is known of each but its text."""
    client = place.open(published.build)
    held: dict[str, str] = {}
    with released_after(place, client):
        collection = client.get_collection(collection_names(published.build)[0], embedding_function=None)
        for page in _pages(collection, ["metadatas"]):
            held.update(zip(page["ids"], (str(each["passage"]) for each in page["metadatas"] or ()), strict=True))
    return held


def _pages(collection: chromadb.Collection, include: list[str]) -> Iterator[GetResult]:
    """All rows of a collection, some at a time: more than about 30,000 at once are too many for its database."""
    for start in range(0, collection.count(), AT_ONCE):
        yield collection.get(include=include, limit=AT_ONCE, offset=start)  # type: ignore[arg-type]


def _node(passage: Passage, vector: np.ndarray[Any, np.dtype[np.float32]]) -> TextNode:
    metadata = {"document_id": passage.document_id, "country": passage.country or "", "passage": _slim(passage)}
    return TextNode(id_=passage.id, text=passage.text, metadata=metadata, embedding=vector.tolist())


def _slim(passage: Passage) -> str:
    return passage.model_dump_json(exclude={"text"})
