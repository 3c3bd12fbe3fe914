"""Fits the weights of `assistant.sufficiency`: which features of a sentence say that it answers the question.

python -m assistant_evals.calibration > src/assistant/data/sufficiency.yaml

Learns from the dev halves of the suites, where the gold says which sentences answer, and from the questions that each
corpus document says it answers, where the likeliest sentence of that document is taken to. Only questions in the
language of the passages are learnt from; the same weights serve other languages, which learning from
them did not improve. Cross-validated figures go to stderr.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from assistant import bootstrap, settings
from assistant.answer import Pipeline
from assistant.sufficiency import Features, Weights
from assistant.types import Hit, Question
from assistant_evals import suites
from assistant_evals.suites import Case, holds

READ = ("relevance", "alike", "weakest")  # what the reranker adds
NAMES = tuple(Features.model_fields)
PLAIN = tuple(name for name in NAMES if name not in READ)

PENALTY = 1.0  # inverse strength
SELF_TAUGHT = 0.3  # weight of a question whose right sentence is only supposed
AGAINST = 3.0  # how many times lighter the wrong sentences of a question weigh than the right ones
FOLDS = 5
SEED = 0
OVERLAP = 0.1  # beside the cosine, to suppose which sentence of a document answers


@dataclass(frozen=True)
class Example:
    """A question's sentences and which of them answer; none where the sources do not."""

    features: Sequence[Features]
    answers: Sequence[bool]
    supposed: bool
    translated: bool

    @property
    def answerable(self) -> bool:
        """Whether one of the sentences answers."""
        return any(self.answers)


def main() -> None:
    """Fit, report and print."""
    assistant = bootstrap.assistant(settings.load(), _say, lambda _done, _total: None, recording=False)
    examples = [*_of_suites(assistant.library.pipeline), *_of_corpus(assistant)]
    own = [example for example in examples if not example.translated]
    print("# Fitted by python -m assistant_evals.calibration on the dev halves of the suites and on the corpus.")  # noqa: T201
    for kind, names in (("reranked", NAMES), ("plain", PLAIN)):
        _report(kind, own, names)
        weights = _fit(own, names)
        print(f"{kind}:\n  bias: {weights.bias:.3f}\n  features:")  # noqa: T201
        for name, weight in weights.features.items():
            print(f"    {name}: {weight:.3f}")  # noqa: T201


def _of_suites(pipeline: Pipeline) -> Iterator[Example]:
    for suite in suites.load():
        for case in suite.dev:
            if case.kind != "problem" and (case.gold or case.refuses):
                yield _example(pipeline, case)


def _example(pipeline: Pipeline, case: Case) -> Example:
    found = pipeline.find(case.question)
    candidates = pipeline.candidates(found)
    answers = [_supports(case, hit, start, end) for (hit, start, end), _ in candidates]
    return Example([features for _, features in candidates], answers, supposed=False, translated=found.query.translated)


def _supports(case: Case, hit: Hit, start: int, end: int) -> bool:
    sentence, document = hit.passage.text[start:end], hit.passage.document_id
    return any(document == gold.document and holds(sentence, gold.fact) for gold in case.gold)


def _of_corpus(assistant: bootstrap.Assistant) -> Iterator[Example]:
    pipeline = assistant.library.pipeline
    for document in assistant.library.documents.values():
        for text in document.questions:
            candidates = pipeline.candidates(pipeline.find(Question(text=text)))
            of_document = [hit.passage.document_id == document.id for (hit, _, _), _ in candidates]
            if not any(of_document):
                continue
            likeliest = max(
                (row for row, its in enumerate(of_document) if its),
                key=lambda row: candidates[row][1].cosine + OVERLAP * candidates[row][1].overlap,
            )
            rows = [row for row, its in enumerate(of_document) if row == likeliest or not its]
            yield Example(
                [candidates[row][1] for row in rows],
                [row == likeliest for row in rows],
                supposed=True,
                translated=False,
            )


def _fit(examples: Sequence[Example], names: Sequence[str]) -> Weights:
    inputs, labels, weights = [], [], []
    for example in examples:
        right = sum(example.answers)
        for features, answers in zip(example.features, example.answers, strict=True):
            inputs.append([getattr(features, name) for name in names])
            labels.append(int(answers))
            weights.append((SELF_TAUGHT if example.supposed else 1.0) / (right if answers else AGAINST))
    model = make_pipeline(StandardScaler(), LogisticRegression(C=PENALTY, max_iter=5_000))
    model.fit(np.array(inputs), labels, logisticregression__sample_weight=weights)
    scaler, fitted = model[0], model[1]
    slopes = fitted.coef_[0] / scaler.scale_
    bias = float(fitted.intercept_[0] - slopes @ scaler.mean_)
    return Weights(bias=bias, features=dict(zip(names, map(float, slopes), strict=True)))


def _scores(weights: Weights, example: Example) -> list[float]:
    return [
        weights.bias + sum(weight * getattr(features, name) for name, weight in weights.features.items())
        for features in example.features
    ]


def _report(kind: str, examples: Sequence[Example], names: Sequence[str]) -> None:
    """Of the labelled examples, held out in turn: how often the first sentence answers, how answerable ones rank."""
    folds = np.random.default_rng(SEED).permutation(len(examples)) % FOLDS
    first, best, answerable = [], [], []
    for fold in range(FOLDS):
        weights = _fit([e for e, its in zip(examples, folds, strict=True) if its != fold], names)
        for example, its in zip(examples, folds, strict=True):
            if its != fold or example.supposed or not example.features:
                continue
            scores = _scores(weights, example)
            if example.answerable:
                first.append(example.answers[int(np.argmax(scores))])
            best.append(max(scores))
            answerable.append(example.answerable)
    area = roc_auc_score(answerable, best)
    _say(f"{kind}: {len(best)} questions; first sentence right {np.mean(first):.3f}, area under the curve {area:.3f}")


def _say(text: str) -> None:
    print(text, file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    main()
