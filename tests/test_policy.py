"""Status, refusals, portals and what surrounds the evidence."""

from collections.abc import Sequence

import pytest

from assistant import corpus, countries, messages
from assistant.policy import (
    ASSIST_URL,
    CARDS,
    DECLINED,
    ENOUGH,
    MAY_BE,
    PLAIN,
    Policy,
    PortalRanking,
    Verdict,
    decide,
    escalation,
    is_attack,
    refusal,
    stands_alone,
)
from assistant.routing import INTENTS, Intent, Routing
from assistant.types import Claim, Document, Expected, Extract, Portal, Status
from fakes import WordEmbedder, make_hit
from places import SMALL_CORPUS

KNOWN = countries.load()
WORDING = messages.load()
DOCUMENTS = corpus.load(SMALL_CORPUS)
EMBEDDER = WordEmbedder()
URLS = {portal.url for document in DOCUMENTS for portal in document.portals if portal.url}


def routed(intent: Intent, probability: float = 0.95) -> Routing:
    return Routing(intent=intent, probability=probability, probabilities={intent: probability})


def extract(document: str, country: str | None = None, language: str = "en", text: str = "Words.") -> Extract:
    hit = make_hit(text, document_id=document, id=document, country=country, language=language)
    return Extract(hit=hit, start=0, end=len(text), score=1.0)


def make_policy(documents: list[Document]) -> Policy:
    return Policy(WORDING, KNOWN, documents, PortalRanking(EMBEDDER, documents))


POLICY = make_policy(DOCUMENTS)


def cards_of(
    places: Sequence[str],
    status: Status = "routed",
    intent: Intent = "facts",
    about: str = "customs",
    policy: Policy = POLICY,
) -> list[Portal]:
    return policy.cards(places, EMBEDDER.embed_queries([about])[0], status, intent)


def names(cards: list[Portal]) -> list[str]:
    return [card.name for card in cards]


@pytest.mark.parametrize("intent", sorted(DECLINED))
def test_usual_evidence_turns_no_firm_refusal(intent: Intent) -> None:
    assert decide(routed(intent), ["SG"], PLAIN - 0.01) == Verdict(status="declined", reason=f"declined_{intent}")


@pytest.mark.parametrize("intent", ["individual", "evasion"])
def test_plain_evidence_answers_an_honest_question_that_sounds_otherwise(intent: Intent) -> None:
    assert decide(routed(intent), ["SG"], PLAIN) == Verdict(status="answered")


def test_no_evidence_answers_an_injection() -> None:
    assert decide(routed("injection"), ["SG"], 1.0) == Verdict(status="declined", reason="declined_injection")


@pytest.mark.parametrize("intent", ["greeting", "thanks", "off_topic", "other_region"])
def test_what_lies_outside_is_declined_unless_answering_is_likelier_right(intent: Intent) -> None:
    assert decide(routed(intent), [], ENOUGH - 0.01).status == "declined"
    assert decide(routed(intent), [], 1.0).status == "answered"


@pytest.mark.parametrize("intent", ["facts", "portal", "problem"])
@pytest.mark.parametrize("places", [[], ["SG"]])
def test_good_evidence_answers(intent: Intent, places: list[str]) -> None:
    assert decide(routed(intent), places, 0.99) == Verdict(status="answered")


def test_a_rate_without_evidence_is_routed() -> None:
    assert decide(routed("goods"), ["SG"], ENOUGH - 0.01) == Verdict(status="routed", reason="routed_goods")


def test_the_likelihood_of_a_refused_kind_sums_over_such_kinds() -> None:
    probabilities: dict[Intent, float] = {"facts": 0.5, "portal": 0.2, "goods": 0.2, "evasion": 0.1}
    mixed = Routing(intent="facts", probability=0.5, probabilities=dict.fromkeys(INTENTS, 0.0) | probabilities)
    assert refusal(mixed) == pytest.approx(0.3)


def test_what_an_operator_brought_in_may_tell_of_goods() -> None:
    routing = Routing(intent="goods", probability=0.9, probabilities={**dict.fromkeys(INTENTS, 0.0), "goods": 0.9})
    assert refusal(routing) == pytest.approx(0.9)
    assert refusal(routing, curated=False) == 0.0


@pytest.mark.parametrize(
    ("intent", "probability", "attack"), [("injection", 0.8, True), ("injection", 0.6, False), ("evasion", 0.99, False)]
)
def test_only_a_plain_injection_is_an_attack(intent: Intent, probability: float, attack: bool) -> None:
    assert is_attack(routed(intent, probability)) is attack


@pytest.mark.parametrize(
    ("intent", "probability", "alone"),
    [
        ("goods", 0.6, True),
        ("problem", 0.6, False),
        ("problem", 0.9, True),
        ("individual", 0.6, False),
        ("facts", 0.99, False),
    ],
)
def test_only_a_plain_refused_kind_stands_alone(intent: Intent, probability: float, alone: bool) -> None:
    assert stands_alone(routed(intent, probability)) is alone


def test_the_portal_of_a_cited_section_leads() -> None:
    cited = extract("portals-singapore", "SG")
    section = cited.hit.passage.model_copy(update={"section": "Singapore Product Search"})
    cited = cited.model_copy(update={"hit": cited.hit.model_copy(update={"passage": section})})
    vector = EMBEDDER.embed_queries(["rules of origin"])[0]
    assert POLICY.cards(["SG"], vector, "answered", "facts", [cited])[0].name == "Singapore Product Search"


@pytest.mark.parametrize(
    ("text", "found"),
    [("The Secretariat keeps the ASEAN Trade Repository (ATR).", 1), ("The Secretariat keeps the minutes.", 0)],
    ids=["named", "not-named"],
)
def test_a_place_of_all_countries_that_is_cited_by_name_has_its_card(text: str, found: int) -> None:
    vector = EMBEDDER.embed_queries(["who keeps it"])[0]
    cards = POLICY.cards([], vector, "answered", "facts", [extract("other", text=text)])
    assert names(cards) == ["ASEAN Trade Repository"] * found


@pytest.mark.parametrize("intent", ["goods", "ruling", "problem"])
def test_without_evidence_the_refusal_fits_the_kind_of_question(intent: Intent) -> None:
    assert decide(routed(intent), ["SG"], 0.0) == Verdict(status="routed", reason=f"routed_{intent}")


@pytest.mark.parametrize("strength", [0.0, 0.99])
def test_what_is_about_one_country_needs_one_to_be_named(strength: float) -> None:
    assert decide(routed("facts"), [], strength, national=True) == Verdict(status="clarify", reason="clarify_country")
    assert decide(routed("facts"), ["SG"], strength, national=True).status in ("routed", "answered")


@pytest.mark.parametrize("intent", ["goods", "portal"])
def test_without_a_country_one_is_asked_for(intent: Intent) -> None:
    assert decide(routed(intent), [], 0.0) == Verdict(status="clarify", reason="clarify_country")
    assert decide(routed(intent), ["SG"], 0.0).status == "routed"


@pytest.mark.parametrize("places", [[], ["SG"]])
def test_without_evidence_a_fact_is_routed(places: list[str]) -> None:
    assert decide(routed("facts"), places, 0.0).status == "routed"


def test_an_unsure_guess_of_the_intent_decides_nothing() -> None:
    assert decide(routed("injection", probability=0.1), [], 0.99).status == "answered"


@pytest.mark.parametrize("intent", INTENTS)
@pytest.mark.parametrize("places", [(), ("SG",)])
@pytest.mark.parametrize("strength", [0.0, 0.6, 1.0])
def test_every_refusal_has_its_words_in_every_language(
    intent: Intent, places: tuple[str, ...], strength: float
) -> None:
    verdict = decide(routed(intent), places, strength)
    cards = cards_of(places, verdict.status, intent)
    for code in WORDING.languages if verdict.reason else ():
        said = POLICY.refusal(verdict, code, places, cards)
        assert all(said)
        assert not any("{" in sentence for sentence in said)


@pytest.mark.parametrize("intent", INTENTS)
def test_assist_is_always_named(intent: Intent) -> None:
    for code in WORDING.languages:
        pointer = escalation(WORDING, code, intent)
        assert (pointer.name, pointer.url) == ("ASSIST", ASSIST_URL)


def test_cards_are_those_of_the_country() -> None:
    assert set(names(cards_of(["SG"]))) == {
        "Singapore Customs FAQs",
        "Singapore Rules of Origin",
        "Singapore Product Search",
    }


@pytest.mark.parametrize("about", ["rules of origin", "product search code"])
def test_the_portal_nearest_to_the_question_leads(about: str) -> None:
    assert about.split(maxsplit=1)[0] in names(cards_of(["SG"], about=about))[0].lower()


def test_a_question_expected_of_a_portal_leads_to_it() -> None:
    expected = Expected(words="product search of Singapore finds", questions=("who sorts my blue widgets",))
    documents = [
        document.model_copy(update={"expected": (expected,)}) if document.country == "SG" else document
        for document in DOCUMENTS
    ]
    about = "who sorts my green widgets"
    assert names(cards_of(["SG"], about=about))[0] != "Singapore Product Search"
    assert names(cards_of(["SG"], about=about, policy=make_policy(documents)))[0] == "Singapore Product Search"


def test_of_two_portals_alike_the_one_on_the_list_leads() -> None:
    portal = DOCUMENTS[0].portals[0].model_copy(update={"country": "SG", "listed": False})
    listed = portal.model_copy(update={"listed": True, "url": None})
    policy = make_policy([DOCUMENTS[0].model_copy(update={"portals": (portal, listed)})])
    assert cards_of(["SG"], policy=policy)[0].listed


def test_several_countries_share_the_cards_in_their_order() -> None:
    cards = cards_of(["SG", "MY", "ID"])
    assert list(dict.fromkeys(card.country for card in cards)) == ["SG", "MY", "ID"]
    assert len(cards) <= CARDS


def test_every_named_country_has_a_card_however_many() -> None:
    portal = DOCUMENTS[0].portals[0]
    portals = tuple(portal.model_copy(update={"country": code, "name": f"Gate {code}"}) for code in KNOWN.codes)
    policy = make_policy([DOCUMENTS[0].model_copy(update={"portals": portals})])
    assert [card.country for card in cards_of(KNOWN.codes, policy=policy)] == list(KNOWN.codes)


def test_a_corpus_without_portals_has_no_cards() -> None:
    assert cards_of(["SG"], policy=make_policy([DOCUMENTS[1].model_copy(update={"portals": ()})])) == []


def test_a_follow_up_about_a_country_is_not_off_topic() -> None:
    assert decide(routed("off_topic"), ["MY"], 0.0, carried=True) == Verdict(status="routed", reason="routed_country")
    assert decide(routed("off_topic"), ["MY"], 0.0).status == "declined"
    assert decide(routed("off_topic"), [], 0.0, carried=True).status == "declined"


@pytest.mark.parametrize(("listed", "said"), [(True, "ASEAN's list gives no link"), (False, "the sources used here")])
def test_a_place_without_a_link_says_who_gives_none(listed: bool, said: str) -> None:
    given = next(portal for document in DOCUMENTS for portal in document.portals)
    assert said in POLICY.pointer(given.model_copy(update={"url": None, "listed": listed}), "en")


def test_the_link_of_a_place_that_is_named_comes_before_the_page_that_names_it() -> None:
    card = next(portal for document in DOCUMENTS for portal in document.portals if portal.country is None)
    cited = extract("other", text=f"The {card.name} is free.").hit.passage.model_copy(
        update={"url": "https://a.example"}
    )
    assert card.url in POLICY.of_source("link", [cited], [card], "en")[0]


@pytest.mark.parametrize("intent", ["greeting", "off_topic", "injection", "evasion"])
def test_a_declined_question_gets_no_cards(intent: Intent) -> None:
    assert cards_of(["SG"], "declined", intent) == []


def test_an_individual_case_gets_the_authoritys_portals() -> None:
    assert cards_of(["MY"], "declined", "individual") != []


@pytest.mark.parametrize(("intent", "name"), [("facts", "ASEAN Trade Repository"), ("problem", "ASSIST")])
def test_a_regional_place_helps_where_no_country_is_named(intent: Intent, name: str) -> None:
    assert names(cards_of([], "routed", intent)) == [name]


@pytest.mark.parametrize("status", ["answered", "routed", "declined", "clarify", "partial"])
@pytest.mark.parametrize("intent", INTENTS)
def test_no_address_is_invented(status: Status, intent: Intent) -> None:
    for places in ([], ["SG"], ["ID"], ["TH"], list(KNOWN.codes)):
        for card in cards_of(places, status, intent):
            assert card.url is None or card.url in URLS


def test_a_portal_without_a_link_says_so() -> None:
    (card,) = cards_of(["ID"])
    for code in WORDING.languages:
        assert "http" not in POLICY.pointer(card, code)
        assert card.name in POLICY.pointer(card, code)


def test_a_refusal_names_the_official_place_of_each_country() -> None:
    verdict = Verdict(status="routed", reason="routed_country")
    cards = cards_of(["SG", "MY"])
    text = " ".join(POLICY.refusal(verdict, "en", ["SG", "MY"], cards))
    assert "Singapore, Malaysia" in text
    assert "https://customs.example.sg/faq" in text
    assert "https://customs.example.my/guides" in text


def test_a_country_without_portals_is_told_so() -> None:
    said = POLICY.refusal(Verdict(status="routed", reason="routed_country"), "en", ["TH"], [])
    assert "no official portal for Thailand" in said[-1]


def test_a_clarification_offers_every_country() -> None:
    asked = POLICY.clarification(Verdict(status="clarify", reason="clarify_country"), "en")
    assert asked is not None
    assert asked.options == KNOWN.codes
    assert POLICY.clarification(Verdict(status="answered"), "en") is None


def test_quotes_in_another_language_are_introduced() -> None:
    quoted = Claim(text="Words.", evidence=(extract("assist"), extract("committee")), language="en")
    assert POLICY.frame(quoted, "en") == []
    (frame,) = POLICY.frame(quoted, "id")
    assert "dikutip" in frame
    assert "bahasa Inggris" in frame


def test_a_translation_says_that_it_is_one() -> None:
    translated = Claim(text="Kata.", evidence=(extract("assist"),), language="id", written=True)
    (frame,) = POLICY.frame(translated, "id")
    assert "diterjemahkan" in frame
    assert "bahasa Inggris" in frame


def test_the_countries_that_the_evidence_leaves_out_are_named() -> None:
    missing = POLICY.missing([extract("portals-singapore", "SG")], ["SG", "MY"], [], "en")
    assert missing is not None
    assert "Malaysia" in missing
    assert "Singapore" not in missing
    assert POLICY.missing([extract("portals-singapore", "SG")], ["SG"], [], "en") is None
    assert POLICY.missing([extract("assist")], ["SG", "MY"], [], "en") is None


def test_questions_that_the_evidence_leaves_out_are_quoted() -> None:
    missing = POLICY.missing([extract("assist")], [], ["Is it free?", "And who decides?"], "en")
    assert missing is not None
    assert "“Is it free?”; “And who decides?”" in missing


def test_follow_ups_are_questions_of_the_documents_cited_and_related() -> None:
    found = POLICY.follow_ups([extract("assist")], "what is assist?", "en")
    assert found == [
        "Who may file a complaint with ASSIST?",
        "When was the Sample Coordinating Committee on Customs established?",
    ]
    assert POLICY.follow_ups([extract("assist")], "What is ASSIST?", "th") == []


@pytest.mark.parametrize("intent", ["problem", "individual", "other_region"])
def test_what_assist_does_not_take_is_said_where_it_matters(intent: Intent) -> None:
    for code in WORDING.languages:
        assert WORDING.text(code, "assist_not_for") in escalation(WORDING, code, intent).text
        assert WORDING.text(code, "assist_not_for") not in escalation(WORDING, code, "facts").text


@pytest.mark.parametrize(("goods", "status"), [(MAY_BE, "clarify"), (MAY_BE - 0.05, "routed")])
def test_what_nothing_answers_is_asked_back_about_where_it_may_be_of_goods(goods: float, status: Status) -> None:
    routing = Routing(intent="facts", probability=0.6, probabilities={"facts": 0.6, "goods": goods})
    assert decide(routing, (), 0.0).status == status
    assert decide(routing, ("TH",), 0.0).status == "routed"
