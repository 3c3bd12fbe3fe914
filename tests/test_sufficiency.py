"""How likely the found sentences answer the question."""

import pytest

from assistant import sufficiency
from assistant.sufficiency import Calibration, Sufficiency, Weights
from assistant.types import Extract
from fakes import FixedLexicon, make_hit

NOTHING = dict.fromkeys(Weights.model_fields, 0.0)
CALIBRATION = Calibration(
    shared_words=Weights(**{**NOTHING, "bias": -4.0, "cosine": 4.0, "overlap": 4.0}),
    meaning_alone=Weights(**{**NOTHING, "bias": -4.0, "cosine": 8.0}),
)


def found(cosine: float, overlap: float) -> Extract:
    return Extract(hit=make_hit(), start=0, end=5, score=cosine, cosine=cosine, overlap=overlap)


def strength(*ranked: Extract, coverage: float = 1.0) -> float:
    return Sufficiency(FixedLexicon(coverage=coverage), CALIBRATION).strength("question", ranked)


def test_nothing_found_answers_nothing() -> None:
    assert strength() == 0.0


def test_nearer_and_more_word_alike_is_stronger() -> None:
    assert strength(found(0.5, 0.5)) < strength(found(0.9, 0.5)) < strength(found(0.9, 0.9))


def test_only_the_best_sentence_counts() -> None:
    assert strength(found(0.9, 0.9), found(0.1, 0.0)) == strength(found(0.9, 0.9))


def test_shared_words_do_not_count_where_the_corpus_does_not_use_the_questions_words() -> None:
    assert strength(found(0.9, 0.0), coverage=0.0) == strength(found(0.9, 0.9), coverage=0.0)


@pytest.mark.parametrize("score", [-1e6, -2.0, 0.0, 2.0, 1e6])
def test_strength_is_a_probability(score: float) -> None:
    assert 0.0 <= sufficiency.logistic(score) <= 1.0


def test_the_shipped_calibration_rises_with_nearness() -> None:
    for weights in (sufficiency.load().shared_words, sufficiency.load().meaning_alone):
        assert weights.cosine > 0
        assert weights.overlap >= 0
