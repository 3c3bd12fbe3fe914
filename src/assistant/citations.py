"""Turns a span of a passage into a citation, and finds the markers [n] in a text."""

import re

from assistant.types import Citation, Hit, Provenance

MARKER = re.compile(r"\[(\d{1,3})\]")


def cite(hit: Hit, start: int, end: int, marker: int) -> Citation:
    """The citation of `hit.passage.text[start:end]` under that marker."""
    passage = hit.passage
    return Citation(
        **passage.model_dump(include=set(Provenance.model_fields)),
        marker=marker,
        passage_id=passage.id,
        document_id=passage.document_id,
        section=passage.section,
        country=passage.country,
        page=passage.page,
        quote=passage.text[start:end],
        start=start,
        end=end,
        score=round(max(0.0, min(1.0, hit.score)), 4),
    )


def link(citation: Citation) -> str | None:
    """Where a reader can open what is cited, at its page; a path of this service where only the original is kept."""
    kept = f"/v1/documents/{citation.document_id}/original?version={citation.version}"
    address = citation.url or (kept if citation.retrieved_on else None)
    return f"{address}#page={citation.page}" if address and citation.page else address


def markers(text: str) -> list[int]:
    """The numbers of the markers in a text, in order."""
    return [int(number) for number in MARKER.findall(text)]


def without_markers(text: str) -> str:
    """The text with its markers taken out."""
    return " ".join(MARKER.sub("", text).split())
