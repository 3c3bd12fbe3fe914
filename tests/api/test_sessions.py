"""Sessions over HTTP: cookies, CSRF tokens, requests of other sites, lock-out, and coming back from a provider."""

import logging
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from assistant import api
from assistant.bootstrap import Assistant
from assistant.database import Database
from assistant.database.accounts import SessionRow
from assistant.helpdesk import Helpdesk
from assistant.helpdesk.accounts import FAILURES, IDLE
from assistant.identity import OpenIdProvider
from assistant.people import SYSTEM, UserChange
from officers import PASSWORD, Clock, add, database_in, helpdesk_on
from provider import Provider, running

SESSION, USERS = "/v1/helpdesk/session", "/v1/helpdesk/users"
OIDC = "/v1/helpdesk/oidc"
HERE = "https://testserver"
ADMIN = {"email": "admin@desk.example.org", "password": PASSWORD}
NEW = {"email": "new@desk.example.org", "name": "New Officer", "role": "officer"}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return database_in(tmp_path)


@pytest.fixture
def desk(database: Database, small: Assistant, clock: Clock) -> Helpdesk:
    helpdesk = helpdesk_on(database, small, clock)
    add(helpdesk.accounts, "admin")
    return helpdesk


@pytest.fixture
def client(small: Assistant, desk: Helpdesk) -> Iterator[TestClient]:
    with TestClient(api.create(small, desk), base_url=HERE) as opened:
        yield opened


def sign_in(client: TestClient, **changed: str) -> str:
    """Sign in; returns the CSRF token."""
    response = client.post(SESSION, json={**ADMIN, **changed})
    assert response.status_code == 200, response.text
    return str(response.json()["csrf"])


def test_a_session_begins_goes_on_and_ends(client: TestClient) -> None:
    begun = client.post(SESSION, json=ADMIN)
    assert begun.status_code == 200
    body = begun.json()
    assert body["user"] == {**body["user"], "email": ADMIN["email"], "name": "Ms Admin", "role": "admin"}
    assert "administer" in body["user"]["permissions"]
    assert client.get(SESSION).json() == body
    ended = client.delete(SESSION, headers={"X-CSRF-Token": body["csrf"]})
    assert ended.status_code == 204
    assert client.get(SESSION).status_code == 401


def test_the_cookie_is_for_this_host_alone_and_no_script(client: TestClient) -> None:
    (header,) = client.post(SESSION, json=ADMIN).headers.get_list("set-cookie")
    name, *flags = [part.strip() for part in header.split(";")]
    assert name.startswith("__Host-desk=")
    assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/"} == set(flags)
    csrf = client.get(SESSION).json()["csrf"]
    (dropped,) = client.delete(SESSION, headers={"X-CSRF-Token": csrf}).headers.get_list("set-cookie")
    assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/", "Max-Age=0"} <= {p.strip() for p in dropped.split(";")}


def test_nothing_of_the_helpdesk_is_stored_on_the_way(client: TestClient) -> None:
    responses = [client.get(SESSION), client.post(SESSION, json=ADMIN), client.get(USERS), client.get(f"{USERS}/none")]
    assert [response.headers.get_list("cache-control") for response in responses] == [["no-store"]] * 4


@pytest.mark.parametrize("cookie", ["forged", "", "a" * 43, "%00"])
def test_a_forged_session_is_nobodys(client: TestClient, cookie: str) -> None:
    response = client.get(SESSION, headers={"Cookie": f"__Host-desk={cookie}"})
    assert response.status_code == 401
    assert "sign" in response.json()["detail"]


def test_an_expired_session_is_nobodys(client: TestClient, clock: Clock) -> None:
    sign_in(client)
    clock.passes(seconds=IDLE.total_seconds())
    response = client.get(USERS)
    assert response.status_code == 401
    assert "sign in again" in response.json()["detail"]


def test_a_signed_out_session_is_nobodys_even_with_its_cookie(client: TestClient) -> None:
    csrf = sign_in(client)
    kept = client.cookies["__Host-desk"]
    client.delete(SESSION, headers={"X-CSRF-Token": csrf})
    replayed = {"Cookie": f"__Host-desk={kept}", "X-CSRF-Token": csrf}
    assert client.get(USERS, headers=replayed).status_code == 401
    assert client.post(USERS, headers=replayed, json=NEW).status_code == 401


def test_the_session_that_a_browser_had_ends_when_it_signs_in_anew(client: TestClient) -> None:
    sign_in(client)
    before = client.cookies["__Host-desk"]
    sign_in(client)
    assert client.cookies["__Host-desk"] != before
    client.cookies.clear()
    assert client.get(SESSION, headers={"Cookie": f"__Host-desk={before}"}).status_code == 401


@pytest.mark.parametrize("token", [None, "", "wrong", "ü"])
def test_a_change_without_the_sessions_csrf_token_is_refused(client: TestClient, token: str | None) -> None:
    sign_in(client)
    headers = {} if token is None else {b"X-CSRF-Token": token.encode()}
    for method, path in (("POST", USERS), ("PATCH", f"{USERS}/x"), ("DELETE", "/v1/helpdesk/tokens/x")):
        response = client.request(method, path, json=NEW if method == "POST" else {}, headers=headers)
        assert response.status_code == 403
        assert "X-CSRF-Token" in response.json()["detail"]
    assert client.delete(SESSION, headers=headers).status_code == 403
    assert len(client.get(USERS).json()) == 1


def test_the_csrf_token_of_an_ended_session_is_refused(client: TestClient) -> None:
    ended = sign_in(client)
    client.delete(SESSION, headers={"X-CSRF-Token": ended})
    csrf = sign_in(client)
    assert client.post(USERS, json=NEW, headers={"X-CSRF-Token": ended}).status_code == 403
    assert client.post(USERS, json=NEW, headers={"X-CSRF-Token": csrf}).status_code == 201


def test_the_csrf_token_of_somebody_elses_session_is_refused(client: TestClient, desk: Helpdesk) -> None:
    other = add(desk.accounts, "admin", "Other Chief")
    _, theirs = desk.accounts.sign_in(other.email, PASSWORD)
    sign_in(client)
    assert client.post(USERS, json=NEW, headers={"X-CSRF-Token": theirs.csrf}).status_code == 403


@pytest.mark.parametrize(
    "sent",
    [
        {"Origin": "https://evil.example.org"},
        {"Origin": "null"},
        {"Origin": "https://testserver.evil.example.org"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
def test_a_request_of_another_site_is_refused_even_with_cookie_and_csrf_token(
    client: TestClient, sent: dict[str, str]
) -> None:
    headers = {"X-CSRF-Token": sign_in(client), **sent}
    assert client.post(USERS, json=NEW, headers=headers).status_code == 403
    assert client.get(USERS, headers=headers).status_code == 403
    assert client.post(SESSION, json=ADMIN, headers=sent).status_code == 403


@pytest.mark.parametrize(
    "sent",
    [{"Origin": HERE}, {"Origin": HERE, "Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {}],
    ids=str,
)
def test_a_request_of_our_own_pages_passes(client: TestClient, sent: dict[str, str]) -> None:
    headers = {"X-CSRF-Token": sign_in(client), **sent}
    assert client.get(USERS, headers=headers).status_code == 200
    assert client.post(USERS, json=NEW, headers=headers).status_code == 201


def test_our_pages_may_stand_behind_a_proxy(small: Assistant, desk: Helpdesk) -> None:
    csrf = ""
    settings = small.settings.model_copy(update={"public_url": "https://help.example.org"})

    class Proxied(Assistant):
        def __init__(self) -> None:
            self.__dict__.update(small.__dict__)
            self.settings = settings

    with TestClient(api.create(Proxied(), desk), base_url=HERE) as client:
        csrf = sign_in(client)
        for origin, status in (("https://help.example.org", 200), ("https://help.example.com", 403)):
            sent = {"X-CSRF-Token": csrf, "Origin": origin}
            assert client.get(USERS, headers=sent).status_code == status


def test_a_token_needs_no_csrf_token_and_counts_more_than_a_cookie(client: TestClient, desk: Helpdesk) -> None:
    from assistant.people import NewToken

    secret, token = desk.accounts.tokens.add(NewToken(name="Reader", role="read-only"), SYSTEM)
    bearer = {"Authorization": f"Bearer {secret}"}
    assert client.get("/v1/helpdesk/audit", headers=bearer).status_code == 403
    sign_in(client)
    assert client.get(USERS, headers=bearer).status_code == 403
    assert client.get(USERS).status_code == 200
    desk.accounts.tokens.revoke(token.id, SYSTEM)
    assert client.get(USERS, headers=bearer).status_code == 401


def test_a_lock_out_tells_nobody_whether_there_is_an_account(client: TestClient) -> None:
    def attempt(email: str, password: str) -> tuple[int, str]:
        response = client.post(SESSION, json={"email": email, "password": password})
        return response.status_code, response.json()["detail"]

    known = [attempt(ADMIN["email"], "wrong") for _ in range(FAILURES + 1)]
    unknown = [attempt("nobody@desk.example.org", "wrong") for _ in range(FAILURES + 1)]
    locked = attempt(ADMIN["email"], PASSWORD)
    assert {*known, *unknown, locked} == {(401, locked[1])}
    assert "15 minutes" in locked[1]


def test_guessing_over_many_accounts_ends_in_429(client: TestClient) -> None:
    statuses = [
        client.post(SESSION, json={"email": f"a{guess}@b.org", "password": "wrong"}).status_code for guess in range(32)
    ]
    assert statuses == [401] * 30 + [429] * 2


@pytest.mark.parametrize(
    "body",
    [{}, {"email": "a@b.org"}, {"email": "a@b.org", "password": "x" * 201}, {**ADMIN, "role": "admin"}, [], None],
    ids=str,
)
def test_credentials_that_are_none_are_bad_input_and_not_repeated(client: TestClient, body: object) -> None:
    response = client.post(SESSION, json=body)
    assert response.status_code == 422
    assert PASSWORD not in response.text


def test_a_demoted_administrator_signs_in_again(client: TestClient, desk: Helpdesk) -> None:
    sign_in(client)
    (admin,) = desk.accounts.users(SYSTEM)
    add(desk.accounts, "admin", "Other Chief")
    desk.accounts.change_user(admin.id, UserChange(role="officer"), SYSTEM)
    assert client.get(USERS).status_code == 401
    sign_in(client)
    assert client.get(USERS).status_code == 403


def test_a_session_whose_csrf_token_was_changed_in_the_database_takes_the_new_one(
    client: TestClient, database: Database
) -> None:
    """The token is the session's, not derived from anything a page could know."""
    csrf = sign_in(client)
    with database.writing() as session:
        assert session.scalars(select(SessionRow.csrf)).one() == csrf
        session.execute(update(SessionRow).values(csrf="another"))
    assert client.post(USERS, json=NEW, headers={"X-CSRF-Token": csrf}).status_code == 403


def test_questions_are_limited_and_the_work_of_known_callers_is_not(small: Assistant, desk: Helpdesk) -> None:
    class Limited(Assistant):
        def __init__(self) -> None:
            self.__dict__.update(small.__dict__)
            self.settings = small.settings.model_copy(update={"rate_limit": "3/minute"})

    with TestClient(api.create(Limited(), desk), base_url=HERE) as client:
        headers = {"X-CSRF-Token": sign_in(client)}
        for guess in range(6):
            made = client.post(USERS, json={**NEW, "email": f"new{guess}@b.org"}, headers=headers)
            assert made.status_code == 201
        assert [client.post(SESSION, json=ADMIN).status_code for _ in range(3)] == [200, 200, 429]
        assert client.post("/v1/helpdesk/progress/none", json={}).status_code == 429
        assert client.post("/v1/answers", json={"question": "What is ASSIST?"}).status_code == 429


@pytest.mark.parametrize(("path", "most"), [("/v1/helpdesk/mails", 26 * 2**20), (USERS, 262_144)])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_a_body_may_be_as_large_as_its_kind_needs(client: TestClient, method: str, path: str, most: int) -> None:
    def send(size: int) -> int:
        return client.request(method, path, content=b"", headers={"Content-Length": str(size)}).status_code

    assert send(most + 1) == 413
    assert send(most) != 413


# -- through the identity provider


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running(require_nonce=True) as provider:
        provider.knows("admin", email=ADMIN["email"], email_verified=True)
        provider.knows("stranger", email="stranger@desk.example.org", email_verified=True)
        provider.knows("unverified", email=ADMIN["email"], email_verified=False)
        yield provider


@pytest.fixture
def through(small: Assistant, database: Database, clock: Clock, provider: Provider) -> Iterator[TestClient]:
    adapter = OpenIdProvider(provider.issuer, "desk", "desk-secret", f"{HERE}{OIDC}/callback")
    helpdesk = helpdesk_on(database, small, clock, adapter)
    add(helpdesk.accounts, "admin", password=None)
    with TestClient(api.create(small, helpdesk), base_url=HERE, follow_redirects=False) as opened:
        yield opened


def leave(client: TestClient) -> str:
    response = client.get(OIDC)
    assert response.status_code == 303
    return response.headers["location"]


def problem_of(response: object) -> str:
    """What the sign-in page is told."""
    assert response.status_code == 303  # type: ignore[attr-defined]
    place = urlsplit(response.headers["location"])  # type: ignore[attr-defined]
    assert (place.netloc, place.path) == ("", "/desk/sign-in")
    return parse_qs(place.query)["problem"][0]


def test_an_officer_goes_to_the_provider_and_comes_back(through: TestClient, provider: Provider) -> None:
    place = leave(through)
    assert place.startswith(provider.issuer)
    flags = {part.strip() for part in through.get(OIDC).headers["set-cookie"].split(";")}
    assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/", "Max-Age=600"} <= flags
    back = through.get(f"{OIDC}/callback", params=provider.sign_in(leave(through), "admin"))
    assert (back.status_code, back.headers["location"]) == (303, "/desk/")
    assert through.get(SESSION).json()["user"]["email"] == ADMIN["email"]
    assert "__Host-desk-sign-in" not in through.cookies


def test_coming_back_twice_or_in_another_browser_is_refused(through: TestClient, provider: Provider) -> None:
    back = provider.sign_in(leave(through), "admin")
    others = dict(through.cookies)
    through.cookies.clear()
    assert problem_of(through.get(f"{OIDC}/callback", params=back)) == "begin-again"
    through.cookies.update(others)
    assert problem_of(through.get(f"{OIDC}/callback", params=back)) == "begin-again"
    assert through.get(SESSION).status_code == 401


@pytest.mark.parametrize(("subject", "said"), [("stranger", "no-account"), ("unverified", "unverified")])
def test_whoever_may_not_come_in_is_told_on_the_sign_in_page(
    through: TestClient, provider: Provider, subject: str, said: str
) -> None:
    response = through.get(f"{OIDC}/callback", params=provider.sign_in(leave(through), subject))
    assert problem_of(response) == said
    assert through.get(SESSION).status_code == 401


@pytest.mark.parametrize(
    "query", [{}, {"error": "access_denied"}, {"state": "x"}, {"state": "x", "code": "y"}], ids=str
)
def test_nonsense_from_afar_is_no_sign_in(through: TestClient, query: dict[str, str]) -> None:
    leave(through)
    assert problem_of(through.get(f"{OIDC}/callback", params=query)) == "begin-again"
    assert through.get(SESSION).status_code == 401


def test_a_provider_that_is_gone_is_told_on_the_sign_in_page(
    through: TestClient, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    provider.failing = True
    with caplog.at_level(logging.WARNING, "assistant"):
        assert problem_of(through.get(OIDC)) == "provider"
    assert "does not answer" in caplog.text
    assert "desk-secret" not in caplog.text


@pytest.mark.parametrize("path", [OIDC, f"{OIDC}/callback"])
def test_without_a_provider_there_is_nothing_there(client: TestClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert "ASSISTANT_OIDC_ISSUER" in response.json()["detail"]


def test_without_a_helpdesk_there_is_nothing_there(small: Assistant) -> None:
    with TestClient(api.create(small), base_url=HERE) as client:
        assert client.get(SESSION).status_code == 404
