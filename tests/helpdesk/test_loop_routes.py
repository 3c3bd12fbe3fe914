"""The routes of verified answers, eval cases, canned paragraphs, gaps and figures. Who may call them: tests/api."""

import csv
import io

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.api.helpdesk import callers, loop
from assistant.api.problems import install_problems
from assistant.bootstrap import Assistant, Builder
from assistant.database import Database
from assistant.helpdesk import Helpdesk
from assistant.types import Question
from fakes import MakeSettings, ignore
from rows import LEAD, add_draft, add_ticket, answered

ASKED = "Who may file a complaint with ASSIST?"
V1 = "/v1/helpdesk"


@pytest.fixture
def assistant(make_settings: MakeSettings) -> Assistant:
    chosen = make_settings()
    builder = Builder(chosen)
    builder.build(ignore)
    return Assistant(builder, None, chosen)


@pytest.fixture
def client(database: Database, assistant: Assistant) -> TestClient:
    """A lead officer's, already known."""
    app = FastAPI()
    app.state.assistant, app.state.helpdesk = assistant, Helpdesk(database, assistant)
    app.dependency_overrides[callers.caller_of] = lambda: LEAD
    install_problems(app, assistant)
    loop.add(app)
    return TestClient(app, raise_server_exceptions=False)


def test_an_answer_is_published_serves_and_is_withdrawn(
    client: TestClient, database: Database, assistant: Assistant
) -> None:
    number = answered(database, assistant, ASKED)
    stale = client.post(f"{V1}/tickets/{number}/publish", json={"version": 9})
    assert (stale.status_code, stale.headers["content-type"]) == (409, "application/problem+json")
    assert client.post(f"{V1}/tickets/{number}/publish", json={"version": 1, "days": 0}).status_code == 422
    verified = client.post(f"{V1}/tickets/{number}/publish", json={"version": 1}).json()
    assert [each["id"] for each in client.get(f"{V1}/verified").json()] == [verified["id"]]
    served = Assistant(Builder(assistant.settings), None, assistant.settings)  # the index followed by itself
    assert served.draft(Question(text=ASKED)).citations[0].document_id == verified["id"]
    assert client.delete(f"{V1}/verified/{verified['id']}").json()["state"] == "withdrawn"
    assert client.delete(f"{V1}/verified/none").status_code == 404
    assert verified["id"] not in Assistant(Builder(assistant.settings), None, assistant.settings).library.documents


def test_a_case_is_kept(client: TestClient, database: Database, assistant: Assistant) -> None:
    number = answered(database, assistant, ASKED)
    assert client.post(f"{V1}/tickets/{number}/case", json={"version": 1}).json() == {"id": f"desk-{number}"}
    assert client.post(f"{V1}/tickets/99/case", json={"version": 1}).status_code == 404


def test_canned_paragraphs(client: TestClient) -> None:
    added = client.post(f"{V1}/canned", json={"title": "Fee", "text": "No fee is charged."})
    assert added.status_code == 201
    assert client.get(f"{V1}/canned").json() == [added.json()]
    assert client.delete(f"{V1}/canned/{added.json()['id']}").status_code == 204
    assert client.delete(f"{V1}/canned/{added.json()['id']}").status_code == 404
    assert client.post(f"{V1}/canned", json={"title": "", "text": "x"}).status_code == 422


def test_gaps_and_figures(client: TestClient, database: Database) -> None:
    with database.writing() as session:
        row = add_ticket(session, "Is halal meat free of duty?")
        add_draft(session, row.id, None, "the sources do not answer this question")
    assert [gap["count"] for gap in client.get(f"{V1}/gaps?days=7").json()] == [1]
    assert client.get(f"{V1}/figures").json()["totals"]["tickets"] == 1
    assert {"from", "to"} < client.get(f"{V1}/figures").json().keys()
    table = client.get(f"{V1}/figures?format=csv&days=2")
    assert table.headers["content-type"].startswith("text/csv")
    assert len([row for row in csv.DictReader(io.StringIO(table.text)) if row["by"] == "day"]) == 2
    assert client.get(f"{V1}/figures?days=0").status_code == 422
