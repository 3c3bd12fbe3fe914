"""Whether a claim follows from its evidence: every word of it, and every number, must find its like there."""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from assistant import chunking, data, facts
from assistant.ports import TokenEncoder, Vectors
from assistant.sufficiency import logistic
from assistant.types import Frozen

COVERING = 5  # sentences of the evidence that together hold most of the claim's words
NEAREST = 3  # sentences that each hold most of them
LONGEST = 2_000  # characters of evidence that are encoded; the model takes about 500 tokens
WEAKEST = 0.1  # the share of a claim's words that count as its weakest


class Weights(Frozen):
    """Of the logistic model, fitted by `python -m assistant_evals.verifier`."""

    bias: float
    alike: float
    weakest: float
    words: float
    numbers: float
    names: float


class Verifier:
    """Scores claims. Late interaction finds each word in its context; plain matching keeps it honest on facts."""

    def __init__(self, encoder: TokenEncoder, weights: Weights) -> None:
        self._encoder = encoder
        self._weights = weights

    def score(self, claim: str, evidence: Sequence[str]) -> float:
        """How likely the pieces of evidence, in their order, support the whole claim, in [0, 1]."""
        values = self.features(claim, evidence)
        return logistic(
            self._weights.bias + sum(getattr(self._weights, name) * value for name, value in values.items())
        )

    def features(self, claim: str, evidence: Sequence[str]) -> dict[str, float]:
        """What the model looks at, each in [0, 1] or nearly so."""
        alike = self._alike(claim, " ".join(telling(claim, evidence))[:LONGEST])
        everything = " ".join(evidence)
        return {
            "alike": float(alike.mean()),
            "weakest": float(np.quantile(alike, WEAKEST)),
            "words": _share(set(facts.content(claim)), set(facts.content(everything))),
            "numbers": float(facts.numbers(claim) <= facts.numbers(everything)),
            "names": float(facts.names_stand_in(claim, everything)),
        }

    def _alike(self, claim: str, evidence: str) -> Vectors:
        """For each word of the claim that says something, the cosine of the likest word of the evidence."""
        tokens, there = self._encoder.encode(claim), self._encoder.encode(evidence)
        rows = [row for row, text in enumerate(tokens.texts) if _says_something(text)]
        if not rows or not there.texts:
            return np.zeros(1, dtype=np.float32)
        return np.max(tokens.vectors[rows] @ there.vectors.T, axis=1)  # type: ignore[no-any-return]


def telling(claim: str, evidence: Sequence[str]) -> list[str]:
    """The sentences of the evidence that hold most of the claim's words, together or each, in their order."""
    sentences = [text[start:end] for text in evidence for start, end in chunking.sentences(text)]
    words = Words(claim, sentences)
    rows = {*words.covering(COVERING), *words.nearest(NEAREST)}
    return [sentences[row] for row in sorted(rows)]


class Words:
    """The words of a claim in sentences. A word counts by how few of the sentences use it."""

    def __init__(self, claim: str, sentences: Sequence[str]) -> None:
        self._wanted = set(facts.content(claim))
        self._held = [self._wanted.intersection(facts.content(sentence)) for sentence in sentences]
        counts = Counter(word for held in self._held for word in held)
        self._rarity = {word: math.log((len(sentences) + 2) / (counts[word] + 1)) for word in self._wanted}

    def nearest(self, most: int) -> list[int]:
        """Rows of the sentences that each hold most of the claim, at most so many, best first."""
        return sorted(range(len(self._held)), key=lambda row: -self._weight(self._held[row]))[:most]

    def covering(self, most: int, gain: float = 0.0) -> list[int]:
        """Rows of the sentences that together hold most of it, best first; each adds more than `gain` of the claim."""
        chosen: list[int] = []
        left = set(self._wanted)
        for _ in range(min(most, len(self._held))):
            best = max(range(len(self._held)), key=lambda row: self._weight(left & self._held[row]))
            added = self._weight(left & self._held[best])
            if not left & self._held[best] or added <= gain * self._weight(self._wanted):
                break
            chosen.append(best)
            left -= self._held[best]
        return chosen

    def _weight(self, words: set[str]) -> float:
        return sum(self._rarity[word] for word in words)


def load() -> Weights:
    """The weights that come with the package."""
    return Weights.model_validate(data.read("verification.yaml"))


def _says_something(token: str) -> bool:
    return bool(facts.content(token.strip("#"))) and any(character.isalnum() for character in token)


def _share(wanted: set[str], there: set[str]) -> float:
    return len(wanted & there) / len(wanted) if wanted else 1.0
