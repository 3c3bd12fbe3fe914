"""What an index is made of, and that a second build embeds only what changed."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from assistant import chunking, index
from assistant.cache import Cache
from assistant.embedding import CachedEmbedder
from assistant.types import Document, Manifest
from fakes import MemoryStore, WordEmbedder, make_document

DOCUMENTS = [
    make_document("## One\n\nFirst here. Second here.\n\n## Two\n\nThird here.", id="a"),
    make_document("Fourth here.", id="b", title="Other"),
]


def build(
    documents: Sequence[Document],
    store: MemoryStore,
    embedder: CachedEmbedder | WordEmbedder,
) -> list[int]:
    """Build; returns what progress was told."""
    manifest, passages = index.plan(documents, "hash", embedder.name)
    told: list[int] = []
    index.build(manifest, documents, passages, embedder=embedder, store=store, progress=told.append)
    return told


def version(corpus_hash: str = "hash", model: str = "model", documents: Sequence[Document] = DOCUMENTS) -> str:
    return index.plan(documents, corpus_hash, model)[0].version


def test_the_manifest_says_what_the_index_is_made_of() -> None:
    manifest, passages = index.plan(DOCUMENTS, "hash", "model")
    assert manifest == Manifest(
        version=manifest.version,
        corpus_hash="hash",
        model="model",
        chunker=chunking.VERSION,
        documents=2,
        passages=len(passages),
    )


def test_the_version_follows_corpus_model_and_passages() -> None:
    assert version() == version()
    versions = {version(), version(corpus_hash="x"), version(model="x"), version(documents=DOCUMENTS[:1])}
    assert len(versions) == 4


def test_every_passage_is_published_with_the_vector_of_its_context() -> None:
    store, embedder = MemoryStore(), WordEmbedder()
    build(DOCUMENTS, store, embedder)
    assert store.documents() == DOCUMENTS
    assert [passage.text for passage in store.passages()] == ["First here. Second here.", "Third here.", "Fourth here."]
    for passage in store.passages():
        best, cosine = store.search(embedder.embed_passages([passage.context])[0], 1)[0]
        assert best == passage.id
        assert np.isclose(cosine, 1.0)


def test_progress_counts_every_text() -> None:
    told = build(DOCUMENTS, MemoryStore(), WordEmbedder())
    _, passages = index.plan(DOCUMENTS, "hash", "model")
    assert sum(told) == len(index.texts_to_embed(DOCUMENTS, passages)) == 3 + 4


def test_a_second_build_embeds_nothing(tmp_path: Path) -> None:
    words = WordEmbedder()
    embedder = CachedEmbedder(words, Cache(tmp_path / "vectors.sqlite3"))
    build(DOCUMENTS, MemoryStore(), embedder)
    assert words.embedded
    words.embedded.clear()
    build(DOCUMENTS, MemoryStore(), embedder)
    assert words.embedded == []


def test_a_changed_section_alone_is_embedded_again(tmp_path: Path) -> None:
    words = WordEmbedder()
    embedder = CachedEmbedder(words, Cache(tmp_path / "vectors.sqlite3"))
    build(DOCUMENTS, MemoryStore(), embedder)
    words.embedded.clear()
    body = DOCUMENTS[0].body.replace("Third here.", "Third changed.")
    changed = [DOCUMENTS[0].model_copy(update={"body": body}), DOCUMENTS[1]]
    build(changed, MemoryStore(), embedder)
    assert sorted(words.embedded) == ["Sample title\nTwo\nThird changed.", "Third changed."]


def test_answering_needs_no_sentence_that_was_not_embedded() -> None:
    _, passages = index.plan(DOCUMENTS, "hash", "model")
    texts = index.texts_to_embed(DOCUMENTS, passages)
    for passage in passages:
        assert passage.context in texts
        assert all(passage.text[start:end] in texts for start, end in chunking.sentences(passage.text))
