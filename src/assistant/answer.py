"""The pipeline: a Question becomes a stream of AnswerEvents that ends in an Answer."""

import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

from assistant import attributes, chunking, facts, grounding, language, pasted
from assistant.citations import cite
from assistant.compose import Candidate, Extractor, chosen, together
from assistant.conversation import (
    OfSource,
    Standalone,
    asking,
    asks_for_link,
    asks_of_source,
    before,
    in_country,
    named,
    names_nothing,
    names_something,
    refers_back,
    separate,
    speaks_of_a_country,
    speaks_of_binding,
    standalone,
    without_countries,
)
from assistant.corroboration import Corroborator
from assistant.countries import Countries
from assistant.errors import LanguageModelError
from assistant.expected import Unanswered
from assistant.followups import FollowUps, Reading
from assistant.generate import Writer
from assistant.messages import Messages
from assistant.policy import (
    ENOUGH,
    LINKLESS,
    PLAIN,
    REFUSED,
    SURE_ALONE,
    VAGUE,
    Policy,
    Verdict,
    decide,
    escalation,
    is_accused,
    is_attack,
    refusal,
    stands_alone,
    unsourced,
)
from assistant.ports import Embedder, Vectors
from assistant.recall import Recall
from assistant.retrieve import Query, Retriever, query
from assistant.rewriting import Rewriter
from assistant.routing import Router, Routing
from assistant.spelling import Speller
from assistant.sufficiency import Sufficiency, log_odds
from assistant.terms import PASSAGES
from assistant.types import (
    FALLBACK,
    REFUSALS,
    Answer,
    AnswerEvent,
    Citation,
    Cited,
    Claim,
    Delta,
    Done,
    Dropped,
    Extract,
    Generation,
    Hit,
    Meta,
    Passage,
    Portal,
    Question,
    Sentence,
    Timings,
    Turn,
    joined,
)
from assistant.verified import VerifiedAnswers, is_whole

Item = TypeVar("Item")

COMPOSER = "extractive"
INJECTION_SURE = 0.95  # probability from which one sentence that tries to give orders decides for the whole text
SURE = 0.7  # confidence from which a question is not read in another way as well
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

    `candidates` are the sentences that were read closely, and `ranked` they or a verified answer, the likeliest first.
    `refused` is how likely such questions are refused whatever is found, in [0, 1], `doubt` by how much it is nearer to
    one without an answer than to any that is expected, in cosines; None where none is expected of the best passage.

    `parts` are those of its questions that can be answered, where it asks several at once, and `unanswered` those that
    cannot be, where another can. `of_source` is what was
    asked of the source of an answer before, where this is what was found for that.
    """

    asked: Standalone
    query: Query
    routing: Routing
    hits: Sequence[Hit] = ()
    candidates: Sequence[Candidate] = ()
    ranked: Sequence[Extract] = ()
    confidence: float = 0.0
    refused: float = 0.0
    doubt: float | None = None
    parts: Sequence["Found"] = ()
    unanswered: Sequence[str] = ()
    of_source: OfSource | None = None

    @property
    def sureness(self) -> float:
        """How likely answering it, or a part of it, is right, in [0, 1]."""
        return max(each.confidence for each in (self, *self.parts))

    @property
    def strength(self) -> float:
        """How likely the best sentence answers the question, in [0, 1]."""
        return self.ranked[0].score if self.ranked else 0.0


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
        followed: FollowUps,
        recall: Recall,
        unanswered: Unanswered,
        router: Router,
        speller: Speller,
        policy: Policy,
        countries: Countries,
        messages: Messages,
        verified: VerifiedAnswers | None = None,
        writer: Writer | None = None,
        rewriter: Rewriter | None = None,
        passages: Mapping[str, Passage],
        index_version: str,
    ) -> None:
        self._embedder = embedder
        self._retriever = retriever
        self._extractor = extractor
        self._corroborator = corroborator
        self._sufficiency = sufficiency
        self._followed = followed
        self._unanswered = unanswered
        self._router = router
        self._speller = speller
        self._policy = policy
        self._countries = countries
        self._messages = messages
        self._verified = verified
        self._writer = writer
        self._rewriter = rewriter
        self._passages = passages
        self._recall = recall
        self._index_version = index_version

    def stream(self, question: Question) -> Iterator[AnswerEvent]:
        """Meta, then each citation before the first sentence that carries it, then Done with the whole answer."""
        clock = Clock()
        answer_id = secrets.token_urlsafe(16)
        asked = self._without_orders(question)
        code = self._language(asked)
        found = self._found(asked, code, clock)
        yield Meta(
            id=answer_id,
            language=code,
            countries=found.asked.countries,
            disclaimer=self._messages.text(code, "disclaimer"),
            escalation=escalation(self._messages, code, found.routing.intent),
        )
        with clock.timing("compose"):
            outline = self._outline(code, found)
        draft = Draft()
        yield from self._told(outline, draft, clock)
        answer = self._answer(answer_id, question, outline, draft)
        yield Done(answer=answer.model_copy(update={"timings_ms": clock.timings()}), generation=draft.generation)

    def search(self, question: Question, limit: int) -> list[Hit]:
        """The passages nearest to the question as its text stands, best first, whether or not they answer it."""
        codes = standalone(question, self._countries)[0].countries
        searched = query(question.text, self._embedder, [self._countries.name(code) for code in codes])
        return self._retriever.search(searched, codes, limit)

    def _found(self, question: Question, fallback: str, clock: "Clock") -> Found:
        """What is found for the question; for one about the source of the answer before, what was found for that."""
        wanted = asks_of_source(question, self._countries)
        if not wanted:
            return self._read(question, fallback, clock)
        said = self._found(before(question), fallback, clock)
        if wanted == "binding" or said.confidence < ENOUGH:
            found = self._read(question, fallback, clock)
            if said.confidence < ENOUGH or _tells_binding(found, said):
                return found
        elif not self._has_link(said):
            found = self._read(question, fallback, clock)
            if found.routing.intent == "portal" and found.confidence >= ENOUGH and self._has_link(found):
                return found
        return replace(said, of_source=wanted)

    def _read(self, question: Question, fallback: str, clock: "Clock") -> Found:
        """What is found for the likeliest reading of the question that can be answered; else for the likeliest."""
        read = self.heard(question, fallback, clock)
        likeliest = self._joined(read)
        if likeliest.confidence < ENOUGH and not stands_alone(read[0].routing):
            rewritten = [self._judged(asked, fallback, clock) for asked in self._rewritten(question)]
            likeliest = max([likeliest, *rewritten], key=lambda each: each.confidence)
        plainest = replace(_plainest(question, read), confidence=likeliest.confidence)
        found = likeliest if likeliest.confidence >= ENOUGH else plainest
        found = self._at_home(self._asking(found, fallback, clock), question.history, fallback, clock)
        if stands_alone(found.routing) or is_whole(found.ranked):
            return found
        parts = [self._judged(part, fallback, clock) for part in separate(found.asked, self._countries)[:PARTS]]
        sure = [part for part in parts if part.confidence >= PART_SURE and self._is_about(part, found)]
        lacking = [part.asked.own for part in parts if sure and part.confidence < ENOUGH]
        return replace(found, parts=[*sure, *self._by_country(found, clock)], unanswered=lacking)

    def _asking(self, found: Found, fallback: str, clock: "Clock") -> Found:
        """What is found for the sentence that asks, where that is surely answered and the story around it is not."""
        sentence = asking(found.asked) if found.confidence < ENOUGH and not is_accused(found.routing) else None
        if sentence is None:
            return found
        alone = self._judged(sentence, fallback, clock)
        return alone if alone.confidence >= PART_SURE and alone.routing.intent not in REFUSED else found

    def _is_about(self, part: Found, whole: Found) -> bool:
        """Whether a part of a question says what it is about, or is answered from where the whole question is."""
        documents = [each.ranked[0].hit.passage.document_id for each in (part, whole) if each.ranked]
        return len(set(documents)) == 1 or names_something(part.asked.own, self._countries)

    def heard(self, question: Question, fallback: str = FALLBACK, clock: "Clock | None" = None) -> list[Found]:
        """What is found in every sense of the question, its likeliest first; the first alone where that settles it.

        By themselves words that name nothing are about nothing, so that nothing is sought for them.
        """
        clock = clock or Clock()
        first, *others = self._readings(question)
        adrift = bool(others) and names_nothing(question.text, self._countries)
        look = self._understand if adrift and not first.carried else self._judged
        found = look(first, fallback, clock)
        if not others or found.confidence >= SURE or stands_alone(found.routing, adrift=adrift):
            return [found]
        return [found, *(self._judged(asked, fallback, clock) for asked in others)]

    def _joined(self, read: Sequence[Found]) -> Found:
        """What is found in all senses of a follow-up, each sentence judged by what it is worth in every one of them."""
        whole = next((each for each in read if is_whole(each.ranked) and each.confidence >= ENOUGH), None)
        if len(read) == 1 or whole:
            return whole or read[0]
        told = read[-1].asked.told
        ranked = self._followed.ranked(map(self.reading, read), told)
        if not ranked:
            return read[0]
        best = ranked[0]
        those = [each for each in read if any(_overlap(best, extract) for extract in each.ranked)]
        judged = [replace(each, ranked=ranked, confidence=best.score) for each in those]
        found = min(judged, key=_declined)
        country = best.hit.passage.country
        if country and not found.asked.countries and best.hit.passage.document_id in told.documents:
            return replace(found, asked=found.asked.model_copy(update={"countries": (country,)}))
        return found

    def reading(self, found: Found) -> Reading:
        """What was found in one sense of a question, with how likely answering with each sentence is right."""
        odds = [
            log_odds(self._sufficiency.confidence(extract.score, found.refused, found.doubt))
            for extract in found.ranked
        ]
        return Reading(found.asked.sense, found.ranked, odds)

    def _at_home(self, found: Found, history: Sequence[Turn], fallback: str, clock: "Clock") -> Found:
        """The reading about the country at hand, where it names none and that alone answers it."""
        own, answered = found.asked.own, found.confidence >= ENOUGH and not self._is_national(found)
        declined = stands_alone(found.routing) and found.confidence < PLAIN
        if found.asked.countries or answered or declined or speaks_of_a_country(own):
            return found
        for place in self._at_hand(own, history):
            there = self._judged(in_country(found.asked, place, self._countries), fallback, clock)
            if there.confidence >= ENOUGH and there.ranked[0].hit.passage.country == place:
                return there
        return found

    def _at_hand(self, text: str, history: Sequence[Turn]) -> list[str]:
        """The country that an answer before was about, the last that was about one alone; and that of the language."""
        answers = [turn.content for turn in history if turn.role == "assistant" and turn.status not in REFUSALS]
        about = (found for said in reversed(answers) if len(found := self._countries.find(said)) == 1)
        home = self._countries.home(language.detect(text))
        return list(dict.fromkeys([*next(about, ()), *([home] if home else [])]))

    def _is_national(self, found: Found) -> bool:
        """Whether the sentence that answers best, if any does, speaks about one country alone."""
        best = found.ranked[0] if found.ranked else None
        return bool(best and best.hit.passage.country and not self._countries.is_of_all(best.text))

    def _judged(self, asked: Standalone, fallback: str, clock: "Clock") -> Found:
        """What is found for one reading, and how likely answering from it is right. Nothing is sought for an attack."""
        understood = self._understand(asked, fallback, clock)
        return understood if is_attack(understood.routing) else self._searched(understood, clock)

    def _by_country(self, found: Found, clock: "Clock") -> list[Found]:
        """Where official places of several countries are asked for, what is found for each."""
        codes = found.asked.countries[:PARTS] if found.routing.intent == "portal" else ()
        each = [replace(found, asked=found.asked.model_copy(update={"countries": (code,)})) for code in codes]
        found_each = [self._searched(part, clock) for part in each] if len(each) > 1 else []
        return [part for part in found_each if part.confidence >= ENOUGH]

    def _searched(self, found: Found, clock: "Clock") -> Found:
        found = self._search(found, clock)
        doubt = self._doubt(found)
        refused = refusal(found.routing, curated=doubt is not None)
        confidence = self._sufficiency.confidence(found.strength, refused, doubt)
        return replace(found, confidence=confidence, refused=refused, doubt=doubt)

    def _doubt(self, found: Found) -> float | None:
        """By how much the question is nearer to one without an answer than to any that is expected, in cosines.

        None where no questions are expected of the best passage, as with ingested documents.
        """
        if not found.ranked or not found.ranked[0].hit.expected:
            return None
        nearest = max((cosine for hit in found.hits for cosine in hit.expected.values()), default=0.0)
        return self._unanswered.nearest(found.query.vector) - nearest

    def _readings(self, question: Question) -> list[Standalone]:
        """What the question may mean by itself, without mistakes where it is in English."""
        if language.detect(question.text) == PASSAGES:
            question = question.model_copy(update={"text": self._speller.corrected(question.text)})
        return standalone(question, self._countries, self._recall.told(question.history))

    def _rewritten(self, question: Question) -> list[Standalone]:
        """What a language model reads a follow-up as, where the rules have found no reading that can be answered."""
        asked = self._rewriter.rewrite(question) if self._rewriter and question.history else None
        return [asked] if asked else []

    def _understand(self, asked: Standalone, fallback: str, clock: "Clock") -> Found:
        """The question's words, vector and kind. Its own language counts, not the one it is to be answered in."""
        names = [self._countries.name(code) for code in asked.countries]
        with clock.timing("embed"):
            searched = query(asked.text, self._embedder, names, fallback, asked.own if asked.carried else None)
        return Found(asked, searched, self._route(asked.text, searched.own))

    def _route(self, text: str, vector: Vectors) -> Routing:
        """The kind of question; one sentence of it that is an attack decides for all."""
        whole = self._router.route(text, vector)
        sentences = chunking.texts(text)
        if whole.intent == "injection" or len(sentences) < 2:
            return whole
        parts = sentences[:ROUTED_SENTENCES]
        routed = map(self._router.route, parts, self._embedder.embed_queries(parts))
        attacks = (part for part in routed if part.intent == "injection" and part.probability >= INJECTION_SURE)
        return max(attacks, key=lambda part: part.probability, default=whole)

    def _without_orders(self, question: Question) -> Question:
        """The question, and what was asked before it, without what was pasted and gives orders."""
        history = [
            turn.model_copy(update={"content": pasted.without_orders(turn.content, self._are_orders)})
            if turn.role == "user"
            else turn
            for turn in question.history
        ]
        text = pasted.without_orders(question.text, self._are_orders)
        return question.model_copy(update={"text": text, "history": tuple(history)})

    def _are_orders(self, texts: Sequence[str]) -> list[bool]:
        return list(map(is_attack, map(self._route, texts, self._embedder.embed_queries(texts))))

    def _search(self, found: Found, clock: "Clock") -> Found:
        """What was found, with passages and their sentences."""
        with clock.timing("retrieve"):
            within = found.asked.told.documents if found.asked.sense == "within" else ()
            hits = self._retriever.search(found.query, found.asked.countries, within=within)
        with clock.timing("compose"):
            approved = self._verified.find(found.query, found.asked.countries, hits) if self._verified else []
            candidates = [] if approved else self._extractor.candidates(found.query, hits, found.asked.countries)
            ranked = approved or self._extractor.ranked(candidates)
        return replace(found, hits=hits, candidates=candidates, ranked=ranked)

    def _language(self, question: Question) -> str:
        """The language asked for, else the question's; the last question that says more than a word or two decides."""
        if question.language:
            return language.normal(question.language)
        code = FALLBACK
        for said in (*(turn.content for turn in question.history if turn.role == "user"), question.text):
            spoken = [code, *map(self._countries.language, self._countries.find(said))]
            likelier = next((each for each in spoken if each in language.SIBLINGS), None)
            code = language.detect(without_countries(said, self._countries), code, likelier)
        return code

    def _outline(self, code: str, found: Found) -> "Outline":
        """All that is settled before the first sentence: the status, what to quote, and what to say around it."""
        countries, intent = found.asked.countries, found.routing.intent
        verdict = decide(
            found.routing,
            countries,
            found.sureness,
            national=self._is_national(found),
            carried=found.asked.carried,
        )
        for_link = found.of_source == "link" or asks_for_link(found.asked.own)
        if verdict.answers and for_link and not self._has_link(found):
            verdict = LINKLESS if found.of_source else unsourced(countries)
        parts = self._extracts(verdict, found)
        extracts = together(parts)
        cards = self._policy.cards(countries, found.query.vector, verdict.status, intent, extracts)
        place_wanted = not attributes.asked(found.query.text)
        missing = self._policy.missing(extracts, countries, found.unanswered, code) if verdict.answers else None
        if verdict.status == "answered" and (missing or (place_wanted and self._policy.lacks_link(intent, cards))):
            verdict = Verdict(status="partial", reason="partial")
        told = self._of_source(found, extracts, cards, code) if verdict.answers else []
        pointed = verdict.answers and intent == "portal" and cards and not told
        pointers = [self._policy.pointer(cards[0], code)] if pointed else []
        return Outline(
            found=found,
            code=code,
            verdict=verdict,
            extracts=extracts,
            needed=[part[0] for part in parts if part],
            cards=cards,
            before=told if verdict.answers else self._policy.refusal(verdict, code, countries, cards),
            after=[*pointers, *([missing] if missing else [])],
        )

    def _of_source(self, found: Found, extracts: Sequence[Extract], cards: Sequence[Portal], code: str) -> list[str]:
        """Where what is cited is published, or what weight it has, if that was asked."""
        if not extracts or not found.of_source:
            return []
        return self._policy.of_source(found.of_source, [extract.hit.passage for extract in extracts], cards, code)

    def _has_link(self, found: Found) -> bool:
        """Whether what would be answered comes with an address, or with an official place that may have none."""
        answered = Verdict(status="answered")
        extracts = together(self._extracts(answered, found))
        cards = self._policy.cards(
            found.asked.countries, found.query.vector, answered.status, found.routing.intent, extracts
        )
        urls = [*(card.url for card in cards), *(extract.hit.passage.url for extract in extracts)]
        return bool(cards) or any(urls)

    def _told(self, outline: "Outline", draft: "Draft", clock: "Clock") -> Iterator[AnswerEvent]:
        """The sentences of the answer as they come, each after the citations it brings."""
        yield from map(draft.say, outline.before)
        framed: set[tuple[str, ...]] = set()
        for claim in clock.timed("compose", self._claims(outline, draft)):
            with clock.timing("verify"):
                evidence = self._corroborated(claim)
                stands = grounding.stands(claim, self._passages)
            if not stands:
                continue
            frames = self._policy.frame(claim, outline.code)
            if tuple(frames) not in framed:
                framed.add(tuple(frames))
                yield from map(draft.say, frames)
            yield from draft.quote(claim, evidence)
        if outline.verdict.answers and not draft.citations:
            refused = Verdict(status="routed", reason="routed")
            countries = outline.found.asked.countries
            yield from map(draft.say, self._policy.refusal(refused, outline.code, countries, outline.cards))
        worded = [self._messages.text(outline.code, "worded")] if draft.written else []
        yield from map(draft.say, [*worded, *outline.after])

    def _claims(self, outline: "Outline", draft: "Draft") -> Iterator[Claim]:
        """What a language model words, where there is one and it can; then what is needed and it did not say."""
        if self._writer is not None and outline.verdict.answers and _readable(outline.extracts):
            yield from self._written(self._writer, outline, draft)
        needed = outline.needed if draft.written else outline.extracts
        for extract in needed:
            if not any(_overlap(extract, span) for claim in draft.written for span in claim.evidence):
                yield Claim(text=extract.text, evidence=(extract,), language=extract.hit.passage.language)

    def _written(self, writer: Writer, outline: "Outline", draft: "Draft") -> Iterator[Claim]:
        """The sentences of a language model that its passages support. What went wrong is kept with the draft."""
        clock, first, dropped, failure = Clock(), None, [], None
        hits = list({extract.hit.passage.id: extract.hit for extract in outline.extracts}.values())
        code = outline.code if outline.code in self._messages.languages else FALLBACK
        try:
            for found in writer.write(outline.found.asked.text, hits, code):
                if isinstance(found, Dropped):
                    dropped.append(found)
                elif any(facts.repeats(found.text, claim.text) for claim in draft.written):
                    dropped.append(Dropped(text=found.text, passages=(), failing="repeated", score=found.score))
                else:
                    first = first or clock.timings().total
                    draft.written.append(found)
                    yield found
        except LanguageModelError as error:
            failure = str(error)
        draft.generation = Generation(
            model=writer.model,
            prompt=writer.prompt,
            kept=len(draft.written),
            dropped=tuple(dropped),
            failure=failure,
            first_ms=first,
            total_ms=clock.timings().total,
        )

    def _answer(self, answer_id: str, question: Question, outline: "Outline", draft: "Draft") -> Answer:
        found, code, verdict = outline.found, outline.code, outline.verdict
        status = verdict.status if draft.citations or not verdict.answers else "routed"
        return Answer(
            id=answer_id,
            question=question.text,
            language=code,
            countries=found.asked.countries,
            status=status,
            text=joined(tuple(draft.sentences)),
            sentences=tuple(draft.sentences),
            citations=tuple(draft.citations.values()),
            portals=tuple(outline.cards),
            clarification=self._policy.clarification(verdict, code),
            disclaimer=self._messages.text(code, "disclaimer"),
            escalation=escalation(self._messages, code, found.routing.intent),
            follow_ups=tuple(self._policy.follow_ups(outline.extracts, question.text, code)),
            confidence=round(_sureness(verdict, found), 3),
            composer=f"llm:{draft.generation.model}" if draft.written and draft.generation else COMPOSER,
            index_version=self._index_version,
            timings_ms=Timings(),
        )

    def _extracts(self, verdict: Verdict, found: Found) -> list[list[Extract]]:
        """What is quoted, by part of the question: the evidence of an answer, and how to complain about a problem."""
        if verdict.status == "answered":
            answering = [each for each in (found, *found.parts) if each.confidence >= ENOUGH]
            return [chosen(each.ranked, each.asked.countries) for each in answering]
        return [[extract] for extract in self._filing_path] if verdict.reason == "routed_problem" else []

    @cached_property
    def _filing_path(self) -> list[Extract]:
        """The sentences that say who can complain where, and how."""
        questions = [query(text, self._embedder) for text in FILING_PATH]
        ranked = [self._extractor.rank(asked, self._retriever.search(asked)) for asked in questions]
        return [extracts[0] for extracts in ranked if extracts]

    def _corroborated(self, claim: Claim) -> list[Extract]:
        """The spans it rests on, each with the source's own sentence where we only restate that."""
        return [span for own in claim.evidence for span in (own, self._source(own)) if span]

    def _source(self, own: Extract) -> Extract | None:
        """The words that a verified answer, or our restatement, has from elsewhere."""
        quoted = self._verified.source(own) if self._verified else None
        return quoted or self._corroborator.find(own)


@dataclass(frozen=True)
class Outline:
    """What an answer is to say. `needed` are the extracts without which a part of the question has no answer."""

    found: Found
    code: str
    verdict: Verdict
    extracts: Sequence[Extract]
    needed: Sequence[Extract]
    cards: Sequence[Portal]
    before: Sequence[str]
    after: Sequence[str]


class Draft:
    """An answer while it is being told: its sentences, its citations by place, and what a language model wrote."""

    def __init__(self) -> None:
        self.sentences: list[Sentence] = []
        self.citations: dict[tuple[str, int, int], Citation] = {}
        self.written: list[Claim] = []
        self.generation: Generation | None = None

    def say(self, text: str) -> Delta:
        """Add a sentence of ours."""
        self.sentences.append(Sentence(text=text))
        return Delta(sentence=self.sentences[-1])

    def quote(self, claim: Claim, evidence: Sequence[Extract]) -> Iterator[AnswerEvent]:
        """Add a claim, after the citations that it is the first to carry."""
        markers = []
        for span in evidence:
            place = (span.hit.passage.id, span.start, span.end)
            if place not in self.citations:
                self.citations[place] = cite(span.hit, span.start, span.end, len(self.citations) + 1)
                yield Cited(citation=self.citations[place])
            markers.append(self.citations[place].marker)
        score = round(claim.score, 4)
        cited = tuple(dict.fromkeys(markers))
        self.sentences.append(Sentence(text=claim.text, citations=cited, supported=True, score=score))
        yield Delta(sentence=self.sentences[-1])


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

    def timed(self, stage: str, items: Iterator[Item]) -> Iterator[Item]:
        """The items, with the time each takes to come added to a stage."""
        while True:
            with self.timing(stage):
                item = next(items, None)
            if item is None:
                return
            yield item

    def timings(self) -> Timings:
        """What was spent so far."""
        spent = {**self._spent, "total": (time.perf_counter() - self._start) * 1_000}
        return Timings(**{stage: round(value, 2) for stage, value in spent.items()})


def _declined(found: Found) -> bool:
    """Whether such a question is declined, however likely it is answered."""
    asked = found.asked
    return decide(found.routing, asked.countries, found.confidence, carried=asked.carried).status == "declined"


def _tells_binding(found: Found, said: Found) -> bool:
    """Whether a source itself says whether that binds which the answer before was about."""
    if found.confidence < ENOUGH or not speaks_of_binding(found.ranked[0].text):
        return False
    same = found.ranked[0].hit.passage.document_id == said.ranked[0].hit.passage.document_id
    surely = found.asked.carried and found.confidence >= SURE_ALONE
    return same or surely or any(name in found.ranked[0].text for name in named(said.asked.topic))


def _plainest(question: Question, read: Sequence[Found]) -> Found:
    """The reading that says best what cannot be answered: with what it refers to, where it refers to something.

    So it is where by itself it would be about nothing, small talk, or the like.
    """
    follows = not read[0].hits or refers_back(question.text) or read[0].routing.intent in VAGUE
    carried = [each for each in read if each.asked.carried] if follows else []
    return min(carried, key=_declined) if carried else read[0]


def _readable(extracts: Sequence[Extract]) -> bool:
    """Whether a model may word it: the gate reads English alone, and a verified answer is given as it was approved."""
    english = all(extract.hit.passage.language == PASSAGES for extract in extracts)
    return bool(extracts) and english and not is_whole(extracts)


def _overlap(one: Extract, other: Extract) -> bool:
    return one.hit.passage.id == other.hit.passage.id and one.start < other.end and other.start < one.end


def _sureness(verdict: Verdict, found: Found) -> float:
    """How sure the assistant is of what it did: of its evidence where it answers, of refusing where it refuses."""
    if verdict.status in ("answered", "partial"):
        return found.sureness
    return max(1.0 - found.sureness, found.routing.probability if verdict.reason.startswith("declined") else 0.0)
