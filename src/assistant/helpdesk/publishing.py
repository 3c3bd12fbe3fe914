"""Approved replies become verified answers, which the assistant gives first, until they expire or lose a source."""

import datetime
import logging
import re
import secrets
import time
from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant import chunking, corpus, language
from assistant.bootstrap import Assistant, Builder
from assistant.corroboration import quotable
from assistant.database import Database, audit, now
from assistant.database.tickets import DecisionRow, TicketCountryRow, TicketRow, VerifiedRow
from assistant.errors import ConflictError, IndexUnavailableError, InputError, NotFoundError
from assistant.helpdesk.cases import Cases
from assistant.helpdesk.checking import with_stops
from assistant.helpdesk.reading import contact_of, reply_of
from assistant.helpdesk.work import RANKS, add_message, changed_meanwhile, countries_of, due, hashed, private, row_of
from assistant.people import SYSTEM, Caller
from assistant.sources import Shelf
from assistant.tickets import Checked, Reply, Verified
from assistant.types import Citation, Document, Expected
from assistant.verified import AUTHORITY

SOURCE = "Verified answer of the helpdesk"
ANSWERED = ("approved", "sent")
SENT = ("unedited", "edited", "written")
SUPPORTED = ("quoted", "follows")
LONGEST_QUESTION = 300  # characters; a longer one is like no other, and is to be worded anew
SENTENCES = 12  # of a verified answer at most
DAYS = 730  # at most until it expires
SHOWN = 1_000  # verified answers in a list
PAUSES = (0.0, 2.0, 5.0, 15.0, 30.0)  # seconds before each attempt to build, while somebody else builds
MARKUP = re.compile(r"([\\`*_\[\]<>#&|~])")
LIST_MARK = re.compile(r"^(\d*)([-+=.)])")
SERVING = select(VerifiedRow).where(VerifiedRow.state == "serving").order_by(VerifiedRow.id)

log = logging.getLogger(__name__)


class Publisher:
    """Publishes answers and takes them back. The database says what serves; the shelf holds the documents."""

    def __init__(self, database: Database, assistant: Assistant) -> None:
        self._database = database
        self._assistant = assistant
        self._shelf = Shelf(assistant.settings.sources_dir)
        self._cases = Cases(assistant.settings.data_dir, assistant)

    # -- publishing ----------------------------------------------------------------------------------------------

    def publish(self, number: int, version: int, question: str | None, days: int, caller: Caller) -> Verified:
        """Let the supported sentences of a sent reply answer questions like the ticket's, or like `question`.

        It serves once the index is brought up to date (`bring_up_to_date`).

        Raises:
            ConflictError: the ticket was changed meanwhile, or its answer is published already.
            InputError: the ticket is not approved, nothing of its reply is supported, a source is gone, or personal
                data is left in it; the message says which.
        """
        caller.need("publish")
        if not 1 <= days <= DAYS:
            raise InputError(f"{days} days: a verified answer serves for 1 to {DAYS} days")
        placed: Document | None = None
        try:
            with self._database.writing() as session:
                ticket = _answered(session, number, version)
                self._check_unpublished(session, number)
                sentences = self._publishable(session, ticket)
                asked = self._question(session, ticket, question)
                document = self._document(session, ticket, asked, sentences)
                row = _row(ticket, document, sentences, asked, caller, days)
                row.countries = list(self._countries(session, number, asked))
                row.sources = self._sources(session, number, sentences)
                session.add(row)
                until = row.expires_on.isoformat()
                audit.note(session, caller, "answer.published", number, verified=row.id, until=until)
                session.flush()
                shown = _shown(row)
                placed = self._shelf.put(document)
        except BaseException:
            if placed is not None:  # the database did not take it
                self._shelf.remove(placed.id)
            raise
        return shown

    def bring_up_to_date(self) -> None:
        """Build the index from what is on the shelf now; waits a while where somebody else is building."""
        for pause in PAUSES:
            time.sleep(pause)
            try:
                manifest, embedded = Builder(self._assistant.settings).build(lambda *_: None)
            except IndexUnavailableError as error:
                log.info("the index waits: %s", error)
                continue
            log.info("index %s, %d texts embedded", manifest.version, embedded)
            return
        log.warning("the index was not brought up to date: run `assistant index`")

    def verified(self, caller: Caller) -> tuple[Verified, ...]:
        """All that was published, the newest first."""
        caller.need("read")
        newest = select(VerifiedRow).order_by(VerifiedRow.published_at.desc(), VerifiedRow.id).limit(SHOWN)
        with self._database.reading() as session:
            return tuple(_shown(row) for row in session.scalars(newest))

    # -- taking back ---------------------------------------------------------------------------------------------

    def withdraw(self, verified_id: str, caller: Caller) -> Verified:
        """Let an answer serve no more. Raises NotFoundError; ConflictError where it serves no more already."""
        caller.need("publish")
        with self._database.writing() as session:
            row = session.get(VerifiedRow, verified_id, with_for_update=True)
            if row is None:
                raise NotFoundError(f"there is no verified answer {verified_id!r}")
            if row.state != "serving":
                raise ConflictError(f"the verified answer {verified_id} serves no more already: {row.state}")
            self._take_back(session, row, "withdrawn", caller)
            return _shown(row)

    def expire(self, today: datetime.date) -> tuple[Verified, ...]:
        """Take back what is past its day; returns that."""
        with self._database.writing() as session:
            past = [row for row in _held(session) if row.expires_on < today]
            for row in past:
                self._take_back(session, row, "expired", SYSTEM)
            return tuple(map(_shown, past))

    def sources_changed(self, gone: Collection[str]) -> tuple[Verified, ...]:
        """Take back what cites any of these passages, which are no more, and queue its question again."""
        lost = set(gone)
        with self._database.writing() as session:
            hit = [row for row in _held(session) if lost.intersection(row.sources)]
            for row in hit:
                self._take_back(session, row, "source changed", SYSTEM)
                self._queue_again(session, row)
            return tuple(map(_shown, hit))

    def check_sources(self) -> tuple[Verified, ...]:
        """`sources_changed` for whatever the index of the assistant no longer holds."""
        there = self._assistant.library.passages.keys()
        with self._database.reading() as session:
            cited = {passage for row in _serving(session) for passage in row.sources}
        gone = cited - there
        return self.sources_changed(gone) if gone else ()

    def keep_up(self) -> None:
        """Take back what has expired or lost a source; the index follows."""
        if [*self.expire(now().date()), *self.check_sources()]:
            self.bring_up_to_date()

    def case(self, number: int, version: int, caller: Caller) -> dict[str, str]:
        """Keep a sent reply as an eval case, once; {"id": its id}.

        Raises:
            ConflictError: the ticket was changed meanwhile.
            InputError: it was not answered, or its answer rests on no source.
        """
        caller.need("work")
        with self._database.writing() as session:
            ticket = _answered(session, number, version)
            case = self._cases.made(session, ticket)
            kept = self._cases.keep(case)
            if kept:
                audit.note(session, caller, "case.kept", number, case=case["id"])
        return {"id": str(case["id"])}

    # -- steps ---------------------------------------------------------------------------------------------------

    def _check_unpublished(self, session: Session, number: int) -> None:
        serving = next((row for row in _serving(session) if row.ticket_id == number), None)
        if serving is not None:
            raise ConflictError(f"ticket {number} is published already as {serving.id}: withdraw that first")

    def _publishable(self, session: Session, ticket: TicketRow) -> list[Checked]:
        """The sentences of the sent reply that their sources support, each with all of its sources there."""
        reply = reply_of(session, ticket.id)
        said = with_stops(reply.text, reply.sentences) if reply else []
        found = [sentence for sentence in said if sentence.standing in SUPPORTED and sentence.citations]
        if reply is None or not found:
            raise InputError(
                f"no sentence of the reply to ticket {ticket.id} is supported: there is nothing to publish"
            )
        if len(found) > SENTENCES:
            raise InputError(f"{len(found)} supported sentences: a verified answer has {SENTENCES} at most")
        known = self._assistant.library.passages
        for sentence in found:
            if any(citation.passage_id not in known for citation in _cited(reply, sentence)):
                raise InputError(
                    f"what {sentence.text!r} rests on has changed since: the ticket is to be answered again"
                )
            if not quotable(sentence.text):
                raise InputError(f"{sentence.text!r} holds an address: addresses are shown from the sources alone")
        return found

    def _question(self, session: Session, ticket: TicketRow, worded: str | None) -> str:
        """The question as it will be read by everybody."""
        asked = " ".join((worded or ticket.question).split())
        if not any(map(str.isalnum, asked)):
            raise InputError("the question has no words: write the question that the answer is for")
        if len(asked) > LONGEST_QUESTION:
            raise InputError(f"the question has {len(asked):,} characters: word it in {LONGEST_QUESTION} at most")
        contact, countries = contact_of(session, ticket.id), countries_of(session, [ticket.id]).get(ticket.id, ())
        if private(asked, contact, countries) != asked or re.search(r"\[(?:email|phone|id|name)\]", asked):
            raise InputError("the question holds personal data: word it without names, addresses and telephone numbers")
        return asked

    def _countries(self, session: Session, number: int, asked: str) -> tuple[str, ...]:
        """What the answer is about. Several countries have to be named in the question, by which it is found."""
        named = self._assistant.countries.find(asked)
        known = countries_of(session, [number]).get(number, ())
        if not named and len(known) > 1:
            names = ", ".join(self._assistant.countries.name(code) for code in known)
            raise InputError(f"the answer is about {names}: word the question so that it names them")
        return named or known

    def _sources(self, session: Session, number: int, sentences: Sequence[Checked]) -> list[str]:
        reply = reply_of(session, number)
        cited = [citation.passage_id for s in sentences for citation in _cited(reply, s)] if reply else []
        return list(dict.fromkeys(cited))

    def _document(self, session: Session, ticket: TicketRow, asked: str, sentences: Sequence[Checked]) -> Document:
        """The document that is indexed; its sentences are the officer's, word for word.

        Raises:
            InputError: personal data is left in it, or it cannot be written so that it is read back the same.
        """
        text = "\n".join(" ".join(sentence.text.split()) for sentence in sentences)
        countries = self._countries(session, ticket.id, asked)
        if private(text, contact_of(session, ticket.id), countries) != text:
            raise InputError("the answer holds personal data: it cannot be published")
        body = f"## {_marked(asked)}\n\n" + "\n\n".join(map(_marked, text.splitlines()))
        reply = reply_of(session, ticket.id)
        cited = [citation.document_id for s in sentences for citation in _cited(reply, s)] if reply else []
        document = Document(
            id=self._free_id(session, ticket.id),
            title=asked,
            country=countries[0] if len(countries) == 1 else None,
            language=language.normal(language.detect(text, ticket.language)),
            publisher=self._assistant.settings.desk_name,
            source=SOURCE,
            url=None,
            authority=AUTHORITY,
            binding=False,
            as_of=_approved_on(session, ticket).isoformat(),
            wording="verbatim",
            see_also=tuple(dict.fromkeys(cited)),
            body=body,
            version=corpus.version(body),
            expected=(Expected(words=_telling(_marked(text.splitlines()[0])), questions=(asked,)),),
        )
        if " ".join(passage.text for passage in chunking.passages(document)).split() != text.split():
            raise InputError(
                "the answer cannot be written as a document word for word: leave out its special characters"
            )
        return document

    def _free_id(self, session: Session, number: int) -> str:
        """An id that no document has, nor had another answer to the same ticket."""
        taken = set(self._assistant.library.documents)
        taken |= {document.id for document in self._shelf.documents()}
        first = f"verified-{number}"
        candidates = [first, *(f"{first}-{count}" for count in range(2, 1_000))]
        return next(name for name in candidates if name not in taken and session.get(VerifiedRow, name) is None)

    def _take_back(self, session: Session, row: VerifiedRow, state: str, caller: Caller) -> None:
        row.state = state
        audit.note(session, caller, f"answer.{state.replace(' ', '_')}", row.ticket_id, verified=row.id)
        session.flush()
        self._shelf.remove(row.id)  # before the commit: what may not serve must not, and this can be done again

    def _queue_again(self, session: Session, row: VerifiedRow) -> None:
        """A new ticket with the question of an answer that has lost its source, in the language it was asked in."""
        before = row_of(session, row.ticket_id)
        moment = now()
        ticket = TicketRow(
            created_at=moment,
            updated_at=moment,
            due_at=due("normal", moment),
            status="new",
            priority=RANKS["normal"],
            channel="desk",
            language=before.language,
            topic=before.topic,
            subject="",
            question=row.question,
            searched=row.question.casefold(),
            vector=None,
            answer_id=None,
            link=hashed(secrets.token_urlsafe(24)),  # of no use to anybody: no trader waits for this one
            draft="wanted",
        )
        session.add(ticket)
        session.flush()
        session.add_all(TicketCountryRow(ticket_id=ticket.id, country=code) for code in row.countries)
        add_message(session, ticket.id, "in", row.question)
        told = (
            f"The verified answer {row.id} (ticket {row.ticket_id}) was withdrawn: a source that it cites has changed."
        )
        add_message(session, ticket.id, "note", told, author_id=SYSTEM.id, author=SYSTEM.name)
        audit.note(session, SYSTEM, "ticket.created", ticket.id, channel="desk", verified=row.id)


def _answered(session: Session, number: int, version: int) -> TicketRow:
    """The row of a ticket that was answered, held until the transaction ends, in the version that the caller saw."""
    row = session.scalar(select(TicketRow).where(TicketRow.id == number).with_for_update())
    if row is None:
        raise NotFoundError(f"there is no ticket {number}")
    if row.version != version:
        raise changed_meanwhile(session, number)
    if row.status not in ANSWERED:
        raise InputError(f"ticket {number} is {row.status}: only an approved reply can be learnt from")
    return row


def _approved_on(session: Session, ticket: TicketRow) -> datetime.date:
    sent = select(DecisionRow.at).where(DecisionRow.ticket_id == ticket.id, DecisionRow.outcome.in_(SENT))
    at = session.scalar(sent.order_by(DecisionRow.id.desc()).limit(1)) or ticket.answered_at or ticket.updated_at
    return at.date()


def _serving(session: Session) -> list[VerifiedRow]:
    return list(session.scalars(SERVING))


def _held(session: Session) -> list[VerifiedRow]:
    """Those that serve, held until the transaction ends, so that of two processes one takes each back."""
    return list(session.scalars(SERVING.with_for_update()))


def _cited(reply: Reply, sentence: Checked) -> list[Citation]:
    return [citation for citation in reply.citations if citation.marker in sentence.citations]


def _row(
    ticket: TicketRow, document: Document, sentences: Sequence[Checked], asked: str, caller: Caller, days: int
) -> VerifiedRow:
    moment = now()
    return VerifiedRow(
        id=document.id,
        ticket_id=ticket.id,
        question=asked,
        text=" ".join(sentence.text for sentence in sentences),
        language=document.language,
        user_id=caller.id,
        user_name=caller.name,
        published_at=moment,
        expires_on=moment.date() + datetime.timedelta(days=days),
        state="serving",
    )


def _shown(row: VerifiedRow) -> Verified:
    return Verified(
        id=row.id,
        number=row.ticket_id,
        question=row.question,
        text=row.text,
        language=row.language,
        countries=tuple(row.countries),
        published_by=row.user_name,
        published_at=row.published_at,
        expires_on=row.expires_on,
        state=row.state,
    )


def _marked(text: str) -> str:
    """A line so written that Markdown reads it as it is."""
    return LIST_MARK.sub(r"\1\\\2", MARKUP.sub(r"\\\1", text))


def _telling(line: str) -> str:
    """The longest stretch of a line without a mark of Markdown: the same in the body and when it is read."""
    return max(re.split(r"\\.", line), key=len).strip()
