"""Users, tokens and the audit log over HTTP."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from assistant import api
from assistant.bootstrap import Assistant
from officers import PASSWORD, add, database_in, helpdesk_on

USERS, TOKENS, AUDIT = "/v1/helpdesk/users", "/v1/helpdesk/tokens", "/v1/helpdesk/audit"
NEW = {"email": "new@desk.example.org", "name": "New Officer", "role": "officer", "password": PASSWORD}


@pytest.fixture
def client(small: Assistant, tmp_path: Path) -> Iterator[TestClient]:
    """Signed in as an administrator."""
    helpdesk = helpdesk_on(database_in(tmp_path), small)
    admin = add(helpdesk.accounts, "admin")
    with TestClient(api.create(small, helpdesk), base_url="https://testserver") as opened:
        signed_in = opened.post("/v1/helpdesk/session", json={"email": admin.email, "password": PASSWORD})
        opened.headers["X-CSRF-Token"] = signed_in.json()["csrf"]
        yield opened


def test_a_person_is_added_changed_and_listed(client: TestClient) -> None:
    added = client.post(USERS, json=NEW)
    assert added.status_code == 201
    user = added.json()
    assert (user["email"], user["has_password"], user["active"]) == (NEW["email"], True, True)
    changed = client.patch(f"{USERS}/{user['id']}", json={"role": "lead", "active": False})
    assert changed.status_code == 200
    assert changed.json() == {**user, "role": "lead", "active": False}
    assert changed.json() in client.get(USERS).json()
    assert client.post(USERS, json=NEW).status_code == 409


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"email": "nobody"}, "no e-mail address"),
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"role": "boss"}, "role"),
        ({"password": "short"}, "password"),
        ({"password": "Password1234"}, "easily guessed"),
        ({"admin": True}, "admin"),
    ],
    ids=str,
)
def test_a_person_who_cannot_be_is_bad_input(client: TestClient, changed: dict[str, Any], said: str) -> None:
    response = client.post(USERS, json={**NEW, **changed})
    assert response.status_code == 422
    assert said in response.json()["detail"]
    assert changed.get("password", "nothing") not in response.text
    assert len(client.get(USERS).json()) == 1


def test_the_last_administrator_is_told_so(client: TestClient) -> None:
    (admin,) = client.get(USERS).json()
    response = client.patch(f"{USERS}/{admin['id']}", json={"role": "officer"})
    assert response.status_code == 409
    assert "last active administrator" in response.json()["detail"]


@pytest.mark.parametrize("path", [f"{USERS}/none", f"{USERS}/{'0' * 32}"])
def test_nobody_is_not_found(client: TestClient, path: str) -> None:
    assert client.patch(path, json={"name": "A"}).status_code == 404


def test_a_token_is_shown_once_and_revoked(client: TestClient) -> None:
    made = client.post(TOKENS, json={"name": "Mail gateway", "role": "intake", "days": 90})
    assert made.status_code == 201
    secret = made.json()["token"]
    (kept,) = client.get(TOKENS).json()
    assert secret not in str(kept)
    assert {**kept, "token": secret} == made.json()
    bearer = {"Authorization": f"Bearer {secret}"}
    assert client.get(USERS, headers=bearer).status_code == 403
    assert client.delete(f"{TOKENS}/{kept['id']}").status_code == 204
    assert client.get(USERS, headers=bearer).status_code == 401
    assert client.delete(f"{TOKENS}/none").status_code == 404


@pytest.mark.parametrize("changed", [{"days": 0}, {"days": 10_000}, {"role": "boss"}, {"name": " "}], ids=str)
def test_a_token_that_cannot_be_is_bad_input(client: TestClient, changed: dict[str, Any]) -> None:
    assert client.post(TOKENS, json={"name": "A", "role": "intake", **changed}).status_code == 422
    assert client.get(TOKENS).json() == []


def test_the_audit_log_is_read_page_by_page(client: TestClient) -> None:
    for number in range(3):
        client.post(USERS, json={**NEW, "email": f"new{number}@desk.example.org"})
    lines = client.get(AUDIT).json()
    assert [line["action"] for line in lines] == ["user.added"] * 3 + ["session.started", "user.added"]
    first = client.get(AUDIT, params={"limit": 2}).json()
    rest = client.get(AUDIT, params={"before": first[-1]["id"]}).json()
    assert first + rest == lines
    assert len(client.get(AUDIT, params={"action": "session.started"}).json()) == 1
    assert client.get(AUDIT, params={"actor": "system"}).json() == lines[-1:]
    assert client.get(AUDIT, params={"number": 1}).json() == []
    assert PASSWORD not in str(lines)


@pytest.mark.parametrize(
    "query",
    [{"limit": 0}, {"limit": 501}, {"number": 2**31}, {"before": -1}, {"actor": "a\x00"}, {"action": "x" * 65}],
    ids=str,
)
def test_a_question_to_the_audit_log_that_makes_no_sense_is_bad_input(
    client: TestClient, query: dict[str, Any]
) -> None:
    assert client.get(AUDIT, params=query).status_code == 422
