"""Whether a claim follows from its evidence: every word of it, and every number, must find its like there."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from functools import cache

import numpy as np
import Stemmer

from assistant import chunking, data
from assistant.ports import TokenEncoder, Vectors
from assistant.sufficiency import logistic
from assistant.types import Frozen

NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
NAME = re.compile(r"(?<!^)(?<![.!?:]\s)\b[A-Z][\w'’-]*")  # one that begins a sentence may be any word
WORD = re.compile(r"\w+(?:[.,]\d+)*")
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
            "words": _share(set(_stems(claim)), set(_stems(everything))),
            "numbers": float(_numbers(claim) <= _numbers(everything)),
            "names": float(_names_stand_in(claim, everything)),
        }

    def _alike(self, claim: str, evidence: str) -> Vectors:
        """For each word of the claim that says something, the cosine of the likest word of the evidence."""
        tokens, there = self._encoder.encode(claim), self._encoder.encode(evidence)
        rows = [row for row, text in enumerate(tokens.texts) if _says_something(text)]
        if not rows or not there.texts:
            return np.zeros(1, dtype=np.float32)
        return np.max(tokens.vectors[rows] @ there.vectors.T, axis=1)  # type: ignore[no-any-return]


def telling(claim: str, evidence: Sequence[str]) -> list[str]:
    """The sentences of the evidence that hold most of the claim's words, together or each, in their order.

    A word counts by how few of the sentences use it.
    """
    sentences = [text[start:end] for text in evidence for start, end in chunking.sentences(text)]
    words = [set(_stems(sentence)) for sentence in sentences]
    wanted = set(_stems(claim))
    counts = Counter(word for found in words for word in found)
    rarity = {word: math.log((len(sentences) + 2) / (counts[word] + 1)) for word in wanted}

    def weight(held: set[str]) -> float:
        return sum(rarity[word] for word in held)

    chosen: set[int] = set()
    left = set(wanted)
    for _ in range(min(COVERING, len(sentences))):
        best = max(range(len(sentences)), key=lambda row: weight(left & words[row]))
        if not left & words[best]:
            break
        chosen.add(best)
        left -= words[best]
    nearest = sorted(range(len(sentences)), key=lambda row: -weight(wanted & words[row]))[:NEAREST]
    return [sentences[row] for row in sorted(chosen.union(nearest))]


def load() -> Weights:
    """The weights that come with the package."""
    return Weights.model_validate(data.read("verification.yaml"))


def _numbers(text: str) -> set[str]:
    """The numbers of a text as digits without separators of thousands, whether it has them in digits or in words."""
    in_words = {str(numeral) for word in re.findall(r"[a-z]+", text.lower()) if (numeral := _numerals().get(word))}
    return in_words | {number.replace(",", "") for number in NUMBER.findall(text)}


def _names_stand_in(claim: str, evidence: str) -> bool:
    """Whether the evidence has every name of the claim, in whatever ending."""
    words = set(re.findall(r"[\w'’-]+", evidence.lower()))
    stems = set(_stems(evidence))
    names = (name.lower().removesuffix("'s").removesuffix("’s") for name in NAME.findall(claim))
    return all(name in words or stems.intersection(_stems(name)) for name in names)


def _stems(text: str) -> list[str]:
    words = [word for word in WORD.findall(text.lower()) if word not in _function_words()]
    return Stemmer.Stemmer("english").stemWords(words)  # type: ignore[no-any-return]


def _says_something(token: str) -> bool:
    word = token.lower().strip("#")
    return word not in _function_words() and any(character.isalnum() for character in word)


@cache
def _numerals() -> dict[str, int]:
    return dict(data.read("words.yaml")["numerals"])


@cache
def _function_words() -> frozenset[str]:
    """Words that say nothing by themselves; "not" and "no" do."""
    return frozenset(map(str, data.read("words.yaml")["function_words"]))


def _share(wanted: set[str], there: set[str]) -> float:
    return len(wanted & there) / len(wanted) if wanted else 1.0
