"""The training tells sentences apart, and what none of them answers."""

import numpy as np
import pytest

from assistant.classifier import Classifier
from assistant_evals import classifying
from assistant_evals.material import NONE, Material

WORDS = {"fee": "What does it cost?", "date": "When did it start?", "place": "Where does it lie?"}


@pytest.fixture(scope="module")
def learnt() -> Material:
    draw = np.random.default_rng(3)
    said = np.eye(4, 8, dtype=np.float32)
    questions, answers, vectors = [], [], []
    for row in range(240):
        answer = row % 4
        near = said[answer] + 0.3 * draw.normal(size=8).astype(np.float32)
        word = [*WORDS, "weather"][answer]
        questions.append(f"{word} {row}")
        answers.append(NONE if answer == 3 else answer)
        vectors.append(near / np.linalg.norm(near))
    return Material(
        questions=questions,
        answers=np.array(answers),
        sentences=[*WORDS.values(), "Nobody asks for this."],
        said_by=[("a", text) for text in [*WORDS.values(), "Nobody asks for this."]],
        countries=[None, "TH", None, None],
        vectors=np.array(vectors),
        said=said,
        plain=said,
    )


def test_each_way_finds_the_sentence_of_what_it_did_not_see(learnt: Material) -> None:
    known = np.arange(len(learnt.questions)) < 200
    found = classifying.trained(learnt, known)
    assert len(found.keys) == 3, "nothing is learnt of a sentence that no question is for"
    assert found.countries == ["", "TH", ""]
    told = Classifier(found)
    for row in range(200, 240):
        chances = told.chances(learnt.questions[row], learnt.vectors[row], learnt.said_by[:3])
        if learnt.answers[row] == NONE:
            assert max(chances.spelling) < -0.7
        else:
            assert chances.spelling.argmax() == learnt.answers[row]
    right = [
        told.chances("", learnt.vectors[row], learnt.said_by[:3]).meaning.argmax() == learnt.answers[row]
        for row in range(200, 240)
        if learnt.answers[row] != NONE
    ]
    assert np.mean(right) > 0.9
