"""The gate: what falls below the committed values, and what merely differs."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from samples import make_result

from assistant.errors import InputError
from assistant_evals import gate
from assistant_evals.gate import Change
from assistant_evals.runner import Result
from assistant_evals.suites import Half

QUESTIONS = 10


def results(metric: str, total: int, half: Half = "dev") -> list[Result]:
    """Ten questions, of which `total` score 1."""
    return [make_result({metric: float(n < total)}, half=half) for n in range(QUESTIONS)]


def commit(root: Path, dev: Mapping[str, float], suite: str = "facts") -> None:
    (root / suite).mkdir(parents=True, exist_ok=True)
    (root / suite / gate.FILE).write_text(json.dumps({"dev": dev, "test": {}}), encoding="utf-8")


def changes(root: Path, metric: str, before: float | None, total: int) -> list[Change]:
    commit(root, {} if before is None else {metric: before})
    return list(gate.changes(results(metric, total), root))


def test_what_is_as_committed_is_no_change(tmp_path: Path) -> None:
    assert changes(tmp_path, "status", 0.8, 8) == []


def test_a_fall_of_two_questions_fails(tmp_path: Path) -> None:
    (change,) = changes(tmp_path, "status", 0.8, 6)
    assert change == Change(suite="facts", half="dev", metric="status", before=0.8, now=0.6, fell=True)


def test_a_fall_of_one_question_is_reported_and_borne(tmp_path: Path) -> None:
    (change,) = changes(tmp_path, "status", 0.8, 7)
    assert not change.fell


def test_a_rise_is_reported_and_never_fails(tmp_path: Path) -> None:
    (change,) = changes(tmp_path, "status", 0.5, 10)
    assert not change.fell
    assert (change.before, change.now) == (0.5, 1.0)


def test_a_difference_that_rounding_makes_is_no_change(tmp_path: Path) -> None:
    commit(tmp_path, {"status": 0.3333})
    thirds = [make_result({"status": float(n == 0)}) for n in range(3)]
    assert list(gate.changes(thirds, tmp_path)) == []


@pytest.mark.parametrize("metric", ["grounded", "disclaimer", "assist"])
def test_a_metric_that_must_be_1_has_no_slack(tmp_path: Path, metric: str) -> None:
    (change,) = changes(tmp_path, metric, 1.0, QUESTIONS - 1)
    assert change.fell


@pytest.mark.parametrize("metric", ["invented_links", "invented_numbers"])
def test_a_metric_that_must_be_0_has_no_slack(tmp_path: Path, metric: str) -> None:
    (change,) = changes(tmp_path, metric, 0.0, 1)
    assert change.fell


@pytest.mark.parametrize(("metric", "committed", "total"), [("grounded", 0.9, 9), ("invented_links", 0.1, 1)])
def test_committing_a_wrong_value_does_not_excuse_a_must(
    tmp_path: Path, metric: str, committed: float, total: int
) -> None:
    (change,) = changes(tmp_path, metric, committed, total)
    assert change.fell


@pytest.mark.parametrize(("metric", "total"), [("grounded", 10), ("invented_numbers", 0)])
def test_a_must_that_comes_right_again_is_reported_only(tmp_path: Path, metric: str, total: int) -> None:
    (change,) = changes(tmp_path, metric, 0.5, total)
    assert not change.fell


def test_a_new_metric_is_reported_as_not_committed(tmp_path: Path) -> None:
    (change,) = changes(tmp_path, "status", None, 3)
    assert not change.fell
    assert str(change) == "facts/dev status: not committed -> 0.300"


def test_a_must_fails_even_where_nothing_is_committed(tmp_path: Path) -> None:
    (change,) = gate.changes(results("invented_links", 1), tmp_path)
    assert change.fell
    assert change.before is None


@pytest.mark.parametrize("metric", ["status", "grounded", "invented_links"])
def test_a_committed_metric_that_is_no_longer_measured_fails(tmp_path: Path, metric: str) -> None:
    commit(tmp_path, {"facts": 1.0, metric: 0.0})
    (change,) = gate.changes(results("facts", QUESTIONS), tmp_path)
    assert change.fell
    assert str(change) == f"facts/dev {metric}: 0.000 -> no longer measured"


def test_a_change_says_from_what_to_what(tmp_path: Path) -> None:
    (change,) = changes(tmp_path, "status", 0.8, 6)
    assert str(change) == "facts/dev status: 0.800 -> 0.600"


def test_the_halves_are_compared_apart(tmp_path: Path) -> None:
    commit(tmp_path, {"status": 1.0})
    found = list(gate.changes([*results("status", 10), *results("status", 2, half="test")], tmp_path))
    assert [(change.half, change.before) for change in found] == [("test", None)]


def test_the_suites_are_compared_apart(tmp_path: Path) -> None:
    commit(tmp_path, {"status": 1.0})
    commit(tmp_path, {"status": 1.0}, suite="messy")
    messy = [make_result({"status": 0.0}, suite="messy") for _ in range(QUESTIONS)]
    found = list(gate.changes([*results("status", 10), *messy], tmp_path))
    assert [(change.suite, change.fell) for change in found] == [("messy", True)]


def test_what_was_written_is_what_is_compared_with(tmp_path: Path) -> None:
    (tmp_path / "facts").mkdir()
    measured = [*results("status", 7), *results("facts", 3, half="test")]
    gate.write(measured, tmp_path)
    assert json.loads((tmp_path / "facts" / gate.FILE).read_text(encoding="utf-8")) == {
        "dev": {"status": 0.7},
        "test": {"facts": 0.3},
    }
    assert list(gate.changes(measured, tmp_path)) == []


def test_a_broken_baseline_is_named_with_its_remedy(tmp_path: Path) -> None:
    commit(tmp_path, {})
    (tmp_path / "facts" / gate.FILE).write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match=r"facts/baseline\.json: .*--write-baseline"):
        list(gate.changes(results("status", 1), tmp_path))
