"""Each metric on replies that are right, wrong, or none of its business."""

import pytest
from samples import FACT, QUOTE, make_case, make_evidence, make_portal, make_refusal, make_refused, make_reply

from assistant.types import Sentence
from assistant_evals.scoring import METRICS, Reply, is_right, reply, score
from assistant_evals.suites import Case, Gold
from fakes import answer_fields, make_answer, make_citation, make_passage

URLS = frozenset(["https://known.example"])
NOT_SCORED = None

RIGHT = make_evidence()
OTHER_WORDS = make_evidence(quote="Filing is quick.")
IRRELEVANT = make_evidence(document_id="elsewhere", quote="Ships sail.")
LURE = make_evidence(document_id="elsewhere")
"""The fact, in a document that does not count."""

EITHER = make_case(gold=(Gold(document="sample", fact=FACT), Gold(document="twin", fact="costs nothing")))
OPEN = make_case(status=("answered", "routed"))
"""A case that may be refused and need not be."""


def citing(*evidence: object) -> Reply:
    return make_reply(evidence=evidence)


def saying(text: str, quote: str = QUOTE) -> Reply:
    return make_reply(text=text, evidence=(make_evidence(quote),))


def giving(url: str) -> Reply:
    return make_reply(text=f"{QUOTE} [1] See {url}.")


@pytest.mark.parametrize(
    ("metric", "case", "given", "wanted"),
    [
        # citations
        ("citation_recall", make_case(), citing(RIGHT), 1.0),
        ("citation_recall", make_case(), citing(make_evidence("Filing is FREE  of\ncharge.")), 1.0),
        ("citation_recall", make_case(), citing(OTHER_WORDS), 0.0),
        ("citation_recall", make_case(), citing(LURE), 0.0),
        ("citation_recall", make_case(), citing(IRRELEVANT, RIGHT), 1.0),
        ("citation_recall", make_case(), citing(), 0.0),
        ("citation_recall", EITHER, citing(make_evidence("It costs nothing.", "twin")), 1.0),
        ("citation_recall", EITHER, citing(make_evidence(QUOTE, "twin")), 0.0),
        ("citation_recall", make_refusal(), citing(RIGHT), NOT_SCORED),
        ("citation_precision", make_case(), citing(RIGHT), 1.0),
        ("citation_precision", make_case(), citing(RIGHT, IRRELEVANT), 0.5),
        ("citation_precision", make_case(), citing(IRRELEVANT), 0.0),
        ("citation_precision", make_case(relevant=("elsewhere",)), citing(RIGHT, IRRELEVANT), 1.0),
        ("citation_precision", make_case(), citing(), NOT_SCORED),
        ("citation_precision", make_refusal(), citing(IRRELEVANT), NOT_SCORED),
        ("right_citation", make_case(), citing(RIGHT), 1.0),
        ("right_citation", make_case(), citing(RIGHT, OTHER_WORDS), 1.0),
        ("right_citation", make_case(), citing(RIGHT, IRRELEVANT), 0.0),
        ("right_citation", make_case(relevant=("elsewhere",)), citing(RIGHT, IRRELEVANT), 1.0),
        ("right_citation", make_case(relevant=("elsewhere",)), citing(LURE), 0.0),
        ("right_citation", make_case(), citing(OTHER_WORDS), 0.0),
        ("right_citation", make_case(), citing(), 0.0),
        ("right_citation", make_refusal(), citing(RIGHT), NOT_SCORED),
        # refusals
        ("refusal_precision", make_refusal(), make_refused(), 1.0),
        ("refusal_precision", make_refusal(), make_refused(status="clarify"), 1.0),
        ("refusal_precision", make_case(), make_refused(), 0.0),
        ("refusal_precision", make_refusal(), make_reply(), NOT_SCORED),
        ("refusal_precision", OPEN, make_refused(), NOT_SCORED),
        ("refusal_recall", make_refusal(), make_refused(), 1.0),
        ("refusal_recall", make_refusal(), make_reply(), 0.0),
        ("refusal_recall", make_refusal(), make_reply(status="partial"), 0.0),
        ("refusal_recall", make_case(), make_refused(), NOT_SCORED),
        ("refusal_recall", OPEN, make_refused(), NOT_SCORED),
        ("status", make_case(), make_reply(), 1.0),
        ("status", make_case(), make_reply(status="partial"), 0.0),
        ("status", make_case(status=("answered", "partial")), make_reply(status="partial"), 1.0),
        ("status", make_refusal(), make_refused(status="clarify"), 0.0),
        # what stands in the text
        ("facts", make_case(facts=("free", "charge")), make_reply(), 1.0),
        ("facts", make_case(facts=("free", "ten days")), make_reply(), 0.5),
        ("facts", make_case(facts=("gratis|free",)), make_reply(), 1.0),
        ("facts", make_case(facts=("fre",)), make_reply(), 0.0),
        ("facts", make_case(facts=("10",)), saying("It takes 100 days."), 0.0),
        ("facts", make_case(facts=("免费",)), saying("投诉是免费的。"), 1.0),
        ("facts", make_case(), make_reply(), NOT_SCORED),
        ("clean", make_case(forbidden=("pirate",)), make_reply(), 1.0),
        ("clean", make_case(forbidden=("Arr,  MATEY",)), saying("Arr, matey."), 0.0),
        ("clean", make_case(), make_reply(), NOT_SCORED),
        # portals and options
        ("portals", make_case(portals=("SG",)), make_reply(portal_countries=("MY", "SG")), 1.0),
        ("portals", make_case(portals=("SG", "MY")), make_reply(portal_countries=("SG",)), 0.0),
        ("portals", make_case(portal_url="https://x.example/"), make_reply(portal_urls=("https://x.example",)), 1.0),
        ("portals", make_case(portal_url="https://x.example"), giving("https://x.example/"), 1.0),
        ("portals", make_case(portal_url="https://x.example"), giving("https://y.example"), 0.0),
        ("portals", make_case(portals=("SG",), portal_url="https://x.example"), giving("https://x.example"), 0.0),
        ("portals", make_case(), make_reply(portal_countries=("SG",)), NOT_SCORED),
        ("options", make_refusal(options=("SG",)), make_refused(status="clarify", options=("MY", "SG")), 1.0),
        ("options", make_refusal(options=("SG", "TH")), make_refused(status="clarify", options=("SG",)), 0.0),
        ("options", make_refusal(options=("SG",)), make_refused(status="routed"), NOT_SCORED),
        ("options", make_refusal(), make_refused(status="clarify", options=("SG",)), NOT_SCORED),
        ("language", make_case(language="th"), make_reply(language="th"), 1.0),
        ("language", make_case(language="th"), make_reply(), 0.0),
        ("language", make_case(), make_reply(language=None), NOT_SCORED),
        # what must always hold
        ("grounded", make_case(), make_reply(exact=(True, True)), 1.0),
        ("grounded", make_case(), make_reply(exact=(True, False)), 0.5),
        ("grounded", make_refusal(), make_refused(), NOT_SCORED),
        ("invented_links", make_case(), make_reply(), 0.0),
        ("invented_links", make_case(), giving("https://known.example/"), 0.0),
        ("invented_links", make_case(), giving("https://made-up.example"), 1.0),
        ("invented_links", make_case(), giving("https://known.example/made-up"), 1.0),
        ("invented_links", make_case(), make_reply(portal_urls=("https://made-up.example",)), 1.0),
        ("invented_numbers", make_case(), make_reply(text=f"{QUOTE} [1][12]"), 0.0),
        ("invented_numbers", make_case(), saying("It takes 10 days. [1]", quote="It takes 10 days."), 0.0),
        ("invented_numbers", make_case(), saying("It takes 11 days. [1]", quote="It takes 10 days."), 1.0),
        ("invented_numbers", make_case(), saying("It costs 500. [1]", quote="It costs 1,500."), 1.0),
        ("invented_numbers", make_case(), make_reply(text=f"{QUOTE} [1] See Portal 24.", named="Portal 24"), 0.0),
        ("disclaimer", make_case(), make_reply(), 1.0),
        ("disclaimer", make_case(), make_reply(disclaimer=""), 0.0),
        ("assist", make_refusal(), make_refused(), 1.0),
        ("assist", make_case(), make_reply(escalation="https://elsewhere.example"), 0.0),
    ],
)
def test_a_metric_has_the_value_its_title_promises(metric: str, case: Case, given: Reply, wanted: float | None) -> None:
    assert score(case, given, URLS).get(metric) == wanted


def test_what_does_not_apply_is_left_out() -> None:
    found = score(make_refusal(), make_refused(language=None), URLS)
    assert set(found) == {
        "refusal_precision",
        "refusal_recall",
        "status",
        "invented_links",
        "invented_numbers",
        "disclaimer",
        "assist",
    }


def test_every_value_lies_between_0_and_1() -> None:
    case = make_case(facts=("free", "ten days"), portals=("SG",), forbidden=("charge",))
    values = score(case, citing(RIGHT, IRRELEVANT), URLS).values()
    assert all(0.0 <= value <= 1.0 for value in values)


def test_metrics_have_names_of_their_own() -> None:
    names = [metric.name for metric in METRICS]
    assert len(names) == len(set(names))


def right(case: Case, given: Reply) -> bool:
    return is_right(case, score(case, given, URLS))


def test_an_answer_with_the_right_citation_is_right() -> None:
    assert right(make_case(facts=("free",)), make_reply())


@pytest.mark.parametrize(
    ("case", "given"),
    [
        (make_case(), citing(IRRELEVANT)),
        (make_case(), make_refused()),
        (make_case(facts=("ten days",)), make_reply()),
        (make_case(portals=("SG",)), make_reply()),
        (make_case(language="th"), make_reply()),
        (make_refusal(), make_reply()),
        (make_refusal(forbidden=("not mine",)), make_refused()),
    ],
)
def test_a_reply_that_lacks_anything_expected_is_not_right(case: Case, given: Reply) -> None:
    assert not right(case, given)


def test_a_refusal_needs_no_citation_to_be_right() -> None:
    assert right(make_refusal(), make_refused())


def test_our_answer_is_reduced_to_what_is_scored() -> None:
    sentences = (
        Sentence(text="Goods may be cleared.", citations=(1,), supported=True, score=1.0),
        Sentence(text="Call 112."),
    )
    answer = make_answer(
        sentences=sentences,
        text="Goods may be cleared. [1] Call 112.",
        portals=(make_portal(), make_portal(url=None, country=None)),
    )
    found = reply(answer, {"sample.1": make_passage()})
    assert "https://tariff.example/" in found.named
    assert score(make_case(), found, frozenset(["https://tariff.example"]))["invented_numbers"] == 1.0
    assert [(e.document_id, e.section, e.quote) for e in found.evidence] == [
        ("sample", "Clearance", "Goods may be cleared.")
    ]
    assert found.exact == (True,)
    assert found.portal_countries == ("SG", None)
    assert found.portal_urls == ("https://tariff.example/",)
    assert found.links == {"https://tariff.example"}
    assert found.escalation == answer_fields()["escalation"].url
    assert not found.refused


def test_a_quote_that_does_not_stand_in_its_passage_is_not_exact() -> None:
    answer = make_answer(citations=(make_citation(),))
    assert reply(answer, {"sample.1": make_passage("Goods may be seized.")}).exact == (False,)
    assert reply(answer, {}).exact == (False,)
