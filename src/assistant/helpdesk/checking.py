"""Says of each sentence of a reply how it stands to the sources that it cites."""

import re
from collections.abc import Collection, Iterator, Sequence

from assistant import chunking, data, language
from assistant.bootstrap import Assistant
from assistant.citations import MARKER, markers
from assistant.errors import NotFoundError
from assistant.terms import PASSAGES
from assistant.tickets import Checked, Standing
from assistant.types import Answer, Citation, Claim, Failing, Frozen, Hit, Passage, Written

MARKED = re.compile(r"(?:\s*\[\d{1,3}\])+")
DIFFERING: frozenset[Failing] = frozenset({"address", "number", "name", "meaning"})
COURTESY_WORDS = 14  # of a courteous sentence at most; a longer one says more
REMEMBERED = 500  # verdicts, so that typing on does not check the same sentence again


class Piece(Frozen):
    """A sentence as it was typed, with the markers behind it."""

    text: str
    markers: tuple[int, ...] = ()


class Checker:
    """Checks replies against the passages of their citations."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._seen: dict[tuple[object, ...], tuple[Claim | None, Failing | None, float | None]] = {}

    def check(
        self, text: str, citations: Sequence[Citation], own: Collection[str] = (), code: str = PASSAGES
    ) -> tuple[Checked, ...]:
        """The sentences of a reply, in order. `own` are texts that need no source; `code` is the reply's language."""
        exempt = {folded(piece.text) for each in own for line in lines(each) for piece in line}
        found = {c.passage_id: passage for c in citations if (passage := self._passage(c)) is not None}
        return tuple(self._checked(piece, citations, found, exempt, code) for line in lines(text) for piece in line)

    def _checked(
        self, piece: Piece, citations: Sequence[Citation], passages: dict[str, Passage], own: set[str], code: str
    ) -> Checked:
        named = [citation for citation in citations if citation.marker in piece.markers]
        quoted = [c.marker for c in named or citations if folded(c.quote) == folded(piece.text)]
        if quoted:
            return _as(piece, "quoted", tuple(m for m in piece.markers if m in quoted) or tuple(quoted[:1]), 1.0)
        if not named and is_own(piece.text, own):
            return _as(piece, "own words", ())
        if len(named) < len(piece.markers) or not citations:
            return _as(piece, "no source", tuple(citation.marker for citation in named))
        if not _readable(piece.text, named or citations, code):
            return _as(piece, "cannot be checked", tuple(citation.marker for citation in named))
        return self._verified(piece, named, citations, passages)

    def _verified(
        self, piece: Piece, named: Sequence[Citation], citations: Sequence[Citation], passages: dict[str, Passage]
    ) -> Checked:
        """What the gate for generated text says of it: it must follow one sentence of a cited passage."""
        claim, failing, score = self._gate(piece.text, named or citations, passages)
        if claim is not None:
            spans = {span.hit.passage.id for span in claim.evidence}
            behind = tuple(c.marker for c in named or citations if c.passage_id in spans)
            return _as(piece, "follows", tuple(c.marker for c in named) or behind[:1], round(claim.score, 4))
        standing: Standing = "facts differ" if failing in DIFFERING else "not in source" if named else "no source"
        return _as(piece, standing, tuple(c.marker for c in named), round(score, 4) if score is not None else None)

    def _gate(
        self, text: str, citations: Sequence[Citation], passages: dict[str, Passage]
    ) -> tuple[Claim | None, Failing | None, float | None]:
        ids = tuple(dict.fromkeys(c.passage_id for c in citations if c.passage_id in passages))
        key = (text, ids)
        if key not in self._seen:
            if len(self._seen) >= REMEMBERED:
                self._seen.clear()
            hits = [Hit(passage=passages[passage_id], score=1.0) for passage_id in ids]
            written = Written(text=text, passages=tuple(range(1, len(hits) + 1)))
            found = self._assistant.gate.check(written, hits, PASSAGES)
            self._seen[key] = (found, None, None) if isinstance(found, Claim) else (None, found.failing, found.score)
        return self._seen[key]

    def _passage(self, citation: Citation) -> Passage | None:
        try:
            return self._assistant.passage(citation.passage_id)
        except NotFoundError:
            return None


def lines(text: str) -> list[list[Piece]]:
    """The sentences of a text, line by line as it was typed; markers belong to the sentence before them."""
    return [list(_pieces(line)) for line in text.splitlines()]


def joined(text: str, sentences: Sequence[Checked]) -> str:
    """A text as typed, each of its sentences followed by the markers that the check gave it."""
    rest = iter(sentences)
    return "\n".join(" ".join(next(rest).marked for _ in line) for line in lines(text))


def own_sentences(answer: Answer | None) -> tuple[str, ...]:
    """The sentences of an answer that came from our messages, not from a source."""
    return tuple(sentence.text for sentence in answer.sentences if not sentence.citations) if answer else ()


def is_own(text: str, own: Collection[str]) -> bool:
    """Whether a sentence needs no source: known wording of ours, a courtesy, or a question."""
    plain = folded(text)
    courteous = any(plain.startswith(words) for words in data.read("desk.yaml")["courtesies"])
    short = len(plain.split()) <= COURTESY_WORDS and not any(character.isdigit() for character in plain)
    return plain in own or plain.endswith(("?", "？")) or (courteous and short) or not any(map(str.isalnum, plain))


def folded(text: str) -> str:
    """For comparing: white space and case do not count."""
    return " ".join(text.split()).casefold()


def _pieces(line: str) -> Iterator[Piece]:
    start = 0
    for match in MARKED.finditer(line):
        yield from _sentences(line[start : match.start()], tuple(markers(match.group())))
        start = match.end()
    yield from _sentences(line[start:], ())


def _sentences(text: str, behind: tuple[int, ...]) -> Iterator[Piece]:
    """The sentences of a stretch without markers; those behind it belong to its last sentence."""
    spans = chunking.sentences(text) if text.strip() else []
    for number, (start, end) in enumerate(spans, start=1):
        yield Piece(text=text[start:end].strip(), markers=behind if number == len(spans) else ())


def _readable(text: str, citations: Sequence[Citation], code: str) -> bool:
    """Whether both the sentence and what it rests on are in the language that the gate reads."""
    plain = MARKER.sub("", text)
    return language.detect(plain, code) == PASSAGES and any(c.language == PASSAGES for c in citations)


def _as(piece: Piece, standing: Standing, behind: tuple[int, ...], score: float | None = None) -> Checked:
    supported = {"quoted": True, "follows": True, "own words": None}.get(standing, False)
    return Checked(text=piece.text, citations=behind, supported=supported, score=score, standing=standing)
