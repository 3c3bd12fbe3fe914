"""A ready assistant over the current version of the index."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from threadpoolctl import threadpool_limits

from assistant import (
    adaptation,
    classifier,
    countries,
    language,
    messages,
    readable,
    routing,
    sufficiency,
    verified,
)
from assistant.answer import Pipeline
from assistant.bootstrap.answers import answer_log
from assistant.bootstrap.building import Builder, Progress
from assistant.compose import Extractor
from assistant.corroboration import Corroborator
from assistant.countries import Countries
from assistant.errors import AssistantError, CorpusError, InputError, NotFoundError
from assistant.expected import ExpectedQuestions, Unanswered, unanswered
from assistant.followups import FollowUps
from assistant.generate import Writer
from assistant.grounding import Gate
from assistant.lexical import Bm25Index
from assistant.messages import Messages
from assistant.policy import Policy, PortalRanking, escalation
from assistant.ports import AnswerLog, Embedder, LanguageModel, Vectors
from assistant.privacy import cleaned, redact, redacted
from assistant.recall import Recall
from assistant.retrieve import Retriever
from assistant.rewriting import Rewriter
from assistant.routing import Intent
from assistant.settings import Settings
from assistant.sources import Shelf
from assistant.spelling import Speller
from assistant.sufficiency import Sufficiency
from assistant.types import (
    FALLBACK,
    Answer,
    AnswerEvent,
    Document,
    Done,
    Escalation,
    Feedback,
    Generation,
    Hit,
    Manifest,
    Passage,
    Portal,
    Question,
)
from assistant.verified import VerifiedAnswers

if TYPE_CHECKING:
    from assistant.store import ChromaStore

log = logging.getLogger(__name__)

LOOK_AGAIN = 5.0  # seconds between looks for a newer version of the index

Item = TypeVar("Item")
Report = Callable[[str], None]


@dataclass(frozen=True)
class Library:
    """One opened version of the index, and the pipeline over it."""

    store: "ChromaStore"
    documents: dict[str, Document]
    passages: dict[str, Passage]
    pipeline: Pipeline

    @property
    def manifest(self) -> Manifest:
        """What the version is made of."""
        return self.store.manifest


class Assistant:
    """What every surface talks to. Safe to share by threads."""

    def __init__(self, builder: Builder, answer_log: AnswerLog | None, settings: Settings) -> None:
        """An assistant without `answer_log` keeps nothing. Linear algebra is done by one thread in this process."""
        threadpool_limits(1, user_api="blas")  # its vectors are short, and threads that spin keep models waiting
        self.settings = settings
        self.messages: Messages = messages.load()
        self.countries: Countries = countries.load()
        self._builder = builder
        self._shelf = Shelf(settings.sources_dir)
        self._log = answer_log
        self._router = routing.train(builder.embedder, self.countries)
        calibration = sufficiency.load()
        self._sufficiency, self._followed = Sufficiency(calibration), FollowUps(calibration.follow_up)
        model = builder.model()
        self._writer = self._make_writer(model) if model else None
        self._rewriter = Rewriter(model, self.countries) if model and settings.llm_follow_ups else None
        self._lock = threading.Lock()
        self._library = self._open()
        self._looked = time.monotonic()

    def stream(self, question: Question) -> Iterator[AnswerEvent]:
        """The events of the answer; the answer is kept, where answers are kept, before Done is given.

        Raises:
            InputError: a country or language that is not known.
        """
        self._check(question)
        for event in self.library.pipeline.stream(question):
            if isinstance(event, Done):
                if event.generation and event.generation.failure:
                    log.warning("the language model %s %s", event.generation.model, event.generation.failure)
                self._keep(event.answer, event.generation)
            yield event

    def draft(self, question: Question) -> Answer:
        """An answer that is kept nowhere. Raises InputError for a country or language that is not known."""
        self._check(question)
        return next(event.answer for event in self.library.pipeline.stream(question) if isinstance(event, Done))

    @property
    def embedder(self) -> Embedder:
        """What turns questions and sentences into vectors."""
        return self._builder.embedder

    def vector(self, text: str) -> Vectors:
        """The vector of a question, shape (dimensions,)."""
        return self._builder.embedder.embed_queries([text])[0]  # type: ignore[no-any-return]

    def alike(self, one: str, other: str) -> float:
        """The cosine of two texts in any languages."""
        vectors = self._builder.embedder.embed_passages([one, other])
        return float(vectors[0] @ vectors[1])

    def topic(self, text: str) -> Intent:
        """What kind of question it is."""
        return self._router.route(text, self.vector(text)).intent

    @cached_property
    def gate(self) -> Gate:
        """Says whether sentences that somebody wrote follow from passages; its model is loaded at its first use."""
        return Gate(self._builder.verifier(), self._builder.embedder, self.countries)

    def answer(self, question: Question) -> Answer:
        """The whole answer. Raises InputError for a country or language that is not known."""
        for event in self.stream(question):
            if isinstance(event, Done):
                return event.answer
        raise AssertionError("a stream ends with Done")

    def search(self, question: Question, limit: int) -> list[Hit]:
        """The passages nearest to a question, best first. Raises InputError for a country that is not known."""
        self._check(question)
        return self.library.pipeline.search(question, limit)

    def readable(self, answer: Answer) -> str:
        """An answer with its sources, portals, disclaimer and ASSIST as text."""
        return readable.text(answer, self.messages, self.countries)

    def passage(self, passage_id: str) -> Passage:
        """A passage of the current index, or of an earlier version of an ingested document. Raises NotFoundError."""
        current = self.library.passages.get(passage_id)
        return current or self._shelf.passage(passage_id)

    def document(self, document_id: str) -> Document:
        """A document of the current index. Raises NotFoundError."""
        return _found(self.library.documents, document_id, "document")

    def original(self, document_id: str, version: str | None = None) -> tuple[bytes, str]:
        """What an ingested document was made of, and its media type; of an earlier version where one is named.

        Raises:
            NotFoundError: nothing is kept under that id, or not in that version.
        """
        document = self._shelf.find(document_id, version)
        if document.original is None:
            raise NotFoundError(f"no original of {document_id!r} is kept")
        return self._shelf.original(document.original), document.media_type or "application/octet-stream"

    def portals(self, country: str | None = None) -> list[Portal]:
        """Official sites, those on ASEAN's list first; of one country, or of all and regional ones.

        Raises:
            InputError: a country that is not known.
        """
        self.countries.require(country)
        found = (portal for document in self.library.documents.values() for portal in document.portals)
        chosen = [portal for portal in found if country is None or portal.country == country]
        return sorted(chosen, key=lambda portal: (portal.country or "", not portal.listed, portal.name))

    def examples(self, country: str | None = None) -> list[str]:
        """Questions that the documents of a country answer, or regional ones."""
        documents = self.library.documents.values()
        return [question for document in documents if document.country == country for question in document.questions]

    def recorded(self, answer_id: str) -> Answer:
        """An answer given before. Raises NotFoundError."""
        answer = self._log.find(answer_id) if self._log else None
        if answer is None:
            raise NotFoundError(f"no answer {answer_id!r} is kept: it may have passed its retention time")
        return answer

    def add_feedback(self, feedback: Feedback) -> None:
        """Keep a reader's verdict, without personal data. Raises NotFoundError."""
        if self._log is None:
            raise NotFoundError("answers are not kept here, so feedback cannot be either")
        comment = redact(feedback.comment) if feedback.comment else None
        self._log.add_feedback(feedback.model_copy(update={"comment": comment}))

    def disclaimer(self, code: str = FALLBACK) -> str:
        """What every answer says about itself; for errors, which have no answer."""
        return self.messages.text(code, "disclaimer")

    def escalation(self, code: str = FALLBACK) -> Escalation:
        """Where a problem goes from here; for errors, which have no answer."""
        return escalation(self.messages, code)

    def ready(self) -> str:
        """The version of the index that is served. Raises DataUnavailableError where answers cannot be kept."""
        if self._log is not None:
            self._log.ping()
        return self.library.manifest.version

    def close(self) -> None:
        """Let go of the database in which answers are kept."""
        if self._log is not None:
            self._log.close()

    @property
    def library(self) -> Library:
        """The current version of the index; looked for again every few seconds."""
        if time.monotonic() - self._looked > LOOK_AGAIN and self._lock.acquire(blocking=False):
            try:
                self._looked = time.monotonic()
                self._refresh()
            finally:
                self._lock.release()
        return self._library

    def _check(self, question: Question) -> None:
        self.countries.require(question.country)
        if question.language and language.normal(question.language) not in self.messages.languages:
            known = ", ".join(self.messages.languages)
            raise InputError(f"unknown language {question.language!r}: use one of {known}, or leave it out")

    def _refresh(self) -> None:
        try:
            if not self._library.store.is_current:
                self._library = self._open()
                log.info("now serving index %s", self._library.manifest.version)
        except AssistantError as error:
            log.warning("keeping index %s: %s", self._library.manifest.version, error)

    def _open(self) -> Library:
        store, embedder = self._builder.opened(), self._builder.embedder
        documents = store.documents()
        passages = {passage.id: passage for passage in store.passages()}
        searched = verified.apart(documents, passages.values())
        lexical = Bm25Index(list(searched.values()))
        adapted = adaptation.load(embedder.name)
        asked = ExpectedQuestions(embedder, documents, list(searched.values()), adapted)
        pipeline = Pipeline(
            embedder=embedder,
            retriever=Retriever(
                store, lexical, searched, asked, self._builder.reranker, others=len(passages) - len(searched)
            ),
            extractor=Extractor(
                embedder,
                lexical,
                self._sufficiency,
                self._builder.readers,
                self.countries,
                adapted,
                classifier.load(embedder.name),
            ),
            corroborator=Corroborator(embedder, store, lexical, searched),
            sufficiency=self._sufficiency,
            followed=self._followed,
            recall=Recall(lexical, searched),
            unanswered=Unanswered(embedder, unanswered(), adapted),
            router=self._router,
            speller=Speller([*(passage.context for passage in searched.values()), *self.countries.all_names]),
            policy=Policy(self.messages, self.countries, documents, PortalRanking(embedder, documents, adapted)),
            countries=self.countries,
            messages=self.messages,
            verified=VerifiedAnswers(embedder, documents, passages.values(), self.countries, adapted),
            writer=self._writer,
            rewriter=self._rewriter,
            passages=passages,
            index_version=store.manifest.version,
        )
        by_id = {document.id: document for document in documents}
        return Library(store=store, documents=by_id, passages=passages, pipeline=pipeline)

    def _make_writer(self, model: LanguageModel) -> Writer:
        return Writer(model, self.gate, self.messages)

    def _keep(self, answer: Answer, generation: Generation | None) -> None:
        """A log that is down must not keep a reader from the answer."""
        if self._log is None:
            return
        try:
            self._log.record(redacted(answer), cleaned(generation) if generation else None)
        except AssistantError as error:
            log.warning("answer %s was not kept: %s", answer.id, error)


def assistant(settings: Settings, report: Report, progress: Progress, *, recording: bool) -> Assistant:
    """A ready assistant. Builds or updates the index first where it does not fit the corpus, model or chunker.

    Raises:
        AssistantError: saying what is wrong and what to do.
    """
    builder = Builder(settings)
    if not builder.is_current():
        report("The index does not fit the corpus yet: building it.")
        _build_or_keep(builder, report, progress)
    return Assistant(builder, answer_log(settings) if recording else None, settings)


def _build_or_keep(builder: Builder, report: Report, progress: Progress) -> None:
    """Build; where the corpus is broken and an older index of the same model can be read, say so and keep that."""
    try:
        builder.build(progress)
    except CorpusError as error:
        manifest = builder.readable()
        if manifest is None:
            raise
        report(f"{error}\nServing the index built before ({manifest.version}).")


def _found(shelf: Mapping[str, Item], key: str, what: str) -> Item:
    if key not in shelf:
        raise NotFoundError(f"no {what} {key!r}: it may belong to an earlier version of the index")
    return shelf[key]
