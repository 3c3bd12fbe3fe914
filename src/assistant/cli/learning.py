"""`assistant desk figures`, `gaps` and `cases`: what the helpdesk's work shows, and what the assistant learns of it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import TypeAdapter

from assistant import settings
from assistant.bootstrap import Builder
from assistant.cli.console import JsonOption, counted, say, shortened
from assistant.errors import DataUnavailableError, InputError
from assistant.people import SYSTEM
from assistant.tickets import Gap

if TYPE_CHECKING:
    from assistant.helpdesk.figures import Numbers

SUITE = "title: Helpdesk\nabout: Questions of traders with what an officer's approved reply rests on.\n"

NO_CASE = "no case was kept at the desk yet"

DaysOption = Annotated[int, typer.Option(min=1, max=3_660, help="Days to look back, today included.")]
CsvOption = Annotated[bool, typer.Option("--csv", help="Print the tables as CSV.")]
OutOption = Annotated[Path | None, typer.Option(help="Folder to write as a suite, e.g. evals/suites/desk.")]


def figures(days: DaysOption = 30, *, as_json: JsonOption = False, as_csv: CsvOption = False) -> None:
    """How much came in, how soon it was answered, and what became of suggested answers."""
    from assistant.bootstrap.people import database  # noqa: PLC0415 (half a second that other commands need not wait for)
    from assistant.helpdesk.figures import Figures  # noqa: PLC0415

    if as_json and as_csv:
        raise InputError("--json and --csv exclude each other")
    found = Figures(database(settings.load())).read(days, SYSTEM)
    if as_csv:
        print(found.csv(), end="")  # noqa: T201
    elif as_json:
        print(found.model_dump_json(indent=2))  # noqa: T201
    else:
        _print(found)


def _print(found: "Numbers") -> None:
    totals, minutes = found.totals.model_dump(), found.first_answer_minutes
    named = [counted(totals.pop("tickets"), "ticket"), *(f"{count} {name}" for name, count in totals.items())]
    print(f"{found.first} to {found.last}: {', '.join(named)}")  # noqa: T201
    if minutes.median is not None:
        print(f"minutes to the first answer: median {minutes.median}, 90 % within {minutes.p90}")  # noqa: T201
    elif found.totals.tickets:
        say("no first answer was given in this time")
    else:
        say("no tickets in this time" if found.totals.open else "no tickets yet")


def gaps(days: DaysOption = 90, *, as_json: JsonOption = False) -> None:
    """What is missing from the corpus: questions asked in vain, put together by meaning."""
    from assistant.bootstrap.people import database  # noqa: PLC0415
    from assistant.helpdesk.gaps import Gaps  # noqa: PLC0415

    chosen = settings.load()
    found = Gaps(database(chosen), Builder(chosen).embedder).find(days, SYSTEM)
    if as_json:
        print(TypeAdapter(list[Gap]).dump_json(found, indent=2).decode())  # noqa: T201
        return
    if not found:
        say("nothing was asked in vain in this time")
    for gap in found:
        about = ", ".join([*gap.countries, *gap.languages, *(f"{reason} {n}" for reason, n in gap.reasons.items())])
        print(f"{gap.count:5}  {shortened(gap.questions[0])}  [{about}]")  # noqa: T201


def cases(out: OutOption = None) -> None:
    """Check the eval cases that officers kept, and print them, or write them as a suite for `eval run --suites`."""
    from assistant.helpdesk.cases import FILE  # noqa: PLC0415
    from assistant_evals import suites  # noqa: PLC0415

    path = settings.load().data_dir / FILE
    if not path.exists():
        raise InputError(f"{path} does not exist: {NO_CASE}")
    found = suites.cases(path)
    if not found:
        raise InputError(f"{path} is empty: {NO_CASE}")
    lines = path.read_text(encoding="utf-8").splitlines()
    if out is None:
        print("\n".join(lines))  # noqa: T201
        return
    try:
        out.mkdir(parents=True, exist_ok=True)
        halves: dict[str, list[str]] = {"dev": [], "test": []}
        for line in filter(str.strip, lines):
            halves[_half(json.loads(line)["id"])].append(f"{line}\n")
        for half, rows in halves.items():
            (out / f"{half}.jsonl").write_text("".join(rows), encoding="utf-8")
        (out / "suite.yaml").write_text(SUITE, encoding="utf-8")
    except OSError as error:
        raise DataUnavailableError(f"{out} cannot be written ({error.strerror})") from error
    suites.read(out)
    say(f"{counted(len(found), 'case')} in {out}; to run: assistant eval run --suites {out.parent} {out.name}")


def _half(case_id: str) -> str:
    """Tickets of odd numbers to tune on, the others to test: a case stays in its half as more are added."""
    return "dev" if int(case_id.rpartition("-")[2]) % 2 else "test"
