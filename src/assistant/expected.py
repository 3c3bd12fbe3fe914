"""Questions expected of single sentences, which anybody who asks the like then finds; and some that have no answer."""

import re
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from assistant import chunking, data
from assistant.adaptation import UNCHANGED, Adaptation
from assistant.ports import Embedder, Vectors
from assistant.types import Document, Passage

NUMBER = re.compile(r"^\(?\w{1,4}[.)]\s+")  # of a list of questions
MARKS = ("?", "？", "؟")
QUESTION_GAP = 0.12  # by which a question is nearer to another question than to a sentence that answers it

Place = tuple[str, int]
"""A passage's id and where a sentence of it starts."""


class ExpectedQuestions:
    """The expected questions of all documents, in the embedding model's space."""

    def __init__(
        self,
        embedder: Embedder,
        documents: Sequence[Document],
        passages: Sequence[Passage],
        adaptation: Adaptation = UNCHANGED,
    ) -> None:
        expected = sorted(placed(documents, passages))
        places = [place for place, _ in expected]
        self._starts = [row for row, place in enumerate(places) if row == 0 or place != places[row - 1]]
        self._places = [places[row] for row in self._starts]
        self._adaptation = adaptation
        vectors = embedder.embed_queries([text for _, text in expected], keep=True) if expected else None
        self._vectors = None if vectors is None else adaptation.of_questions(vectors)

    def near(self, vector: Vectors) -> Mapping[Place, float]:
        """For each sentence of which questions are expected the cosine of the one most like a question's vector."""
        if self._vectors is None:
            return {}
        cosines = self._vectors @ self._adaptation.of_questions(vector)
        return dict(zip(self._places, np.maximum.reduceat(cosines, self._starts).tolist(), strict=True))


class Unanswered:
    """Questions that come near a document and that none answers, in the embedding model's space."""

    def __init__(self, embedder: Embedder, texts: Sequence[str], adaptation: Adaptation = UNCHANGED) -> None:
        self._adaptation = adaptation
        self._vectors = adaptation.of_questions(embedder.embed_queries(texts, keep=True))

    def nearest(self, vector: Vectors) -> float:
        """The cosine of the one most like a question's vector."""
        return float((self._vectors @ self._adaptation.of_questions(vector)).max())


def unanswered() -> list[str]:
    """The unanswered questions that come with the package (data/unanswered.yaml)."""
    return [text for texts in data.read("unanswered.yaml").values() for text in texts]


def texts_to_embed(documents: Sequence[Document], passages: Sequence[Passage]) -> list[str]:
    """Every expected question, and the unanswered ones."""
    return [*(text for _, text in placed(documents, passages)), *unanswered()]


def placed(documents: Sequence[Document], passages: Sequence[Passage]) -> list[tuple[Place, str]]:
    """Every expected question with the place of the sentence that answers it."""
    return [*_from_headings(passages), *_listed(documents, passages)]


def _listed(documents: Sequence[Document], passages: Sequence[Passage]) -> Iterator[tuple[Place, str]]:
    for document in documents:
        sentences = [
            ((passage.id, start), _folded(passage.text[start:end]))
            for passage in passages
            if document.expected and passage.document_id == document.id
            for start, end in chunking.sentences(passage.text)
        ]
        for expected in document.expected:
            words = _folded(expected.words)
            place = next((place for place, sentence in sentences if words in sentence), None)
            if place:
                yield from ((place, text) for text in expected.questions)


def _from_headings(passages: Sequence[Passage]) -> Iterator[tuple[Place, str]]:
    """A heading that asks is expected of the first sentence under it."""
    seen: set[tuple[str, str]] = set()
    for passage in passages:
        heading = NUMBER.sub("", passage.section.rpartition(" > ")[2])
        key = (passage.document_id, passage.section)
        if heading.endswith(MARKS) and key not in seen:
            seen.add(key)
            yield (passage.id, chunking.sentences(passage.text)[0][0]), heading


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
