"""What the cross-encoder learns from: questions, the sentence that answers each, and others that come near it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from assistant import adaptation, chunking, countries, data, expected
from assistant.classifier import Said
from assistant.conversation import standalone
from assistant.expected import QUESTION_GAP
from assistant.ports import Embedder, Vectors
from assistant.retrieve import query
from assistant.types import Document, Expected, Question, Turn
from assistant_evals import lines

WRITTEN = Path(__file__).parents[1] / "relevance" / "questions.jsonl"
REFUSED = ("individual", "goods", "ruling", "off_topic", "other_region", "evasion")  # kinds that no sentence answers
NEAR = 10  # sentences that a question is read beside
SAME = 0.97  # cosine from which another sentence says the same …
SAME_ELSEWHERE = 0.94  # … and from which one of another document about the same country may say it in other words
NONE = -1

Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]


class Alone(NamedTuple):
    """A question that needs no earlier turn, and the part of it that asks, where an earlier turn is in it."""

    text: str
    asking: str | None


@dataclass(frozen=True)
class Material:
    """All questions, and all sentences as they are read, in their context.

    `answers` is the row of the sentence that answers each question, NONE where none does. `vectors` are those that the
    questions are searched with and `said` the sentences', turned by the adaptation; `plain` are the sentences' as they
    are. `said_by` are the sentences by themselves, with their documents' ids.
    """

    questions: Sequence[str]
    answers: Rows
    sentences: Sequence[str]
    said_by: Sequence[Said]
    countries: Sequence[str | None]
    vectors: Vectors
    said: Vectors
    plain: Vectors

    @property
    def owners(self) -> list[str]:
        """The document of each sentence."""
        return [document for document, _ in self.said_by]

    def near(self, asked: Rows, known: Mask) -> Rows:
        """Of each question asked the rows of the nearest sentences, shape (asked, NEAR), the nearest first.

        Near by itself or by a known question that it answers, other than the one asked.
        """
        cosines = self.vectors[asked] @ self.said.T
        others = np.flatnonzero(known & (self.answers != NONE))
        by_question = self.vectors[asked] @ self.vectors[others].T - QUESTION_GAP
        by_question[asked[:, None] == others[None, :]] = -1.0
        np.maximum.at(cosines.T, self.answers[others], by_question.T)
        return np.argsort(-cosines, axis=1, kind="stable")[:, :NEAR]

    def wrong(self, question: int, near: Rows) -> list[int]:
        """Of the sentences near a question those that do not answer it, as far as is known."""
        answer = self.answers[question]
        if answer == NONE:
            return [int(row) for row in near]
        text = self.questions[question]
        right = {int(row) for row, other in zip(self.answers, self.questions, strict=True) if other == text}
        return [int(row) for row in near if int(row) not in right and not self._say_the_same(int(row), int(answer))]

    def _say_the_same(self, one: int, other: int) -> bool:
        elsewhere = self.said_by[one][0] != self.said_by[other][0] and self.countries[one] == self.countries[other]
        return bool(self.plain[one] @ self.plain[other] >= (SAME_ELSEWHERE if elsewhere else SAME))


def read(documents: Sequence[Document], embedder: Embedder) -> Material:
    """Everything there is to learn from.

    Raises:
        InputError: the file of questions cannot be read, naming its line.
    """
    rows = written()
    passages = [passage for document in documents for passage in chunking.passages(document)]
    said = [(passage, start, end) for passage in passages for start, end in chunking.sentences(passage.text)]
    places = {(passage.id, start): row for row, (passage, start, _) in enumerate(said)}
    placed = expected.placed(extended(documents, rows), passages)
    unanswered = [*expected.unanswered(), *(each.text for row in rows for each in alone(row.get("unanswered", ())))]
    intents = data.read("intents.yaml")
    refused = [text for kind in REFUSED for text in intents[kind]]
    questions = [*(text for _, text in placed), *unanswered, *refused]
    answers = [*(places[place] for place, _ in placed), *[NONE] * (len(unanswered) + len(refused))]
    asking = asked(rows)
    adapted = adaptation.load(embedder.name)
    plain = embedder.embed_passages([passage.text[start:end] for passage, start, end in said])
    return Material(
        questions=questions,
        answers=np.array(answers),
        sentences=[passage.in_context(passage.text[start:end]) for passage, start, end in said],
        said_by=[(passage.document_id, passage.text[start:end]) for passage, start, end in said],
        countries=[passage.country for passage, _, _ in said],
        vectors=adapted.of_questions(_vectors(questions, asking, embedder)),
        said=adapted.of_sentences(plain),
        plain=plain,
    )


def written() -> list[dict[str, Any]]:
    """The rows of evals/relevance."""
    return [row for _, row in lines.read(WRITTEN)]


def asked(rows: Sequence[Mapping[str, Any]]) -> dict[str, str | None]:
    """The questions of these rows, and the part of each that asks, where that is known."""
    each_row = (alone((*row.get("questions", ()), *row.get("unanswered", ()))) for row in rows)
    return {each.text: each.asking for some in each_row for each in some}


def _vectors(questions: Sequence[str], asking: Mapping[str, str | None], embedder: Embedder) -> Vectors:
    """What questions are searched with; `asking` is the part of each that asks, where that is known."""
    return np.stack([query(text, embedder, asking=asking.get(text), keep=True).vector for text in questions])


def extended(documents: Sequence[Document], rows: Sequence[Mapping[str, Any]]) -> list[Document]:
    """The documents, expecting what these rows of evals/relevance ask as well."""
    more: dict[str, list[Expected]] = {}
    for row in rows:
        if "words" in row:
            questions = tuple(each.text for each in alone(row["questions"]))
            more.setdefault(row["document"], []).append(Expected(words=row["words"], questions=questions))
    return [
        document.model_copy(update={"expected": (*document.expected, *more.get(document.id, ()))})
        for document in documents
    ]


def alone(asked: Sequence[str | Sequence[str]]) -> Iterator[Alone]:
    """Questions as they are searched for: of a conversation, given by its turns, all that the last may mean with it."""
    for each in asked:
        if isinstance(each, str):
            yield Alone(each, None)
            continue
        *before, last = each
        history = tuple(Turn(role="user", content=text) for text in before)
        readings = standalone(Question(text=last, history=history), countries.load())
        yield from (Alone(reading.text, reading.own) for reading in readings if reading.carried)
