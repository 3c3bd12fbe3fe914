"""Claims that follow from their evidence score above claims that do not."""

import pytest

from assistant import verification
from assistant.reranking import Colbert
from assistant.verification import Verifier, telling

EVIDENCE = [
    "The Sample Committee was established in 1992. It meets twice a year in Jakarta.",
    "A complaint is answered within 30 working days. Only enterprises may file one.",
]


@pytest.fixture(scope="module")
def verifier() -> Verifier:
    return Verifier(Colbert(), verification.load())


@pytest.mark.parametrize(
    ("supported", "unsupported"),
    [
        ("The Sample Committee dates from 1992.", "The Sample Committee dates from 1995."),
        ("Enterprises may file a complaint.", "Private travellers are paid compensation for lost luggage."),
        ("Complaints are answered in 30 working days.", "Complaints are answered in 10 working days."),
        ("The committee meets in Jakarta.", "The committee meets in Hanoi."),
    ],
)
def test_what_follows_scores_above_what_does_not(verifier: Verifier, supported: str, unsupported: str) -> None:
    assert verifier.score(supported, EVIDENCE) > verifier.score(unsupported, EVIDENCE)


@pytest.mark.parametrize("evidence", [[], [""], EVIDENCE])
@pytest.mark.parametrize("claim", ["", "of the", "The committee meets."])
def test_any_claim_has_a_probability(verifier: Verifier, claim: str, evidence: list[str]) -> None:
    assert 0.0 <= verifier.score(claim, evidence) <= 1.0


def test_a_quoted_sentence_is_supported(verifier: Verifier) -> None:
    assert verifier.score("Only enterprises may file one.", EVIDENCE) > 0.5


def test_numbers_and_words_of_the_claim_are_looked_for(verifier: Verifier) -> None:
    features = verifier.features("The committee of 1992 and 2001", EVIDENCE)
    assert features["numbers"] == 0.0
    assert features["words"] == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("claim", "said"),
    [
        ("It meets two times a year.", True),
        ("It meets three times a year.", False),
        ("It has met since 1992, in 30 cities.", True),
        ("It has met since 1,992.", True),
        ("It has met since 1993.", False),
    ],
)
def test_a_number_counts_in_digits_and_in_words(verifier: Verifier, claim: str, said: bool) -> None:
    assert verifier.features(claim, EVIDENCE)["numbers"] == said


@pytest.mark.parametrize(
    ("claim", "said"),
    [
        ("It meets in Jakarta.", True),
        ("Jakarta's Sample Committee", True),
        ("Hanoi is where it meets.", True),  # the first word of a sentence may be any word
        ("It meets in Hanoi.", False),
        ("Yearly. Then in Jakarta", True),
    ],
)
def test_a_name_must_stand_in_the_evidence(verifier: Verifier, claim: str, said: bool) -> None:
    assert verifier.features(claim, EVIDENCE)["names"] == said


def test_only_the_telling_sentences_are_read_in_their_order() -> None:
    long = [f"Ships sail on day {day}." for day in range(50)]
    found = telling("The committee meets in Jakarta.", [*long, *EVIDENCE])
    assert "It meets twice a year in Jakarta." in found
    assert len(found) < 12
