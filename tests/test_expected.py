"""Expected questions lead to the sentence that answers them."""

import pytest

from assistant import chunking, corpus, expected, settings
from assistant.expected import ExpectedQuestions, Unanswered
from assistant.types import Expected
from fakes import WordEmbedder, make_document

BODY = "## Fees\n\nAccess is free. Copies cost money.\n\n## Hours\n\nOffices open\nat nine."
DOCUMENT = make_document(
    BODY,
    expected=(
        Expected(words="is FREE", questions=("do I pay for it", "is there a charge")),
        Expected(words="open at nine", questions=("when can I come",)),
    ),
)
PASSAGES = chunking.passages(DOCUMENT)
EMBEDDER = WordEmbedder()
NEAR = ExpectedQuestions(EMBEDDER, [DOCUMENT], PASSAGES)


def near(question: str) -> dict[str, float]:
    """For each sentence the likeness of the question to those expected of it."""
    by_id = {passage.id: passage.text for passage in PASSAGES}
    found = NEAR.near(EMBEDDER.embed_queries([question])[0])
    return {by_id[passage_id][start:].split(".")[0]: round(cosine, 3) for (passage_id, start), cosine in found.items()}


def test_a_sentence_is_as_near_as_the_nearest_question_expected_of_it() -> None:
    for asked in ("do I pay for it", "is there a charge"):
        assert near(asked)["Access is free"] == 1.0
        assert near(asked)["Offices open at nine"] < 0.5
    assert near("when can I come")["Offices open at nine"] == 1.0
    assert "Copies cost money" not in near("when can I come")


def test_a_corpus_without_expected_questions_finds_none() -> None:
    plain = make_document(BODY)
    assert ExpectedQuestions(EMBEDDER, [plain], chunking.passages(plain)).near(EMBEDDER.embed_queries(["x"])[0]) == {}


def test_every_expected_question_is_embedded_once_when_the_index_is_built() -> None:
    wanted = ["do I pay for it", "is there a charge", "when can I come"]
    assert expected.texts_to_embed([DOCUMENT], PASSAGES) == [*wanted, *expected.unanswered()]


def test_the_nearest_question_without_an_answer_says_how_near() -> None:
    unanswered = Unanswered(EMBEDDER, ["who is the chief", "what does a copy weigh"])
    chief, hours = EMBEDDER.embed_queries(["who is the chief", "when can I come"])
    assert unanswered.nearest(chief) == pytest.approx(1.0, abs=1e-6)
    assert unanswered.nearest(hours) < 0.5


def test_no_shipped_question_is_both_expected_and_without_an_answer() -> None:
    documents = corpus.load(settings.load().corpus_dir)
    asked = {text.casefold() for document in documents for each in document.expected for text in each.questions}
    unanswered = expected.unanswered()
    assert len(set(unanswered)) == len(unanswered)
    assert not asked & {text.casefold() for text in unanswered}


def test_a_heading_that_asks_is_expected_of_the_first_sentence_under_it() -> None:
    faq = make_document(
        "## Permits\n\nText.\n\n### 9. Is there a fee?\n\nNone is charged. Ask again.\n\n## Fee\n\nMore."
    )
    passages = chunking.passages(faq)
    found = ExpectedQuestions(EMBEDDER, [faq], passages).near(EMBEDDER.embed_queries(["Is there a fee?"])[0])
    [(place, cosine)] = found.items()
    assert place == (next(passage.id for passage in passages if passage.text.startswith("None")), 0)
    assert round(cosine, 3) == 1.0
