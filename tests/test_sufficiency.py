"""How likely the found sentences answer the question."""

import pytest

from assistant import sufficiency
from assistant.sufficiency import Calibration, Sufficiency, Weights
from assistant.types import Extract
from fakes import make_hit

NOTHING = dict.fromkeys(Weights.model_fields, 0.0)
CALIBRATION = Calibration(
    same_language=Weights(**{**NOTHING, "bias": -4.0, "cosine": 4.0, "overlap": 4.0}),
    translated=Weights(**{**NOTHING, "bias": -4.0, "cosine": 8.0}),
)


def found(cosine: float, overlap: float, *, gives: bool = True) -> Extract:
    return Extract(hit=make_hit(), start=0, end=5, score=cosine, cosine=cosine, overlap=overlap, gives=gives)


def strength(*ranked: Extract, translated: bool = False) -> float:
    return Sufficiency(CALIBRATION).strength(ranked, translated=translated)


def test_nothing_found_answers_nothing() -> None:
    assert strength() == 0.0


def test_nearer_and_more_word_alike_is_stronger() -> None:
    assert strength(found(0.5, 0.5)) < strength(found(0.9, 0.5)) < strength(found(0.9, 0.9))


def test_only_the_best_sentence_counts() -> None:
    assert strength(found(0.9, 0.9), found(0.1, 0.0)) == strength(found(0.9, 0.9))


def test_a_question_in_another_language_is_judged_by_weights_of_its_own() -> None:
    assert strength(found(0.9, 0.0), translated=True) == strength(found(0.9, 0.9), translated=True)
    assert strength(found(0.9, 0.0), translated=True) != strength(found(0.9, 0.0))


def test_a_sentence_that_lacks_what_was_asked_for_is_weaker() -> None:
    assert strength(found(0.9, 0.9, gives=False)) < strength(found(0.9, 0.9))


@pytest.mark.parametrize("score", [-1e6, -2.0, 0.0, 2.0, 1e6])
def test_strength_is_a_probability(score: float) -> None:
    assert 0.0 <= sufficiency.logistic(score) <= 1.0


def test_the_shipped_calibration_rises_with_nearness() -> None:
    for weights in (sufficiency.load().same_language, sufficiency.load().translated):
        assert weights.cosine > 0
        assert weights.overlap >= 0
