"""Small deterministic stand-ins that plug into the ports, and builders of sample objects."""

import hashlib
import json
import re
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from assistant.errors import DataUnavailableError, LanguageModelError, NotFoundError
from assistant.messages import Messages
from assistant.ports import EmbedPassages, Vectors
from assistant.settings import Settings
from assistant.sufficiency import Calibration, Decision, Weights
from assistant.types import (
    Answer,
    Citation,
    Document,
    Escalation,
    Feedback,
    Generation,
    HandOverRequest,
    Hit,
    Manifest,
    Passage,
    Receipt,
    Sentence,
    Timings,
)

DIMENSIONS = 512

CALIBRATION = Calibration(
    sentence=Weights(bias=-6.0, features={"cosine": 5.0, "context": 7.0}),
    decision=Decision(bias=0.0, evidence=1.0, refusal=0.0, doubt=0.0),
    unexpected=Decision(bias=0.0, evidence=1.0, refusal=0.0, doubt=0.0),
    follow_up=Weights(bias=0.0, features={"best": 1.0}),
)

MakeSettings = Callable[..., Settings]
"""Settings of a test's own, with these fields changed."""

MakeUrl = Callable[..., str]
"""The address of a fresh database: make("sqlite" or "postgresql", migrated=True)."""


def ignore(*_: object) -> None:
    """Progress that nobody watches."""


class WordEmbedder:
    """Embedder: the words of a text, hashed into a unit vector. Counts what it was asked to embed."""

    def __init__(self, name: str = "fake:words") -> None:
        self.name = name
        self.embedded: list[str] = []

    def embed_queries(self, texts: Sequence[str], *, keep: bool = False) -> Vectors:
        return self.embed_passages(texts)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.embedded.extend(texts)
        return np.array([self._vector(text) for text in texts], dtype=np.float32).reshape(-1, DIMENSIONS)

    def _vector(self, text: str) -> Vectors:
        vector = np.zeros(DIMENSIONS, dtype=np.float32)
        for word in re.findall(r"\w+", text.lower()) or [""]:
            vector[int(hashlib.md5(word.encode()).hexdigest(), 16) % DIMENSIONS] += 1.0
        return vector / np.linalg.norm(vector)


class MemoryStore:
    """PassageStore: one version, in memory."""

    def __init__(self) -> None:
        self._documents: list[Document] = []
        self._rows: list[tuple[Passage, Vectors]] = []

    def publish(
        self,
        manifest: Manifest,
        documents: Sequence[Document],
        passages: Sequence[Passage],
        embed: EmbedPassages,
        *,
        afresh: bool = False,
    ) -> None:
        rows = list(zip(passages, embed(passages), strict=True)) if passages else []
        self._documents, self._rows = list(documents), rows

    def documents(self) -> list[Document]:
        return sorted(self._documents, key=lambda document: document.id)

    def passages(self) -> list[Passage]:
        return sorted((passage for passage, _ in self._rows), key=lambda p: (p.document_id, p.position))

    def search(self, vector: Vectors, limit: int) -> list[tuple[str, float]]:
        scored = [(passage.id, float(row @ vector)) for passage, row in self._rows]
        return sorted(scored, key=lambda pair: -pair[1])[:limit]


class FixedLexicon:
    """LexicalIndex: gives back what it was made with."""

    def __init__(self, hits: Sequence[tuple[str, float]] = (), coverage: float = 1.0) -> None:
        self._hits, self._coverage = list(hits), coverage

    def search(self, text: str, limit: int) -> list[tuple[str, float]]:
        return self._hits[:limit]

    def coverage(self, text: str) -> float:
        return self._coverage

    def overlap(self, question: str, texts: Sequence[str]) -> list[float]:
        return [0.0 for _ in texts]


class WordReranker:
    """Reranker: the share of the question's words that a text has."""

    def relevances(self, question: str, texts: Sequence[str]) -> list[float]:
        asked = set(re.findall(r"\w+", question.lower()))
        return [len(asked & set(re.findall(r"\w+", text.lower()))) / max(1, len(asked)) for text in texts]


class MemoryLog:
    """AnswerLog: in memory."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.verdicts: list[Feedback] = []
        self.generations: dict[str, Generation | None] = {}

    def record(self, answer: Answer, generation: Generation | None = None) -> None:
        self.answers[answer.id] = answer
        self.generations[answer.id] = generation

    def find(self, answer_id: str) -> Answer | None:
        return self.answers.get(answer_id)

    def citing(self, passage_ids: Collection[str]) -> list[str]:
        return [a.id for a in self.answers.values() if {c.passage_id for c in a.citations} & set(passage_ids)]

    def ping(self) -> None:
        """Always well."""

    def close(self) -> None:
        """Nothing is open."""

    def add_feedback(self, feedback: Feedback) -> None:
        if feedback.answer_id not in self.answers:
            raise NotFoundError(f"no answer {feedback.answer_id!r}")
        self.verdicts.append(feedback)


class DownLog(MemoryLog):
    """AnswerLog: a database that is down."""

    def record(self, answer: Answer, generation: Generation | None = None) -> None:
        raise DataUnavailableError("the database is down")

    def ping(self) -> None:
        raise DataUnavailableError("the database is down")


PROVENANCE: dict[str, Any] = {
    "title": "Sample title",
    "publisher": "Sample publisher",
    "source": "Sample page",
    "url": None,
    "authority": "guidance",
    "binding": False,
    "as_of": "2025-06-05",
    "wording": "restated",
    "language": "en",
}


def make_document(body: str, **fields: Any) -> Document:
    return Document(**{**PROVENANCE, "id": "sample", "body": body, **fields})


def make_passage(text: str = "Goods may be cleared.", **fields: Any) -> Passage:
    defaults = {"id": "sample.1", "document_id": "sample", "section": "Clearance", "position": 0, "text": text}
    return Passage(**{**PROVENANCE, **defaults, **fields})


def make_hit(text: str = "Goods may be cleared.", score: float = 1.0, **fields: Any) -> Hit:
    return Hit(passage=make_passage(text, **fields), score=score)


def make_citation(marker: int = 1, quote: str = "Goods may be cleared.", **fields: Any) -> Citation:
    place = {"passage_id": "sample.1", "document_id": "sample", "section": "Clearance", "country": None}
    span = {"marker": marker, "quote": quote, "start": 0, "end": len(quote), "score": 1.0}
    return Citation(**{**PROVENANCE, **place, **span, **fields})


def answer_fields(**fields: Any) -> dict[str, Any]:
    """What a valid Answer is made of: one cited sentence."""
    return {
        "id": "answer-1",
        "question": "May goods be cleared?",
        "language": "en",
        "countries": (),
        "status": "answered",
        "text": "Goods may be cleared. [1]",
        "sentences": (Sentence(text="Goods may be cleared.", citations=(1,), supported=True, score=1.0),),
        "citations": (make_citation(),),
        "portals": (),
        "clarification": None,
        "disclaimer": "Non-binding.",
        "escalation": Escalation(name="ASSIST", url="https://assist.asean.org", text="Go to ASSIST."),
        "follow_ups": (),
        "confidence": 0.9,
        "composer": "extractive",
        "index_version": "v1",
        "timings_ms": Timings(),
        **fields,
    }


def make_answer(**fields: Any) -> Answer:
    return Answer(**answer_fields(**fields))


def english(**texts: str) -> Messages:
    """Messages with these English texts only."""
    return Messages({"en": {"name": "English", **texts}})


class TellingModel:
    """LanguageModel: says the pieces it was made with, then fails if it is to. Keeps what it was asked."""

    name = "telling"

    def __init__(self, *pieces: str, failure: str = "") -> None:
        self.pieces, self.failure = pieces, failure
        self.asked: list[tuple[str, str]] = []

    def stream(self, system: str, user: str, schema: Mapping[str, object]) -> Iterator[str]:
        self.asked.append((system, user))
        yield from self.pieces
        if self.failure:
            raise LanguageModelError(self.failure)


def told(*rows: tuple[str, list[int]] | tuple[str, list[int], str]) -> str:
    """The reply of a model that keeps to the form."""
    names = ("text", "passages", "translation")
    return json.dumps({"sentences": [dict(zip(names, row, strict=False)) for row in rows]}, ensure_ascii=False)


class MemoryHelpdesk:
    """HandOver: keeps what it is handed, numbered from 101. Raises `failure` where one is set; waits for `open`."""

    def __init__(self) -> None:
        self.requests: list[HandOverRequest] = []
        self.failure: Exception | None = None
        self.open = threading.Event()
        self.open.set()

    def hand_over(self, request: HandOverRequest) -> Receipt:
        self.open.wait(timeout=20)
        if self.failure:
            raise self.failure
        self.requests.append(request)
        number = 100 + len(self.requests)
        return Receipt(number=number, link=f"/desk/status/secret-{number}")
