"""Says of each sentence of a reply how it stands to the sources that it cites."""

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence

from assistant import chunking, language
from assistant.bootstrap import Assistant
from assistant.citations import MARKER, markers
from assistant.errors import NotFoundError
from assistant.helpdesk import courtesy
from assistant.terms import PASSAGES
from assistant.tickets import Checked, Standing
from assistant.types import Answer, Citation, Claim, Failing, Frozen, Hit, Passage, Written

MARKED = re.compile(r"(?:[^\S\n]*\[\d{1,3}\])+")
ONE_MARKED = re.compile(r"[^\S\n]*\[(\d{1,3})\]")
STOPS = ".!。！။។ "  # what may stand behind the markers of a sentence, and is no part of what it says
BLANK = "\u115f\u1160\u2800\u3164\uffa0"  # letters and signs that nobody sees
STOP = re.compile(f"[{STOPS.strip()}?？]+")
DIFFERING: frozenset[Failing] = frozenset({"address", "number", "name", "meaning"})
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
        self,
        text: str,
        citations: Sequence[Citation],
        own: Collection[str] = (),
        code: str = PASSAGES,
        names: Collection[str] = (),
    ) -> tuple[Checked, ...]:
        """The sentences of a reply, in order.

        `own` are texts that need no source, `names` of whom a letter may greet and who may sign it; `code` is the
        reply's language.
        """
        exempt = {folded(piece.text) for each in own for piece in pieces(each)}
        found = {c.passage_id: passage for c in citations if (passage := self._passage(c)) is not None}
        return tuple(self._checked(piece, citations, found, exempt, code, names) for piece in pieces(text, names))

    def _checked(
        self,
        piece: Piece,
        citations: Sequence[Citation],
        passages: dict[str, Passage],
        own: set[str],
        code: str,
        names: Collection[str],
    ) -> Checked:
        named = [citation for citation in citations if citation.marker in piece.markers]
        quoted = [c.marker for c in named or citations if _says(c.quote) == _says(piece.text)]
        if quoted:
            return _as(piece, "quoted", tuple(m for m in piece.markers if m in quoted) or tuple(quoted[:1]), 1.0)
        if not named and (folded(piece.text) in own or courtesy.says_nothing(piece.text, names)):
            return _as(piece, "own words", ())
        readable = _readable(piece.text, named or citations, code)
        if not named:
            return self._found(piece, citations, passages) if readable else _as(piece, "no source", ())
        if not readable:
            return _as(piece, "cannot be checked", tuple(citation.marker for citation in named))
        return self._verified(piece, named, passages)

    def _found(self, piece: Piece, citations: Sequence[Citation], passages: dict[str, Passage]) -> Checked:
        """A sentence that names no source may follow one of them all the same; if not, there is none to differ from."""
        claim, _, _ = self._gate(piece.text, citations, passages)
        if claim is None:
            return _as(piece, "no source", ())
        spans = {span.hit.passage.id for span in claim.evidence}
        behind = tuple(c.marker for c in citations if c.passage_id in spans)
        return _as(piece, "follows", behind[:1], round(claim.score, 4))

    def _verified(self, piece: Piece, named: Sequence[Citation], passages: dict[str, Passage]) -> Checked:
        """What the gate for generated text says of it: it must follow one sentence of a cited passage."""
        claim, failing, score = self._gate(piece.text, named, passages)
        behind = tuple(c.marker for c in named)
        if claim is not None:
            return _as(piece, "follows", behind, round(claim.score, 4))
        standing: Standing = "facts differ" if failing in DIFFERING else "not in source"
        return _as(piece, standing, behind, round(score, 4) if score is not None else None)

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


def pieces(text: str, names: Collection[str] = ()) -> list[Piece]:
    """The sentences of a text, line by line; markers belong to the sentence before them.

    What follows a courtesy ("Thank you, …") is a sentence by itself. `names` are as in `Checker.check`.
    """
    return [piece for line in text.splitlines() for piece in _pieces(line, names)]


def joined(text: str, sentences: Sequence[Checked]) -> str:
    """A text as it was typed, but for the markers that the check took from its sentences or gave them."""
    parts: list[str] = []
    done = 0
    for sentence, start, end, typed in _placed(text, sentences):
        added = "".join(f"[{marker}]" for marker in sentence.citations if marker not in markers(typed))
        parts += [MARKED.sub("", text[done:start]), sentence.text, _kept(typed, sentence), f" {added}" if added else ""]
        done = end
    return "".join([*parts, MARKED.sub("", text[done:])])


def with_stops(text: str, sentences: Sequence[Checked]) -> list[Checked]:
    """The sentences of a text as they are read alone: with the stop that was typed behind their markers."""
    found: list[Checked] = []
    for sentence, _, end, typed in _placed(text, sentences):
        stop = STOP.match(text, end) if typed else None
        found.append(sentence.model_copy(update={"text": sentence.text + stop.group()}) if stop else sentence)
    return found


def own_sentences(answer: Answer | None) -> tuple[str, ...]:
    """The sentences of an answer that came from our messages, not from a source."""
    return tuple(sentence.text for sentence in answer.sentences if not sentence.citations) if answer else ()


def is_empty(text: str) -> bool:
    """Whether a text has nothing to read: no letter, digit or sign beside its markers."""
    return not any(unicodedata.category(c)[0] in "LNS" and c not in BLANK for c in MARKER.sub("", text))


def folded(text: str) -> str:
    """For comparing: white space and case do not count."""
    return " ".join(text.split()).casefold()


def _says(text: str) -> str:
    """For comparing with a quote: a stop behind the markers is not lost to the sentence."""
    return folded(text).rstrip(STOPS)


def _placed(text: str, sentences: Sequence[Checked]) -> Iterator[tuple[Checked, int, int, str]]:
    """Where each sentence begins, where the markers behind it end, and those as they were typed.

    A sentence that stands there no more, its personal data having been erased, is left out.
    """
    done = 0
    for sentence in sentences:
        start = text.find(sentence.text, done)
        if start < 0:
            continue
        end = start + len(sentence.text)
        behind = MARKED.match(text, end)
        done = behind.end() if behind else end
        yield sentence, start, done, text[end:done]


def _kept(typed: str, sentence: Checked) -> str:
    """The markers behind a sentence as they were typed, without those that the check dropped."""
    kept = ONE_MARKED.sub(lambda one: one.group() if int(one[1]) in sentence.citations else "", typed).lstrip()
    return typed[: len(typed) - len(typed.lstrip())] + kept if kept else ""


def _pieces(line: str, names: Collection[str]) -> Iterator[Piece]:
    start = 0
    for match in MARKED.finditer(line):
        yield from _sentences(line[start : match.start()], tuple(markers(match.group())), names)
        start = match.end()
    yield from _sentences(line[start:], (), names)


def _sentences(text: str, behind: tuple[int, ...], names: Collection[str]) -> Iterator[Piece]:
    """The sentences of a stretch without markers; those behind it belong to its last sentence."""
    spans = chunking.sentences(text) if text.strip() else []
    said = [text[start:end].strip() for start, end in spans]
    said = [part for sentence in said for part in _parted(sentence, names)]
    for number, sentence in enumerate(said, start=1):
        marked = behind if number == len(said) else ()
        if marked or any(map(str.isalnum, sentence)):
            yield Piece(text=sentence, markers=marked)


def _parted(sentence: str, names: Collection[str]) -> Iterator[str]:
    """A sentence, its courteous opening apart."""
    at = courtesy.opening(sentence, names)
    yield from filter(None, (sentence[:at].strip(), sentence[at:].strip()))


def _readable(text: str, citations: Sequence[Citation], code: str) -> bool:
    """Whether both the sentence and what it rests on are in the language that the gate reads."""
    plain = MARKER.sub("", text)
    return language.detect(plain, code) == PASSAGES and any(c.language == PASSAGES for c in citations)


def _as(piece: Piece, standing: Standing, behind: tuple[int, ...], score: float | None = None) -> Checked:
    supported = {"quoted": True, "follows": True, "own words": None}.get(standing, False)
    return Checked(text=piece.text, citations=behind, supported=supported, score=score, standing=standing)
