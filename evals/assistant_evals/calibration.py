"""Fits the weights of `assistant.sufficiency`: which features of a sentence say that it answers the question.

python -m assistant_evals.calibration > src/assistant/data/sufficiency.yaml

Learns from the dev halves of the suites and from questions written for it (evals/calibration), where the gold says
which sentences answer. Cross-validated figures go to stderr.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from assistant import bootstrap, settings
from assistant.answer import Pipeline
from assistant.classifier import UNLEARNT
from assistant.policy import refusal
from assistant.sufficiency import Calibration, Decision, Features, Sufficiency, Weights, log_odds
from assistant.types import Hit
from assistant_evals import suites
from assistant_evals.suites import Case, holds

NAMES = tuple(Features.model_fields)
WRITTEN = Path(__file__).parents[1] / "calibration" / "questions.jsonl"

PENALTY = 1.0  # inverse strength
UNBOUND = 100.0  # the same of the decision, whose three inputs differ in size and are few enough to need no penalty
AGAINST = 3.0  # how many times lighter the wrong sentences of a question weigh than the right ones
UNDECIDED = Decision(bias=0.0, evidence=1.0, refusal=0.0, doubt=0.0)
FOLDS = 5
SEED = 0


@dataclass(frozen=True)
class Example:
    """A question's sentences and which of them answer; none where the sources do not.

    `refusal` is how likely the router takes it for a kind that is refused, in [0, 1]; `doubt` as in the pipeline.
    """

    features: Sequence[Features]
    answers: Sequence[bool]
    refusal: float
    doubt: float
    translated: bool

    @property
    def unexpected(self) -> "Example":
        """The same, had no question been expected of any document: a sentence's own cosine stands for that then."""
        unlearnt = {"meaning": UNLEARNT, "spelling": UNLEARNT}
        features = [each.model_copy(update=unlearnt | {"expected": each.cosine}) for each in self.features]
        return replace(self, features=features, doubt=0.0)

    @property
    def answerable(self) -> bool:
        """Whether one of the sentences answers."""
        return any(self.answers)


def main() -> None:
    """Fit, report and print."""
    assistant = bootstrap.assistant(settings.load(), _say, lambda _done, _total: None, recording=False)
    examples = list(_examples(assistant.library.pipeline))
    first = _held_out(examples)
    _report(examples, first)
    bare = [example.unexpected for example in examples]
    weights = _fit(examples)
    fitted = {
        "decision": _decision(examples, first),
        "unexpected": _decision(bare, _held_out(examples, bare)),
    }
    print("# Fitted by python -m assistant_evals.calibration.")  # noqa: T201
    print(f"sentence:\n  bias: {weights.bias:.3f}\n  features:")  # noqa: T201
    for name, weight in weights.features.items():
        print(f"    {name}: {weight:.3f}")  # noqa: T201
    for decision, values in fitted.items():
        print(f"{decision}:")  # noqa: T201
        for name, weight in values.model_dump().items():
            print(f"  {name}: {weight:.3f}")  # noqa: T201


def _examples(pipeline: Pipeline) -> Iterator[Example]:
    asked = [*(case for suite in suites.load() for case in suite.dev), *suites.cases(WRITTEN)]
    for case in asked:
        if case.kind != "problem" and (case.gold or case.refuses):
            yield _example(pipeline, case)


def _example(pipeline: Pipeline, case: Case) -> Example:
    found = pipeline.find(case.question)
    candidates = pipeline.candidates(found)
    answers = [_supports(case, hit, start, end) for (hit, start, end), _ in candidates]
    return Example(
        [features for _, features in candidates],
        answers,
        refusal=refusal(found.routing),
        doubt=pipeline.doubt(found) or 0.0,
        translated=found.query.translated,
    )


def _supports(case: Case, hit: Hit, start: int, end: int) -> bool:
    sentence, document = hit.passage.text[start:end], hit.passage.document_id
    return any(document == gold.document and holds(sentence, gold.fact) for gold in case.gold)


def _fit(examples: Sequence[Example]) -> Weights:
    inputs, labels, weights = [], [], []
    for example in examples:
        right = sum(example.answers)
        for features, answers in zip(example.features, example.answers, strict=True):
            inputs.append([getattr(features, name) for name in NAMES])
            labels.append(int(answers))
            weights.append(1.0 / (right if answers else AGAINST))
    model = make_pipeline(StandardScaler(), LogisticRegression(C=PENALTY, max_iter=5_000))
    model.fit(np.array(inputs), labels, logisticregression__sample_weight=weights)
    scaler, fitted = model[0], model[1]
    slopes = fitted.coef_[0] / scaler.scale_
    bias = float(fitted.intercept_[0] - slopes @ scaler.mean_)
    return Weights(bias=bias, features=dict(zip(NAMES, map(float, slopes), strict=True)))


def _held_out(examples: Sequence[Example], judged: Sequence[Example] | None = None) -> list[tuple[float, bool]]:
    """Of each example the best sentence's probability by weights that have not seen it, and whether it answers.

    `judged` are the same examples as they are to be judged, where that is otherwise than what is learnt from.
    """
    judged = judged or examples
    folds = np.random.default_rng(SEED).permutation(len(examples)) % FOLDS
    found = [(0.0, False)] * len(examples)
    for fold in range(FOLDS):
        known = [e for e, its in zip(examples, folds, strict=True) if its != fold]
        calibration = Calibration(sentence=_fit(known), decision=UNDECIDED, unexpected=UNDECIDED)
        for row in map(int, np.flatnonzero(folds == fold)):
            scored = [
                (Sufficiency(calibration).probability(features), answers)
                for features, answers in zip(judged[row].features, judged[row].answers, strict=True)
            ]
            found[row] = max(scored, key=lambda pair: pair[0], default=(0.0, False))
    return found


def _report(examples: Sequence[Example], first: Sequence[tuple[float, bool]]) -> None:
    """Of the labelled examples, how often the first sentence answers, and how answerable questions rank."""
    for language, translated in (("English", False), ("other languages", True)):
        rows = [
            (best, example.answerable, answers)
            for example, (best, answers) in zip(examples, first, strict=True)
            if example.translated == translated and example.features
        ]
        right = np.mean([answers for _, answerable, answers in rows if answerable])
        area = roc_auc_score([answerable for _, answerable, _ in rows], [best for best, _, _ in rows])
        _say(f"{language}: {len(rows)} questions; first sentence right {right:.3f}, AUC {area:.3f}")


def _decision(examples: Sequence[Example], first: Sequence[tuple[float, bool]]) -> Decision:
    """When to answer, learnt from questions that must be refused and from those whose first sentence answers."""
    rows = [
        (log_odds(best), log_odds(example.refusal), example.doubt, answers)
        for example, (best, answers) in zip(examples, first, strict=True)
        if answers or not example.answerable
    ]
    inputs, labels = np.array([row[:3] for row in rows]), [row[3] for row in rows]
    model = LogisticRegression(C=UNBOUND, max_iter=5_000).fit(inputs, labels)
    _say(f"decision: {np.mean(model.predict(inputs) == labels):.3f} right of {len(rows)}")
    return Decision(
        bias=float(model.intercept_[0]),
        evidence=float(model.coef_[0][0]),
        refusal=float(model.coef_[0][1]),
        doubt=float(model.coef_[0][2]),
    )


def _say(text: str) -> None:
    print(text, file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    main()
