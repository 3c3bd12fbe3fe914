"""What an answer must say besides its evidence: status, refusals, portals, clarification, escalation, disclaimer."""

import itertools
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

import numpy as np

from assistant import chunking, expected
from assistant.adaptation import UNCHANGED, Adaptation
from assistant.conversation import OfSource
from assistant.countries import Countries
from assistant.expected import QUESTION_GAP
from assistant.messages import Messages
from assistant.ports import Embedder, Vectors
from assistant.routing import Intent, Routing
from assistant.types import (
    REFUSALS,
    Claim,
    Clarification,
    Document,
    Escalation,
    Extract,
    Frozen,
    Passage,
    Portal,
    Status,
)

ASSIST_NAME = "ASSIST"
ASSIST_URL = "https://assist.asean.org"
REPOSITORY = "ASEAN Trade Repository"

DECLINE_SURE = 0.75  # probability from which a kind is declined that evidence hardly turns …
PLAIN = 0.8  # … but by this confidence: on the dev halves none that must be declined comes to more than 0.36
ROUTE_SURE = 0.5  # probability of an intent from which it decides alone
SURE_ALONE = 0.9  # the same for kinds that short follow-ups are easily taken for
MAY_BE = 0.25  # probability from which what nothing answers is asked back about, as goods of some country
ENOUGH = 0.3  # confidence from which it answers, chosen on the dev halves

CARDS = 4  # portals shown at most
ALIKE = 0.85  # from which a question is not proposed to whoever has just asked it
LISTED_WEIGHT = 0.02  # beside cosines that differ by about 0.1

DECLINED: frozenset[Intent] = frozenset(
    ["individual", "greeting", "thanks", "off_topic", "other_region", "evasion", "injection"]
)
ACCUSING: frozenset[Intent] = frozenset(["evasion", "injection"])  # not to be said of a question that may be honest
REFUSED: frozenset[Intent] = frozenset([*DECLINED, "goods", "ruling", "problem"])
VAGUE: frozenset[Intent] = frozenset(["greeting", "thanks", "off_topic", "problem", "ruling", "individual"])
ROUTED: dict[Intent, str] = {"goods": "routed_goods", "ruling": "routed_ruling", "problem": "routed_problem"}
BY_COUNTRY: frozenset[Intent] = frozenset(["goods", "portal"])  # nothing to say before the country is known
ASSIST_TEXT: dict[Intent, tuple[str, ...]] = {
    "problem": ("assist_problem", "assist_not_for"),
    "individual": ("assist_not_for",),
    "other_region": ("assist_not_for",),
}


class Verdict(Frozen):
    """The status of the answer, and the key of the message that says why it refuses ("" where evidence answers)."""

    status: Status
    reason: str = ""

    @property
    def answers(self) -> bool:
        """Whether evidence answers the question, or a part of it."""
        return self.status not in REFUSALS


LINKLESS = Verdict(status="routed", reason="source_no_link")
"""Where the address of a source is asked for that has none."""


def decide(
    routing: Routing, countries: Sequence[str], confidence: float, *, national: bool = False, carried: bool = False
) -> Verdict:
    """Whether to answer. `confidence` in [0, 1] is how likely answering from what was found is right.

    `national` says that what was found is about one country, so that a question without one cannot be answered yet,
    `carried` that it is a follow-up, whose few words are easily taken for talk of something else.
    """
    sure = DECLINE_SURE if routing.intent in ACCUSING else ROUTE_SURE
    astray = carried and bool(countries) and routing.intent == "off_topic"
    intent = routing.intent if routing.probability >= sure and not astray else "facts"
    plain = confidence >= PLAIN and not is_attack(routing)
    if intent in DECLINED and routing.probability >= DECLINE_SURE and not plain:
        return Verdict(status="declined", reason=f"declined_{intent}")
    if confidence >= ENOUGH and (countries or not national):
        return Verdict(status="answered")
    if intent in DECLINED:
        return Verdict(status="declined", reason=f"declined_{intent}")
    of_goods = routing.probabilities.get("goods", 0.0) >= MAY_BE
    if not countries and (intent in BY_COUNTRY or national or of_goods):
        return Verdict(status="clarify", reason="clarify_country")
    return Verdict(status="routed", reason=ROUTED[intent]) if intent in ROUTED else unsourced(countries)


def unsourced(countries: Sequence[str]) -> Verdict:
    """The verdict where the sources do not answer a question about these countries."""
    return Verdict(status="routed", reason="routed_country" if countries else "routed")


def refusal(routing: Routing, *, curated: bool = True) -> float:
    """How likely the question is of a kind that is refused whatever is found, in [0, 1].

    Our corpus tells nothing of particular goods; a source that an operator brought in, not `curated` by us, may.
    """
    return sum(routing.probabilities[intent] for intent in REFUSED if curated or intent != "goods")


def is_attack(routing: Routing) -> bool:
    """Whether a text is so plainly meant to give orders that it is declined whatever is found."""
    return routing.intent == "injection" and is_accused(routing)


def is_accused(routing: Routing) -> bool:
    """Whether a text is so plainly against the law, or meant to give orders, that it is said to be."""
    return routing.intent in ACCUSING and routing.probability >= DECLINE_SURE


def stands_alone(routing: Routing, *, adrift: bool = False) -> bool:
    """Whether a question is so plainly of a kind that is refused that it is no follow-up of what was asked before.

    `adrift` says that its words name nothing, so that they tell little of its kind.
    """
    sure = SURE_ALONE if adrift or routing.intent in VAGUE else ROUTE_SURE
    return routing.intent in REFUSED and routing.probability >= sure


def escalation(messages: Messages, language: str, intent: Intent = "facts") -> Escalation:
    """Where a problem goes from here, worded by who may use it."""
    text = " ".join(messages.text(language, key) for key in ASSIST_TEXT.get(intent, ("assist_general",)))
    return Escalation(name=ASSIST_NAME, url=ASSIST_URL, text=text)


class Policy:
    """Words and portals around the evidence, in the reader's language."""

    def __init__(
        self, messages: Messages, countries: Countries, documents: Sequence[Document], ranking: "PortalRanking"
    ) -> None:
        self._messages = messages
        self._countries = countries
        self._ranking = ranking
        self._documents = {document.id: document for document in documents}

    def clarification(self, verdict: Verdict, language: str) -> Clarification | None:
        """The question back, with every country as an option."""
        if verdict.status != "clarify":
            return None
        options = self._countries.codes if verdict.reason == "clarify_country" else ()
        return Clarification(question=self._messages.text(language, verdict.reason), options=options)

    def cards(
        self, countries: Sequence[str], vector: Vectors, status: Status, intent: Intent, cited: Sequence[Extract] = ()
    ) -> list[Portal]:
        """Portals of the countries concerned, those of the cited sections first, then those nearest to the question.

        Without any, a regional one that what is cited names, or else one that helps. `vector` is the question's, shape
        (dimensions,).
        """
        if status == "declined" and intent != "individual":
            return []
        sections = {extract.hit.passage.section for extract in cited}
        documents = {extract.hit.passage.document_id for extract in cited}
        ranked = sorted(
            self._ranking.nearest(vector),
            key=lambda portal: (portal.name not in sections, portal.document_id not in documents),
        )
        cited_here = [portal for portal in ranked if portal.country is None and portal.document_id in documents]
        found = [*cited_here[:1], *self._fair([portal for portal in ranked if portal.country in countries], countries)]
        said = " ".join(extract.text for extract in cited)
        found = found or [portal for portal in ranked if portal.country is None and _is_named(portal, said)][:1]
        if found or intent == "individual" or (status != "routed" and intent != "problem"):
            return found
        wanted = ASSIST_NAME if intent == "problem" else REPOSITORY
        return [portal for portal in ranked if portal.country is None and wanted in portal.name][:1]

    def refusal(self, verdict: Verdict, language: str, countries: Sequence[str], cards: Sequence[Portal]) -> list[str]:
        """The sentences of a refusal: why, and which official place to turn to."""
        names = self._names(countries, language)
        said = [self._messages.text(language, verdict.reason, country=names)]
        if verdict.status == "clarify":
            return said
        said += [self.pointer(card, language) for card in self._first_of_each(cards)]
        if countries and not cards and verdict.status == "routed":
            said.append(self._messages.text(language, "routed_no_portal", country=names))
        return said

    def pointer(self, portal: Portal, language: str) -> str:
        """One sentence that names an official place, with its address where the source gives one."""
        country = self._countries.name(portal.country, language) if portal.country else "ASEAN"
        key = "see_portal" if portal.url else "see_portal_no_link" if portal.listed else "see_portal_no_link_here"
        return self._messages.text(language, key, portal=portal.name, country=country, url=portal.url or "")

    def of_source(
        self, wanted: OfSource, cited: Sequence[Passage], cards: Sequence[Portal], language: str
    ) -> list[str]:
        """What weight the first source cited has, or where one is published: at an official place's address or its own.

        An official place that is cited comes first, any of the country last.
        """
        if wanted == "binding":
            standing = self._messages.standing(cited[0], language)
            return [self._messages.text(language, "source_standing", source=cited[0].source, standing=standing)]
        documents = {passage.document_id for passage in cited}
        named = " ".join(passage.text for passage in cited)
        places = [card for card in cards if card.document_id in documents or _is_named(card, named)]
        urls = [passage.url for passage in cited if passage.url]
        if urls and not places:
            return [self._messages.text(language, "source_link", url=urls[0])]
        return [self.pointer(card, language) for card in (places or cards)[:1]]

    def frame(self, claim: Claim, language: str) -> list[str]:
        """What to say before a sentence in another language than the question's, or a translated one."""
        sources = dict.fromkeys(span.hit.passage.language for span in claim.evidence)
        names = ", ".join(self._messages.language_name(code, language) for code in sources if code != language)
        key = "translated" if claim.language == language else "evidence_in"
        return [self._messages.text(language, key, language=names)] if names else []

    def missing(
        self, extracts: Sequence[Extract], countries: Sequence[str], unanswered: Sequence[str], language: str
    ) -> str | None:
        """The sentence that names what of the question the evidence says nothing of, if it does of the rest.

        Some of the questions, where several were asked at once, or else some of the countries.
        """
        covered = {extract.hit.passage.country for extract in extracts}
        absent = [code for code in countries if code not in covered]
        some = None not in covered and len(absent) < len(countries)
        named = "; ".join(f"“{text}”" for text in unanswered) or (self._names(absent, language) if some else "")
        return self._messages.text(language, "partial", missing=named) if named else None

    def lacks_link(self, intent: Intent, cards: Sequence[Portal]) -> bool:
        """Whether a place was asked for and the source names it without a link."""
        return intent == "portal" and bool(cards) and cards[0].url is None

    def follow_ups(self, extracts: Sequence[Extract], asked: str, language: str, limit: int = 3) -> list[str]:
        """Questions that the cited documents and those they point to answer as well, in the reader's language."""
        cited = list(dict.fromkeys(extract.hit.passage.document_id for extract in extracts))
        related = [other for name in cited if name in self._documents for other in self._documents[name].see_also]
        found = (
            question
            for name in dict.fromkeys([*cited, *related])
            if name in self._documents and self._documents[name].language == language
            for question in self._documents[name].questions
        )
        fresh = [question for question in dict.fromkeys(found) if not _same_question(question, asked)]
        return fresh[:limit]

    def _names(self, codes: Sequence[str], language: str) -> str:
        return ", ".join(self._countries.in_sentence(code, language) for code in codes)

    def _first_of_each(self, cards: Sequence[Portal]) -> list[Portal]:
        first: dict[str | None, Portal] = {}
        for card in cards:
            first.setdefault(card.country, card)
        return list(first.values())

    def _fair(self, ranked: Sequence[Portal], countries: Sequence[str]) -> list[Portal]:
        """At most CARDS portals, or one for each country if those are more, in the order of the countries."""
        share = max(1, CARDS // max(1, len(countries)))
        return [portal for code in countries for portal in [p for p in ranked if p.country == code][:share]]


class PortalRanking:
    """All portals by how near what they give, or a question expected of it, is to a question.

    One on ASEAN's list is preferred when it is close.
    """

    def __init__(self, embedder: Embedder, documents: Sequence[Document], adaptation: Adaptation = UNCHANGED) -> None:
        self._portals = [portal for document in documents for portal in document.portals]
        self._adaptation = adaptation
        summaries = [portal.summary for portal in self._portals]
        self._vectors = adaptation.of_sentences(embedder.embed_passages(summaries)) if summaries else None
        asked = list(_asked_of_portals(documents))
        self._rows = np.array([row for row, _ in asked], dtype=np.int64)
        questions = [text for _, text in asked]
        self._asked = adaptation.of_questions(embedder.embed_queries(questions, keep=True)) if questions else None

    def nearest(self, vector: Vectors) -> list[Portal]:
        """Every portal, nearest first, for a question's vector of shape (dimensions,)."""
        if self._vectors is None:
            return []
        turned = self._adaptation.of_questions(vector)
        cosines = self._vectors @ turned
        if self._asked is not None:
            np.maximum.at(cosines, self._rows, self._asked @ turned - QUESTION_GAP)
        listed = np.array([LISTED_WEIGHT * portal.listed for portal in self._portals])
        return [self._portals[row] for row in np.argsort(-(cosines + listed), kind="stable")]


def _is_named(portal: Portal, text: str) -> bool:
    """Whether a text has the name of an official place, with or without the acronym behind it."""
    return portal.name.partition(" (")[0] in text


def _asked_of_portals(documents: Sequence[Document]) -> Iterator[tuple[int, str]]:
    """The questions expected of the section about each portal, or of a document about one alone, with its row."""
    rows = itertools.count()
    for document in documents:
        numbered = {portal.name: next(rows) for portal in document.portals}
        only = next(iter(numbered.values())) if len(numbered) == 1 else None
        passages = {passage.id: passage for passage in chunking.passages(document)} if numbered else {}
        for (passage_id, _), text in expected.placed([document], list(passages.values())):
            row = numbered.get(passages[passage_id].section.rpartition(" > ")[2], only)
            if row is not None:
                yield row, text


def _same_question(one: str, other: str) -> bool:
    """Whether two questions are the same but for a word or two. The quick ratios are upper bounds."""
    alike = SequenceMatcher(None, one.casefold(), other.casefold())
    return all(ratio() > ALIKE for ratio in (alike.real_quick_ratio, alike.quick_ratio, alike.ratio))
