"""One question and its answer as the page holds them, growing with each event of the stream."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from assistant.types import (
    MAX_HISTORY_TURNS,
    MAX_TURN_CHARACTERS,
    Answer,
    AnswerEvent,
    Citation,
    Cited,
    Delta,
    Done,
    Meta,
    Passage,
    Sentence,
    Turn,
)
from assistant_ui.handing_over import HandingOver

Verdict = Literal["open", "asking", "given", "failed"]
"""How far the reader is with rating an answer."""


@dataclass(frozen=True)
class Exchange:
    """`language` is the page's until the answer's is known; `answer` is None until the stream is done."""

    question: str
    language: str
    sentences: tuple[Sentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    passages: Mapping[str, Passage] = field(default_factory=dict)
    answer: Answer | None = None
    failed: bool = False
    feedback: Verdict = "open"
    handing_over: HandingOver = field(default_factory=HandingOver, compare=False)

    @property
    def finished(self) -> bool:
        """Whether nothing more comes: an answer, or none."""
        return self.failed or self.answer is not None

    @property
    def stays(self) -> bool:
        """Whether it stays in view once another question is asked: a failed one only if its form was opened."""
        return not self.failed or self.handing_over.begun

    def after(self, event: AnswerEvent, passage: Callable[[str], Passage | None]) -> "Exchange":
        """The exchange with what the event brings; `passage` finds the passage of a citation."""
        match event:
            case Meta():
                return replace(self, language=event.language)
            case Cited():
                return self._citing(event.citation, passage)
            case Delta():
                return replace(self, sentences=(*self.sentences, event.sentence))
            case Done():
                answer = event.answer
                whole = replace(self, language=answer.language, sentences=answer.sentences, citations=(), answer=answer)
                for citation in answer.citations:
                    whole = whole._citing(citation, passage)
                return whole

    def _citing(self, citation: Citation, passage: Callable[[str], Passage | None]) -> "Exchange":
        passages = dict(self.passages)
        if citation.passage_id not in passages and (found := passage(citation.passage_id)):
            passages[citation.passage_id] = found
        return replace(self, citations=(*self.citations, citation), passages=passages)


def history(exchanges: Sequence[Exchange]) -> tuple[Turn, ...]:
    """The latest answered exchanges as turns, as many as a question may carry."""
    turns = [
        turn
        for exchange in exchanges
        if exchange.answer
        for turn in (
            Turn(role="user", content=exchange.question[:MAX_TURN_CHARACTERS]),
            Turn(
                role="assistant",
                content=exchange.answer.text[:MAX_TURN_CHARACTERS],
                status=exchange.answer.status,
            ),
        )
    ]
    return tuple(turns[-MAX_HISTORY_TURNS:])
