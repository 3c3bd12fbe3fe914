"""Fits the weights of `assistant.sufficiency`: which features of a sentence say that it answers the question.

python -m assistant_evals.calibration > src/assistant/data/sufficiency.yaml

Learns from the dev halves of the suites and from questions written for it (evals/calibration), where the gold says
which sentences answer. Cross-validated figures go to stderr.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from assistant import bootstrap, settings
from assistant.answer import Found, Pipeline
from assistant.classifier import UNLEARNT
from assistant.compose import extracted
from assistant.conversation import Sense, Told
from assistant.followups import Evidence, FollowUps, Reading, evidence
from assistant.policy import ENOUGH, refusal
from assistant.sufficiency import Calibration, Decision, Features, Sufficiency, Weights, log_odds
from assistant.types import Extract, Frozen, Hit
from assistant_evals import suites
from assistant_evals.suites import Case, holds

WRITTEN = Path(__file__).parents[1] / "calibration" / "questions.jsonl"

PENALTY = 1.0  # inverse strength
UNBOUND = 100.0  # the same of the decision, whose three inputs differ in size and are few enough to need no penalty
AGAINST = 3.0  # how many times lighter the wrong sentences of a question weigh than the right ones
AGAINST_AFTER = 2.0  # the same of a follow-up, whose wrong answers are believed more readily
UNDECIDED = Decision(bias=0.0, evidence=1.0, refusal=0.0, doubt=0.0)
NONE = Weights(bias=0.0, features={})
FOLDS = 5
SEED = 0

Judged = Sequence[tuple[Frozen, bool]]
"""What is known of each sentence that a question finds, and whether it answers."""


@dataclass(frozen=True)
class Example:
    """The sentences that one sense of a question finds, and which of them answer; none where the sources do not.

    `refusal` is how likely the router takes it for a kind that is refused, in [0, 1]; `doubt` as in the pipeline.
    `extracts` are the sentences themselves, and `sense` is which one it is.
    """

    features: Sequence[Features]
    answers: Sequence[bool]
    refusal: float
    doubt: float
    translated: bool
    extracts: Sequence[Extract]
    sense: Sense

    @property
    def unexpected(self) -> "Example":
        """The same, had no question been expected of any document: a sentence's own cosine stands for that then."""
        unlearnt = {"meaning": UNLEARNT, "spelling": UNLEARNT}
        features = [each.model_copy(update=unlearnt | {"expected": each.cosine}) for each in self.features]
        return replace(self, features=features, doubt=0.0)

    @property
    def judged(self) -> "Judged":
        """Each sentence's features, and whether it answers."""
        return list(zip(self.features, self.answers, strict=True))

    @property
    def answerable(self) -> bool:
        """Whether one of the sentences answers."""
        return any(self.answers)


class Asked(NamedTuple):
    """A question in every sense that was looked into, what was told before it, and whether anything was."""

    senses: Sequence[Example]
    told: Told
    follows: bool


class Best(NamedTuple):
    """The probability of the best sentence, by weights that have not seen the question, and whether it answers."""

    probability: float
    answers: bool


class Kind(NamedTuple):
    """What is fitted: on which features, how much lighter wrong sentences weigh, and what weights make of one."""

    names: Sequence[str]
    against: float
    probability: Callable[[Weights, Any], float]


def main() -> None:
    """Fit, report and print."""
    assistant = bootstrap.assistant(settings.load(), _say, lambda _done, _total: None, recording=False)
    asked = list(_asked(assistant.library.pipeline))
    single = [example for each in asked if not each.follows for example in each.senses]
    learnt = [example.judged for example in single]
    first = _held_out(SENTENCE, learnt)
    _report(single, first)
    weights = _fit(SENTENCE, learnt)
    bare = [example.unexpected for example in single]
    decision = _decision(single, first)
    bare_first = _held_out(SENTENCE, learnt, [example.judged for example in bare])
    fitted = {"decision": decision, "unexpected": _decision(bare, bare_first)}
    print("# Fitted by python -m assistant_evals.calibration.")  # noqa: T201
    _print("sentence", weights)
    for name, values in fitted.items():
        print(f"{name}:")  # noqa: T201
        for weight, value in values.model_dump().items():
            print(f"  {weight}: {value:.3f}")  # noqa: T201
    deciding = Sufficiency(Calibration(sentence=weights, decision=decision, unexpected=decision, follow_up=NONE))
    _print("follow_up", _followed([each for each in asked if len(each.senses) > 1], deciding))


def _print(name: str, weights: Weights) -> None:
    print(f"{name}:\n  bias: {weights.bias:.3f}\n  features:")  # noqa: T201
    for feature, weight in weights.features.items():
        print(f"    {feature}: {weight:.3f}")  # noqa: T201


def _asked(pipeline: Pipeline) -> Iterator[Asked]:
    cases = [*(case for suite in suites.load() for case in suite.dev), *suites.cases(WRITTEN)]
    for case in cases:
        if case.kind != "problem" and (case.gold or case.refuses):
            heard = [found for found in pipeline.heard(case.question) if found.hits]
            senses = [_example(case, found) for found in heard]
            yield Asked(senses, heard[-1].asked.told if heard else Told(), bool(case.question.history))


def _example(case: Case, found: Found) -> Example:
    candidates = found.candidates
    return Example(
        [features for _, features in candidates],
        [_supports(case, hit, start, end) for (hit, start, end), _ in candidates],
        refusal=refusal(found.routing),
        doubt=found.doubt or 0.0,
        translated=found.query.translated,
        extracts=[extracted(candidate, 0.0) for candidate in candidates],
        sense=found.asked.sense,
    )


def _supports(case: Case, hit: Hit, start: int, end: int) -> bool:
    sentence, document = hit.passage.text[start:end], hit.passage.document_id
    return any(document == gold.document and holds(sentence, gold.fact) for gold in case.gold)


def _sentence(weights: Weights, features: Features) -> float:
    calibration = Calibration(sentence=weights, decision=UNDECIDED, unexpected=UNDECIDED, follow_up=NONE)
    return Sufficiency(calibration).probability(features)


def _follow_up(weights: Weights, known: Evidence) -> float:
    return FollowUps(weights).probability(known)


SENTENCE = Kind(tuple(Features.model_fields), AGAINST, _sentence)
FOLLOW_UP = Kind(tuple(Evidence.model_fields), AGAINST_AFTER, _follow_up)


def _fit(kind: Kind, learnt: Sequence[Judged]) -> Weights:
    inputs, labels, weights = [], [], []
    for judged in learnt:
        right = sum(answers for _, answers in judged)
        for known, answers in judged:
            inputs.append([getattr(known, name) for name in kind.names])
            labels.append(int(answers))
            weights.append(1.0 / (right if answers else kind.against))
    model = make_pipeline(StandardScaler(), LogisticRegression(C=PENALTY, max_iter=5_000))
    model.fit(np.array(inputs), labels, logisticregression__sample_weight=weights)
    scaler, fitted = model[0], model[1]
    slopes = fitted.coef_[0] / scaler.scale_
    bias = float(fitted.intercept_[0] - slopes @ scaler.mean_)
    return Weights(bias=bias, features=dict(zip(kind.names, map(float, slopes), strict=True)))


def _held_out(kind: Kind, learnt: Sequence[Judged], judged: Sequence[Judged] | None = None) -> list[Best]:
    """Of each question the best sentence, by weights that have not seen it.

    `judged` are the same questions as they are to be judged, where that is otherwise than what is learnt from.
    """
    judged = judged or learnt
    folds = np.random.default_rng(SEED).permutation(len(learnt)) % FOLDS
    found = [Best(0.0, answers=False)] * len(learnt)
    for fold in range(FOLDS):
        weights = _fit(kind, [each for each, its in zip(learnt, folds, strict=True) if its != fold])
        for row in map(int, np.flatnonzero(folds == fold)):
            scored = (Best(kind.probability(weights, known), answers) for known, answers in judged[row])
            found[row] = max(scored, key=lambda best: best.probability, default=found[row])
    return found


def _report(examples: Sequence[Example], first: Sequence[Best]) -> None:
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


def _decision(examples: Sequence[Example], first: Sequence[Best]) -> Decision:
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


def _followed(asked: Sequence[Asked], deciding: Sufficiency) -> Weights:
    """Which sentence answers a follow-up, learnt from what each is worth in every sense of the words."""
    learnt = [_after(each, deciding) for each in asked]
    best = _held_out(FOLLOW_UP, learnt)
    answerable = [any(answers for _, answers in each) for each in learnt]
    right = sum(p >= ENOUGH and answers for p, answers in best)
    refused = sum(p < ENOUGH for (p, _), its in zip(best, answerable, strict=True) if not its)
    _say(f"follow-ups: {right} right of {sum(answerable)}, {refused} refused of {len(best) - sum(answerable)}")
    return _fit(FOLLOW_UP, learnt)


def _after(asked: Asked, deciding: Sufficiency) -> Judged:
    """What is known of each sentence that any sense of a follow-up finds, and whether it answers."""
    readings, right = [], set()
    for example in asked.senses:
        odds = [
            log_odds(deciding.confidence(deciding.probability(features), example.refusal, example.doubt))
            for features in example.features
        ]
        readings.append(Reading(example.sense, example.extracts, odds))
        right |= {extract.place for extract, its in zip(example.extracts, example.answers, strict=True) if its}
    return [(known, extract.place in right) for extract, known in evidence(readings, asked.told)]


def _say(text: str) -> None:
    print(text, file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    main()
