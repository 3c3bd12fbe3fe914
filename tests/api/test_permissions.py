"""Every route of the helpdesk for every role: allowed or refused, as tests/api/permissions.yaml and the roles say."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from fastapi.testclient import TestClient

from assistant import api
from assistant.bootstrap import Assistant
from assistant.helpdesk import Helpdesk
from assistant.helpdesk.accounts import IDLE
from assistant.people import SYSTEM, NewToken, Permission, UserRole, permissions
from officers import PASSWORD, Clock, add, database_in, helpdesk_on

PREFIX = "/v1/helpdesk"
METHODS = ("get", "post", "put", "patch", "delete")
REFUSED = (401, 403)
TABLE: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("permissions.yaml").read_text(encoding="utf-8"))
ROLES: tuple[UserRole, ...] = get_args(UserRole)
STRANGERS = ("nobody", "a forged cookie", "an ended session", "an expired session", "a revoked token", "a forged token")


class Door:
    """The application, and headers of whoever knocks."""

    def __init__(self, client: TestClient, helpdesk: Helpdesk, clock: Clock) -> None:
        self.client = client
        self._accounts = helpdesk.accounts
        self._clock = clock
        for role in ROLES:
            add(self._accounts, role)
        self.routes = {
            f"{method.upper()} {_nameless(path.removeprefix(PREFIX))}"
            for path, found in client.get("/openapi.json").json()["paths"].items()
            for method in METHODS
            if method in found and path.startswith(f"{PREFIX}/")
        }

    def of_session(self, role: UserRole) -> dict[str, str]:
        """A session of its own, since some routes end it."""
        cookie, session = self._accounts.sign_in(f"{role}@desk.example.org", PASSWORD)
        return {"Cookie": f"__Host-desk={cookie}", "X-CSRF-Token": session.csrf}

    def of_token(self, role: UserRole) -> dict[str, str]:
        secret, _ = self._accounts.tokens.add(NewToken(name=role, role=role), SYSTEM)
        return {"Authorization": f"Bearer {secret}"}

    def of_stranger(self, kind: str) -> dict[str, str]:
        """Headers of somebody who was an administrator once, or never."""
        match kind:
            case "a forged cookie":
                return {"Cookie": "__Host-desk=forged", "X-CSRF-Token": "forged"}
            case "a forged token":
                return {"Authorization": "Bearer desk_forged"}
            case "an ended session":
                headers = self.of_session("admin")
                self._accounts.sign_out(headers["Cookie"].partition("=")[2])
                return headers
            case "an expired session":
                headers = self.of_session("admin")
                self._clock.passes(seconds=IDLE.total_seconds())
                return headers
            case "a revoked token":
                secret, token = self._accounts.tokens.add(NewToken(name="Revoked", role="admin"), SYSTEM)
                self._accounts.tokens.revoke(token.id, SYSTEM)
                return {"Authorization": f"Bearer {secret}"}
        return {}

    def knock(self, row: dict[str, Any], headers: dict[str, str], body: Any = None) -> int:
        """The status that the route of a row answers with; `body` in place of the row's."""
        method, path = row["route"].split(" ", 1)
        sent: dict[str, Any] = {"json": body or row["body"]} if "body" in row else {}
        if "mail" in row:
            sent, headers = {"content": row["mail"]}, {**headers, "Content-Type": "message/rfc822"}
        place = PREFIX + path.replace("{link}", "l" * 43).replace("{number}", "999999")
        self.client.cookies.clear()
        return self.client.request(
            method, re.sub(r"{\w+}", "999999", place), headers=headers, follow_redirects=False, **sent
        ).status_code


def _nameless(path: str) -> str:
    """A path without the names of its parameters."""
    return re.sub(r"{\w+}", "{}", path)


def _key(row: dict[str, Any]) -> str:
    method, path = row["route"].split(" ", 1)
    return f"{method} {_nameless(path)}"


@pytest.fixture(scope="module")
def door(small: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    clock = Clock()
    helpdesk = helpdesk_on(database_in(tmp_path_factory.mktemp("permissions")), small, clock)
    app = api.create(small, helpdesk)
    with TestClient(app, base_url="https://testserver", raise_server_exceptions=False) as client:
        yield Door(client, helpdesk, clock)


def checked(status: int, *, allowed: bool) -> None:
    assert status < 500
    assert (status not in REFUSED) == allowed, f"answers {status}"


def test_every_route_is_in_the_table_once(door: Door) -> None:
    named = [_key(row) for row in TABLE]
    assert sorted(set(named)) == sorted(named)
    assert door.routes - set(named) == set()


def test_every_route_of_the_table_is_there(door: Door) -> None:
    assert {_key(row) for row in TABLE} - door.routes == set()


def test_every_permission_but_those_over_parts_of_an_answer_opens_a_route() -> None:
    assert {row["needs"] for row in TABLE} - {"public", "session"} == set(get_args(Permission)) - {"personal"}


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row["route"])
@pytest.mark.parametrize("role", ROLES)
def test_a_person_gets_what_their_role_may(door: Door, row: dict[str, Any], role: UserRole) -> None:
    allowed = row["needs"] in {"public", "session", *permissions()[role]}
    checked(door.knock(row, door.of_session(role)), allowed=allowed)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row["route"])
@pytest.mark.parametrize("role", ROLES)
def test_a_program_gets_what_its_role_may(door: Door, row: dict[str, Any], role: UserRole) -> None:
    allowed = row["needs"] in {"public", *permissions()[role]}
    checked(door.knock(row, door.of_token(role)), allowed=allowed)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row["route"])
@pytest.mark.parametrize("kind", STRANGERS)
def test_a_stranger_gets_what_is_public(door: Door, row: dict[str, Any], kind: str) -> None:
    checked(door.knock(row, door.of_stranger(kind)), allowed=row["needs"] == "public")


WITH_BODY = [row for row in TABLE if "body" in row and row["needs"] not in {"public", "session"}]


@pytest.mark.parametrize("row", WITH_BODY, ids=lambda row: row["route"])
@pytest.mark.parametrize("role", ROLES)
def test_nothing_of_a_body_is_looked_at_before_the_role(door: Door, row: dict[str, Any], role: UserRole) -> None:
    allowed = row["needs"] in permissions()[role]
    assert door.knock(row, door.of_token(role), ["no such body"]) == (422 if allowed else 403)


CHANGES = [row for row in TABLE if not row["route"].startswith("GET")]


@pytest.mark.parametrize("row", CHANGES, ids=lambda row: row["route"])
def test_no_change_is_made_by_cookie_without_csrf_token(door: Door, row: dict[str, Any]) -> None:
    headers = door.of_session("admin")
    del headers["X-CSRF-Token"]
    checked(door.knock(row, headers), allowed=row["needs"] == "public")


def test_the_document_says_how_each_route_may_refuse(door: Door) -> None:
    paths = door.client.get("/openapi.json").json()["paths"]
    of_the_desk = [
        (path, method, found["responses"])
        for path, methods in paths.items()
        for method, found in methods.items()
        if path.startswith(f"{PREFIX}/")
    ]
    assert [(path, method) for path, method, told in of_the_desk if not {"401", "403", "409", "413"} <= set(told)] == []
    assert "401" not in paths["/v1/answers"]["post"]["responses"]
