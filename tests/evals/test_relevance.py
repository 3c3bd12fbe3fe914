"""Training teaches, leaves out what it must not see, and what is written for onnxruntime reads as what was trained."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from assistant.reranking import MODEL, CrossEncoder, Model
from assistant_evals import backbone, marco, onnx_export, onnx_weights, relevance
from assistant_evals.cross_encoder import WORDS
from assistant_evals.material import NEAR, NONE, Material
from assistant_evals.relevance import RATE, Trainer

SENTENCES = [f"Rule {row}: goods of kind {row} are released after {row + 2} days." for row in range(NEAR + 2)]
STEP = 1 / 63  # of seven bits, in shares of the largest weight
QUESTIONS = [f"When are goods of kind {row % 4} released?" for row in range(8)] + ["Is there a tunnel to the moon?"] * 4


@pytest.fixture(scope="module")
def learnt() -> Material:
    draw = np.random.default_rng(1)
    said = draw.normal(size=(len(SENTENCES), 8)).astype(np.float32)
    said /= np.linalg.norm(said, axis=1, keepdims=True)
    answers = np.array([row % 4 for row in range(8)] + [NONE] * 4)
    return Material(
        questions=QUESTIONS,
        answers=answers,
        sentences=SENTENCES,
        said_by=[(f"document-{row % 4}", text) for row, text in enumerate(SENTENCES)],
        countries=[None] * len(SENTENCES),
        vectors=said[np.maximum(answers, 0)],
        said=said,
        plain=said,
    )


@pytest.fixture(scope="module", params=["english", "any"])
def trainer(request: pytest.FixtureRequest, learnt: Material) -> Trainer:
    if request.param == "english":
        return Trainer(*marco.read(), learnt)
    carried = backbone.read()
    kept = backbone.pieces_used(carried, [*QUESTIONS, *SENTENCES], ("en",), 500, frozenset())
    return Trainer(backbone.made(carried, kept), backbone.tokenizer(carried, kept), learnt)


def test_what_is_not_to_be_seen_is_left_out(learnt: Material) -> None:
    known, unseen = relevance.drawn(learnt)
    answered = learnt.answers != NONE
    assert not (known & answered & unseen[learnt.answers]).any()
    assert known.shape == (len(QUESTIONS),)
    assert unseen.shape == (len(SENTENCES),)


def test_the_second_pass_sees_what_the_first_did_not_and_as_much_of_the_rest() -> None:
    about = np.array([True] * 10 + [False] * 2)
    known = np.array([True] * 7 + [False] * 3 + [True, False])
    seen = relevance.second(about, known)
    assert seen[7:10].all()
    assert seen[:7].sum() == 3
    assert not seen[10]


def test_questions_in_english_are_learnt_apart() -> None:
    asked = relevance.KINDS["english"].asked
    assert asked("How long is a Form D valid?")
    assert not asked("Form D berlaku berapa lama sejak diterbitkan?")


def test_a_pass_trains_all_but_the_words_and_is_written_as_it_reads(trainer: Trainer, tmp_path: Path) -> None:
    before = {name: weight.detach().clone() for name, weight in trainer.model.named_parameters()}
    few = np.arange(len(QUESTIONS)) % 5 == 0  # one of them without an answer
    trainer.train(few, np.ones_like(few), np.zeros(len(SENTENCES), dtype=bool), RATE)
    moved = {name for name, weight in trainer.model.named_parameters() if not torch.equal(weight, before[name])}
    assert any(name.startswith("head.") for name in moved)
    assert any(name.startswith("bert.encoder.layer.0.") for name in moved)
    assert "words.weight" not in moved
    onnx_export.write(trainer.model, trainer.tokenizer, tmp_path)
    pair = trainer.tokenizer.encode(QUESTIONS[0], SENTENCES[0])
    parts = [torch.tensor([part]) for part in (pair.ids, pair.attention_mask, pair.type_ids)]
    with torch.no_grad():
        trained = trainer.model.eval()(*parts).item()
    assert CrossEncoder(Model(tmp_path)).relevances(QUESTIONS[0], SENTENCES[:1]) == [pytest.approx(trained, abs=0.4)]
    if isinstance(trainer.model.head, nn.Sequential):
        again, _ = marco.trained(tmp_path)
        with torch.no_grad():
            assert again.eval()(*parts).item() == pytest.approx(trained, abs=0.4)
    written = onnx_weights.read(tmp_path / MODEL)
    assert np.allclose(written.pop(f"{onnx_weights.BODY}{WORDS}"), trainer.model.words.weight, atol=0.01)
    for name, weight in trainer.model.bert.state_dict().items():
        if name != WORDS:
            assert np.allclose(written[f"{onnx_weights.BODY}{name}"], weight, atol=STEP * float(weight.abs().max()))


def test_the_report_tells_seen_from_unseen(
    trainer: Trainer, learnt: Material, capsys: pytest.CaptureFixture[str]
) -> None:
    known = np.ones(len(QUESTIONS), dtype=bool)
    known[[0, 5, 9, 10]] = False
    unseen = np.array([owner == "document-1" for owner in learnt.owners])
    trainer.report(np.ones_like(known), known, unseen)
    said = capsys.readouterr().err
    assert "1 unseen questions:" in said
    assert "2 unseen questions about unseen documents:" in said
    assert "AUC against 2 without an answer" in said
