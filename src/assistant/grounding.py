"""Checks that a sentence says what its evidence says; what fails never reaches a reader."""

import re
from collections.abc import Iterable, Mapping

from assistant.types import Citation, Passage, Sentence

URL = re.compile(r"https?://[^\s<>\"'”’)\]]+[^\s<>\"'”’)\].,;:!?]")


def is_exact(citation: Citation, passages: Mapping[str, Passage]) -> bool:
    """Whether the quote stands in its passage at its offsets."""
    passage = passages.get(citation.passage_id)
    return passage is not None and passage.text[citation.start : citation.end] == citation.quote


def verified(
    sentences: Iterable[Sentence], citations: Mapping[int, Citation], passages: Mapping[str, Passage]
) -> list[Sentence]:
    """The sentences that may be shown, marked as supported; one of ours (without citations) passes as it is.

    A quoted sentence is supported if it equals the quote of one of its citations and that quote is exact.
    """
    kept: list[Sentence] = []
    for sentence in sentences:
        if not sentence.citations:
            kept.append(sentence)
            continue
        evidence = [citations[marker] for marker in sentence.citations]
        if all(is_exact(citation, passages) for citation in evidence) and any(
            citation.quote == sentence.text for citation in evidence
        ):
            kept.append(sentence.model_copy(update={"supported": True, "score": 1.0}))
    return kept


def urls(text: str) -> list[str]:
    """The addresses in a text, without the punctuation after them."""
    return URL.findall(text)
