"""`desk figures`, `gaps` and `cases`: what they print and write."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from assistant import settings
from assistant.bootstrap import Assistant, Builder
from assistant.cli import evaluate, learning
from assistant.database import Database
from assistant.errors import InputError
from assistant.helpdesk.publishing import Publisher
from assistant_evals import suites
from fakes import MakeSettings, ignore
from places import environment
from rows import OFFICER, add_draft, add_ticket, answered, decide

Run = Callable[..., str]

APP = typer.Typer()
APP.command()(learning.figures)
APP.command()(learning.gaps)
APP.command()(learning.cases)
APP.command("run")(evaluate.run)


@pytest.fixture
def assistant(make_settings: MakeSettings) -> Assistant:
    chosen = make_settings()
    builder = Builder(chosen)
    builder.build(ignore)
    return Assistant(builder, None, chosen)


@pytest.fixture
def desk(assistant: Assistant) -> Database:
    return Database(assistant.settings.database)


@pytest.fixture
def run(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs a command on the assistant's data; what it printed."""
    for name, value in environment(assistant.settings).items():
        monkeypatch.setenv(name, value)
    settings.load.cache_clear()

    def invoke(*arguments: str, stream: str = "stdout") -> str:
        done = CliRunner().invoke(APP, arguments)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return str(getattr(done, stream))

    yield invoke
    settings.load.cache_clear()


def test_figures_as_text_json_and_csv(desk: Database, run: Run) -> None:
    with desk.writing() as session:
        decide(session, add_ticket(session, "q", countries=("SG",)).id, "unedited")
    assert "1 ticket, 1 open" in run("figures")
    assert json.loads(run("figures", "--days", "2", "--json"))["totals"]["sent"] == 1
    rows = list(csv.DictReader(io.StringIO(run("figures", "--csv"))))
    assert [row["created"] for row in rows if row["by"] == "country"] == ["1"]
    with pytest.raises(InputError, match="exclude"):
        run("figures", "--csv", "--json")


def test_figures_and_gaps_of_nothing_say_so_on_stderr(desk: Database, run: Run) -> None:
    assert "no tickets yet" in run("figures", stream="stderr")
    assert len(run("figures").splitlines()) == 1
    assert "nothing was asked in vain" in run("gaps", stream="stderr")
    assert (run("gaps"), run("gaps", "--json")) == ("", "[]\n")
    with desk.writing() as session:
        add_ticket(session, "q")
    assert "no first answer" in run("figures", stream="stderr")
    assert "None" not in run("figures")


def test_a_gap_is_one_line_whatever_was_asked(desk: Database, run: Run) -> None:
    with desk.writing() as session:
        asked = "Dear Sirs,\n\nis halal meat\x1b[31m free of duty?\n" + "ຂ້ອຍຕ້ອງການຮູ້" * 50
        add_draft(session, add_ticket(session, asked).id, None, "no source")
    (line,) = run("gaps").splitlines()
    assert "Dear Sirs, is halal meat[31m free of duty?" in line
    assert "…  [en, no draft 1]" in line
    assert len(line) < 200
    assert run("gaps", "--json").count("ຂ້ອຍ") == 50


def test_gaps_as_text_and_json(desk: Database, run: Run) -> None:
    with desk.writing() as session:
        add_draft(session, add_ticket(session, "Is halal meat free of duty?").id, None, "no source")
    assert run("gaps").split() == ["1", "Is", "halal", "meat", "free", "of", "duty?", "[en,", "no", "draft", "1]"]
    assert json.loads(run("gaps", "--json"))[0]["count"] == 1


def test_cases_become_a_suite_that_runs(assistant: Assistant, desk: Database, run: Run, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no case was kept"):
        run("cases")
    (assistant.settings.data_dir / "eval_cases.jsonl").touch()
    with pytest.raises(InputError, match="no case was kept"):
        run("cases")
    publisher = Publisher(desk, assistant)
    questions = [
        "Who may file a complaint with ASSIST?",
        "When was the Sample Coordinating Committee on Customs established?",
    ]
    for question in questions:
        publisher.case(answered(desk, assistant, question), 1, OFFICER)
    assert [json.loads(line)["question"] for line in run("cases").splitlines()] == questions
    assert "2 cases in" in run("cases", "--out", str(tmp_path / "suites" / "desk"), stream="stderr")
    (suite,) = suites.load(tmp_path / "suites")
    assert [len(suite.dev), len(suite.test)] == [1, 1]
    assert list(suites.findings([suite], assistant.library.documents)) == []
    run("run", "--suites", str(tmp_path / "suites"), "--json", str(tmp_path / "figures.json"))
    figures = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))
    assert "desk" in json.dumps(figures)


def test_a_broken_case_is_named(assistant: Assistant, run: Run) -> None:
    (assistant.settings.data_dir / "eval_cases.jsonl").write_text('{"id": "desk-1", "question": "?"}\n')
    with pytest.raises(InputError, match=r"eval_cases\.jsonl:1"):
        run("cases")
