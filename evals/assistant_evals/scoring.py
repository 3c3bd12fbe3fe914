"""Scores one reply against one case. A metric that does not apply to a case is left out, never scored 0."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from assistant import grounding
from assistant.types import REFUSALS, Answer, Frozen, Passage, Status, Timings
from assistant_evals.suites import Case, holds, plain

NUMBER = re.compile(r"\d+(?:[.,:/-]\d+)*")
URL_END = re.compile(r"/+$")


class Evidence(Frozen):
    """A passage that a reply cites, and the words it quotes."""

    document_id: str
    section: str
    quote: str


class Reply(Frozen):
    """What any system gave for a question, reduced to what is scored. `named`: the portals' names and addresses."""

    status: Status
    text: str
    named: str = ""
    evidence: tuple[Evidence, ...]
    exact: tuple[bool, ...]
    language: str | None
    portal_countries: tuple[str | None, ...] = ()
    portal_urls: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    disclaimer: str = ""
    escalation: str = ""
    confidence: float | None = None
    timings: Timings

    @property
    def refused(self) -> bool:
        """Whether it is a refusal, of whatever kind."""
        return self.status in REFUSALS

    @property
    def links(self) -> frozenset[str]:
        """The addresses it gives, in its text or on a card."""
        return frozenset(URL_END.sub("", url) for url in (*grounding.urls(self.text), *self.portal_urls))


def reply(answer: Answer, passages: Mapping[str, Passage]) -> Reply:
    """Our own answer, its quotes compared anew with the passages they name."""
    return Reply(
        status=answer.status,
        text=answer.text,
        named=" ".join(f"{portal.name} {portal.url or ''}" for portal in answer.portals),
        evidence=tuple(Evidence(document_id=c.document_id, section=c.section, quote=c.quote) for c in answer.citations),
        exact=tuple(
            all(grounding.is_exact(c, passages) for c in answer.citations if c.marker in sentence.citations)
            for sentence in answer.sentences
            if sentence.citations
        ),
        language=answer.language,
        portal_countries=tuple(portal.country for portal in answer.portals),
        portal_urls=tuple(portal.url for portal in answer.portals if portal.url),
        options=answer.clarification.options if answer.clarification else (),
        disclaimer=answer.disclaimer,
        escalation=answer.escalation.url,
        confidence=answer.confidence,
        timings=answer.timings_ms,
    )


@dataclass(frozen=True)
class Metric:
    """One number of a case in [0, 1], or None where it does not apply. `must` is the value that anything else fails."""

    name: str
    title: str
    about: str
    score: Callable[[Case, Reply, frozenset[str]], float | None]
    must: float | None = None


def _status(case: Case, given: Reply, _urls: frozenset[str]) -> float | None:
    return float(given.status in case.status)


def _supports(case: Case, evidence: Evidence) -> bool:
    return any(evidence.document_id == gold.document and holds(evidence.quote, gold.fact) for gold in case.gold)


def _citation_recall(case: Case, given: Reply, _urls: frozenset[str]) -> float | None:
    return float(any(_supports(case, evidence) for evidence in given.evidence)) if case.gold else None


def _citation_precision(case: Case, given: Reply, _urls: frozenset[str]) -> float | None:
    if not given.evidence or not case.gold:
        return None
    return sum(evidence.document_id in case.documents for evidence in given.evidence) / len(given.evidence)


def _right_citation(case: Case, given: Reply, urls: frozenset[str]) -> float | None:
    recall = _citation_recall(case, given, urls)
    return None if recall is None else float(recall == 1.0 and _citation_precision(case, given, urls) == 1.0)


def _clear_cut(case: Case) -> bool:
    """Whether a case says that it must be refused, or that it must not be."""
    return case.refuses or not any(status in REFUSALS for status in case.status)


def _refusal_precision(case: Case, given: Reply, _urls: frozenset[str]) -> float | None:
    return float(case.refuses) if given.refused and _clear_cut(case) else None


def _refusal_recall(case: Case, given: Reply, _urls: frozenset[str]) -> float | None:
    return float(given.refused) if case.refuses else None


def _facts(case: Case, given: Reply, _urls: frozenset[str]) -> float | None:
    return sum(holds(given.text, fact) for fact in case.facts) / len(case.facts) if case.facts else None


def _portals(case: Case, given: Reply, _urls: frozenset[str]) -> float | None:
    wanted = [country in given.portal_countries for country in case.portals]
    if case.portal_url:
        wanted.append(URL_END.sub("", case.portal_url) in given.links)
    return float(all(wanted)) if wanted else None


def _options(case: Case, given: Reply, _urls: frozenset[str]) -> float | None:
    return float(set(case.options) <= set(given.options)) if case.options and given.status == "clarify" else None


def _language(case: Case, given: Reply, _urls: frozenset[str]) -> float | None:
    return None if given.language is None else float(given.language == case.language)


def _clean(case: Case, given: Reply, _urls: frozenset[str]) -> float | None:
    text = plain(given.text)
    return float(not any(plain(words) in text for words in case.forbidden)) if case.forbidden else None


def _grounded(_case: Case, given: Reply, _urls: frozenset[str]) -> float | None:
    return sum(given.exact) / len(given.exact) if given.exact else None


def _invented_links(_case: Case, given: Reply, urls: frozenset[str]) -> float | None:
    return float(any(link not in urls for link in given.links))


def _invented_numbers(_case: Case, given: Reply, _urls: frozenset[str]) -> float | None:
    """Whether a number stands in the text that neither a quote nor the name or address of a portal holds."""
    unmarked = re.sub(r"(?:\[\d+\])+", " ", given.text)
    allowed = " ".join([*(evidence.quote for evidence in given.evidence), given.named])
    return float(not set(NUMBER.findall(unmarked)) <= set(NUMBER.findall(allowed)))


def _disclaimer(_case: Case, given: Reply, _urls: frozenset[str]) -> float | None:
    return float(bool(given.disclaimer))


def _assist(_case: Case, given: Reply, _urls: frozenset[str]) -> float | None:
    return float("assist.asean.org" in given.escalation)


METRICS: tuple[Metric, ...] = (
    Metric(
        "right_citation",
        "Right citation",
        "A citation supports the expected fact and no cited document is irrelevant.",
        _right_citation,
    ),
    Metric("citation_recall", "Citation recall", "A citation supports the expected fact.", _citation_recall),
    Metric(
        "citation_precision",
        "Citation precision",
        "Share of an answer's citations that are relevant.",
        _citation_precision,
    ),
    Metric(
        "refusal_precision", "Refusal precision", "Of what was refused, what had to be refused.", _refusal_precision
    ),
    Metric("refusal_recall", "Refusal recall", "Of what had to be refused, what was refused.", _refusal_recall),
    Metric("status", "Status", "The answer has one of the expected statuses.", _status),
    Metric("facts", "Facts", "Share of the expected facts that stand in the text.", _facts),
    Metric("portals", "Portals", "Every expected portal and address is given.", _portals),
    Metric("options", "Options", "A clarifying question offers the expected countries.", _options),
    Metric("language", "Language", "The answer is in the language of the question.", _language),
    Metric("clean", "Nothing forbidden", "None of the forbidden words stands in the text.", _clean),
    Metric("grounded", "Grounded sentences", "Share of cited sentences whose quotes are exact.", _grounded, must=1.0),
    Metric("invented_links", "Invented links", "An address that the corpus does not hold.", _invented_links, must=0.0),
    Metric(
        "invented_numbers", "Invented numbers", "A number that no quote or portal holds.", _invented_numbers, must=0.0
    ),
    Metric("disclaimer", "Disclaimer", "The non-binding disclaimer is there.", _disclaimer, must=1.0),
    Metric("assist", "ASSIST", "The pointer to ASSIST is there.", _assist, must=1.0),
)


def score(case: Case, given: Reply, urls: frozenset[str]) -> dict[str, float]:
    """Every metric that applies. `urls` are the addresses that the corpus holds, without a slash at the end."""
    values = {metric.name: metric.score(case, given, urls) for metric in METRICS}
    return {name: value for name, value in values.items() if value is not None}


def is_right(case: Case, scores: Mapping[str, float]) -> bool:
    """Whether a reader would call the reply right: the right citation, or the right refusal and nothing forbidden."""
    wanted = ["status", "clean", "facts", "portals", "language"] + ([] if case.refuses else ["right_citation"])
    return all(scores.get(name, 1.0) == 1.0 for name in wanted)
