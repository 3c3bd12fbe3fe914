"""Suites: how their files are read, what is found wrong with them, and the committed ones themselves."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from samples import make_case, make_portal, make_refusal, make_suite

from assistant import corpus
from assistant.errors import InputError
from assistant.types import Document, Question
from assistant_evals import suites
from assistant_evals.suites import Case, Gold, Suite, findings, holds
from fakes import make_document
from places import REAL_CORPUS

DOCUMENTS = {
    "sample": make_document("Filing is free\nof charge.", portals=(make_portal(url="https://tariff.example"),))
}
QUESTIONS_AT_LEAST = 400
EXPECTED = {"kind": "facts", "status": ["answered"], "gold": [{"document": "sample", "fact": "free of charge"}]}


def row(**fields: Any) -> dict[str, Any]:
    return {"id": "c1", "question": "What does filing cost?", "expect": EXPECTED, **fields}


def write(root: Path, *rows: Mapping[str, Any] | str, name: str = "facts") -> Path:
    """A suite whose dev half has these lines and whose test half is empty."""
    folder = root / name
    folder.mkdir()
    lines = [line if isinstance(line, str) else json.dumps(line) for line in rows]
    (folder / "suite.yaml").write_text("title: Facts\nabout: Questions of fact.\n", encoding="utf-8")
    (folder / "dev.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "test.jsonl").write_text("", encoding="utf-8")
    return folder


def asking(text: str, **fields: Any) -> Case:
    return make_case(question=Question(text=text), **fields)


def wrong(*cases: Case) -> list[str]:
    """What is found wrong with a suite of these questions."""
    return list(findings([make_suite(*cases)], DOCUMENTS))


@pytest.fixture(scope="module")
def committed() -> list[Suite]:
    return suites.load()


# -- reading ---------------------------------------------------------------------------------------------------------


def test_a_suite_is_read_from_its_folder(tmp_path: Path) -> None:
    write(tmp_path, row(country="sg", history=[{"role": "user", "content": "Hello"}]), "", row(id="c2"))
    (suite,) = suites.load(tmp_path)
    assert (suite.name, suite.title, suite.test) == ("facts", "Facts", ())
    assert [case.id for case in suite.half("dev")] == ["c1", "c2"]
    first = suite.dev[0]
    assert (first.question.text, first.question.country) == ("What does filing cost?", "SG")
    assert first.question.history[0].content == "Hello"
    assert first.gold == (Gold(document="sample", fact="free of charge"),)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "Expecting"),
        ("[]", "JSON object"),
        (row(question=""), "the question is empty"),
        ({"id": "c1", "expect": EXPECTED}, "question: Field required"),
        (row(hint="no such key"), "hint: Extra inputs"),
        (row(expect={**EXPECTED, "status": []}), "status: Tuple should have at least 1"),
        (row(expect={**EXPECTED, "status": ["refused"]}), r"status\.0: Input should be"),
        (row(expect={**EXPECTED, "gold": [{"document": "sample", "fact": ""}]}), r"gold\.0\.fact"),
        (row(expect={**EXPECTED, "id": "c9"}), "multiple values"),
    ],
)
def test_a_bad_line_is_named_with_its_number(tmp_path: Path, line: Mapping[str, Any] | str, reason: str) -> None:
    write(tmp_path, row(), line)
    with pytest.raises(InputError, match=rf"facts/dev\.jsonl:2: .*{reason}"):
        suites.load(tmp_path)


def test_a_missing_half_is_named(tmp_path: Path) -> None:
    (write(tmp_path, row()) / "test.jsonl").unlink()
    with pytest.raises(InputError, match=r"facts/test\.jsonl cannot be read"):
        suites.load(tmp_path)


def test_a_folder_without_suites_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no suites"):
        suites.load(tmp_path)


def test_suites_are_chosen_by_name_and_all_of_them_without(tmp_path: Path) -> None:
    write(tmp_path, row())
    write(tmp_path, row(), name="messy")
    assert [suite.name for suite in suites.chosen(["messy"], tmp_path)] == ["messy"]
    assert [suite.name for suite in suites.chosen([], tmp_path)] == ["facts", "messy"]


def test_an_unknown_suite_is_named_beside_those_there_are(tmp_path: Path) -> None:
    write(tmp_path, row())
    with pytest.raises(InputError, match="no suite fcats: there is facts"):
        suites.chosen(["facts", "fcats"], tmp_path)


# -- findings --------------------------------------------------------------------------------------------------------


def test_a_good_suite_has_no_findings() -> None:
    refusal = make_refusal(id="c2", question=Question(text="Who won the cup?"))
    assert wrong(make_case(portal_url="https://tariff.example"), refusal) == []


@pytest.mark.parametrize(
    ("case", "finding"),
    [
        (make_case(gold=(Gold(document="nowhere", fact="free"),)), "no document nowhere"),
        (make_case(relevant=("nowhere",)), "no document nowhere"),
        (make_case(gold=(Gold(document="sample", fact="ten days"),)), "sample does not say 'ten days'"),
        (make_case(gold=(Gold(document="sample", fact="char"),)), "sample does not say 'char'"),
        (make_case(portal_url="https://other.example"), "no portal has the address https://other.example"),
        (make_case(gold=()), "an answer is expected but no gold citation"),
        (make_case(status=("declined",)), "a refusal is expected, so there is no gold citation and no fact"),
        (make_refusal(facts=("free",)), "a refusal is expected, so there is no gold citation and no fact"),
    ],
)
def test_a_bad_case_is_found_with_its_place(case: Case, finding: str) -> None:
    assert wrong(case) == [f"facts/dev.jsonl: c1: {finding}"]


def test_two_questions_of_one_wording_are_found_across_halves() -> None:
    again = asking("what does  FILING cost?", id="c2")
    assert list(findings([make_suite(make_case(), test=(again,))], DOCUMENTS)) == [
        "facts/test.jsonl: c2: asks what c1 asks"
    ]


def test_one_wording_about_two_countries_is_two_questions() -> None:
    text = "What does filing cost?"
    inside = [make_case(id=code, question=Question(text=text, country=code)) for code in ("SG", "MY")]
    assert wrong(*inside) == []


def test_an_id_that_two_suites_share_is_found() -> None:
    found = findings([make_suite(make_case()), make_suite(asking("Is it free?"), name="messy")], DOCUMENTS)
    assert list(found) == ["c1: the id of two questions"]


@pytest.mark.parametrize(
    ("text", "fact", "held"),
    [
        ("Within 10 days.", "10  DAYS", True),
        ("Within 100 days.", "10", False),
        ("Within 10 days.", "ten|10", True),
        ("Within 10 days.", "ten|eleven", False),
        ("rate (5%) applies", "(5%)", True),
        ("处理需要十天", "十天", True),
    ],
)
def test_a_text_holds_a_fact_as_whole_words_in_any_case(text: str, fact: str, held: bool) -> None:
    assert holds(text, fact) == held


# -- the committed suites --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def documents() -> Mapping[str, Document]:
    return {document.id: document for document in corpus.load(REAL_CORPUS)}


def test_the_committed_suites_agree_with_the_corpus(committed: list[Suite], documents: Mapping[str, Document]) -> None:
    assert list(findings(committed, documents)) == []


def test_there_are_enough_questions(committed: list[Suite]) -> None:
    assert sum(len(suite.dev) + len(suite.test) for suite in committed) >= QUESTIONS_AT_LEAST


def test_every_suite_has_both_halves(committed: list[Suite]) -> None:
    assert [suite.name for suite in committed if not suite.dev or not suite.test] == []


def test_dev_and_test_share_no_question(committed: list[Suite]) -> None:
    def asked(half: suites.Half) -> Counter[tuple[object, ...]]:
        return Counter(
            (suites.plain(case.question.text), case.question.country, case.question.history)
            for suite in committed
            for case in suite.half(half)
        )

    assert asked("dev") & asked("test") == Counter()


def test_both_halves_hold_questions_to_answer_and_questions_to_refuse(committed: list[Suite]) -> None:
    for half in suites.HALVES:
        assert {case.refuses for suite in committed for case in suite.half(half)} == {True, False}
