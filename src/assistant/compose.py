"""The extractive composer: picks the sentences of the found passages that answer, in a readable order."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import NamedTuple

import numpy as np

from assistant import attributes, chunking
from assistant.adaptation import UNCHANGED, Adaptation
from assistant.classifier import Chances, Classifier
from assistant.corroboration import quotable
from assistant.countries import Countries
from assistant.expected import QUESTION_GAP
from assistant.ports import Embedder, LexicalIndex, Reranker, Vectors
from assistant.retrieve import Query
from assistant.sufficiency import Features, Sufficiency
from assistant.types import FALLBACK, Extract, Hit, Passage
from assistant.verified import is_whole

PASSAGES = 24  # of the best are looked into
CANDIDATES, AT_LEAST = 6, 2  # sentences that are read closely
BEHIND = 0.3  # from which one is too far behind the first to be read
SENTENCES = 3  # are given at most to one question
TOGETHER = 4  # to several at once
LEARNT_WEIGHT = 0.03  # of the log-probabilities beside the cosine, which varies by about 0.1 between right and wrong
PLAIN = -0.3  # log-probability by meaning from which a sentence is what is asked for, and puts right what it lacks
OVERLAP_WEIGHT = 0.10  # of shared words
HIT_WEIGHT = 0.1  # of the passage's own rank
GIVES_WEIGHT = 0.04  # of holding the date, number … that was asked for
ALMOST = 0.4  # of the best sentence's probability, and a sentence of the same document is part of the answer as well
RIVAL = 0.99  # the same for other documents: what they say as likely stands beside it, each with its date


Span = tuple[Hit, int, int]
"""A hit, and where a sentence of its passage starts and ends."""

Candidate = tuple[Span, Features]
"""A sentence that was read closely, and what is known of it."""


class Readers(NamedTuple):
    """What reads a sentence in English beside a question in English, and any sentence beside any question."""

    english: Reranker
    any: Reranker


class Extractor:
    """Scores sentences by meaning, by shared words, and by reading the best of them beside the question."""

    def __init__(
        self,
        embedder: Embedder,
        lexical: LexicalIndex,
        sufficiency: Sufficiency,
        readers: Readers,
        countries: Countries,
        adaptation: Adaptation = UNCHANGED,
        classifier: Classifier | None = None,
    ) -> None:
        self._embedder = embedder
        self._lexical = lexical
        self._sufficiency = sufficiency
        self._readers = readers
        self._countries = countries
        self._adaptation = adaptation
        self._classifier = classifier or Classifier()

    def rank(self, query: Query, hits: Sequence[Hit], countries: Sequence[str] = ()) -> list[Extract]:
        """The sentences of the best hits that may answer, the likeliest first. A score is a probability."""
        return self.ranked(self.candidates(query, hits, countries))

    def ranked(self, candidates: Sequence[Candidate]) -> list[Extract]:
        """These sentences, the likeliest first. A score is a probability."""
        extracts = (extracted(candidate, self._sufficiency.probability(candidate[1])) for candidate in candidates)
        return sorted(extracts, key=lambda extract: -extract.score)

    def candidates(self, query: Query, hits: Sequence[Hit], countries: Sequence[str] = ()) -> list[Candidate]:
        """The sentences worth a close look, each with what is known of it."""
        spans = [
            (hit, start, end)
            for hit in hits[:PASSAGES]
            for start, end in chunking.sentences(hit.passage.text)
            if quotable(hit.passage.text[start:end])
        ]
        if not spans:
            return []
        seen = self._seen(query, spans, countries)
        read = [(seen.spans[row][0].passage, seen.texts[row]) for row in seen.best]
        contexts = self._lexical.overlap(query.words.text, [passage.in_context(text) for passage, text in read])
        relevances = self._relevances(query, read)
        return [
            (seen.spans[row], self._features(query, seen, row, countries, Close(context, relevance)))
            for row, context, relevance in zip(seen.best, contexts, relevances, strict=True)
        ]

    def _seen(self, query: Query, spans: Sequence[Span], countries: Sequence[str]) -> "Seen":
        """What can be told of sentences without reading each beside the question."""
        texts = [hit.passage.text[start:end] for hit, start, end in spans]
        asked = self._adaptation.of_questions(query.vector)
        cosines = self._adaptation.of_sentences(self._embedder.embed_passages(texts)) @ asked
        expected = np.array([hit.expected.get(start, 0.0) - QUESTION_GAP for hit, start, _ in spans])
        nearest = np.maximum(cosines, expected)
        said = [(hit.passage.document_id, text) for (hit, _, _), text in zip(spans, texts, strict=True)]
        learnt = self._classifier.chances(query.text, asked, said, countries)
        wanted = attributes.asked(query.asking) or attributes.asked(query.text)
        gives = [attributes.gives(wanted, text) for text in texts]
        first = (
            nearest
            + LEARNT_WEIGHT * (learnt.meaning + learnt.spelling)
            + OVERLAP_WEIGHT * np.array(self._lexical.overlap(query.words.text, texts))
            + HIT_WEIGHT * np.array([hit.score for hit, _, _ in spans])
            + GIVES_WEIGHT * np.array(gives)
        )
        order = np.argsort(-first, kind="stable")[:CANDIDATES].tolist()
        best = [row for place, row in enumerate(order) if place < AT_LEAST or first[row] >= first[order[0]] - BEHIND]
        return Seen(spans, texts, cosines, nearest, learnt, bool(wanted), gives, best)

    def _features(self, query: Query, seen: "Seen", row: int, countries: Sequence[str], close: "Close") -> Features:
        hit, text = seen.spans[row][0], seen.texts[row]
        plain = seen.learnt.meaning[row] >= PLAIN
        of_other_countries = seen.wanted and self._is_of_others(hit.passage, text, countries)
        of_others = of_other_countries or any(
            attributes.is_of_another(said, text) for said in {query.asking, query.text}
        )
        return Features(
            cosine=float(seen.cosines[row]),
            meaning=float(seen.learnt.meaning[row]),
            spelling=float(seen.learnt.spelling[row]),
            expected=float(seen.nearest[row]),
            context=close.context,
            rank=hit.score,
            local=float(hit.passage.country in countries),
            lacking=float(not (seen.gives[row] or plain) or of_others),
            specific=float(plain or attributes.holds_specifics(query.text, text)),
            relevance=close.relevance,
        )

    def _is_of_others(self, passage: Passage, sentence: str, countries: Sequence[str]) -> bool:
        """Whether a sentence of a source on all countries speaks of some, and of none of those asked about."""
        if passage.country or not countries:
            return False
        named = self._countries.find(sentence)
        return bool(named) and not set(named) & set(countries)

    def _relevances(self, query: Query, read: Sequence[tuple[Passage, str]]) -> list[float]:
        """How each sentence, read below what stands above it in its passage, answers the question, as logits."""
        english = [not query.translated and passage.language == FALLBACK for passage, _ in read]
        found = [0.0] * len(read)
        for reader, is_its in ((self._readers.english, True), (self._readers.any, False)):
            rows = [row for row, its in enumerate(english) if its == is_its]
            texts = [passage.in_context(text) for passage, text in (read[row] for row in rows)]
            for row, relevance in zip(rows, reader.relevances(query.text, texts), strict=True):
                found[row] = relevance
        return found


class Seen(NamedTuple):
    """Sentences and what is known of each; `best` are the rows of those worth reading beside the question.

    `wanted`, whether something is asked for (a date …), and `gives`, whether a sentence holds it.
    """

    spans: Sequence[Span]
    texts: Sequence[str]
    cosines: Vectors
    nearest: Vectors
    learnt: Chances
    wanted: bool
    gives: Sequence[bool]
    best: Sequence[int]


class Close(NamedTuple):
    """What is known of a sentence from reading it in its context."""

    context: float
    relevance: float


def extracted(candidate: Candidate, score: float) -> Extract:
    """A sentence that was read closely, with its score."""
    (hit, start, end), features = candidate
    return Extract(hit=hit, start=start, end=end, score=score, gives=not features.lacks)


def chosen(ranked: Sequence[Extract], countries: Sequence[str]) -> list[Extract]:
    """The best sentence and those close to it; the best one's passage comes first, each passage in its own order.

    Of another document only what is as likely as the best joins it.

    A sentence about one country does not join one about all, or about another, unless the question named countries.
    A verified answer is given whole.
    """
    if is_whole(ranked):
        return list(ranked)
    kept: list[Extract] = []
    for extract in ranked:
        if len(kept) == SENTENCES or extract.score < ALMOST * ranked[0].score:
            break
        if not countries and extract.hit.passage.country != ranked[0].hit.passage.country:
            continue
        same = extract.hit.passage.document_id == ranked[0].hit.passage.document_id
        if extract.gives < ranked[0].gives or (not same and extract.score < RIVAL * ranked[0].score):
            continue
        if all(_folded(extract.text) != _folded(other.text) for other in kept):
            kept.append(extract)
    order = list(dict.fromkeys(extract.hit.passage.id for extract in kept))
    return sorted(kept, key=lambda extract: (order.index(extract.hit.passage.id), extract.start))


def together(answers: Sequence[Sequence[Extract]]) -> list[Extract]:
    """The sentences that answer several questions asked at once, each once, and the best of each answer first.

    A verified answer stays whole.
    """
    in_turn = [extract for turn in zip_longest(*answers) for extract in turn if extract]
    kept = {_folded(extract.text): extract for extract in reversed(in_turn)}
    most = max([TOGETHER, *(len(answer) for answer in answers if is_whole(answer))])
    return [extract for extract in in_turn if kept[_folded(extract.text)] is extract][:most]


def _folded(text: str) -> str:
    return " ".join(text.lower().split())
