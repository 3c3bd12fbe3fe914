"""Finds passages for a question: dense and lexical lists, fused by how much the words of the question count here."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from assistant import chunking, language
from assistant.chunking import QUESTION_MARKS
from assistant.expected import ExpectedQuestions
from assistant.ports import Embedder, LexicalIndex, Reranker, Vectors, VectorSearch
from assistant.terms import PASSAGES, Words, english
from assistant.types import FALLBACK, Hit, Passage

CANDIDATES = 50
PASSED_OVER = 200  # nearer passages that are searched for apart, at most
MARKED = frozenset(["vi"])  # without its marks no model can read it, so its English words stand for it
TELLING = 7  # words from which the asking sentences of a longer text say what it is about
TRANSLATED_FROM = 0.4  # share of a question from which its words in English say enough to be read too
COVERED = 0.5  # below this share of known words the lexical list is noise
EXPECTED_WEIGHT = 1.0  # of the questions that are expected, beside the passages themselves
READ = 20  # of the first hits, beside the question
READ_WEIGHT = 1.0  # of the order that reading gives, beside the order before
FOREIGN_COUNTRY = 0.6  # what a passage about one country keeps of its score where the question names none

Near = dict[str, dict[int, float]]
"""By passage and by where a sentence starts, the cosine of the question expected of it that is nearest."""


@dataclass(frozen=True)
class Query:
    """A question as it is searched for. `own` is the vector of its own words, `vector` the one to search with.

    `asking` is the part of the text that says what is wanted of its subject, `language` that of the text.
    """

    text: str
    asking: str
    words: Words
    own: Vectors
    vector: Vectors
    language: str = PASSAGES

    @property
    def translated(self) -> bool:
        """Whether it is in another language than the passages."""
        return self.language != PASSAGES


def query(
    text: str,
    embedder: Embedder,
    names: Sequence[str] = (),
    fallback: str = FALLBACK,
    asking: str | None = None,
    *,
    keep: bool = False,
) -> Query:
    """A question in any language; `names` are English words known to be in it, `fallback` its language if unsure.

    `asking` is the part that asks, where the caller knows it; else the sentences of the text that do.
    `keep` says that the question is ours, so that its vectors may be cached.
    """
    spoken = language.detect(text, fallback)
    words = english(text, spoken, names)
    unmarked = spoken in MARKED and text.isascii() and bool(words.text)
    if unmarked and words.share >= TRANSLATED_FROM:
        text, asking, spoken = words.text, words.text, PASSAGES
    asking = asking or what_is_asked(text)
    spoken_words = [words.text] if unmarked else list(dict.fromkeys([text, asking]))
    translation = [words.text] if not unmarked and TRANSLATED_FROM <= words.share < 1.0 else []
    vectors = embedder.embed_queries([*spoken_words, *translation], keep=keep)
    own = _mean(vectors[: len(spoken_words)])
    return Query(text, asking, words, own, _mean(np.stack([own, *vectors[len(spoken_words) :]])), spoken)


def what_is_asked(text: str) -> str:
    """Of a text of several sentences those that ask; all of it where they say too little by themselves."""
    told = chunking.texts(text)
    asking = [sentence for sentence in told if sentence.rstrip("\"'”’) ").endswith(QUESTION_MARKS)]
    asked = " ".join(asking)
    return asked if len(asked.split()) >= TELLING and len(asking) < len(told) else text


def _mean(vectors: Vectors) -> Vectors:
    total = vectors.sum(axis=0)
    return total / np.linalg.norm(total)  # type: ignore[no-any-return]


class Retriever:
    """Searches one opened version of the index."""

    def __init__(
        self,
        store: VectorSearch,
        lexical: LexicalIndex,
        passages: Mapping[str, Passage],
        expected: ExpectedQuestions | None = None,
        reranker: Reranker | None = None,
        *,
        others: int = 0,
    ) -> None:
        """`passages` are those that may be found; the store holds so many `others` beside them."""
        self._store = store
        self._others = min(others, PASSED_OVER)
        self._lexical = lexical
        self._expected = expected
        self._passages = passages
        self._by_document: dict[str, list[Passage]] = {}
        for passage in passages.values():
            self._by_document.setdefault(passage.document_id, []).append(passage)
        self._reranker = reranker

    def search(
        self, query: Query, countries: Sequence[str] = (), limit: int = 24, within: Collection[str] = ()
    ) -> list[Hit]:
        """Passages for a question, best first; `within` these documents alone all of them, where any are given.

        With countries, passages about other countries are left out; without, passages about any one country count less.
        """
        words = query.words.text
        dense = self._nearest(query.vector)
        lexical = self._lexical.search(words, CANDIDATES)
        weight = query.words.share * lexical_weight(self._lexical.coverage(words))
        near = self._near(query)
        asked = sorted(((name, max(found.values())) for name, found in near.items()), key=lambda pair: -pair[1])
        scores = fuse(
            Ranked(dense, 1.0, floor=lowest(dense)),
            Ranked(lexical, weight, floor=0.0),
            Ranked(asked[:CANDIDATES], EXPECTED_WEIGHT, floor=lowest(asked[:CANDIDATES])),
        )
        cosines, matches = dict(dense), dict(lexical)
        hits = [
            Hit(
                passage=self._passages[passage_id],
                score=score * self._country_factor(passage_id, countries),
                dense=cosines.get(passage_id),
                lexical=matches.get(passage_id),
                expected=near.get(passage_id, {}),
            )
            for passage_id, score in scores.items()
        ]
        found = sorted((hit for hit in hits if hit.score > 0), key=lambda hit: -hit.score)
        best = reranked(query, found, self._reranker) if self._reranker else found
        return self._all_of(within, best, near, countries) if within else best[:limit]

    def _all_of(
        self, documents: Collection[str], found: Sequence[Hit], near: Near, countries: Sequence[str]
    ) -> list[Hit]:
        """Every passage of these documents that is not about other countries, those that were found first."""
        kept = [hit for hit in found if hit.passage.document_id in documents]
        have = {hit.passage.id for hit in kept}
        return kept + [
            Hit(passage=passage, score=0.0, expected=near.get(passage.id, {}))
            for document in sorted(documents)
            for passage in self._by_document.get(document, ())
            if passage.id not in have and self._country_factor(passage.id, countries)
        ]

    def _nearest(self, vector: Vectors) -> list[tuple[str, float]]:
        found = self._store.search(vector, CANDIDATES + self._others)
        return [pair for pair in found if pair[0] in self._passages][:CANDIDATES]

    def _near(self, query: Query) -> Near:
        """For each passage, by where its sentences start, how near the questions expected of them are."""
        near: Near = {}
        for (passage_id, start), cosine in (self._expected.near(query.vector) if self._expected else {}).items():
            near.setdefault(passage_id, {})[start] = cosine
        return near

    def _country_factor(self, passage_id: str, countries: Sequence[str]) -> float:
        country = self._passages[passage_id].country
        if country is None or country in countries:
            return 1.0
        return 0.0 if countries else FOREIGN_COUNTRY


def reranked(query: Query, hits: Sequence[Hit], reranker: Reranker) -> list[Hit]:
    """The first hits ordered anew by what they scored and by what a model says that reads each beside the question.

    The model knows English alone, so hits for a question in another language stay as they are.
    """
    if query.translated or not hits:
        return list(hits)
    first = {hit.passage.id: hit for hit in hits[:READ]}
    relevances = reranker.relevances(query.text, [hit.passage.context for hit in first.values()])
    before = [(name, hit.score) for name, hit in first.items()]
    read = list(zip(first, relevances, strict=True))
    scores = fuse(Ranked(before, 1.0, floor=lowest(before)), Ranked(read, READ_WEIGHT, floor=lowest(read)))
    again = sorted(
        (hit.model_copy(update={"score": scores[name]}) for name, hit in first.items()), key=lambda h: -h.score
    )
    return [*again, *hits[READ:]]


def lexical_weight(coverage: float) -> float:
    """Weight of the lexical list beside the dense one: none where the passages do not use the question's words."""
    return max(0.0, (coverage - COVERED) / (1.0 - COVERED))


class Ranked(NamedTuple):
    """Ids with scores, what the list weighs beside others, and the score that counts as nothing in it."""

    hits: Sequence[tuple[str, float]]
    weight: float
    floor: float


def lowest(hits: Sequence[tuple[str, float]]) -> float:
    """The floor of a list of cosines, which never come near 0."""
    return min((score for _, score in hits), default=0.0)


def fuse(*lists: Ranked) -> dict[str, float]:
    """Each list's scores spread over [0, 1], added with their weights; first in all lists scores 1.

    Unlike ranks, scores keep how far ahead the first is, so that a list without a favourite decides nothing.
    """
    scores: dict[str, float] = {}
    total = sum(ranked.weight for ranked in lists if ranked.hits)
    for hits, weight, floor in lists:
        ceiling = max((score for _, score in hits), default=floor)
        for passage_id, score in hits:
            spread = (score - floor) / (ceiling - floor) if ceiling > floor else 1.0
            scores[passage_id] = scores.get(passage_id, 0.0) + (weight * spread / total if total else 0.0)
    return scores
