"""Builds the index: documents in, passages and sentences embedded, a new version published."""

import hashlib
from collections.abc import Callable, Iterator, Sequence

from assistant import chunking
from assistant.ports import Embedder, PassageStore, Vectors
from assistant.types import Document, Manifest, Passage

BATCH = 32

Progress = Callable[[int], None]
"""Told how many more texts are done."""


def plan(documents: Sequence[Document], corpus_hash: str, model: str) -> tuple[Manifest, list[Passage]]:
    """The version that these documents make under that model, and its passages."""
    passages = [passage for document in documents for passage in chunking.passages(document)]
    identity = "\0".join((corpus_hash, model, chunking.VERSION, *(passage.id for passage in passages)))
    manifest = Manifest(
        version=hashlib.sha256(identity.encode()).hexdigest()[:16],
        corpus_hash=corpus_hash,
        model=model,
        chunker=chunking.VERSION,
        documents=len(documents),
        passages=len(passages),
    )
    return manifest, passages


def texts_to_embed(documents: Sequence[Document], passages: Sequence[Passage]) -> list[str]:
    """Every text that answering will want a vector of: passages in their context, their sentences, and portals."""
    portals = [portal.summary for document in documents for portal in document.portals]
    return [*portals, *(text for passage in passages for text in (passage.context, *sentences_of(passage)))]


def sentences_of(passage: Passage) -> list[str]:
    """The sentences of a passage as text."""
    return [passage.text[start:end] for start, end in chunking.sentences(passage.text)]


def build(
    manifest: Manifest,
    documents: Sequence[Document],
    passages: Sequence[Passage],
    *,
    embedder: Embedder,
    store: PassageStore,
    progress: Progress,
) -> None:
    """Embed the passages and publish them as one version; the version before serves until then."""
    portals = texts_to_embed(documents, ())
    embedder.embed_passages(portals)
    progress(len(portals))
    store.publish(manifest, documents, _batches(passages, embedder, progress))


def _batches(
    passages: Sequence[Passage], embedder: Embedder, progress: Progress
) -> Iterator[tuple[Sequence[Passage], Vectors]]:
    for start in range(0, len(passages), BATCH):
        batch = passages[start : start + BATCH]
        vectors = embedder.embed_passages([passage.context for passage in batch])
        embedder.embed_passages([sentence for passage in batch for sentence in sentences_of(passage)])
        progress(len(texts_to_embed((), batch)))
        yield batch, vectors
