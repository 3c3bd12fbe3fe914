"""Checks that a sentence says what its evidence says; what fails never reaches a reader."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from assistant import chunking, facts, language
from assistant.countries import Countries
from assistant.ports import Embedder, Verifier
from assistant.terms import PASSAGES
from assistant.types import Citation, Claim, Dropped, Extract, Failing, Hit, Passage, Written
from assistant.verification import Words

URL = re.compile(r"https?://[^\s<>\"'”’)\]]+[^\s<>\"'”’)\].,;:!?]")

SUPPORTED_FROM = 0.5  # score of the verifier from which a written sentence is shown
ADDS = 0.1  # of a sentence's words that what it rests on must hold
ALIKE = 0.82  # cosine from which a translation may say what its sentence says; of 20 true ones, 19 are above it
TELLING = 0.01  # by which it may be nearer to another sentence of the same passages


def is_exact(citation: Citation, passages: Mapping[str, Passage]) -> bool:
    """Whether the quote stands in its passage at its offsets."""
    passage = passages.get(citation.passage_id)
    return passage is not None and passage.text[citation.start : citation.end] == citation.quote


def stands(claim: Claim, passages: Mapping[str, Passage]) -> bool:
    """Whether all its evidence is of these passages and, unless it was written and checked, it is a quote of it."""
    known = all(passages.get(span.hit.passage.id) == span.hit.passage for span in claim.evidence)
    return bool(claim.evidence) and known and (claim.written or any(span.text == claim.text for span in claim.evidence))


def urls(text: str) -> list[str]:
    """The addresses in a text, without the punctuation after them."""
    return URL.findall(text)


def curated(passage: Passage) -> bool:
    """Whether the addresses in its text were put there by us, so that they may be shown."""
    return passage.wording == "restated"


class Gate:
    """Lets through what a language model wrote only where the passages say it too."""

    def __init__(self, verifier: Verifier, embedder: Embedder, countries: Countries) -> None:
        self._verifier = verifier
        self._embedder = embedder
        self._countries = countries

    def check(self, written: Written, hits: Sequence[Hit], code: str) -> Claim | Dropped:
        """The sentence with the spans that support it, in the reader's language; or what it is dropped for.

        It is looked for in the passages that it names, numbered from 1, and then in all, since a right sentence under
        a wrong number is right. Texts in English are read closely; a translation is compared with its English.
        """
        named = [hits[number - 1] for number in written.passages if 1 <= number <= len(hits)]
        found = self._supported(written, named) if named else None
        if not isinstance(found, Claim) and len(named) < len(hits):
            found = self._supported(written, hits)
        if not isinstance(found, Claim) or code == PASSAGES:
            return found or _dropped(written, "support")
        failing = self._changed(written.text, written.translation, code, found)
        if failing:
            return _dropped(written, failing)
        return found.model_copy(update={"text": written.translation, "language": code})

    def _supported(self, written: Written, hits: Sequence[Hit]) -> Claim | Dropped:
        """The sentence as a claim on the one of the passages that holds most of its words, if that supports it.

        One, because small models mix what two say into what neither does.
        """
        spans = [Extract(hit=hit, start=start, end=end, score=hit.score) for hit, start, end in _sentences(hits)]
        rows = Words(written.text, [span.text for span in spans]).covering(1, ADDS)
        if not rows:
            return _dropped(written, "address" if facts.ADDRESS.search(written.text) else "support")
        span = spans[rows[0]]
        quote = span.text if curated(span.hit.passage) else URL.sub("", span.text)
        if written.text == quote:
            return Claim(text=quote, evidence=(span,), language=PASSAGES, written=True)
        about = self._about(span.hit.passage)
        failing = self._lost(written.text, quote, about)
        if failing is None and not facts.follows(written.text, quote):
            failing = "support"
        if failing:
            return _dropped(written, failing)
        score = self._verifier.score(written.text, [about, quote])
        if score < SUPPORTED_FROM:
            return _dropped(written, "support", score)
        return Claim(text=written.text, evidence=(span,), language=PASSAGES, score=score, written=True)

    def _lost(self, text: str, quote: str, about: str) -> Failing | None:
        if not set(urls(text)) <= set(urls(quote)):
            return "address"
        if not set(self._countries.find(text)) <= set(self._countries.find(f"{about} {quote}")):
            return "name"
        return facts.lost(URL.sub("", text), [quote], [about])

    def _about(self, passage: Passage) -> str:
        """What a passage is about, which its sentences need not say again."""
        country = self._countries.name(passage.country) if passage.country else ""
        return ". ".join(filter(None, [country, passage.title, passage.section, passage.publisher]))

    def _changed(self, text: str, translation: str, code: str, found: Claim) -> Failing | None:
        """What a translation changes that it may not. It says its sentence and no other of the same passages."""
        if not translation or language.detect(translation, code) not in (code, language.SIBLINGS.get(code)):
            return "language"
        if Counter(urls(text)) != Counter(urls(translation)):
            return "address"
        if set(self._countries.find(text)) != set(self._countries.find(translation)):
            return "name"
        failing = facts.altered(URL.sub("", text), URL.sub("", translation), code)
        if failing:
            return failing
        hits = {span.hit.passage.id: span.hit for span in found.evidence}.values()
        cited = {span.place for span in found.evidence}
        others = [hit.passage.text[a:b] for hit, a, b in _sentences([*hits]) if (hit.passage.id, a) not in cited]
        vectors = self._embedder.embed_passages([translation, text, *others])
        own, *alike = (vectors[1:] @ vectors[0]).tolist()
        return None if own >= max([ALIKE, *(cosine - TELLING for cosine in alike)]) else "translation"


def _sentences(hits: Sequence[Hit]) -> list[tuple[Hit, int, int]]:
    return [(hit, start, end) for hit in hits for start, end in chunking.sentences(hit.passage.text)]


def _dropped(written: Written, failing: Failing, score: float | None = None) -> Dropped:
    text = written.translation or written.text if failing in ("language", "translation") else written.text
    return Dropped(text=text, passages=written.passages, failing=failing, score=score)
