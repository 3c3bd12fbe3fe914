"""Finds the source's own words for a sentence of our restatement, so that the answer cites both, with the page."""

from collections.abc import Mapping

import numpy as np

from assistant import chunking, corpus
from assistant.ports import Embedder, LexicalIndex, VectorSearch
from assistant.types import Extract, Hit, Passage

NEAREST = 50  # passages that are looked at; most of them are restatements themselves
OVERLAP_WEIGHT = 0.15  # of shared words beside the cosine
SAME = (
    0.985  # of both together, from which two sentences say the same: of those above it that were read, all but one did
)
SHARED = (
    0.5  # of the restatement's words, weighted by rarity, that the source's sentence has at least, with its headings
)


class Corroborator:
    """Searches the verbatim passages of one version of the index. Without any it finds nothing, at no cost."""

    def __init__(
        self, embedder: Embedder, store: VectorSearch, lexical: LexicalIndex, passages: Mapping[str, Passage]
    ) -> None:
        self._embedder = embedder
        self._store = store
        self._lexical = lexical
        self._verbatim = {name: passage for name, passage in passages.items() if passage.wording == "verbatim"}

    def find(self, extract: Extract) -> Extract | None:
        """The sentence of an ingested source that says the same as one of ours, if there is one."""
        if not self._verbatim or extract.hit.passage.wording == "verbatim":
            return None
        vector = self._embedder.embed_passages([extract.text])[0]
        near = [self._verbatim[name] for name, _ in self._store.search(vector, NEAREST) if name in self._verbatim]
        spans = [(passage, *span) for passage in near for span in chunking.sentences(passage.text)]
        spans = [(passage, start, end) for passage, start, end in spans if quotable(passage.text[start:end])]
        if not spans:
            return None
        texts = [passage.text[start:end] for passage, start, end in spans]
        in_context = [passage.in_context(text) for (passage, _, _), text in zip(spans, texts, strict=True)]
        shared = np.array(self._lexical.overlap(extract.text, in_context))
        alike = self._embedder.embed_passages(texts) @ vector + OVERLAP_WEIGHT * shared
        best = int(np.argmax(np.where(shared >= SHARED, alike, -1.0)))
        if alike[best] < SAME or shared[best] < SHARED:
            return None
        passage, start, end = spans[best]
        return Extract(hit=Hit(passage=passage, score=extract.hit.score), start=start, end=end, score=extract.score)


def quotable(sentence: str) -> bool:
    """Whether a sentence may be shown: not with an address in it, which nobody has checked."""
    return corpus.URL_IN_BODY.search(sentence) is None
