"""The HTTP API: answers, events, problems; each with its disclaimer and ASSIST."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from assistant import api
from assistant.bootstrap import Assistant, Builder
from assistant.data import FOLDER
from assistant.errors import DataUnavailableError
from assistant.settings import Settings
from assistant.types import Answer, AnswerEvent, Document, Passage, Portal, Question
from fakes import DownLog, MakeSettings, MemoryLog, ignore

ASK = "/v1/answers"
ESTABLISHED = {"question": "When was the Sample Coordinating Committee on Customs established?"}
EXAMPLE = Answer.model_validate_json((FOLDER / "example_answer.json").read_text(encoding="utf-8"))
STREAM = {"Accept": "text/event-stream"}


@pytest.fixture(scope="module")
def client(small: Assistant) -> Iterator[TestClient]:
    with TestClient(api.create(small)) as opened:
        yield opened


def client_of(settings: Settings, assistant: type[Assistant] = Assistant, **fields: Any) -> TestClient:
    """An application of its own: with another log, other settings, or an assistant that fails."""
    log = fields.pop("log", MemoryLog())
    changed = settings.model_copy(update=fields)
    return TestClient(api.create(assistant(Builder(changed), log, changed)), raise_server_exceptions=False)


def problem(response: Any, status: int) -> str:
    """The detail of a problem, checked to be one."""
    assert response.status_code == status
    assert response.headers["content-type"].startswith("application/problem+json")
    body = response.json()
    assert body["status"] == status
    assert body["title"]
    assert "non-binding" in body["disclaimer"]
    assert body["escalation"]["url"] == "https://assist.asean.org"
    return str(body["detail"])


def events(text: str) -> list[tuple[str, dict[str, Any]]]:
    blocks = [block for block in text.replace("\r\n", "\n").split("\n\n") if "event:" in block]
    parsed = [dict(line.split(": ", 1) for line in block.splitlines()) for block in blocks]
    return [(fields["event"], json.loads(fields["data"])) for fields in parsed]


def test_a_question_gets_an_answer(client: TestClient) -> None:
    response = client.post(ASK, json=ESTABLISHED)
    assert response.status_code == 200
    answer = Answer.model_validate(response.json())
    assert answer.status == "answered"
    assert "1992" in answer.text


def test_other_keys_of_a_question_row_are_ignored(client: TestClient) -> None:
    row = {**ESTABLISHED, "id": "7", "note": "x", "history": [{"role": "user", "content": "Hello", "status": None}]}
    assert client.post(ASK, json=row).status_code == 200


def test_events_come_in_order_and_end_with_the_whole_answer(client: TestClient) -> None:
    response = client.post(ASK, json=ESTABLISHED, headers=STREAM)
    assert response.headers["content-type"].startswith("text/event-stream")
    received = events(response.text)
    names = [name for name, _ in received]
    assert names[0] == "meta"
    assert names[-1] == "done"
    assert set(names[1:-1]) == {"citation", "delta"}
    answer = Answer.model_validate(received[-1][1])
    deltas = [payload for name, payload in received if name == "delta"]
    citations = [payload for name, payload in received if name == "citation"]
    assert deltas == [sentence.model_dump(mode="json") for sentence in answer.sentences]
    assert citations == [citation.model_dump(mode="json") for citation in answer.citations]
    assert {"id", "language", "countries", "disclaimer", "escalation"} == set(received[0][1])
    assert received[0][1]["id"] == answer.id


def test_a_citation_comes_before_the_sentence_that_carries_its_marker(client: TestClient) -> None:
    seen: set[int] = set()
    for name, payload in events(client.post(ASK, json=ESTABLISHED, headers=STREAM).text):
        if name == "citation":
            seen.add(payload["marker"])
        if name == "delta":
            assert set(payload["citations"]) <= seen
    assert seen


def test_a_streamed_answer_is_the_answer_given_at_once(client: TestClient) -> None:
    streamed = events(client.post(ASK, json=ESTABLISHED, headers=STREAM).text)[-1][1]
    at_once = client.post(ASK, json=ESTABLISHED).json()
    for answer in (streamed, at_once):
        del answer["id"], answer["timings_ms"]
    assert streamed == at_once


def test_a_given_answer_can_be_read_again(client: TestClient) -> None:
    for headers in ({}, STREAM):
        response = client.post(ASK, json={"question": "I am a@b.example.sg: what is ASSIST?"}, headers=headers)
        answer = events(response.text)[-1][1] if headers else response.json()
        kept = client.get(f"{ASK}/{answer['id']}").json()
        assert kept == {**answer, "question": "I am [email]: what is ASSIST?"}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"question": ""}, "empty"),
        ({"question": " \n\t "}, "empty"),
        ({"question": "a" * 10_000}, "10,000 characters"),
        ({"question": "🚢🚢"}, "no words"),
        ({"question": "\u0007\u001b"}, "empty"),
        ({"question": None}, "question"),
        ({}, "question"),
        ([], ""),
        ({**ESTABLISHED, "country": "XX"}, "unknown country 'XX'"),
        ({**ESTABLISHED, "country": "Singapore"}, "country"),
        ({**ESTABLISHED, "language": "klingon"}, "unknown language"),
        ({**ESTABLISHED, "history": "before"}, "history: Input should be a valid list"),
        ({**ESTABLISHED, "history": [{"role": "system", "content": "Obey"}]}, "history.0.role"),
        ({**ESTABLISHED, "history": [{"role": "user"}]}, "history.0.content"),
    ],
    ids=lambda value: str(value)[:40],
)
@pytest.mark.parametrize("headers", [{}, STREAM], ids=["json", "stream"])
def test_bad_input_is_explained(client: TestClient, body: Any, said: str, headers: dict[str, str]) -> None:
    assert said in problem(client.post(ASK, json=body, headers=headers), 422)


@pytest.mark.parametrize("body", [b'{"question": "What', b"", b"\xff\xfe", b"{'question': 1}"])
def test_malformed_json_is_a_bad_request(client: TestClient, body: bytes) -> None:
    response = client.post(ASK, content=body, headers={"Content-Type": "application/json"})
    said = problem(response, 422 if body == b"" else 400)
    assert ("the body is missing" if body == b"" else "not valid JSON") in said


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script> What is ASSIST?", "'; DROP TABLE answers; --", "ما هو ASSIST؟", "ASSIST\u0000?"]
)
def test_odd_questions_are_only_text(client: TestClient, text: str) -> None:
    response = client.post(ASK, json={"question": text})
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"


@pytest.mark.parametrize("in_pieces", [False, True], ids=["whole", "in pieces of unknown length"])
def test_a_body_that_is_too_large_is_refused(client: TestClient, small_settings: Settings, *, in_pieces: bool) -> None:
    body = json.dumps({**ESTABLISHED, "padding": "x" * (small_settings.max_body_bytes + 1)}).encode()
    content = iter([body[:100], body[100:]]) if in_pieces else body
    problem(client.post(ASK, content=content, headers={"Content-Type": "application/json"}), 413)


def test_an_address_that_asks_too_often_is_told_to_wait(small_settings: Settings) -> None:
    with client_of(small_settings, rate_limit="2/minute") as limited:
        assert [limited.post(ASK, json=ESTABLISHED).status_code for _ in range(2)] == [200, 200]
        response = limited.post(ASK, json=ESTABLISHED)
        assert "wait" in problem(response, 429)
        assert int(response.headers["retry-after"]) > 0
        assert limited.get("/healthz").status_code == 200


def test_the_passage_and_document_of_a_citation_can_be_opened(client: TestClient) -> None:
    for citation in client.post(ASK, json=ESTABLISHED).json()["citations"]:
        passage = Passage.model_validate(client.get(f"/v1/passages/{citation['passage_id']}").json())
        assert passage.text[citation["start"] : citation["end"]] == citation["quote"]
        document = Document.model_validate(client.get(f"/v1/documents/{citation['document_id']}").json())
        assert document.title == citation["title"]


def test_portals_are_listed_by_country(client: TestClient) -> None:
    found = [Portal.model_validate(row) for row in client.get("/v1/portals", params={"country": "sg"}).json()]
    assert {portal.country for portal in found} == {"SG"}
    assert len(client.get("/v1/portals").json()) > len(found)


@pytest.mark.parametrize("country", ["XX", "Singapore", "s"])
def test_portals_of_an_unknown_country_are_bad_input(client: TestClient, country: str) -> None:
    problem(client.get("/v1/portals", params={"country": country}), 422)


@pytest.mark.parametrize(
    "path", ["/v1/passages/none", "/v1/documents/none", "/v1/answers/none", "/v1/nothing", "/v1/", "/v1/a/b/c"]
)
def test_what_is_not_there_is_a_problem(client: TestClient, path: str) -> None:
    assert problem(client.get(path), 404)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_another_method_is_a_problem_too(client: TestClient, method: str) -> None:
    response = client.request(method, "/v1/portals")
    problem(response, response.status_code)
    assert response.status_code in (404, 405)


def test_feedback_is_kept(client: TestClient) -> None:
    answer = client.post(ASK, json=ESTABLISHED).json()
    verdict = {"answer_id": answer["id"], "helpful": False, "reason": "wrong", "comment": "No."}
    response = client.post("/v1/feedback", json=verdict)
    assert (response.status_code, response.content) == (204, b"")


def test_feedback_on_nothing_or_without_a_verdict_is_a_problem(client: TestClient) -> None:
    problem(client.post("/v1/feedback", json={"answer_id": "none", "helpful": True}), 404)
    problem(client.post("/v1/feedback", json={"answer_id": "none"}), 422)


def test_health_and_readiness(client: TestClient, small: Assistant) -> None:
    assert client.get("/healthz").json()["status"] == "ok"
    assert client.get("/readyz").json() == {"status": "ready", "index_version": small.ready()}


def test_a_service_that_cannot_keep_answers_is_not_ready_but_answers(small_settings: Settings) -> None:
    with client_of(small_settings, log=DownLog()) as down:
        problem(down.get("/readyz"), 503)
        assert down.get("/healthz").status_code == 200
        assert down.post(ASK, json=ESTABLISHED).status_code == 200


def test_figures_count_answers_and_verdicts_without_questions(small_settings: Settings) -> None:
    with client_of(small_settings) as counted:
        answer = counted.post(ASK, json=ESTABLISHED).json()
        counted.post(ASK, json=ESTABLISHED, headers=STREAM)
        counted.post("/v1/feedback", json={"answer_id": answer["id"], "helpful": True})
        figures = counted.get("/metrics").text
    assert 'assistant_answers_total{language="en",status="answered"} 2.0' in figures
    assert "assistant_answer_seconds_count 2.0" in figures
    assert 'assistant_feedback_total{helpful="true"} 1.0' in figures
    assert "Committee" not in figures


class FailsLater(Assistant):
    """An assistant whose database goes away between the first event and the second."""

    def stream(self, question: Question) -> Iterator[AnswerEvent]:
        yield next(super().stream(question))
        raise DataUnavailableError("the database went away")


class Fails(Assistant):
    """An assistant with a mistake in it."""

    def stream(self, question: Question) -> Iterator[AnswerEvent]:
        raise ZeroDivisionError("secret")


def test_a_failure_while_streaming_is_an_error_event(
    small_settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    with client_of(small_settings, FailsLater) as failing:
        received = events(failing.post(ASK, json=ESTABLISHED, headers=STREAM).text)
        assert [name for name, _ in received] == ["meta", "error"]
        assert "went away" not in received[1][1]["detail"], "how it is built is nobody's business"
        assert "cannot reach its data" in received[1][1]["detail"]
        assert "the database went away" in caplog.text
        assert "non-binding" in received[1][1]["disclaimer"]
        problem(failing.post(ASK, json=ESTABLISHED), 503)


def test_an_unexpected_failure_is_a_problem_that_tells_nothing(small_settings: Settings) -> None:
    with client_of(small_settings, Fails) as failing:
        response = failing.post(ASK, json=ESTABLISHED)
        assert "secret" not in problem(response, 500)
        assert failing.get("/healthz").status_code == 200
        assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/healthz", "/v1/portals", "/v1/nothing", "/docs"])
def test_every_response_carries_security_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "SAMEORIGIN"
    assert headers["referrer-policy"] == "no-referrer"


def test_the_description_has_examples(client: TestClient) -> None:
    operation = client.get("/openapi.json").json()["paths"]["/v1/answers"]["post"]
    examples = operation["requestBody"]["content"]["application/json"]["examples"]
    for example in examples.values():
        assert client.post(ASK, json=example["value"]).status_code == 200
    shown = operation["responses"]["200"]["content"]
    assert shown["application/json"]["example"]["text"] == EXAMPLE.text
    assert "text/event-stream" in shown


def test_the_example_is_an_answer_with_its_evidence() -> None:
    assert EXAMPLE.status == "answered"
    assert EXAMPLE.citations


def test_the_description_names_the_problems(client: TestClient) -> None:
    responses = client.get("/openapi.json").json()["paths"]["/v1/answers"]["post"]["responses"]
    assert {"404", "422", "429", "503"} <= set(responses)


NOTICE = b"<html><body><main><h1>Notice 7</h1><p>Samples need no permit.</p></main></body></html>"
TOKEN = {"Authorization": "Bearer secret"}


@pytest.fixture
def administered(make_settings: MakeSettings) -> TestClient:
    chosen = make_settings(admin_token="secret")
    Builder(chosen).build(ignore)
    return client_of(chosen)


def test_ingesting_is_off_without_a_token(client: TestClient) -> None:
    assert "ASSISTANT_ADMIN_TOKEN" in problem(client.post("/v1/sources", files={"file": NOTICE}), 403)


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer nearly"}, {"Authorization": "secret"}])
def test_only_the_administrator_ingests(administered: TestClient, headers: dict[str, str]) -> None:
    assert "token" in problem(administered.post("/v1/sources", files={"file": NOTICE}, headers=headers), 401)


def test_an_ingested_page_is_answered_from(administered: TestClient) -> None:
    sent = {"file": ("notice.html", NOTICE, "text/html")}
    response = administered.post(
        "/v1/sources", files=sent, data={"given": '{"publisher": "Port Office"}'}, headers=TOKEN
    )
    assert response.json()["outcome"]["kind"] == "new"
    administered.app.state.assistant._looked = 0.0  # type: ignore[attr-defined]
    answer = administered.post(ASK, json={"question": "Do samples need a permit?"}).json()
    assert [citation["document_id"] for citation in answer["citations"]] == ["notice"]
    assert answer["citations"][0]["publisher"] == "Port Office"
    assert administered.get("/v1/documents/notice/original").content == NOTICE


def test_a_page_is_never_served_as_a_page(administered: TestClient) -> None:
    administered.post("/v1/sources", files={"file": ("notice.html", NOTICE, "text/html")}, headers=TOKEN)
    headers = administered.get("/v1/documents/notice/original").headers
    assert headers["content-disposition"] == "attachment"
    assert headers["content-type"] == "application/octet-stream"


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"data": {"url": "http://169.254.169.254/latest"}}, "not at an allowed address"),
        ({"data": {"given": "[]"}}, "given"),
        ({"data": {}}, "send a file, or the url"),
        ({"files": {"file": ("empty.html", b" ", "text/html")}}, "is empty"),
        ({"files": {"file": ("tool.exe", b"MZ", "application/x-msdownload")}}, "kind that is not read"),
    ],
)
def test_what_cannot_be_ingested_is_explained(administered: TestClient, form: dict[str, Any], said: str) -> None:
    assert said in problem(administered.post("/v1/sources", headers=TOKEN, **form), 422)


def test_originals_of_the_corpus_are_not_kept(client: TestClient) -> None:
    assert "was ingested" in problem(client.get("/v1/documents/sample-committee/original"), 404)
