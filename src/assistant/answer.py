"""The pipeline: a Question becomes a stream of AnswerEvents that ends in an Answer."""

import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from assistant import grounding, language
from assistant.citations import cite
from assistant.compose import Extractor, chosen
from assistant.conversation import Standalone, standalone
from assistant.countries import Countries
from assistant.messages import Messages
from assistant.policy import Policy, Verdict, decide, escalation, refusal, said
from assistant.ports import Embedder
from assistant.retrieve import Query, Retriever, query
from assistant.routing import Router, Routing
from assistant.spelling import Speller
from assistant.sufficiency import Features, Sufficiency
from assistant.terms import PASSAGES
from assistant.types import (
    FALLBACK,
    Answer,
    AnswerEvent,
    Citation,
    Cited,
    Delta,
    Done,
    Extract,
    Hit,
    Meta,
    Passage,
    Portal,
    Question,
    Sentence,
    Timings,
    joined,
)

COMPOSER = "extractive"


@dataclass(frozen=True)
class Found:
    """What is known of a question before it is answered."""

    asked: Standalone
    query: Query
    routing: Routing
    hits: Sequence[Hit] = ()
    ranked: Sequence[Extract] = ()

    @property
    def strength(self) -> float:
        """How likely the best sentence answers the question, in [0, 1]."""
        return self.ranked[0].score if self.ranked else 0.0

    @property
    def national(self) -> bool:
        """Whether the sentence that answers best, if any does, speaks about one country alone."""
        return bool(self.ranked) and self.ranked[0].hit.passage.country is not None


class Pipeline:
    """Answers questions from one version of the index. Holds no state between questions; safe to share by threads."""

    def __init__(
        self,
        *,
        embedder: Embedder,
        retriever: Retriever,
        extractor: Extractor,
        sufficiency: Sufficiency,
        router: Router,
        speller: Speller,
        policy: Policy,
        countries: Countries,
        messages: Messages,
        passages: Mapping[str, Passage],
        index_version: str,
    ) -> None:
        self._embedder = embedder
        self._retriever = retriever
        self._extractor = extractor
        self._sufficiency = sufficiency
        self._router = router
        self._speller = speller
        self._policy = policy
        self._countries = countries
        self._messages = messages
        self._passages = passages
        self._index_version = index_version

    def stream(self, question: Question) -> Iterator[AnswerEvent]:
        """Meta, then each citation before the first sentence that carries it, then Done with the whole answer."""
        clock = Clock()
        answer_id = secrets.token_urlsafe(16)
        code = self._language(question)
        asked = self._asked(question)
        found = self._understand(asked, code, clock)
        yield Meta(
            id=answer_id,
            language=code,
            countries=asked.countries,
            disclaimer=self._messages.text(code, "disclaimer"),
            escalation=escalation(self._messages, code, found.routing.intent),
        )
        found = self._search(found, clock)
        with clock.timing("compose"):
            answer = self._compose(answer_id, question, code, found)
        with clock.timing("verify"):
            answer = self._checked(answer)
        yield from events(answer.model_copy(update={"timings_ms": clock.timings()}))

    def find(self, question: Question) -> Found:
        """Everything up to the decision whether to answer; for calibration and reports."""
        clock = Clock()
        return self._search(self._understand(self._asked(question), FALLBACK, clock), clock)

    def candidates(self, found: Found) -> list[tuple[tuple[Hit, int, int], Features]]:
        """The sentences that were read closely for what was found, with their features; for calibration."""
        return self._extractor.candidates(found.query, found.hits)

    def _asked(self, question: Question) -> Standalone:
        """The question without the conversation, and without mistakes where it is in English."""
        if language.detect(question.text) == PASSAGES:
            question = question.model_copy(update={"text": self._speller.corrected(question.text)})
        return standalone(question, self._countries)

    def _understand(self, asked: Standalone, fallback: str, clock: "Clock") -> Found:
        """The question's words, vector and kind. Its own language counts, not the one it is to be answered in."""
        names = [self._countries.name(code) for code in asked.countries]
        with clock.timing("embed"):
            searched = query(asked.text, self._embedder, names, fallback)
        return Found(asked, searched, self._router.route(asked.text, searched.own))

    def _search(self, found: Found, clock: "Clock") -> Found:
        """What was found, with passages and their sentences."""
        with clock.timing("retrieve"):
            hits = self._retriever.search(found.query, found.asked.countries)
        with clock.timing("compose"):
            ranked = self._extractor.rank(found.query, hits)
        return replace(found, hits=hits, ranked=ranked)

    def _language(self, question: Question) -> str:
        """The language asked for, else the question's; the last question that says more than a word or two decides."""
        if question.language:
            return language.normal(question.language)
        earlier = [turn.content for turn in question.history if turn.role == "user"]
        fallback = language.detect(earlier[-1]) if earlier else FALLBACK
        return language.detect(question.text, fallback)

    def _compose(self, answer_id: str, question: Question, code: str, found: Found) -> Answer:
        countries, intent = found.asked.countries, found.routing.intent
        confidence = self._sufficiency.confidence(found.strength, refusal(found.routing))
        verdict = decide(found.routing, countries, confidence, national=found.national)
        cards = self._policy.cards(countries, found.query.vector, verdict.status, intent)
        extracts = chosen(found.ranked, countries) if verdict.status == "answered" else []
        missing = self._policy.missing(extracts, countries, code)
        if missing or (extracts and self._policy.lacks_link(intent, cards)):
            verdict = Verdict(status="partial", reason="partial")
        sentences, citations = self._sentences(verdict, extracts, found, code, cards)
        sentences += said([missing] if missing else [])
        return Answer(
            id=answer_id,
            question=question.text,
            language=code,
            countries=countries,
            status=verdict.status,
            text=joined(tuple(sentences)),
            sentences=tuple(sentences),
            citations=tuple(citations),
            portals=tuple(cards),
            clarification=self._policy.clarification(verdict, code),
            disclaimer=self._messages.text(code, "disclaimer"),
            escalation=escalation(self._messages, code, intent),
            follow_ups=tuple(self._policy.follow_ups(extracts, question.text, code)),
            confidence=round(_sureness(verdict, found, confidence), 3),
            composer=COMPOSER,
            index_version=self._index_version,
            timings_ms=Timings(),
        )

    def _sentences(
        self, verdict: Verdict, extracts: Sequence[Extract], found: Found, code: str, cards: Sequence[Portal]
    ) -> tuple[list[Sentence], list[Citation]]:
        if not extracts:
            return said(self._policy.refusal(verdict, code, found.asked.countries, cards)), []
        citations = [cite(extract.hit, extract.start, extract.end, n) for n, extract in enumerate(extracts, start=1)]
        quoted = [Sentence(text=citation.quote, citations=(citation.marker,)) for citation in citations]
        pointers = [self._policy.pointer(cards[0], code)] if found.routing.intent == "portal" and cards else []
        return [*said(self._policy.frame(extracts, code)), *quoted, *said(pointers)], citations

    def _checked(self, answer: Answer) -> Answer:
        """The answer with only what is verified; one left without evidence is routed instead."""
        by_marker = {citation.marker: citation for citation in answer.citations}
        kept = tuple(grounding.verified(answer.sentences, by_marker, self._passages))
        used = {marker for sentence in kept for marker in sentence.citations}
        status = answer.status
        if answer.citations and not used:
            verdict = Verdict(status="routed", reason="routed")
            kept = tuple(said(self._policy.refusal(verdict, answer.language, answer.countries, answer.portals)))
            status = verdict.status
        update = {
            "sentences": kept,
            "text": joined(kept),
            "citations": tuple(citation for citation in answer.citations if citation.marker in used),
            "status": status,
        }
        return Answer.model_validate({**dict(answer), **update})


class Clock:
    """Milliseconds by stage."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self._spent: dict[str, float] = {}

    @contextmanager
    def timing(self, stage: str) -> Iterator[None]:
        """Add the time spent inside to a stage."""
        start = time.perf_counter()
        yield
        self._spent[stage] = self._spent.get(stage, 0.0) + (time.perf_counter() - start) * 1_000

    def timings(self) -> Timings:
        """What was spent so far."""
        spent = {**self._spent, "total": (time.perf_counter() - self._start) * 1_000}
        return Timings(**{stage: round(value, 2) for stage, value in spent.items()})


def events(answer: Answer) -> Iterator[AnswerEvent]:
    """The events of a finished answer, after its Meta."""
    citations = {citation.marker: citation for citation in answer.citations}
    for sentence in answer.sentences:
        for marker in sentence.citations:
            if marker in citations:
                yield Cited(citation=citations.pop(marker))
        yield Delta(sentence=sentence)
    yield Done(answer=answer)


def _sureness(verdict: Verdict, found: Found, confidence: float) -> float:
    """How sure the assistant is of what it did: of its evidence where it answers, of refusing where it refuses."""
    if verdict.status in ("answered", "partial"):
        return confidence
    return max(1.0 - confidence, found.routing.probability if verdict.reason.startswith("declined") else 0.0)
