"""Suggested answers: made for each ticket as it arrives, and made anew when what they rest on has changed."""

import datetime
import logging
import threading
from collections.abc import Sequence

import numpy as np
from pydantic import ValidationError
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from assistant import data
from assistant.bootstrap import Assistant
from assistant.database import Database, audit, now
from assistant.database.tickets import DraftRow, MessageRow, ReplyRow, TicketCountryRow, TicketRow, VerifiedRow
from assistant.errors import AssistantError
from assistant.helpdesk.reading import contact_of, latest_draft, whole
from assistant.helpdesk.work import change, countries_of, private, row_of, workable
from assistant.people import SYSTEM, Caller
from assistant.ports import Vectors
from assistant.tickets import OPEN, Checked, Reply, Seen, Similar, Ticket
from assistant.types import (
    MAX_HISTORY_TURNS,
    MAX_QUESTION_CHARACTERS,
    MAX_TURN_CHARACTERS,
    Answer,
    Frozen,
    Question,
    Turn,
)

LEASE = datetime.timedelta(minutes=2)  # after which another worker takes over a draft that nobody finished
ATTEMPTS = 3
ALIKE = 0.9  # cosine from which an earlier question is like this one; questions of other subjects stay below
SIMILAR = 3

log = logging.getLogger(__name__)


class Conversation(Frozen):
    """What a draft is made from: the ticket's last message with those before it."""

    number: int
    text: str
    history: tuple[Turn, ...]
    language: str
    countries: tuple[str, ...]
    upto: int


class Drafter:
    """Makes drafts one at a time; several processes may each have one on the same database."""

    def __init__(self, database: Database, assistant: Assistant) -> None:
        self._database = database
        self._assistant = assistant
        self._answered = AnsweredQuestions(database)
        self._checked_version = ""

    def next(self) -> bool:
        """Make the most urgent draft that is wanted; False where none is."""
        conversation = self._take()
        if conversation is None:
            return False
        self._make(conversation)
        return True

    def suggest(self, number: int, seen: Seen, caller: Caller) -> Ticket:
        """Make a ticket's draft anew, now. Raises ConflictError where it is another's, closed or changed."""
        caller.need("work")
        with self._database.writing() as session:
            workable(session, number, caller)
            row = change(session, number, seen, draft="drafting", lease=now() + LEASE)
            audit.note(session, caller, "ticket.suggested", number)
            conversation = _conversation(session, row)
        self._make(conversation)
        with self._database.reading() as session:
            return whole(session, number, caller)

    def look_for_changes(self) -> int:
        """Mark the drafts that quote what the index no longer holds, and want new ones; returns how many."""
        library = self._assistant.library
        if library.manifest.version == self._checked_version:
            return 0
        with self._database.writing() as session:
            found = [row for row in _open_drafted(session) if not self._stands(session, row.id)]
            for row in found:
                row.draft, row.stale, row.version, row.updated_at = "wanted", "source", row.version + 1, now()
                audit.note(session, SYSTEM, "draft.stale", row.id, index_version=library.manifest.version)
        self._checked_version = library.manifest.version
        return len(found)

    def _stands(self, session: Session, number: int) -> bool:
        """Whether all that a ticket's draft cites is in the index."""
        found = latest_draft(session, number)
        answer = Answer.model_validate(found.answer) if found and found.answer else None
        cited = {citation.passage_id for citation in answer.citations} if answer else set()
        return cited <= self._assistant.library.passages.keys()

    def _take(self) -> Conversation | None:
        """The most urgent ticket that wants a draft, leased to us."""
        waiting = or_(TicketRow.draft == "wanted", (TicketRow.draft == "drafting") & (TicketRow.lease < now()))
        chosen = (
            select(TicketRow)
            .where(waiting, TicketRow.status.in_(OPEN))
            .order_by(TicketRow.priority.desc(), TicketRow.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        with self._database.writing() as session:
            row = session.scalar(chosen)
            if row is None:
                return None
            row.draft, row.lease, row.attempts = "drafting", now() + LEASE, row.attempts + 1
            return _conversation(session, row)

    def _make(self, conversation: Conversation) -> None:
        """Make a draft; whatever is raised meanwhile, it is wanted again, or given up when it was tried enough."""
        try:
            self._draft(conversation)
        except AssistantError as error:
            self._give_up(conversation, str(error))
            raise
        except Exception:
            self._give_up(conversation, "something unexpected went wrong; the log says what")
            raise

    def _draft(self, conversation: Conversation) -> None:
        answer, reason = self._answer(conversation)
        vector, topic = self._assistant.vector(conversation.text), self._assistant.topic(conversation.text)
        similar = self._answered.like(vector, conversation.number)
        with self._database.writing() as session:
            row = row_of(session, conversation.number)
            if _last_message(session, row.id) != conversation.upto:
                row.draft, row.lease = "wanted", None  # the trader has written again while this was being made
                return
            self._keep(session, row, answer, reason, similar)
            row.vector, row.topic = np.asarray(vector, dtype=np.float32).tobytes(), topic
            _add_countries(session, row.id, answer)

    def _answer(self, conversation: Conversation) -> tuple[Answer | None, str | None]:
        """The answer to suggest, and why it is none where it is none."""
        try:
            question = Question(
                text=conversation.text,
                history=conversation.history,
                language=conversation.language if conversation.language in self._assistant.messages.languages else None,
                country=conversation.countries[0] if len(conversation.countries) == 1 else None,
            )
        except ValidationError as error:
            return None, error.errors()[0]["msg"].removeprefix("Value error, ")
        answer = self._assistant.draft(question)
        return answer, data.read("desk.yaml")["no_draft"].get(answer.status)

    def _keep(
        self, session: Session, row: TicketRow, answer: Answer | None, reason: str | None, similar: Sequence[Similar]
    ) -> None:
        """Add the draft to its ticket; a reply that no officer has touched becomes the draft's."""
        made = DraftRow(
            ticket_id=row.id,
            made_at=now(),
            index_version=self._assistant.library.manifest.version,
            answer=answer.model_dump(mode="json") if answer else None,
            reason=reason,
            similar=[each.model_dump(mode="json") for each in similar],
        )
        session.add(made)
        session.flush()
        answers = answer is not None and reason is None
        before = session.get(ReplyRow, row.id)
        if before is None or before.editor is None:
            reply = (
                suggested(answer) if answer and answers else Reply(text="", sentences=(), citations=(), draft_id=None)
            )
            session.merge(
                ReplyRow(
                    ticket_id=row.id, draft_id=made.id, reply=stored(reply), saved_at=now(), editor=None, user_id=None
                )
            )
            row.stale = None  # what would be sent is new, and its version says so
        row.draft, row.lease, row.attempts = "ready", None, 0
        row.confidence = answer.confidence if answer and answers else None
        row.status = "drafted" if row.status == "new" and answers else row.status
        row.version, row.updated_at = row.version + 1, now()
        audit.note(session, SYSTEM, "draft.made", row.id, draft=made.id, answers=answers)

    def _give_up(self, conversation: Conversation, reason: str) -> None:
        """Try again later, a few times; then say why there is no draft."""
        with self._database.writing() as session:
            row = row_of(session, conversation.number)
            if row.attempts < ATTEMPTS:
                session.execute(update(TicketRow).where(TicketRow.id == row.id).values(draft="wanted", lease=None))
            else:
                self._keep(session, row, None, f"no draft could be made: {reason}"[:500], ())


class AnsweredQuestions:
    """The vectors of all questions that were answered, read once and added to."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._since: datetime.datetime | None = None
        self._numbers: list[int] = []
        self._vectors: list[Vectors] = []

    def like(self, vector: Vectors, but: int) -> list[Similar]:
        """The replies to the questions most like this one, best first."""
        with self._lock, self._database.reading() as session:
            self._read(session)
            if not self._numbers:
                return []
            cosines = np.stack(self._vectors) @ vector
            best = [row for row in np.argsort(-cosines, kind="stable")[: SIMILAR + 1] if cosines[row] >= ALIKE]
            near = {self._numbers[row]: float(cosines[row]) for row in best if self._numbers[row] != but}
            return [_similar(session, number, alike) for number, alike in list(near.items())[:SIMILAR]]

    def _read(self, session: Session) -> None:
        answered = select(TicketRow.id, TicketRow.vector, TicketRow.closed_at).where(
            TicketRow.status.in_(("approved", "sent")), TicketRow.vector.is_not(None)
        )
        if self._since is not None:
            answered = answered.where(TicketRow.closed_at > self._since)
        for number, raw, closed_at in session.execute(answered.order_by(TicketRow.closed_at)):
            if raw is not None and number not in self._numbers:
                self._numbers.append(number)
                self._vectors.append(np.frombuffer(raw, dtype=np.float32))
            self._since = closed_at


def suggested(answer: Answer) -> Reply:
    """A draft as a reply that nobody has touched."""
    sentences = tuple(
        Checked(**sentence.model_dump(), standing="quoted" if sentence.citations else "own words")
        for sentence in answer.sentences
    )
    return Reply(text=answer.text, sentences=sentences, citations=answer.citations, draft_id=None)


def stored(reply: Reply) -> dict[str, object]:
    """A reply as its row keeps it; who edited it stands in columns."""
    return reply.model_dump(mode="json", include={"text", "sentences", "citations"}) | {"draft_id": None}


def _similar(session: Session, number: int, alike: float) -> Similar:
    row, reply = row_of(session, number), session.get(ReplyRow, number)
    published = session.scalar(select(VerifiedRow.id).where(VerifiedRow.ticket_id == number))
    countries = countries_of(session, [number]).get(number, ())
    text = private(str(reply.reply["text"]), contact_of(session, number), countries) if reply else ""
    return Similar(
        number=number, question=row.question[:300], text=text, alike=round(alike, 3), published=published is not None
    )


def _conversation(session: Session, row: TicketRow) -> Conversation:
    """The last message of the trader is the question; what was said before is its history."""
    messages = session.scalars(
        select(MessageRow)
        .where(MessageRow.ticket_id == row.id, MessageRow.direction.in_(("in", "out")))
        .order_by(MessageRow.id)
    ).all()
    last = max(index for index, message in enumerate(messages) if message.direction == "in")
    turns = [
        Turn(role="user" if message.direction == "in" else "assistant", content=message.text[:MAX_TURN_CHARACTERS])
        for message in messages[:last]
    ]
    return Conversation(
        number=row.id,
        text=messages[last].text[:MAX_QUESTION_CHARACTERS],
        history=tuple(turns[-MAX_HISTORY_TURNS:]),
        language=row.language,
        countries=countries_of(session, [row.id]).get(row.id, ()),
        upto=messages[last].id,
    )


def _add_countries(session: Session, number: int, answer: Answer | None) -> None:
    """What the question was understood to be about, where nothing was known before."""
    if answer and answer.countries and not countries_of(session, [number]):
        session.add_all(TicketCountryRow(ticket_id=number, country=code) for code in answer.countries)


def _last_message(session: Session, number: int) -> int | None:
    newest = select(MessageRow.id).where(MessageRow.ticket_id == number, MessageRow.direction == "in")
    return session.scalar(newest.order_by(MessageRow.id.desc()).limit(1))


def _open_drafted(session: Session) -> Sequence[TicketRow]:
    return session.scalars(select(TicketRow).where(TicketRow.status.in_(OPEN), TicketRow.draft == "ready")).all()
