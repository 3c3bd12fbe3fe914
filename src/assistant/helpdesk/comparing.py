"""A sentence of a reply beside what it rests on: the facts of both, and of one alone, whatever their languages."""

from collections.abc import Sequence

from assistant import data, facts, grounding, language, numerals
from assistant.bootstrap import Assistant
from assistant.numerals import Numbers
from assistant.tickets import Checked, Comparison
from assistant.types import Citation

ENGLISH = "en"


def compare(assistant: Assistant, sentence: Checked, citations: Sequence[Citation], code: str) -> Comparison:
    """A sentence beside its citations, if it has any; `code` is the reply's language."""
    if not citations:
        return Comparison(
            text=sentence.text, evidence="", language=code, same=(), differs=(), alike=0.0, standing=sentence.standing
        )
    quotes = " ".join(citation.quote for citation in citations)
    said, there = _numbers(sentence.text, language.detect(sentence.text, code)), _all_numbers(citations)
    both = (said.sure & (there.sure | there.possible)) | (there.sure & said.possible)
    links = set(grounding.urls(sentence.text)), set(grounding.urls(quotes))
    places = set(assistant.countries.find(sentence.text)), set(assistant.countries.find(quotes))
    found = [
        ("number", both, said.sure - both, there.sure - both),
        *(
            (kind, mine & theirs, mine - theirs, theirs - mine)
            for kind, (mine, theirs) in (("link", links), ("country", places))
        ),
    ]
    return Comparison(
        text=sentence.text,
        evidence=quotes,
        language=code,
        same=tuple(f"{kind} {value}" for kind, shared, _, _ in found for value in sorted(shared)),
        differs=(
            *(f"{kind} {value} is not in the source" for kind, _, added, _ in found for value in sorted(added)),
            *(f"{kind} {value} is left out" for kind, _, _, lost in found for value in sorted(lost)),
        ),
        alike=round(assistant.alike(sentence.text, quotes), 3),
        standing=sentence.standing,
    )


def _all_numbers(citations: Sequence[Citation]) -> Numbers:
    read = [_numbers(citation.quote, citation.language) for citation in citations]
    sure = frozenset[str]().union(*(each.sure for each in read))
    return Numbers(sure=sure, possible=frozenset[str]().union(*(each.possible for each in read)) - sure)


def _numbers(text: str, code: str) -> Numbers:
    """The numbers of a text but for those of its links. In English "first" may be 1, and "May" the fifth month."""
    for link in grounding.urls(text):
        text = text.replace(link, " ")
    read = numerals.read(text, code)
    if code != ENGLISH:
        return read
    months = data.read("words.yaml")["months"]
    named = {str(months[word]) for word in facts.WORD.findall(text.lower()) if word in months}
    return Numbers(sure=read.sure, possible=read.possible | ((facts.numbers(text) | named) - read.sure))
