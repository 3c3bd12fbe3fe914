"""Where ingested documents stand: their text with front matter, its earlier versions, and the originals."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from assistant import chunking, corpus
from assistant.errors import DataUnavailableError, NotFoundError
from assistant.types import Document, Passage

ORIGINALS = "originals"
ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class Shelf:
    """A folder: `ID.md` serves, `versions/ID/VERSION.md` is past, `originals/SHA256` is what was fetched.

    Front matter may be edited by hand. Each file is replaced in one step, an earlier version kept before that.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def documents(self) -> list[Document]:
        """All that serve, ordered by id. Raises CorpusError where one was edited to something unreadable."""
        return [corpus.read(path) for path in corpus.files(self._folder)]

    def path(self, document_id: str) -> Path:
        """Where the document of that id stands, or would."""
        return self._folder / f"{document_id}.md"

    def put(self, document: Document, raw: bytes | None = None) -> Document:
        """Let a document serve; what served before is kept among the versions.

        Raises:
            DataUnavailableError: nothing could be written, and nothing changed.
        """
        kept = document.model_copy(update={"version": corpus.version(document.body)})
        try:
            if raw is not None:
                kept = kept.model_copy(update={"original": self._keep_original(raw)})
            self._keep_version(document.id)
            corpus.write(kept, self.path(document.id))
        except OSError as error:
            raise self._unwritable(error) from error
        return kept

    def remove(self, document_id: str) -> None:
        """Let a document serve no more; its text is kept among the versions."""
        try:
            self._keep_version(document_id)
            self.path(document_id).unlink(missing_ok=True)
            self.path(document_id).with_suffix(corpus.QUESTIONS).unlink(missing_ok=True)
        except OSError as error:
            raise self._unwritable(error) from error

    def find(self, document_id: str, version: str | None = None) -> Document:
        """A document that serves, or the version of it that is named. Raises NotFoundError."""
        for document in self._all(document_id):
            if version in (None, document.version):
                return document
        raise NotFoundError(f"no document {document_id!r} was ingested, or not in that version")

    def original(self, sha256: str) -> bytes:
        """What was fetched. Raises NotFoundError."""
        path = self._folder / ORIGINALS / sha256
        if not path.is_file():
            raise NotFoundError(f"no original {sha256!r} is kept")
        return path.read_bytes()

    def versions(self, document_id: str) -> list[Document]:
        """The texts that a document had before, in no order."""
        return [corpus.read(path) for path in sorted(self._past(document_id).glob("*.md"))]

    def _all(self, document_id: str) -> Iterator[Document]:
        """What serves under an id, then its earlier versions. An id that is no file name has none."""
        if ID.fullmatch(document_id):
            path = self.path(document_id)
            yield from [corpus.read(path)] if path.exists() else []
            yield from self.versions(document_id)

    def passage(self, passage_id: str) -> Passage:
        """A passage of an earlier version, for answers given then. Raises NotFoundError."""
        for document in self._all(passage_id.rpartition(".")[0]):
            for passage in chunking.passages(document):
                if passage.id == passage_id:
                    return passage
        raise NotFoundError(f"no passage {passage_id!r} is kept")

    def _keep_original(self, raw: bytes) -> str:
        name = hashlib.sha256(raw).hexdigest()
        path = self._folder / ORIGINALS / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = path.with_suffix(".tmp")
            temporary.write_bytes(raw)
            temporary.replace(path)
        return name

    def _keep_version(self, document_id: str) -> None:
        path = self.path(document_id)
        if not path.exists():
            return
        before = corpus.read(path)
        kept = self._past(document_id) / f"{before.version}.md"
        if not kept.exists():
            corpus.write(before.model_copy(update={"expected": ()}), kept)

    def _past(self, document_id: str) -> Path:
        return self._folder / corpus.VERSIONS / document_id

    def _unwritable(self, error: OSError) -> DataUnavailableError:
        return DataUnavailableError(
            f"{self._folder} cannot be written ({error.strerror}): free space there, or set ASSISTANT_DATA_DIR"
        )
