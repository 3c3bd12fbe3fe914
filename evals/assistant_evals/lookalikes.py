"""Finds expected questions that the router takes for a kind that is refused, so that it learns from them.

python -m assistant_evals.lookalikes > src/assistant/data/lookalikes.yaml

In rounds: a router is trained, those of the corpus's expected questions that it is most wrong about join its examples,
and so on until it is wrong about none. Added all at once they would be thousands, and alike.
"""

import sys
from collections.abc import Sequence

import numpy as np
import yaml

from assistant import chunking, corpus, countries, data, expected, settings
from assistant.bootstrap import Builder
from assistant.countries import Countries
from assistant.policy import refusal
from assistant.ports import Embedder, Vectors
from assistant.routing import INTENTS, Intent, Router, Routing

ANSWERED: tuple[Intent, ...] = ("facts", "portal")
ROUNDS, AT_ONCE = 4, 150
WRONG = 0.2  # probability of kinds that are refused from which a question is learnt
ALIKE = 0.93  # cosine from which one of two questions is enough


def main() -> None:
    """Print what was found, by kind."""
    chosen = settings.load()
    documents = corpus.load(chosen.corpus_dir)
    passages = [passage for document in documents for passage in chunking.passages(document)]
    labelled = data.read("intents.yaml")
    known = [(text, intent) for intent in INTENTS for text in labelled[intent]]
    taken = {text.casefold() for text, _ in known}
    asked = {text.casefold(): text for _, text in expected.placed(documents, passages) if text.casefold() not in taken}
    found = lookalikes(known, sorted(asked.values()), Builder(chosen).embedder, countries.load())
    print("# Written by python -m assistant_evals.lookalikes: expected questions that intents.yaml alone would refuse.")  # noqa: T201
    by_kind = {kind: [text for text, label in found if label == kind] for kind in ANSWERED}
    print(yaml.safe_dump(by_kind, allow_unicode=True, sort_keys=False, width=1_000), end="")  # noqa: T201


def lookalikes(
    known: Sequence[tuple[str, Intent]], asked: Sequence[str], embedder: Embedder, places: Countries
) -> list[tuple[str, Intent]]:
    """Of the questions asked those to learn, each with its kind: the likelier of those that are answered."""
    texts, labels = map(list, zip(*known, strict=True))
    vectors, questions = embedder.embed_queries(texts, keep=True), embedder.embed_queries(asked, keep=True)
    taken: list[int] = []
    learnt: list[Intent] = []
    for _ in range(ROUNDS):
        every = np.vstack([vectors, questions[taken]])
        router = Router.learnt(places, [*texts, *(asked[row] for row in taken)], every, [*labels, *learnt])
        routed = [router.route(text, vector) for text, vector in zip(asked, questions, strict=True)]
        worst = _worst([refusal(routing) for routing in routed], questions, taken)
        taken += worst
        learnt += [_kind(routed[row]) for row in worst]
        sys.stderr.write(f"{len(taken)} of {len(asked)}\n")
    return [(asked[row], kind) for row, kind in zip(taken, learnt, strict=True)]


def _worst(refused: Sequence[float], vectors: Vectors, taken: Sequence[int]) -> list[int]:
    """The rows refused most surely, none like another and none taken before."""
    kept: list[int] = []
    for row in map(int, np.argsort(-np.array(refused), kind="stable")):
        if refused[row] < WRONG or len(kept) == AT_ONCE:
            break
        if row not in taken and all(vectors[row] @ vectors[other] < ALIKE for other in kept):
            kept.append(row)
    return kept


def _kind(routing: Routing) -> Intent:
    return max(ANSWERED, key=lambda intent: routing.probabilities[intent])


if __name__ == "__main__":
    main()
