"""What is missing from the corpus: questions that were not answered, or badly, put together by what they mean."""

import datetime
from collections import Counter, OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from assistant import adaptation
from assistant.database import Database, now
from assistant.database.answers import AnswerRow, FeedbackRow
from assistant.database.tickets import DecisionRow, DraftRow, TicketRow
from assistant.helpdesk.figures import LAST, reason_of
from assistant.helpdesk.work import countries_of
from assistant.people import Caller
from assistant.ports import Embedder, Vectors
from assistant.tickets import Gap
from assistant.types import Status

NEWEST = 2_000  # questions that are looked at
SHOWN = 5  # questions of a group, those nearest to its middle
REMEMBERED = 4_000  # vectors
APART = 0.55
"""Mean cosine distance from which two groups are not one, for vectors that the adaptation has turned.

Chosen on the dev halves of the suites, where one group is one question in ten languages: B-cubed F 0.854 (0.918 on the
test halves), highest of 0.30 to 0.70; unturned vectors reach 0.823 at 0.08 (0.834).
"""
APART_UNTURNED = 0.08
NO_GAP = frozenset(["spam", "duplicate", "abusive", "not a question"])  # rejected for what the corpus cannot help
DECLINED: Status = "declined"  # what no corpus answers: greetings, other subjects, a shipment's case, injections


@dataclass
class Asked:
    """A question that was not answered well, and everything that says so."""

    question: str
    at: datetime.datetime
    language: str
    countries: Sequence[str]
    reasons: set[str] = field(default_factory=set)


class Gaps:
    """Groups questions by meaning. Vectors stay in memory: a trader's words are not kept on disk for this."""

    def __init__(self, database: Database, embedder: Embedder) -> None:
        self._database = database
        self._embedder = embedder
        self._turned = adaptation.load(embedder.name)
        self._vectors: OrderedDict[str, Vectors] = OrderedDict()

    def find(self, days: int, caller: Caller) -> list[Gap]:
        """What was asked in vain in the last `days` days, the most frequent first."""
        caller.need("figures")
        since = now() - datetime.timedelta(days=days)
        with self._database.reading() as session:
            asked = sorted(_asked(session, since).values(), key=lambda each: each.at, reverse=True)[:NEWEST]
        if not asked:
            return []
        vectors = self._turned.of_questions(self._embedded([each.question for each in asked]))
        apart = APART_UNTURNED if self._turned.maps is None else APART
        groups = [_gap([asked[row] for row in rows], vectors[rows]) for rows in grouped(vectors, apart)]
        return sorted(groups, key=lambda gap: (-gap.count, -gap.latest.timestamp()))

    def _embedded(self, texts: Sequence[str]) -> Vectors:
        """Vectors of questions; those of the last look are not made again."""
        missing = list(dict.fromkeys(text for text in texts if text not in self._vectors))
        if missing:
            self._vectors.update(zip(missing, self._embedder.embed_queries(missing), strict=True))
        found = np.stack([self._vectors[text] for text in texts])
        while len(self._vectors) > REMEMBERED:
            self._vectors.popitem(last=False)
        return found


def grouped(vectors: Vectors, apart: float) -> list[list[int]]:
    """Rows of unit vectors in groups by mean cosine distance."""
    if len(vectors) == 1:
        return [[0]]
    from sklearn.cluster import AgglomerativeClustering  # noqa: PLC0415 (a second that nothing else waits for)

    clustering = AgglomerativeClustering(n_clusters=None, metric="cosine", linkage="average", distance_threshold=apart)
    groups: dict[int, list[int]] = {}
    for row, label in enumerate(clustering.fit_predict(vectors)):
        groups.setdefault(int(label), []).append(row)
    return list(groups.values())


def _gap(asked: Sequence[Asked], vectors: Vectors) -> Gap:
    middle = vectors.mean(axis=0)
    order = np.argsort(-(vectors @ middle), kind="stable")
    questions = list(dict.fromkeys(asked[row].question for row in order))
    return Gap(
        questions=tuple(questions[:SHOWN]),
        count=len(asked),
        countries=_counted(code for each in asked for code in each.countries),
        languages=_counted(each.language for each in asked),
        reasons=_counted(reason for each in asked for reason in each.reasons),
        latest=max(each.at for each in asked),
    )


def _counted(values: Iterator[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items(), key=lambda pair: (-pair[1], pair[0])))


def _asked(session: Session, since: datetime.datetime) -> dict[str, Asked]:
    """Questions by the id of their answer, or by their ticket; a ticket made of an answer counts once with it."""
    found: dict[str, Asked] = {}
    refused = _answers(AnswerRow.status).where(AnswerRow.status.in_(("routed", "clarify")))
    complaints = _answers(FeedbackRow.reason).join(FeedbackRow).where(FeedbackRow.helpful.is_(False))
    unhelpful = complaints.where(AnswerRow.status != DECLINED)
    for chosen, prefix in ((refused, ""), (unhelpful, "not helpful")):
        newest = chosen.where(AnswerRow.created_at >= since).order_by(AnswerRow.created_at.desc()).limit(NEWEST)
        for answer_id, at, code, question, countries, reason in session.execute(newest):
            named = (question, _aware(at), code, tuple(countries or ()))
            said = ": ".join(filter(None, [prefix, reason]))
            found.setdefault(answer_id, Asked(*named)).reasons.add(said)
    nothing = list(_no_gaps(session, since))
    for ticket in nothing:
        found.pop(ticket.answer_id or "", None)
    left_out = {ticket.id for ticket in nothing}
    tickets = [(ticket, reason) for ticket, reason in _tickets(session, since) if ticket.id not in left_out]
    places = countries_of(session, [ticket.id for ticket, _ in tickets])
    for ticket, reason in tickets:
        asked = Asked(ticket.question, ticket.created_at, ticket.language, places.get(ticket.id, ()))
        found.setdefault(ticket.answer_id or f"ticket-{ticket.id}", asked).reasons.add(reason)
    return found


def _answers(reason: Any) -> Select[Any]:
    return select(
        AnswerRow.id,
        AnswerRow.created_at,
        AnswerRow.language,
        AnswerRow.answer["question"].as_string(),
        AnswerRow.answer["countries"].as_json(),
        reason,
    )


def _no_gaps(session: Session, since: datetime.datetime) -> Iterator[TicketRow]:
    """Tickets that say nothing of the corpus: rejected at last as no question for it, or of a kind that is declined."""
    recent = select(TicketRow).where(TicketRow.created_at >= since)
    rejected = recent.join(DecisionRow).where(LAST, DecisionRow.outcome == "rejected")
    for ticket, reason in session.execute(rejected.add_columns(DecisionRow.reason)):
        if reason_of(reason) in NO_GAP:
            yield ticket
    newest = select(func.max(DraftRow.id)).group_by(DraftRow.ticket_id)
    declined = DraftRow.answer["status"].as_string() == DECLINED
    yield from session.scalars(recent.join(DraftRow).where(DraftRow.id.in_(newest), declined))


def _tickets(session: Session, since: datetime.datetime) -> Iterator[tuple[TicketRow, str]]:
    """Tickets for which nothing could be suggested, or whose suggestion was of no use."""
    recent = select(TicketRow).where(TicketRow.created_at >= since, TicketRow.erased.is_(False))
    newest = recent.order_by(TicketRow.id.desc()).limit(NEWEST)
    refused = recent.join(DraftRow).where(DraftRow.reason.is_not(None)).distinct()
    for ticket in session.scalars(refused.order_by(TicketRow.id.desc()).limit(NEWEST)):
        yield ticket, "no draft"
    decided = newest.join(DecisionRow).where(DecisionRow.outcome.in_(("rejected", "written")))
    for ticket, outcome, reason in session.execute(decided.add_columns(DecisionRow.outcome, DecisionRow.reason)):
        if outcome == "written":
            yield ticket, "written by an officer"
        elif reason_of(reason) not in NO_GAP:
            yield ticket, f"rejected: {reason_of(reason)}"


def _aware(moment: datetime.datetime) -> datetime.datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
