"""Given answers and what readers thought of them."""

import datetime
from collections.abc import Collection

from sqlalchemy import JSON, DateTime, ForeignKey, String, Text, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from assistant.database.engine import Base, Database, now
from assistant.errors import NotFoundError
from assistant.types import Answer, Feedback, Generation

AT_ONCE = 500  # values in one query


class AnswerRow(Base):
    """One given answer, its question redacted."""

    __tablename__ = "answers"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    created_at: Mapped[datetime.datetime] = mapped_column(DateTime(timezone=True), index=True)
    status: Mapped[str] = mapped_column(String(16), index=True)
    language: Mapped[str] = mapped_column(String(8))
    index_version: Mapped[str] = mapped_column(String(64))
    answer: Mapped[dict[str, object]] = mapped_column(JSON)
    generation: Mapped[dict[str, object] | None] = mapped_column(JSON(none_as_null=True))


class CitationRow(Base):
    """That an answer cites a passage."""

    __tablename__ = "citations"

    answer_id: Mapped[str] = mapped_column(ForeignKey("answers.id", ondelete="CASCADE"), primary_key=True)
    passage_id: Mapped[str] = mapped_column(String(200), primary_key=True, index=True)


class FeedbackRow(Base):
    """A reader's verdict on an answer."""

    __tablename__ = "feedback"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    answer_id: Mapped[str] = mapped_column(ForeignKey("answers.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime.datetime] = mapped_column(DateTime(timezone=True))
    helpful: Mapped[bool]
    reason: Mapped[str | None] = mapped_column(String(100))
    comment: Mapped[str | None] = mapped_column(Text)


class Answers:
    """Serves the AnswerLog port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, answer: Answer, generation: Generation | None = None) -> None:
        """Keep an answer and how it was generated, both already free of personal data."""
        row = AnswerRow(
            id=answer.id,
            created_at=now(),
            status=answer.status,
            language=answer.language,
            index_version=answer.index_version,
            answer=answer.model_dump(mode="json"),
            generation=generation.model_dump(mode="json") if generation else None,
        )
        cited = {citation.passage_id for citation in answer.citations}
        with self._database.writing() as session:
            session.add(row)
            session.flush()
            session.add_all(CitationRow(answer_id=answer.id, passage_id=passage) for passage in sorted(cited))

    def citing(self, passage_ids: Collection[str]) -> list[str]:
        """Ids of the kept answers that cite any of those passages, oldest first."""
        wanted = sorted(set(passage_ids))
        found: dict[str, datetime.datetime] = {}
        with self._database.reading() as session:
            for start in range(0, len(wanted), AT_ONCE):
                rows = session.execute(
                    select(AnswerRow.id, AnswerRow.created_at)
                    .join(CitationRow, CitationRow.answer_id == AnswerRow.id)
                    .where(CitationRow.passage_id.in_(wanted[start : start + AT_ONCE]))
                )
                found.update((answer_id, created_at) for answer_id, created_at in rows)
        return sorted(found, key=lambda answer_id: (found[answer_id], answer_id))

    def find(self, answer_id: str) -> Answer | None:
        """The kept answer, or None."""
        with self._database.reading() as session:
            row = session.get(AnswerRow, answer_id)
            return Answer.model_validate(row.answer) if row else None

    def generation(self, answer_id: str) -> Generation | None:
        """What a language model wrote for a kept answer, where one did."""
        with self._database.reading() as session:
            row = session.get(AnswerRow, answer_id)
            return Generation.model_validate(row.generation) if row and row.generation else None

    def add_feedback(self, feedback: Feedback) -> None:
        """Keep a reader's verdict. Raises NotFoundError where the answer is not kept."""
        with self._database.writing() as session:
            if session.get(AnswerRow, feedback.answer_id) is None:
                raise NotFoundError(f"no answer {feedback.answer_id!r} is kept: it may have passed its retention time")
            session.add(FeedbackRow(**feedback.model_dump(), created_at=now()))

    def feedback(self, answer_id: str) -> list[Feedback]:
        """The verdicts on an answer, oldest first."""
        with self._database.reading() as session:
            rows = session.scalars(
                select(FeedbackRow).where(FeedbackRow.answer_id == answer_id).order_by(FeedbackRow.id)
            )
            return [
                Feedback(answer_id=row.answer_id, helpful=row.helpful, reason=row.reason, comment=row.comment)
                for row in rows
            ]

    def forget(self, older_than: datetime.timedelta) -> int:
        """Delete answers of that age, and the feedback on them; returns how many answers."""
        too_old = select(AnswerRow.id).where(AnswerRow.created_at < now() - older_than)
        with self._database.writing() as session:
            session.execute(delete(FeedbackRow).where(FeedbackRow.answer_id.in_(too_old)))
            session.execute(delete(CitationRow).where(CitationRow.answer_id.in_(too_old)))
            return session.execute(delete(AnswerRow).where(AnswerRow.id.in_(too_old))).rowcount  # type: ignore[attr-defined,no-any-return]

    def close(self) -> None:
        """Close the connections that nobody uses."""
        self._database.close()

    def ping(self) -> None:
        """Raises DataUnavailableError where the database does not answer."""
        self._database.ping()
