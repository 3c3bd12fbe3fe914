"""Training teaches, leaves out what it must not see, and what is written for onnxruntime reads as what was trained."""

from pathlib import Path

import numpy as np
import pytest

from assistant.reranking import CrossEncoder, Model
from assistant_evals import backbone, onnx_export, relevance
from assistant_evals.material import NEAR, NONE, Material
from assistant_evals.relevance import RATES, Trainer

SENTENCES = [f"Rule {row}: goods of kind {row} are released after {row + 2} days." for row in range(NEAR + 2)]
QUESTIONS = [f"When are goods of kind {row % 4} released?" for row in range(32)] + [
    "Is there a tunnel to the moon?"
] * 4


@pytest.fixture(scope="module")
def learnt() -> Material:
    draw = np.random.default_rng(1)
    said = draw.normal(size=(len(SENTENCES), 8)).astype(np.float32)
    said /= np.linalg.norm(said, axis=1, keepdims=True)
    answers = np.array([row % 4 for row in range(32)] + [NONE] * 4)
    return Material(
        questions=QUESTIONS,
        answers=answers,
        sentences=SENTENCES,
        owners=[f"document-{row % 4}" for row in range(len(SENTENCES))],
        vectors=said[np.maximum(answers, 0)],
        said=said,
        plain=said,
    )


@pytest.fixture(scope="module")
def trainer(learnt: Material) -> Trainer:
    carried = backbone.read()
    kept = backbone.pieces_used(carried, [*QUESTIONS, *SENTENCES], ("en",), 500, frozenset())
    return Trainer(backbone.CrossEncoder(carried, kept), backbone.tokenizer(carried, kept), learnt)


def test_what_is_not_to_be_seen_is_left_out(learnt: Material) -> None:
    known, unseen = relevance.drawn(learnt)
    answered = learnt.answers != NONE
    assert not (known & answered & unseen[learnt.answers]).any()
    assert known.shape == (len(QUESTIONS),)
    assert unseen.shape == (len(SENTENCES),)


def test_training_puts_the_sentence_that_answers_first(trainer: Trainer, learnt: Material, tmp_path: Path) -> None:
    everything, nothing = np.ones(len(QUESTIONS), dtype=bool), np.zeros(len(SENTENCES), dtype=bool)
    for _ in range(4):
        trainer.train(everything, nothing, RATES[0])
    onnx_export.write(trainer.model, trainer.tokenizer, tmp_path)
    reader = CrossEncoder(Model(tmp_path))
    for row in range(4):
        relevances = reader.relevances(QUESTIONS[row], SENTENCES[:4])
        assert int(np.argmax(relevances)) == row
    assert max(reader.relevances(QUESTIONS[-1], SENTENCES)) < max(reader.relevances(QUESTIONS[0], SENTENCES[:4]))


def test_the_report_tells_seen_from_unseen(
    trainer: Trainer, learnt: Material, capsys: pytest.CaptureFixture[str]
) -> None:
    known = np.ones(len(QUESTIONS), dtype=bool)
    known[[0, 5, 33, 34]] = False
    unseen = np.array([owner == "document-1" for owner in learnt.owners])
    trainer.report(known, unseen)
    said = capsys.readouterr().err
    assert "1 unseen questions:" in said
    assert "8 unseen questions about unseen documents:" in said
    assert "AUC against 2 without an answer" in said
