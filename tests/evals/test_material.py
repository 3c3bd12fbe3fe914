"""What the cross-encoder learns from fits the corpus, asks what no suite asks, and is read beside what is near it."""

import numpy as np
import pytest
from rapidfuzz import fuzz, process

from assistant import chunking, corpus, expected, settings
from assistant.types import Document
from assistant_evals import lines, material, suites
from assistant_evals.material import NEAR, NONE, Material

ROWS = [row for _, row in lines.read(material.WRITTEN)]
TOO_LIKE = 85.0  # edit similarity to a question of the suites, in percent


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    return corpus.load(settings.load().corpus_dir)


def test_every_written_question_finds_its_sentence(documents: list[Document]) -> None:
    sentences = {
        document.id: [
            " ".join(passage.text[start:end].split())
            for passage in chunking.passages(document)
            for start, end in chunking.sentences(passage.text)
        ]
        for document in documents
    }
    lost = [row for row in ROWS if "words" in row and row["words"] not in sentences.get(row["document"], ())]
    assert not lost


def test_written_questions_are_expected_beside_those_of_the_corpus(documents: list[Document]) -> None:
    passages = [passage for document in documents for passage in chunking.passages(document)]
    before = len(expected.placed(documents, passages))
    after = len(expected.placed(material.extended(documents, ROWS), passages))
    assert after - before == sum(len(list(material.alone(row["questions"]))) for row in ROWS if "words" in row)


def test_what_follows_on_a_question_is_learnt_with_what_it_is_about() -> None:
    asked = list(material.alone(["What is a Form D?", ["Who issues a Form D?", "and how long is it valid?"]]))
    assert asked[0] == ("What is a Form D?", None)
    assert [text for text, asking in asked if asking == "and how long is it valid?"] == [
        "Who issues a Form D? and how long is it valid?"
    ]
    assert all("Form D" in text and "how long is it valid?" in text for text, _ in asked[1:])


def test_no_written_question_is_one_of_the_suites() -> None:
    cases = [case for suite in suites.load() for case in (*suite.dev, *suite.test)]
    turns = [[turn.content for turn in case.question.history if turn.role == "user"] for case in cases]
    asked = [whole([*before, case.question.text]) for before, case in zip(turns, cases, strict=True)]
    asked += [whole(case.question.text) for case in cases]
    written = [each for row in ROWS for each in (*row.get("questions", ()), *row.get("unanswered", ()))]
    folded = [whole(each) for each in written]
    alike = process.cdist(folded, asked, scorer=fuzz.ratio, score_cutoff=TOO_LIKE, dtype=np.uint8).max(axis=1)
    assert not [text for text, likeness in zip(written, alike, strict=True) if likeness]


def whole(question: str | list[str]) -> str:
    """A question, or all that was asked in a conversation, without regard to case."""
    return (question if isinstance(question, str) else " ".join(question)).casefold()


def made(
    questions: list[str], answers: list[int], vectors: np.ndarray, said: np.ndarray, countries: str | None = None
) -> Material:
    """Sentences of one document, or, of a country for each letter, each of a document of its own."""
    count = len(said)
    return Material(
        questions=questions,
        answers=np.array(answers),
        sentences=[f"sentence {row}" for row in range(count)],
        said_by=[("a" if countries is None else f"document {row}", f"sentence {row}") for row in range(count)],
        countries=[None] * count if countries is None else list(countries),
        vectors=vectors,
        said=said,
        plain=said,
    )


def test_a_sentence_is_near_by_itself_or_by_another_question_that_it_answers() -> None:
    axes = np.eye(NEAR + 2, dtype=np.float32)
    vectors = np.stack([axes[-1], axes[-1], axes[0]])
    learnt = made(["one", "two", "three"], [5, 7, NONE], vectors, axes[:-1])
    near = learnt.near(np.array([0, 2]), np.ones(3, dtype=bool))
    assert near.shape == (2, NEAR)
    assert near[0, 0] == 7, "the sentence that answers a question just like it; not its own, which would give it away"
    assert near[1, 0] == 0, "the sentence nearest by itself"
    unknown = learnt.near(np.array([0]), np.array([True, False, True]))
    assert unknown[0, 0] != 7, "a question that is not known brings nothing near"


def test_what_answers_or_says_the_same_is_not_held_against_a_question() -> None:
    axes = np.eye(4, dtype=np.float32)
    same = np.stack([axes[0], axes[0], axes[1], axes[2]])
    learnt = made(["one", "one", "two"], [0, 2, NONE], axes[:3], same)
    near = np.array([0, 1, 2, 3])
    assert learnt.wrong(0, near) == [3], "0 answers, 1 says the same as 0, 2 answers the same question elsewhere"
    assert learnt.wrong(2, near) == [0, 1, 2, 3]


def test_what_nearly_the_same_words_say_of_another_country_is_held_against_a_question() -> None:
    near_by = np.array([[1.0, 0.0], [0.95, 0.312], [0.95, 0.312]], dtype=np.float32)
    learnt = made(["one"], [0], near_by[:1], near_by, countries="SST")
    assert learnt.wrong(0, np.array([0, 1, 2])) == [2]
