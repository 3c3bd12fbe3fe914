"""What an answer must say besides its evidence: status, refusals, portals, clarification, escalation, disclaimer."""

from collections.abc import Sequence

from assistant.countries import Countries
from assistant.messages import Messages
from assistant.routing import Intent, Routing
from assistant.types import Clarification, Document, Escalation, Extract, Frozen, Hit, Portal, Sentence, Status

ASSIST_NAME = "ASSIST"
ASSIST_URL = "https://assist.asean.org"
REPOSITORY = "ASEAN Trade Repository"

ROUTE_SURE = 0.45  # probability of an intent from which it decides alone
ENOUGH = 0.5  # strength of the evidence from which it answers
PLENTY = 0.85  # strength that outweighs an intent that speaks for a refusal

CARDS = 4  # portals shown at most

DECLINED: frozenset[Intent] = frozenset(
    ["individual", "greeting", "thanks", "off_topic", "other_region", "evasion", "injection"]
)
FIRM: frozenset[Intent] = frozenset(["individual", "evasion", "injection"])  # evidence does not turn these
CAUTIOUS: frozenset[Intent] = frozenset([*DECLINED, "goods", "ruling"])  # answered on plenty of evidence only
ROUTED: dict[Intent, str] = {"goods": "routed_goods", "ruling": "routed_ruling", "problem": "routed_problem"}
BY_COUNTRY: frozenset[Intent] = frozenset(["goods", "portal"])  # nothing to say before the country is known
ASSIST_TEXT: dict[Intent, str] = {"problem": "assist_problem", "individual": "assist_not_for"}


class Verdict(Frozen):
    """The status of the answer, and the key of the message that says why it refuses ("" where evidence answers)."""

    status: Status
    reason: str = ""


def decide(routing: Routing, countries: Sequence[str], strength: float) -> Verdict:
    """Whether to answer. `strength` in [0, 1] is how likely the evidence answers the question."""
    intent = routing.intent if routing.probability >= ROUTE_SURE else "facts"
    if intent in FIRM or (intent in DECLINED and strength < PLENTY):
        return Verdict(status="declined", reason=f"declined_{intent}")
    if strength >= (PLENTY if intent in CAUTIOUS else ENOUGH):
        return Verdict(status="answered")
    if intent in BY_COUNTRY and not countries:
        return Verdict(status="clarify", reason="clarify_country")
    return Verdict(status="routed", reason=ROUTED.get(intent, "routed_country" if countries else "routed"))


def escalation(messages: Messages, language: str, intent: Intent = "facts") -> Escalation:
    """Where a problem goes from here, worded by who may use it."""
    text = messages.text(language, ASSIST_TEXT.get(intent, "assist_general"))
    return Escalation(name=ASSIST_NAME, url=ASSIST_URL, text=text)


class Policy:
    """Words and portals around the evidence, in the reader's language."""

    def __init__(self, messages: Messages, countries: Countries, documents: Sequence[Document]) -> None:
        self._messages = messages
        self._countries = countries
        self._portals = [portal for document in documents for portal in document.portals]
        self._documents = {document.id: document for document in documents}

    def clarification(self, verdict: Verdict, language: str) -> Clarification | None:
        """The question back, with every country as an option."""
        if verdict.status != "clarify":
            return None
        options = self._countries.codes if verdict.reason == "clarify_country" else ()
        return Clarification(question=self._messages.text(language, verdict.reason), options=options)

    def cards(self, countries: Sequence[str], hits: Sequence[Hit], status: Status, intent: Intent) -> list[Portal]:
        """Portals of the countries concerned, those nearest to the question first; else a regional one that helps."""
        if status == "declined" and intent != "individual":
            return []
        rank = {(hit.passage.document_id, hit.passage.section.split(" > ")[-1]): n for n, hit in enumerate(hits)}

        def order(portal: Portal) -> tuple[bool, int]:
            return not portal.listed, rank.get((portal.document_id, portal.name), len(rank))

        found = sorted((portal for portal in self._portals if portal.country in countries), key=order)
        if not found and status in ("routed", "answered") and intent != "individual":
            wanted = ASSIST_NAME if intent == "problem" else REPOSITORY
            found = [portal for portal in self._portals if portal.country is None and wanted in portal.name]
            found = found if status == "routed" or intent == "problem" else []
        return self._fair(found, countries)

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
        key = "see_portal" if portal.url else "see_portal_no_link"
        return self._messages.text(language, key, portal=portal.name, country=country, url=portal.url or "")

    def frame(self, extracts: Sequence[Extract], language: str) -> list[str]:
        """What to say before quotes that are in another language than the question."""
        foreign = dict.fromkeys(extract.hit.passage.language for extract in extracts)
        names = [self._messages.language_name(code, language) for code in foreign if code != language]
        return [self._messages.text(language, "evidence_in", language=", ".join(names))] if names else []

    def missing(self, extracts: Sequence[Extract], countries: Sequence[str], language: str) -> str | None:
        """The sentence that names the countries asked about of which the evidence says nothing, if some are missing."""
        covered = {extract.hit.passage.country for extract in extracts}
        absent = [code for code in countries if code not in covered]
        if None in covered or not absent or len(absent) == len(countries):
            return None
        return self._messages.text(language, "partial", missing=self._names(absent, language))

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
        fresh = [question for question in dict.fromkeys(found) if question.casefold() != asked.casefold()]
        return fresh[:limit]

    def _names(self, codes: Sequence[str], language: str) -> str:
        return ", ".join(self._countries.name(code, language) for code in codes)

    def _first_of_each(self, cards: Sequence[Portal]) -> list[Portal]:
        first: dict[str | None, Portal] = {}
        for card in cards:
            first.setdefault(card.country, card)
        return list(first.values())

    def _fair(self, found: Sequence[Portal], countries: Sequence[str]) -> list[Portal]:
        """At most CARDS portals, shared out among the countries in the order they were named."""
        queues = [[portal for portal in found if portal.country == code] for code in countries] or [list(found)]
        dealt = [queue[place] for place in range(CARDS) for queue in queues if place < len(queue)]
        kept = dealt[: max(CARDS, len(countries))]
        return [portal for queue in queues for portal in queue if portal in kept]


def said(texts: Sequence[str]) -> list[Sentence]:
    """Our own wording as sentences of an answer."""
    return [Sentence(text=text) for text in texts]
