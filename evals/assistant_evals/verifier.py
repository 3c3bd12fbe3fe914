"""Fits the weights of `assistant.verification` on labelled claims: which features say that a claim is supported.

python -m assistant_evals.verifier PAIRS.jsonl > src/assistant/data/verification.yaml

Prints cross-validated balanced accuracy to stderr. Fitted on the development half of WiCE (annotations ODC-BY),
which is not part of this project; seed and folds are below.
"""

import sys
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, roc_auc_score
from sklearn.model_selection import RepeatedStratifiedKFold

from assistant.reranking import Colbert
from assistant.verification import Verifier, Weights
from assistant_evals import pairs

SEED = 0
FOLDS, REPEATS = 5, 10
PENALTY = 10.0  # inverse strength; 0.1 to 100 give the same to two digits


def main(path: str) -> None:
    """Fit, report and print."""
    verifier = Verifier(Colbert(), Weights(bias=0, alike=0, weakest=0, words=0, numbers=0, names=0))
    rows = [pair for pair in pairs.read(Path(path)) if pair.truth is not None]
    features = [verifier.features(pair.claim, pair.pieces) for pair in rows]
    names = list(features[0])
    inputs = np.array([[row[name] for name in names] for row in features])
    labels = np.array([int(bool(pair.truth)) for pair in rows])
    accuracies, areas = [], []
    for train, test in RepeatedStratifiedKFold(n_splits=FOLDS, n_repeats=REPEATS, random_state=SEED).split(
        inputs, labels
    ):
        model = _model().fit(inputs[train], labels[train])
        chances = model.predict_proba(inputs[test])[:, 1]
        accuracies.append(balanced_accuracy_score(labels[test], chances >= pairs.SUPPORTED_FROM))
        areas.append(roc_auc_score(labels[test], chances))
    print(  # noqa: T201
        f"{len(rows)} pairs: balanced accuracy {np.mean(accuracies):.3f}, area under the curve {np.mean(areas):.3f} "
        f"({REPEATS} times {FOLDS}-fold)",
        file=sys.stderr,
    )
    model = _model().fit(inputs, labels)
    print(f"# Fitted by python -m assistant_evals.verifier on {len(rows)} labelled claims.")  # noqa: T201
    print(f"bias: {model.intercept_[0]:.3f}")  # noqa: T201
    for name, weight in zip(names, model.coef_[0], strict=True):
        print(f"{name}: {weight:.3f}")  # noqa: T201


def _model() -> LogisticRegression:
    return LogisticRegression(C=PENALTY, class_weight="balanced", max_iter=10_000)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m assistant_evals.verifier PAIRS.jsonl")
    main(sys.argv[1])
