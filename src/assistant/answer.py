"""The pipeline: a Question becomes a stream of AnswerEvents that ends in an Answer."""

import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property

from assistant import attributes, chunking, grounding, language
from assistant.citations import cite
from assistant.compose import Extractor, chosen, introduced, together
from assistant.conversation import Standalone, separate, standalone, without_countries
from assistant.corroboration import Corroborator
from assistant.countries import Countries
from assistant.messages import Messages
from assistant.policy import ENOUGH, Policy, Verdict, decide, escalation, refusal, said, stands_alone
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
INJECTION_SURE = 0.95  # probability from which one sentence that tries to give orders decides for the whole text
ALONE = 0.7  # confidence from which a question is not read as a follow-up as well
PARTS = 3  # questions in one that are answered one by one; each takes as long as a question by itself
PART_SURE = 0.8  # confidence from which a part is answered
ROUTED_SENTENCES = 4  # looked at one by one; each takes an embedding
FILING_PATH = (
    "Where can an enterprise complain about a trade problem in another ASEAN country?",
    "How is a complaint filed with ASSIST?",
)


@dataclass(frozen=True)
class Found:
    """What is known of a question before it is answered. `confidence`: how likely answering it is right, in [0, 1].

    `parts` are those of its questions that can be answered, where it asks several at once.
    """

    asked: Standalone
    query: Query
    routing: Routing
    hits: Sequence[Hit] = ()
    ranked: Sequence[Extract] = ()
    confidence: float = 0.0
    parts: Sequence["Found"] = ()

    @property
    def sureness(self) -> float:
        """How likely answering it, or a part of it, is right, in [0, 1]."""
        return max(each.confidence for each in (self, *self.parts))

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
        corroborator: Corroborator,
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
        self._corroborator = corroborator
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
        found = self._found(question, code, clock)
        yield Meta(
            id=answer_id,
            language=code,
            countries=found.asked.countries,
            disclaimer=self._messages.text(code, "disclaimer"),
            escalation=escalation(self._messages, code, found.routing.intent),
        )
        with clock.timing("compose"):
            answer = self._compose(answer_id, question, code, found)
        with clock.timing("verify"):
            answer = self._checked(answer)
        yield from events(answer.model_copy(update={"timings_ms": clock.timings()}))

    def find(self, question: Question) -> Found:
        """Everything up to the decision whether to answer; for calibration and reports."""
        return self._found(question, FALLBACK, Clock())

    def search(self, question: Question, limit: int) -> list[Hit]:
        """The passages nearest to the question as its text stands, best first, whether or not they answer it."""
        codes = standalone(question, self._countries)[0].countries
        searched = query(question.text, self._embedder, [self._countries.name(code) for code in codes])
        return self._retriever.search(searched, codes, limit)

    def _found(self, question: Question, fallback: str, clock: "Clock") -> Found:
        """What is found for the likeliest reading of the question that can be answered; else for the likeliest."""
        read: list[Found] = []
        for asked in self._readings(question):
            read.append(self._judged(asked, fallback, clock))
            if read[-1].confidence >= (ENOUGH if asked.carried else ALONE) or stands_alone(read[0].routing):
                break
        likeliest = max(read, key=lambda each: each.confidence)
        found = likeliest if likeliest.confidence >= ENOUGH else read[0]
        if stands_alone(found.routing):
            return found
        parts = [self._judged(part, fallback, clock) for part in separate(found.asked, self._countries)[:PARTS]]
        sure = [part for part in parts if part.confidence >= PART_SURE]
        return replace(found, parts=[*sure, *self._by_country(found, clock)])

    def _judged(self, asked: Standalone, fallback: str, clock: "Clock") -> Found:
        """What is found for one reading, and how likely answering from it is right."""
        return self._searched(self._understand(asked, fallback, clock), clock)

    def _by_country(self, found: Found, clock: "Clock") -> list[Found]:
        """Where official places of several countries are asked for, what is found for each."""
        codes = found.asked.countries[:PARTS] if found.routing.intent == "portal" else ()
        each = [replace(found, asked=found.asked.model_copy(update={"countries": (code,)})) for code in codes]
        found_each = [self._searched(part, clock) for part in each] if len(each) > 1 else []
        return [part for part in found_each if part.confidence >= ENOUGH]

    def _searched(self, found: Found, clock: "Clock") -> Found:
        found = self._search(found, clock)
        return replace(found, confidence=self._sufficiency.confidence(found.strength, refusal(found.routing)))

    def candidates(self, found: Found) -> list[tuple[tuple[Hit, int, int], Features]]:
        """The sentences that were read closely for what was found, with their features; for calibration."""
        return self._extractor.candidates(found.query, found.hits, found.asked.countries)

    def _readings(self, question: Question) -> list[Standalone]:
        """What the question may mean by itself, without mistakes where it is in English."""
        if language.detect(question.text) == PASSAGES:
            question = question.model_copy(update={"text": self._speller.corrected(question.text)})
        return standalone(question, self._countries)

    def _understand(self, asked: Standalone, fallback: str, clock: "Clock") -> Found:
        """The question's words, vector and kind. Its own language counts, not the one it is to be answered in."""
        names = [self._countries.name(code) for code in asked.countries]
        with clock.timing("embed"):
            searched = query(asked.text, self._embedder, names, fallback, asked.own if asked.carried else None)
        return Found(asked, searched, self._route(asked.text, searched))

    def _route(self, text: str, searched: Query) -> Routing:
        """The kind of question; one sentence of it that is an attack decides for all."""
        whole = self._router.route(text, searched.own)
        spans = chunking.sentences(text)
        if whole.intent == "injection" or len(spans) < 2:
            return whole
        parts = [text[start:end] for start, end in spans[:ROUTED_SENTENCES]]
        routed = map(self._router.route, parts, self._embedder.embed_queries(parts))
        attacks = (part for part in routed if part.intent == "injection" and part.probability >= INJECTION_SURE)
        return max(attacks, key=lambda part: part.probability, default=whole)

    def _search(self, found: Found, clock: "Clock") -> Found:
        """What was found, with passages and their sentences."""
        with clock.timing("retrieve"):
            hits = self._retriever.search(found.query, found.asked.countries)
        with clock.timing("compose"):
            ranked = self._extractor.rank(found.query, hits, found.asked.countries)
        return replace(found, hits=hits, ranked=ranked)

    def _language(self, question: Question) -> str:
        """The language asked for, else the question's; the last question that says more than a word or two decides."""
        if question.language:
            return language.normal(question.language)
        earlier = [turn.content for turn in question.history if turn.role == "user"]
        fallback = language.detect(earlier[-1]) if earlier else FALLBACK
        said = without_countries(question.text, self._countries) if earlier else question.text
        return language.detect(said, fallback)

    def _compose(self, answer_id: str, question: Question, code: str, found: Found) -> Answer:
        countries, intent = found.asked.countries, found.routing.intent
        verdict = decide(found.routing, countries, found.sureness, national=found.national)
        extracts = self._extracts(verdict, found)
        cards = self._policy.cards(countries, found.query.vector, verdict.status, intent, extracts)
        if verdict.status == "answered" and intent == "portal" and cards:
            extracts = introduced(extracts, cards[0], found.hits)
        missing = self._policy.missing(extracts, countries, code) if verdict.status == "answered" else None
        place_wanted = not attributes.asked(found.query.text)
        if verdict.status == "answered" and (missing or (place_wanted and self._policy.lacks_link(intent, cards))):
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
            confidence=round(_sureness(verdict, found), 3),
            composer=COMPOSER,
            index_version=self._index_version,
            timings_ms=Timings(),
        )

    def _extracts(self, verdict: Verdict, found: Found) -> list[Extract]:
        """What is quoted: the evidence of an answer, and how to complain where a problem is routed."""
        if verdict.status == "answered":
            answering = [each for each in (found, *found.parts) if each.confidence >= ENOUGH]
            return together([chosen(each.ranked, each.asked.countries) for each in answering])
        return self._filing_path if verdict.reason == "routed_problem" else []

    @cached_property
    def _filing_path(self) -> list[Extract]:
        """The sentences that say who can complain where, and how."""
        questions = [query(text, self._embedder) for text in FILING_PATH]
        ranked = [self._extractor.rank(asked, self._retriever.search(asked)) for asked in questions]
        return [extracts[0] for extracts in ranked if extracts]

    def _sentences(
        self, verdict: Verdict, extracts: Sequence[Extract], found: Found, code: str, cards: Sequence[Portal]
    ) -> tuple[list[Sentence], list[Citation]]:
        refused = verdict.status not in ("answered", "partial")
        why = said(self._policy.refusal(verdict, code, found.asked.countries, cards)) if refused else []
        quoted, citations = self._quoted(extracts)
        wanted = not refused and found.routing.intent == "portal" and bool(cards)
        pointers = [self._policy.pointer(cards[0], code)] if wanted else []
        return [*why, *said(self._policy.frame(extracts, code)), *quoted, *said(pointers)], citations

    def _quoted(self, extracts: Sequence[Extract]) -> tuple[list[Sentence], list[Citation]]:
        """The extracts as sentences, each with its citation and, where there is one, that of the source's own words."""
        marked: dict[tuple[str, int], Citation] = {}
        sentences = []
        for extract in extracts:
            spans = [span for span in (extract, self._corroborator.find(extract)) if span]
            places = [(span.hit.passage.id, span.start) for span in spans]
            for place, span in zip(places, spans, strict=True):
                marked.setdefault(place, cite(span.hit, span.start, span.end, len(marked) + 1))
            sentences.append(Sentence(text=extract.text, citations=tuple(marked[place].marker for place in places)))
        return sentences, list(marked.values())

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


def _sureness(verdict: Verdict, found: Found) -> float:
    """How sure the assistant is of what it did: of its evidence where it answers, of refusing where it refuses."""
    if verdict.status in ("answered", "partial"):
        return found.sureness
    return max(1.0 - found.sureness, found.routing.probability if verdict.reason.startswith("declined") else 0.0)
