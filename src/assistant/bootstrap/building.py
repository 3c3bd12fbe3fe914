"""Builds the index on the adapters that the settings name."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from assistant import cache, chunking, corpus, expected, index, precomputed, reranking, routing, verification
from assistant.compose import Readers
from assistant.errors import IndexUnavailableError
from assistant.ports import Embedder, LanguageModel
from assistant.reranking import Colbert
from assistant.settings import Settings
from assistant.types import Document, Manifest, Passage
from assistant.verification import Verifier

if TYPE_CHECKING:
    from assistant.store import ChromaStore

Progress = Callable[[int, int], None]
"""Told how many texts are done, of how many."""


class Builder:
    """Brings the index up to date with the corpus."""

    def __init__(self, settings: Settings, model: Embedder | None = None) -> None:
        """Embed with `model`, or else with the one that the settings name."""
        # LlamaIndex and Chroma take seconds to import, which commands without an index need not wait for
        from assistant import store  # noqa: PLC0415
        from assistant.embedding import CachedEmbedder, LlamaIndexEmbedder  # noqa: PLC0415

        self._settings = settings
        folder = settings.data_dir / "index"
        place = store.Server(settings.chroma_url) if settings.chroma_url else store.Folder(folder)
        self.store = store.ChromaStore(place)
        self._cache = cache.Cache(settings.data_dir / cache.FILE)
        self.embedder = CachedEmbedder(
            model or LlamaIndexEmbedder(settings.embedding_model), self._cache, precomputed.load()
        )
        self.reranker = reranking.of_passages() if settings.reranker else None
        self.readers = Readers(*map(reranking.of_sentences, (reranking.IN_ENGLISH, reranking.IN_ANY)))

    def model(self) -> LanguageModel | None:
        """What words answers, where one is set."""
        settings = self._settings
        if not settings.llm_base_url:
            return None
        from assistant.llm import ChatModel  # noqa: PLC0415 (a second that nobody without a model waits for)

        return ChatModel(
            settings.llm_base_url,
            settings.llm_model,
            settings.llm_api_key.get_secret_value(),
            seconds=settings.llm_seconds,
            at_once=settings.llm_at_once,
        )

    @staticmethod
    def verifier() -> Verifier:
        """Says whether claims follow from their evidence; its model is loaded at its first use."""
        return Verifier(Colbert(), verification.load())

    def opened(self) -> "ChromaStore":
        """The current version, opened by a store of its own: a reader keeps to it while newer ones appear."""
        store = self.store.another()
        store.reopen()
        return store

    def readable(self) -> Manifest | None:
        """The current version, if it can be read whole and speaks the language of this model and chunker."""
        try:
            manifest = self.store.reopen()
        except IndexUnavailableError:
            return None
        fits = (manifest.model, manifest.chunker) == (self.embedder.name, chunking.VERSION)
        return manifest if fits else None

    def is_current(self) -> bool:
        """Whether the index can be read and was built from this corpus, by this model and this chunker."""
        manifest = self.readable()
        return manifest is not None and manifest.corpus_hash == corpus.fingerprint(*self._settings.document_dirs)

    def build(self, progress: Progress, *, rebuild: bool = False) -> tuple[Manifest, int]:
        """Build and publish; returns what was built and how many texts had to be embedded.

        Raises:
            CorpusError: a corpus file cannot be read; the old index stays.
            IndexUnavailableError: somebody else is building.
        """
        with self.store.writing():
            documents = corpus.load(*self._settings.document_dirs)
            fingerprint = corpus.fingerprint(*self._settings.document_dirs)
            manifest, passages = index.plan(documents, fingerprint, self.embedder.name)
            if rebuild:
                self._cache.clear()
            elif self.is_current():
                return manifest, 0
            texts = index.texts_to_embed(documents, passages)
            missing = self.embedder.missing(texts)
            questions = questions_to_embed(documents, passages)
            done = 0

            def advance(count: int) -> None:
                nonlocal done
                done += count
                progress(done, len(texts) + len(questions))

            # These are embedded here, so that the first question need not wait for them.
            for start in range(0, len(questions), index.BATCH):
                batch = questions[start : start + index.BATCH]
                self.embedder.embed_queries(batch, keep=True)
                advance(len(batch))
            index.build(
                manifest,
                documents,
                passages,
                embedder=self.embedder,
                store=self.store,
                progress=advance,
                afresh=rebuild,
            )
            return manifest, missing


def questions_to_embed(documents: Sequence[Document], passages: Sequence[Passage]) -> list[str]:
    """Every question that those of traders are compared with."""
    return [*(text for text, _ in routing.examples()), *expected.texts_to_embed(documents, passages)]
