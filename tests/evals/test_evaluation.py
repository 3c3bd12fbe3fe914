"""A run of committed suites on a stand-in for the assistant, and what is made of results."""

import json
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from samples import make_case, make_result

from assistant.bootstrap import Assistant
from assistant.errors import InputError
from assistant.types import Answer, Manifest, Question
from assistant_evals import evaluation, suites
from assistant_evals.evaluation import Evaluation
from assistant_evals.gate import Change
from fakes import ignore, make_answer, make_document, make_passage

SUITE = "injection"
FELL = Change(suite="facts", half="dev", metric="status", before=0.8, now=0.6, fell=True)
ROSE = Change(suite="facts", half="test", metric="facts", before=0.5, now=1.0, fell=False)


class FixedAssistant:
    """The part of an Assistant that an evaluation needs: one answer to everything. Remembers what it was asked."""

    def __init__(self) -> None:
        manifest = Manifest(version="v1", corpus_hash="1", model="1", chunker="1", documents=1, passages=1)
        documents = {"sample": make_document("Goods may be cleared.")}
        self.library = SimpleNamespace(manifest=manifest, documents=documents, passages={"sample.1": make_passage()})
        self.asked: list[Question] = []

    def answer(self, question: Question) -> Answer:
        self.asked.append(question)
        return make_answer(question=question.text)


def make_evaluation(*changes: Change) -> Evaluation:
    ours = [make_result({"status": 1.0}, case=make_case(id="ours"))]
    peer = [make_result({"status": 0.0}, case=make_case(id="theirs"))]
    return Evaluation("v1", {"assistant": ours, "peer": peer}, changes)


# -- a run -----------------------------------------------------------------------------------------------------------


def test_every_question_of_the_named_suite_is_asked_once_and_scored() -> None:
    assistant, told = FixedAssistant(), list[tuple[int, int]]()
    found = evaluation.run(
        [SUITE], cast("Assistant", assistant), lambda done, total: told.append((done, total)), compare=False
    )
    (suite,) = suites.chosen([SUITE])
    cases = [*suite.dev, *suite.test]
    assert assistant.asked == [case.question for case in cases]
    assert [result.case for result in found.ours] == cases
    assert told == [(done, len(cases)) for done in range(1, len(cases) + 1)]
    assert (found.index_version, list(found.systems)) == ("v1", ["assistant"])


def test_quotes_are_compared_with_the_passages_of_the_index() -> None:
    found = evaluation.run([SUITE], cast("Assistant", FixedAssistant()), ignore, compare=False)
    assert {result.scores["grounded"] for result in found.ours} == {1.0}
    other = FixedAssistant()
    other.library.passages = {}
    found = evaluation.run([SUITE], cast("Assistant", other), ignore, compare=False)
    assert {result.scores["grounded"] for result in found.ours} == {0.0}
    assert ("grounded", True) in {(change.metric, change.fell) for change in found.changes}


def test_an_unknown_suite_is_an_error_before_anything_is_asked() -> None:
    assistant = FixedAssistant()
    with pytest.raises(InputError, match="no suite fcats"):
        evaluation.run(["fcats", SUITE], cast("Assistant", assistant), ignore, compare=False)
    assert assistant.asked == []


# -- what is made of it ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "fell", "said"),
    [
        ([], False, []),
        ([ROSE], False, [f"changed: {ROSE}"]),
        ([FELL, ROSE], True, [f"below the baseline: {FELL}", f"changed: {ROSE}"]),
    ],
)
def test_every_change_is_said_and_only_a_fall_fails(changes: Sequence[Change], fell: bool, said: list[str]) -> None:
    heard: list[str] = []
    assert make_evaluation(*changes).fell(heard.append) is fell
    assert heard == said


def test_all_figures_of_all_systems_are_written_as_json(tmp_path: Path) -> None:
    make_evaluation().write_json(tmp_path / "figures.json")
    found = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))
    assert found["index_version"] == "v1"
    assert {name: figures["halves"]["dev"]["status"]["value"] for name, figures in found["systems"].items()} == {
        "assistant": 1.0,
        "peer": 0.0,
    }


def test_only_our_own_replies_become_samples(tmp_path: Path) -> None:
    make_evaluation().write_samples(tmp_path)
    lines = (tmp_path / "inspect.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["ours"]


def test_the_lines_name_every_system() -> None:
    said = [line for line in make_evaluation().lines() if not line.startswith(" ")]
    assert said == ["assistant, dev: 1 questions", "peer, dev: 1 questions"]
