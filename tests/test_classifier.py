"""What is learnt of sentences tells which one a question is for."""

from pathlib import Path

import numpy as np
import pytest

from assistant import chunking, classifier, corpus, expected, settings
from assistant.classifier import LEAST, SLOTS, UNLEARNT, Classifier, Learnt, pieces

MODEL = "bundled:multilingual-e5-small"
SHIPS, DUTY, FEE = ("sea", "Ships sail."), ("tax", "Duty is due."), ("tax", "A fee is due.")
SAID = [SHIPS, DUTY, FEE]
EITHER_WAY = np.array([0.6, 0.8, 0.0], dtype=np.float32)


def spelling() -> np.ndarray:
    """Weights by which "sails" speaks for ships."""
    weights = np.zeros((SLOTS, 4), dtype=np.int8)
    weights[pieces("sails")[0], 0] = 100
    return weights


LEARNT = Learnt(
    keys=[classifier.key(said) for said in SAID],
    countries=["", "TH", "VN"],
    meaning=np.array([[9, 0, 0], [0, 9, 0], [0, 8, 0], [0, 0, 9]], dtype=np.float32),
    meaning_offsets=np.zeros(4, dtype=np.float32),
    spelling=spelling(),
    spelling_offsets=np.zeros(4, dtype=np.float32),
    step=0.25,
)
TOLD = Classifier(LEARNT)


def by_meaning(*countries: str) -> list[float]:
    return TOLD.chances("x", EITHER_WAY, SAID, countries).meaning.tolist()


def test_by_meaning_the_sentence_that_the_vector_points_to_is_likeliest_and_all_with_none_sum_to_1() -> None:
    chances = np.exp(by_meaning())
    assert chances.argmax() == 1
    none = np.exp(0.0) / sum(np.exp([5.4, 7.2, 6.4, 0.0]))
    assert chances.sum() + none == pytest.approx(1.0, abs=1e-4)


def test_what_is_about_other_countries_is_not_asked_for() -> None:
    assert by_meaning("VN")[1] == LEAST
    assert np.argmax(by_meaning("VN")) == 2
    assert np.argmax(by_meaning("TH", "VN")) == 1


def test_by_spelling_a_word_that_was_learnt_is_told_even_with_a_typing_error() -> None:
    for text in ("Sails", "it sails", "sailz"):
        chances = TOLD.chances(text, EITHER_WAY, SAID).spelling
        assert chances.argmax() == 0
        assert chances[0] > -0.5, text
    assert np.ptp(TOLD.chances("duty", EITHER_WAY, SAID).spelling) < 0.1


def test_of_what_was_not_learnt_nothing_is_known() -> None:
    edited = ("tax", "Duty is due now.")
    for chances in TOLD.chances("sails", EITHER_WAY, [edited]), Classifier().chances("sails", EITHER_WAY, [DUTY]):
        assert [each.tolist() for each in chances] == [[UNLEARNT], [UNLEARNT]]


@pytest.mark.parametrize("text", ["", "  ", "?", "a" * 50_000, "ภาษีนำเข้า", "🚢🚢", "\ud800x"])
def test_any_text_has_its_pieces(text: str) -> None:
    slots, values = pieces(text)
    assert slots.shape == values.shape
    assert np.linalg.norm(values) <= 1.0 + 1e-5
    assert np.isfinite(TOLD.chances(text, EITHER_WAY, SAID).spelling).all()


def test_what_is_saved_for_a_model_is_loaded_for_it_and_for_no_other(tmp_path: Path) -> None:
    classifier.save(LEARNT, MODEL, tmp_path)
    loaded, other = (classifier.load(model, tmp_path) for model in (MODEL, "BAAI/bge-m3"))
    for mine, its in zip(
        TOLD.chances("sails", EITHER_WAY, SAID), loaded.chances("sails", EITHER_WAY, SAID), strict=True
    ):
        assert np.allclose(mine, its, atol=0.01)
    assert set(other.chances("sails", EITHER_WAY, SAID).meaning.tolist()) == {UNLEARNT}


def test_the_package_has_learnt_every_sentence_of_its_corpus_that_questions_are_expected_of() -> None:
    documents = corpus.load(settings.Settings().corpus_dir)
    passages = {passage.id: passage for document in documents for passage in chunking.passages(document)}
    places = {place for place, _ in expected.placed(documents, list(passages.values()))}
    sentences = {
        (passage.document_id, passage.text[start:end])
        for passage in passages.values()
        for start, end in chunking.sentences(passage.text)
        if (passage.id, start) in places
    }
    learnt = classifier.load(MODEL)
    chances = learnt.chances("What is Form D?", np.ones(384, dtype=np.float32) / np.sqrt(384), list(sentences))
    unlearnt = [said for said, chance in zip(sentences, chances.meaning, strict=True) if chance == UNLEARNT]
    assert unlearnt == [], "run `python -m assistant_evals.classifying src/assistant/data`"
