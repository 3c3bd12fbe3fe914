"""How likely a sentence answers, and how likely answering is right."""

import pytest

from assistant import sufficiency
from assistant.sufficiency import LACKING, Calibration, Decision, Features, Sufficiency, Weights

SUFFICIENCY = Sufficiency(
    Calibration(
        sentence=Weights(bias=-5.0, features={"cosine": 4.0, "context": 4.0, "relevance": 2.0}),
        decision=Decision(bias=0.0, evidence=1.0, refusal=-0.5, doubt=-2.0),
        unexpected=Decision(bias=1.0, evidence=1.0, refusal=-0.5, doubt=0.0),
        follow_up=Weights(bias=0.0, features={}),
    )
)
FEATURES = Features(
    cosine=0.9,
    meaning=-1.0,
    spelling=-2.0,
    expected=0.9,
    context=0.5,
    rank=1.0,
    local=0.0,
    lacking=0.0,
    specific=1.0,
    relevance=0.5,
)


def probability(**fields: float) -> float:
    return SUFFICIENCY.probability(FEATURES.model_copy(update=fields))


def test_nearer_more_word_alike_and_better_read_is_likelier() -> None:
    assert probability(cosine=0.5) < probability() < probability(context=0.9)
    assert probability(relevance=-1.0) < probability() < probability(relevance=2.0)


@pytest.mark.parametrize("fields", [{"lacking": 1.0}, {"specific": 0.0}])
def test_a_sentence_that_lacks_what_was_asked_for_is_less_likely(fields: dict[str, float]) -> None:
    assert probability(**fields) == pytest.approx(LACKING * probability())


def test_better_evidence_and_less_of_a_refused_kind_make_answering_righter() -> None:
    assert SUFFICIENCY.confidence(0.4, 0.1) < SUFFICIENCY.confidence(0.9, 0.1)
    assert SUFFICIENCY.confidence(0.9, 0.9) < SUFFICIENCY.confidence(0.9, 0.1)


def test_likeness_to_a_question_without_an_answer_makes_answering_less_right() -> None:
    doubtful, neutral, expected = (SUFFICIENCY.confidence(0.9, 0.1, doubt) for doubt in (0.2, 0.0, -0.2))
    assert doubtful < neutral < expected
    assert SUFFICIENCY.confidence(0.9, 0.1, None) > neutral, "what no questions are expected of is decided apart"


@pytest.mark.parametrize("evidence", [0.0, 1.0])
@pytest.mark.parametrize("refusal", [0.0, 1.0])
def test_certainty_stays_a_probability(evidence: float, refusal: float) -> None:
    assert 0.0 <= SUFFICIENCY.confidence(evidence, refusal) <= 1.0


@pytest.mark.parametrize("score", [-1e6, -2.0, 0.0, 2.0, 1e6])
def test_any_score_is_a_probability(score: float) -> None:
    assert 0.0 <= sufficiency.logistic(score) <= 1.0


def test_log_odds_undo_the_logistic() -> None:
    assert sufficiency.logistic(sufficiency.log_odds(0.3)) == pytest.approx(0.3, abs=1e-3)


def test_the_shipped_calibration_names_features_and_rises_with_evidence() -> None:
    shipped = sufficiency.load()
    assert set(shipped.sentence.features) <= set(Features.model_fields)
    assert shipped.sentence.features["relevance"] > 0
    assert shipped.decision.evidence > 0 > shipped.decision.refusal
