"""Verified answers of the helpdesk: a question like one that an officer answered is answered so, before all else."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assistant import attributes, chunking, facts
from assistant.adaptation import UNCHANGED, Adaptation
from assistant.countries import Countries
from assistant.ports import Embedder, Vectors
from assistant.retrieve import Query, query
from assistant.types import Authority, Document, Extract, Hit, Passage

AUTHORITY: Authority = "helpdesk answer"
ALIKE = 0.65
"""Cosine from which two questions ask the same, where the adaptation has turned them.

Chosen on the dev halves of the suites, each question that has an answer taken as a verified one: with all that `find`
asks for, 43 % of the same questions in other languages are found (50 % on the test halves), and of 45,433 others 4 (of
46,019 on the test halves 4), all but one of which ask nearly the same. At 0.6 it is 52 % and 6.
"""
ALIKE_UNTURNED = 0.95  # for a model that has no adaptation, whose cosines lie close together: nearly the same words
FORM = re.compile(r"\b(?:form|borang|formulir|mẫu)\s+([a-z]{1,2})\b", re.IGNORECASE)  # of any letters: rather none
EVERYWHERE = frozenset(["ASEAN"])
SURE = 0.98  # how likely an officer's answer to the same question answers


@dataclass(frozen=True)
class Entry:
    """A verified answer: whole, as it was approved, with what tells the questions that it is for."""

    extracts: tuple[Extract, ...]
    countries: frozenset[str]
    specifics: frozenset[str]
    cites: frozenset[str]


class VerifiedAnswers:
    """The verified answers of one version of the index."""

    def __init__(
        self,
        embedder: Embedder,
        documents: Sequence[Document],
        passages: Collection[Passage],
        countries: Countries,
        adaptation: Adaptation = UNCHANGED,
    ) -> None:
        self._adaptation = adaptation
        self._countries = countries
        self._alike = ALIKE_UNTURNED if adaptation.maps is None else ALIKE
        self._entries: list[Entry] = []
        vectors: list[Vectors] = []
        for document in ours(documents):
            entry = _entry(document, passages, countries)
            for text in questions(document):
                self._entries.append(entry)
                vectors.append(_vector(text, embedder, countries))
        self._vectors = adaptation.of_questions(np.stack(vectors)) if vectors else None
        self._sources = _sources(self._entries, passages)

    def find(self, asked: Query, countries: Sequence[str], hits: Sequence[Hit]) -> list[Extract]:
        """The sentences of the verified answer to this question, in their order; none where there is no such answer.

        It is for the same countries, names no number or name that the answer and its question do not, and no question
        expected of another document, among the hits, is more like this one.
        """
        if self._vectors is None:
            return []
        cosines = self._vectors @ self._adaptation.of_questions(asked.vector)
        for row in np.argsort(-cosines, kind="stable"):
            if cosines[row] < self._alike:
                return []
            entry = self._entries[row]
            if (
                entry.countries == set(countries)
                and _specifics(asked.text, self._countries) <= entry.specifics
                and cosines[row] >= _rival(hits, entry.cites)
            ):
                return list(entry.extracts)
        return []

    def source(self, extract: Extract) -> Extract | None:
        """The same sentence in the document that the officer's answer quotes, if it does."""
        return self._sources.get(extract.place)


def ours(documents: Sequence[Document]) -> list[Document]:
    """The verified answers among documents. An ingested one that says of itself to be such has no question."""
    return [document for document in documents if document.authority == AUTHORITY and document.expected]


def apart(documents: Sequence[Document], passages: Collection[Passage]) -> dict[str, Passage]:
    """The passages of all other documents, by id: what is searched where no verified answer fits."""
    names = {document.id for document in ours(documents)}
    return {passage.id: passage for passage in passages if passage.document_id not in names}


def is_whole(extracts: Sequence[Extract]) -> bool:
    """Whether sentences that answer best are a verified answer's, which is given as it was approved."""
    return bool(extracts) and extracts[0].hit.passage.authority == AUTHORITY


def questions(document: Document) -> list[str]:
    """The questions that a verified answer is for."""
    return [text for expected in document.expected for text in expected.questions]


def _entry(document: Document, passages: Collection[Passage], countries: Countries) -> Entry:
    own = sorted((passage for passage in passages if passage.document_id == document.id), key=lambda p: p.position)
    asked = " ".join(questions(document))
    named = frozenset([document.country]) if document.country else frozenset(countries.find(asked))
    extracts = tuple(
        Extract(hit=Hit(passage=passage, score=1.0), start=start, end=end, score=SURE)
        for passage in own
        for start, end in chunking.sentences(passage.text)
    )
    specifics = frozenset(_specifics(" ".join([asked, *(passage.text for passage in own)]), countries))
    return Entry(extracts, named, specifics, frozenset(document.see_also))


def _vector(text: str, embedder: Embedder, countries: Countries) -> Vectors:
    names = [countries.name(code) for code in countries.find(text)]
    return query(text, embedder, names, keep=True).vector


def _sources(entries: Sequence[Entry], passages: Collection[Passage]) -> Mapping[tuple[str, int], Extract]:
    """For each sentence of a verified answer, by passage and start, the same sentence in what it cites."""
    wanted = {_folded(extract.text) for entry in entries for extract in entry.extracts}
    cited = {name for entry in entries for name in entry.cites}
    there = {
        (passage.document_id, folded): Extract(hit=Hit(passage=passage, score=1.0), start=start, end=end, score=SURE)
        for passage in passages
        if passage.document_id in cited
        for start, end in chunking.sentences(passage.text)
        if (folded := _folded(passage.text[start:end])) in wanted
    }
    return {
        extract.place: there[name, _folded(extract.text)]
        for entry in entries
        for extract in entry.extracts
        for name in entry.cites
        if (name, _folded(extract.text)) in there
    }


def _rival(hits: Sequence[Hit], cited: frozenset[str]) -> float:
    """How near the question comes to any that is expected of documents that the answer does not rest on."""
    others = [hit.expected.values() for hit in hits if hit.passage.document_id not in cited]
    return max((max(cosines) for cosines in others if cosines), default=-1.0)


def _specifics(text: str, countries: Countries) -> set[str]:
    """Numbers and codes, which make two questions differ however alike they are: Form D, Form E; 2025, 2030."""
    codes = [] if text.isupper() else facts.CODE.findall(text)
    named = {code.casefold() for code in codes if code not in EVERYWHERE and not countries.find(code)}
    return {*named, *map(str.casefold, FORM.findall(text)), *attributes.forms(text), *facts.numbers(text)}


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
