"""Fits the weights of `assistant.sufficiency`: which features of the found sentences say that they answer.

python -m assistant_evals.calibration > src/assistant/data/sufficiency.yaml

Answerable: the questions that each corpus document says it answers, and the labelled examples of kind "facts" in other
languages. Not answerable: the labelled examples of the kinds that the sources never answer. Prints cross-validated
accuracy to stderr.
"""

import math
import sys
from collections.abc import Iterator

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from assistant import bootstrap, language, routing, settings
from assistant.sufficiency import Calibration, Weights, features
from assistant.types import Question

# Routing has told most unanswerable questions apart before strength is asked for; where words cannot help to tell a
# near miss, an answerable one is that much likelier.
PRIOR = 6.0

UNANSWERABLE = ("goods", "off_topic", "other_region", "individual", "evasion", "injection", "greeting", "thanks")


def main() -> None:
    """Fit, report and print."""
    assistant = bootstrap.assistant(settings.load(), _say, lambda _done, _total: None, recording=False)
    pipeline = assistant.library.pipeline
    rows: dict[bool, list[tuple[dict[str, float], bool]]] = {True: [], False: []}
    for text, answerable in _labelled(assistant):
        found = pipeline.find(Question(text=text))
        if found.ranked:
            rows[found.query.translated].append((features(found.ranked), answerable))
    calibration = Calibration(
        same_language=_fit(rows[False]),
        translated=_fit(rows[True], prior=PRIOR),
    )
    for name, weights in calibration:
        values = ", ".join(f"{key}: {value:.2f}" for key, value in weights)
        print(f"{name}: {{{values}}}")  # noqa: T201


def _labelled(assistant: bootstrap.Assistant) -> Iterator[tuple[str, bool]]:
    for document in assistant.library.documents.values():
        yield from ((question, True) for question in document.questions)
    for text, intent in routing.examples():
        if intent in UNANSWERABLE:
            yield text, False
        elif intent == "facts" and language.detect(text) != "en":
            yield text, True


def _fit(rows: list[tuple[dict[str, float], bool]], prior: float = 1.0) -> Weights:
    """Logistic weights; answerable counts `prior` times as much as the rest."""
    names = list(rows[0][0])
    inputs = np.array([[values[name] for name in names] for values, _ in rows])
    labels = np.array([answerable for _, answerable in rows], dtype=int)
    model = LogisticRegression(C=1_000, class_weight="balanced", max_iter=1_000)
    predicted = cross_val_predict(model, inputs, labels, cv=5)
    right = [float((predicted[labels == label] == label).mean()) for label in (0, 1)]
    _say(f"{len(rows)} questions: {right[1]:.3f} of the answerable and {right[0]:.3f} of the others told apart")
    model.fit(inputs, labels)
    fitted = dict(zip(names, (float(weight) for weight in model.coef_[0]), strict=True))
    return Weights(bias=float(model.intercept_[0]) + math.log(prior), **fitted)


def _say(text: str) -> None:
    print(text, file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    main()
