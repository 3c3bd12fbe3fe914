"""The extractive composer: picks the sentences of the found passages that answer, in a readable order."""

from collections.abc import Sequence

import numpy as np

from assistant import attributes, chunking
from assistant.ports import Embedder, LexicalIndex
from assistant.retrieve import Query
from assistant.types import Extract, Hit

PASSAGES = 6  # of the best are looked into
SENTENCES = 4  # are given at most
OVERLAP_WEIGHT = 0.10  # of shared words beside the cosine, which varies by about 0.1 between right and wrong
HIT_WEIGHT = 0.04  # of the passage's own rank
GIVES_WEIGHT = 0.04  # of holding the date, number … that was asked for
MARGIN = 0.03  # below the best sentence, and a sentence is no longer part of the answer


class Extractor:
    """Scores sentences by meaning and by shared words."""

    def __init__(self, embedder: Embedder, lexical: LexicalIndex) -> None:
        self._embedder = embedder
        self._lexical = lexical

    def rank(self, query: Query, hits: Sequence[Hit]) -> list[Extract]:
        """Every sentence of the best hits, best first."""
        spans = [(hit, start, end) for hit in hits[:PASSAGES] for start, end in chunking.sentences(hit.passage.text)]
        if not spans:
            return []
        texts = [hit.passage.text[start:end] for hit, start, end in spans]
        cosines = self._embedder.embed_passages(texts) @ query.vector
        overlaps = np.array(self._lexical.overlap(query.words.text, texts))
        ranks = np.array([hit.score for hit, _, _ in spans])
        wanted = attributes.asked(query.text)
        gives = np.array(
            [
                attributes.gives(wanted, sentence) and attributes.holds_specifics(query.text, sentence)
                for sentence in texts
            ]
        )
        scores = cosines + OVERLAP_WEIGHT * overlaps + HIT_WEIGHT * ranks + GIVES_WEIGHT * gives
        return [
            Extract(
                hit=spans[row][0],
                start=spans[row][1],
                end=spans[row][2],
                score=float(scores[row]),
                cosine=float(cosines[row]),
                overlap=float(overlaps[row]),
                gives=bool(gives[row]),
            )
            for row in np.argsort(-scores, kind="stable")
        ]


def chosen(ranked: Sequence[Extract], countries: Sequence[str]) -> list[Extract]:
    """The best sentence and those close to it; the best one's passage comes first, each passage in its own order.

    A sentence about one country does not join one about all, or about another, unless the question named countries.
    """
    kept: list[Extract] = []
    for extract in ranked:
        if len(kept) == SENTENCES or extract.score < ranked[0].score - MARGIN:
            break
        if not countries and extract.hit.passage.country != ranked[0].hit.passage.country:
            continue
        if extract.gives < ranked[0].gives:
            continue
        if all(_folded(extract.text) != _folded(other.text) for other in kept):
            kept.append(extract)
    order = list(dict.fromkeys(extract.hit.passage.id for extract in kept))
    return sorted(kept, key=lambda extract: (order.index(extract.hit.passage.id), extract.start))


def _folded(text: str) -> str:
    return " ".join(text.lower().split())
