"""BM25 over passages with bm25s: stemmed English words, numbers and acronyms."""

import math
import re
from collections.abc import Sequence, Set

import bm25s
import numpy as np
import Stemmer

from assistant.types import Passage

WORD = re.compile(r"(?u)\b\w+\b")
STOPWORDS = frozenset(bm25s.stopwords.STOPWORDS_EN_PLUS)


class Bm25Index:
    """Serves the LexicalIndex port from memory; built in milliseconds for thousands of passages."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._ids = [passage.id for passage in passages]
        self._stem = Stemmer.Stemmer("english")
        corpus = [self._tokens(passage.context) for passage in passages]
        self._model = bm25s.BM25()
        self._model.index(corpus or [[""]], show_progress=False)
        self._rarity = _rarity(corpus)

    def search(self, text: str, limit: int) -> list[tuple[str, float]]:
        """Ids of the passages that share words with the text, with their score above 0, best first."""
        tokens = [token for token in self._tokens(text) if token in self._rarity]
        if not tokens or not self._ids:
            return []
        scores = self._model.get_scores(tokens)
        best = np.argsort(-scores, kind="stable")[:limit]
        return [(self._ids[row], float(scores[row])) for row in best if scores[row] > 0]

    def coverage(self, text: str) -> float:
        """Share of the text's words that the passages use, weighted by rarity; an unknown word counts as the rarest."""
        return _share(self._weights(text), self._rarity.keys())

    def overlap(self, question: str, texts: Sequence[str]) -> list[float]:
        """For each text the share of the question's words that it uses, weighted likewise."""
        weights = self._weights(question)
        return [_share(weights, set(self._tokens(text))) for text in texts]

    def _weights(self, text: str) -> dict[str, float]:
        unknown = math.log(len(self._ids) + 1)
        return {token: self._rarity.get(token, unknown) for token in self._tokens(text)}

    def _tokens(self, text: str) -> list[str]:
        words = [word for word in WORD.findall(text.lower()) if word not in STOPWORDS]
        return self._stem.stemWords(words)  # type: ignore[no-any-return]


def _share(weights: dict[str, float], known: Set[str]) -> float:
    total = sum(weights.values())
    return sum(weight for token, weight in weights.items() if token in known) / total if total else 0.0


def _rarity(corpus: list[list[str]]) -> dict[str, float]:
    """Inverse document frequency of each token."""
    counts: dict[str, int] = {}
    for tokens in corpus:
        for token in set(tokens):
            counts[token] = counts.get(token, 0) + 1
    return {token: math.log((len(corpus) + 1) / count) for token, count in counts.items()}
