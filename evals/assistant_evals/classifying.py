"""Trains `assistant.classifier`: which sentence of the corpus a question is for.

python -m assistant_evals.classifying src/assistant/data

Softmax regression on the turned vectors of all that the cross-encoders learn from (`material`), begun where each
sentence lies itself, and another on the pieces of their words; one class more is for the questions that none answers.
Takes minutes; to run after `adaptation`, whose maps turn the vectors. The suites are not looked at. Prints to stderr
how often the right sentence comes first for questions that training did not see.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from assistant import classifier, corpus, settings
from assistant.bootstrap import Builder
from assistant.classifier import SLOTS, Classifier, Learnt, pieces
from assistant.ports import Vectors
from assistant_evals import material
from assistant_evals.material import NONE, Mask, Material, Rows

SEED = 0
UNSEEN_QUESTIONS = 0.15  # share
SHARPNESS = 10.0  # length of a sentence's weights to begin with
SMOOTHING = 0.02  # of the labels: more than one sentence may answer
EPOCHS, BATCH, LAST = 12, 256, 0.02  # LAST: what is left of the rate in the end
MEANING_RATE, SPELLING_RATE = 0.03, 0.02

Scores = Callable[[Rows], Tensor]


def main(folder: Path) -> None:
    """Report on what a part of the questions teaches about the rest, then train on all and write."""
    chosen = settings.load()
    embedder = Builder(chosen).embedder
    learnt = material.read(corpus.load(chosen.corpus_dir), embedder)
    known = np.random.default_rng(SEED).random(len(learnt.questions)) >= UNSEEN_QUESTIONS
    _report(learnt, known)
    classifier.save(trained(learnt, np.ones_like(known)), embedder.name, folder)


def trained(learnt: Material, known: Mask) -> Learnt:
    """What the known questions teach of the sentences that answer one of them, and of none."""
    torch.manual_seed(SEED)
    answers = learnt.answers[known]
    rows, classes = np.unique(answers[answers != NONE], return_inverse=True)
    wanted = np.full(len(answers), len(rows))
    wanted[answers != NONE] = classes
    begin = np.vstack([SHARPNESS * learnt.said[rows], np.zeros_like(learnt.said[:1])])
    meaning, spelling = torch.tensor(begin.T), torch.zeros(SLOTS, len(begin))
    vectors = torch.tensor(learnt.vectors[known])
    spelt = [pieces(learnt.questions[row]) for row in np.flatnonzero(known).tolist()]
    meaning_offsets = _fit(meaning, lambda some: vectors[some] @ meaning, wanted, MEANING_RATE)
    spelling_offsets = _fit(
        spelling, lambda some: _sparse([spelt[row] for row in some.tolist()]) @ spelling, wanted, SPELLING_RATE
    )
    step = float(spelling.detach().abs().max()) / 127
    return Learnt(
        keys=[classifier.key(learnt.said_by[row]) for row in rows.tolist()],
        countries=[learnt.countries[row] or "" for row in rows.tolist()],
        meaning=meaning.detach().numpy().T,
        meaning_offsets=meaning_offsets,
        spelling=(spelling.detach() / step).round().to(torch.int8).numpy(),
        spelling_offsets=spelling_offsets,
        step=step,
    )


def _fit(weights: Tensor, scores: Scores, wanted: Rows, rate: float) -> Vectors:
    """Fits weights in place, by which questions get these scores; returns the offsets."""
    weights.requires_grad_()
    offsets = torch.zeros(weights.shape[1]).requires_grad_()
    optimizer = torch.optim.Adam([weights, offsets], lr=rate)
    steps = EPOCHS * -(-len(wanted) // BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: max(LAST, 1.0 - step / steps))
    for _ in range(EPOCHS):
        order = torch.randperm(len(wanted)).numpy()
        for start in range(0, len(order), BATCH):
            some = order[start : start + BATCH]
            loss = cross_entropy(scores(some) + offsets, torch.tensor(wanted[some]), label_smoothing=SMOOTHING)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
    return offsets.detach().numpy()


def _sparse(spelt: Sequence[tuple[Rows, Vectors]]) -> Tensor:
    """Texts by their pieces, shape (texts, SLOTS)."""
    rows = np.repeat(np.arange(len(spelt)), [len(slots) for slots, _ in spelt])
    slots, values = (np.concatenate(column) for column in zip(*spelt, strict=True))
    places = torch.tensor(np.vstack([rows, slots]))
    return torch.sparse_coo_tensor(places, torch.tensor(values), (len(spelt), SLOTS), check_invariants=False)


def _report(learnt: Material, known: Mask) -> None:
    found = Classifier(trained(learnt, known))
    rows = np.flatnonzero(~known & (learnt.answers != NONE))
    chances = [found.chances(learnt.questions[row], learnt.vectors[row], learnt.said_by) for row in rows.tolist()]
    right = learnt.answers[rows]
    for name, first in (
        ("by vectors", learnt.near(rows, known)[:, 0]),
        ("by meaning", np.array([each.meaning.argmax() for each in chances])),
        ("by spelling", np.array([each.spelling.argmax() for each in chances])),
        ("by both", np.array([(each.meaning + each.spelling).argmax() for each in chances])),
    ):
        sys.stderr.write(
            f"{len(rows)} unseen questions: the right sentence first {np.mean(first == right):.3f} {name}\n"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
