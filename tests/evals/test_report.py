"""The figures of a run, as values, as lines and as a page."""

import html
import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from samples import make_case, make_evidence, make_refusal, make_refused, make_reply, make_result

from assistant.types import Question, Timings, Turn
from assistant_evals import report
from assistant_evals.confusion import Bin, Confusion
from assistant_evals.gate import Change
from assistant_evals.runner import Result
from assistant_evals.suites import Gold

ATTACK = '<script>alert("x")</script>'
CONFUSION = Confusion(
    intents=("facts", "off_topic"),
    counts=((3, 1), (0, 4)),
    accuracy=0.875,
    calibration=(Bin(low=0.9, high=1.0, count=8, predicted=0.95, right=0.875),),
)
FELL = Change(suite="facts", half="dev", metric="status", before=0.8, now=0.6, fell=True)
ROSE = Change(suite="facts", half="test", metric="facts", before=0.5, now=1.0, fell=False)


def refused(kind: str, recall: float) -> Result:
    return make_result({"refusal_recall": recall}, case=make_refusal(kind=kind), reply=make_refused())


def page(
    folder: Path,
    ours: Sequence[Result],
    peer: Sequence[Result] = (),
    changed: Sequence[Change] = (),
) -> str:
    """The page about our results, beside those of another system if there are any."""
    systems = {"assistant": ours, **({"peer": peer} if peer else {})}
    return report.write(folder, systems, CONFUSION, changed, "v1").read_text(encoding="utf-8")


# -- figures ---------------------------------------------------------------------------------------------------------


def test_figures_tell_halves_and_suites_apart() -> None:
    results = [
        make_result({"status": 1.0}),
        make_result({"status": 0.0}, suite="messy"),
        make_result({"status": 1.0}, half="test"),
    ]
    found = report.figures(results)
    assert found["questions"] == 3
    assert {half: values["status"]["value"] for half, values in found["halves"].items()} == {"dev": 0.5, "test": 1.0}
    assert found["suites"]["messy"]["dev"]["status"]["value"] == 0.0
    assert found["suites"]["messy"]["test"] == {}


def test_figures_are_plain_json() -> None:
    found = report.figures([make_result({"status": 1.0}), refused("off_topic", 1.0)])
    assert json.loads(json.dumps(found)) == found


def test_times_are_given_by_stage() -> None:
    results = [make_result(reply=make_reply(timings=Timings(embed=n, total=10.0 * n))) for n in (1, 2, 3)]
    found = report.figures(results)["timings_ms"]
    assert found["embed"] == {"p50": 2.0, "p95": 3.0}
    assert found["total"] == {"p50": 20.0, "p95": 30.0}


def test_refusals_are_counted_by_kind_and_answers_left_out() -> None:
    results = [
        refused("off_topic", 1.0),
        refused("off_topic", 0.0),
        refused("goods", 1.0),
        make_result({"status": 1.0}),
    ]
    found = report.refused_by_kind(results)
    assert {kind: (value.value, value.count) for kind, value in found.items()} == {
        "goods": (1.0, 1),
        "off_topic": (0.5, 2),
    }


def test_languages_are_told_apart() -> None:
    results = [
        make_result({"right_citation": 1.0}, case=make_case(language="th")),
        make_result({"right_citation": 0.0}, case=make_case(language="th"), right=False),
        make_result({"right_citation": 1.0}),
    ]
    found = report.figures(results)["languages"]["dev"]
    assert {code: (values["right"]["value"], values["right_citation"]["value"]) for code, values in found.items()} == {
        "en": (1.0, 1.0),
        "th": (0.5, 0.5),
    }
    assert "refusal_recall" not in found["th"]


def test_lines_name_system_half_metric_and_number_of_questions() -> None:
    assert list(report.lines({"assistant": [make_result({"status": 1.0})] * 2})) == [
        "assistant, dev: 2 questions",
        f"  {'status':18} 1.000 [0.342, 1.000]  n 2",
    ]


# -- page ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "result",
    [
        make_result(case=make_case(question=Question(text=ATTACK))),
        make_result(case=make_case(question=Question(text="And?", history=(Turn(role="user", content=ATTACK),)))),
        make_result(case=make_case(gold=(Gold(document="sample", fact=ATTACK),))),
        make_result(case=make_case(facts=(ATTACK,), forbidden=(ATTACK,), portal_url=ATTACK)),
        make_result(case=make_case(language=f'"{ATTACK}')),
        make_result(reply=make_reply(text=ATTACK)),
        make_result(reply=make_reply(evidence=(make_evidence(ATTACK, ATTACK),))),
        make_result(suite=ATTACK),
    ],
)
def test_markup_in_questions_and_replies_is_shown_and_not_run(tmp_path: Path, result: Result) -> None:
    text = page(tmp_path, [result])
    assert "<script" not in text
    assert ATTACK in html.unescape(text)


def test_the_page_is_one_file_that_loads_nothing(tmp_path: Path) -> None:
    text = page(tmp_path / "new" / "report", [make_result({"status": 1.0})])
    assert [path.name for path in (tmp_path / "new" / "report").iterdir()] == ["index.html"]
    assert re.findall(r"<link|\bsrc=|@import|url\(", text) == []


def test_wrong_replies_are_marked_and_right_ones_not(tmp_path: Path) -> None:
    text = page(tmp_path, [make_result(case=make_case(id="good")), make_result(case=make_case(id="bad"), right=False)])
    assert re.findall(r'<details( class="wrong")?><summary>(\w+)', text) == [("", "good"), (' class="wrong"', "bad")]


def test_what_fell_is_marked_as_below_and_what_rose_is_not(tmp_path: Path) -> None:
    text = html.unescape(page(tmp_path, [make_result()], changed=[FELL, ROSE]))
    assert f'<li class="fell">{FELL} (below)</li>' in text
    assert f"<li>{ROSE}</li>" in text


def test_no_change_is_said_to_be_none(tmp_path: Path) -> None:
    assert "<p>Nothing.</p>" in page(tmp_path, [make_result()])


def test_values_are_shown_with_their_interval_and_number(tmp_path: Path) -> None:
    text = page(tmp_path, [make_result({"status": 1.0})] * 2)
    assert "1.000 <small>0.34–1.00</small>" in text
    assert "<small>n 2</small>" in text


def test_a_must_that_is_missed_is_marked(tmp_path: Path) -> None:
    assert 'class="bad"' in page(tmp_path, [make_result({"grounded": 0.5})])
    assert 'class="bad"' not in page(tmp_path, [make_result({"grounded": 1.0, "status": 0.0})])


def test_both_systems_stand_beside_each_other(tmp_path: Path) -> None:
    text = page(tmp_path, [make_result({"status": 1.0})], [make_result({"status": 0.0})])
    assert "<th>assistant<br>dev</th>" in text
    assert "<th>peer<br>dev</th>" in text


def test_the_matrix_and_the_calibration_of_the_router_are_shown(tmp_path: Path) -> None:
    text = page(tmp_path, [make_result()])
    assert "accuracy 0.875" in text
    assert "<th>off topic</th>" in text
    assert "<td>0.9–1.0</td><td>8</td><td>0.95</td><td>0.88</td>" in text
