"""Builds the index: documents in, passages and sentences embedded, a new version published."""

import hashlib
from collections.abc import Callable, Sequence

from assistant import chunking
from assistant.ports import Embedder, PassageStore, Vectors
from assistant.types import Document, Manifest, Passage

BATCH = 32  # questions that are embedded at once

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
    afresh: bool = False,
) -> None:
    """Embed the passages that are new and publish all as one version; the version before serves until then."""
    left = len(texts_to_embed(documents, passages))

    def advance(done: int) -> None:
        nonlocal left
        left -= done
        progress(done)

    def embed(batch: Sequence[Passage]) -> Vectors:
        vectors = embedder.embed_passages([passage.context for passage in batch])
        embedder.embed_passages([sentence for passage in batch for sentence in sentences_of(passage)])
        advance(len(texts_to_embed((), batch)))
        return vectors

    portals = texts_to_embed(documents, ())
    embedder.embed_passages(portals)
    advance(len(portals))
    store.publish(manifest, documents, passages, embed, afresh=afresh)
    advance(left)  # what the version before held already
