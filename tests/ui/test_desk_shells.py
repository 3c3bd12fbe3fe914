"""The shells of the review desk: where they lead, what their policy allows, and that no data becomes markup."""

import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant import data, helpdesk, messages
from assistant_ui import desk
from assistant_ui.desk import wording

HELPDESK = Path(helpdesk.__file__).parent
STATIC = Path(desk.__file__).parent / "static"
MODULES = sorted(STATIC.glob("*.js"))
SHELLS = ["/desk/", "/desk/figures", "/desk/gaps", "/desk/library", "/desk/people", "/desk/audit", "/desk/tickets/7"]
PUBLIC = ["/desk/sign-in", "/desk/status/a-secret-link-of-a-trader"]


def client(**names: str) -> TestClient:
    app = FastAPI()
    desk.add(app, **names)
    return TestClient(app, base_url="https://desk.example", follow_redirects=False)


@pytest.fixture(scope="module")
def visitor() -> TestClient:
    return client()


@pytest.fixture(scope="module")
def officer() -> TestClient:
    signed_in = client()
    signed_in.cookies.set(desk.COOKIE, "any: whether it is good, the API says")
    return signed_in


def test_desk_is_found_without_the_slash(visitor: TestClient) -> None:
    answer = visitor.get("/desk")
    assert (answer.status_code, answer.headers["location"]) == (307, "/desk/")


@pytest.mark.parametrize("path", SHELLS)
def test_nobody_sees_a_shell_without_a_session(visitor: TestClient, path: str) -> None:
    answer = visitor.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/desk/sign-in?next={path}")


def test_the_way_back_keeps_the_filters(visitor: TestClient) -> None:
    location = visitor.get("/desk/?status=sent&q=form%20d").headers["location"]
    assert location == "/desk/sign-in?next=/desk/%3Fstatus%3Dsent%26q%3Dform%2520d"


@pytest.mark.parametrize("path", [*SHELLS, *PUBLIC])
def test_policy_lets_nothing_run_but_our_own_files(officer: TestClient, path: str) -> None:
    answer = officer.get(path)
    assert answer.status_code == 200
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    inline = re.findall(
        r"<script(?![^>]*\ssrc=)|<style|\son\w+=|\sstyle=|javascript:|https?://(?!assist\.asean\.org)", answer.text
    )
    assert not inline


@pytest.mark.parametrize("path", [*SHELLS, *PUBLIC])
def test_every_file_a_shell_asks_for_is_there(officer: TestClient, path: str) -> None:
    asked_for = re.findall(r"(?:src|href)=\"(/desk/static/[^\"]+)\"", officer.get(path).text)
    assert len(asked_for) == 3
    for file in asked_for:
        answer = officer.get(file)
        assert answer.status_code == 200
        assert (answer.headers["cache-control"], answer.headers["x-content-type-options"]) == ("no-cache", "nosniff")


def test_static_files_end_at_their_folder(visitor: TestClient) -> None:
    assert visitor.get("/desk/static/%2e%2e/__init__.py").status_code == 404
    assert visitor.get("/desk/static/../templates/base.html").status_code == 404


def test_a_ticket_has_a_number(officer: TestClient) -> None:
    assert 'data-number="7"' in officer.get("/desk/tickets/7").text
    assert officer.get("/desk/tickets/seven").status_code == 422
    assert officer.get("/desk/tickets/0").status_code == 422


def test_identity_provider_is_offered_where_there_is_one(visitor: TestClient) -> None:
    assert "/v1/helpdesk/oidc" not in visitor.get("/desk/sign-in").text
    shown = client(sign_in_with="Customs & Co <b>").get("/desk/sign-in").text
    assert 'href="/v1/helpdesk/oidc">Sign in with Customs &amp; Co &lt;b&gt;</a>' in shown


def test_the_sign_in_page_says_only_what_it_has_words_for(visitor: TestClient) -> None:
    said = data.read("desk.yaml")["sign_in"]
    for code in ("no-account", "provider", "begin-again", "unverified", "no-address", "too-often"):
        assert said[code] in visitor.get(f"/desk/sign-in?problem={code}").text
    forged = visitor.get("/desk/sign-in", params={"problem": "Your account is locked. Call 555-0100"}).text
    assert said["unknown"] in forged
    assert "555" not in forged
    assert 'role="alert" hidden></p>' in visitor.get("/desk/sign-in").text


# -- the trader's page -------------------------------------------------------------------------------------------


def test_status_page_is_nobodys_to_index_and_escapes_its_link(visitor: TestClient) -> None:
    answer = visitor.get("/desk/status/%22%3E%3Cimg src=x onerror=alert(1)%3E")
    assert answer.status_code == 200
    assert 'data-link="&#34;&gt;&lt;img src=x onerror=alert(1)&gt;"' in answer.text
    assert "noindex" in visitor.get("/desk/status/a-secret-link").headers["x-robots-tag"]


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("th-TH,th;q=0.9,en;q=0.8", "th"), ("fil", "tl"), ("de,vi;q=0.5", "vi"), ("de", "en"), ("", "en"), (";;,,", "en")],
)
def test_status_page_begins_in_the_browsers_language(visitor: TestClient, accepted: str, language: str) -> None:
    answer = visitor.get("/desk/status/a-secret-link", headers={"accept-language": accepted})
    assert f'<html lang="{language}">' in answer.text
    assert f"<title>{wording.texts(language)['title']}</title>" in answer.text


def test_every_language_of_the_answers_has_all_the_wording() -> None:
    loaded = wording.load()
    assert loaded.keys() == messages.load().languages.keys()
    for language, texts in loaded.items():
        assert texts.keys() == loaded["en"].keys(), language
        for key, words in loaded["en"].items():
            if isinstance(words, str):
                assert re.findall(r"\{\w+\}", words) == re.findall(r"\{\w+\}", texts[key]), (language, key)
                assert texts[key].strip()


def test_wording_brings_what_goes_out_with_each_reply(visitor: TestClient) -> None:
    said = visitor.get("/desk/wording/vi").json()
    assert said["disclaimer"] == messages.load().text("vi", "disclaimer")
    assert said["send"] == "Gửi"
    unknown = visitor.get("/desk/wording/xx").json()
    assert (unknown["language"], unknown["send"]) == ("en", "Send")


def test_every_action_of_the_audit_log_and_every_detail_has_words() -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in HELPDESK.rglob("*.py"))
    noted = re.findall(r"audit\.note\(([^)]*(?:\([^)]*\)[^)]*)*)\)", sources)
    actions = {found[1] for call in noted if (found := re.search(r'"(\w+\.\w+)"', call))}
    details = {key for call in noted for key in re.findall(r"(\w+)=", call)}
    assert len(actions) > 20
    assert actions <= wording.actions().keys()
    assert details <= wording.details().keys()


# -- the modules -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_no_module_parses_markup_or_runs_text(module: Path) -> None:
    parsing = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment"
    running = r"\beval\(|new Function|set(?:Timeout|Interval)\(\s*[\"'`]"
    assert not re.findall(f"{parsing}|{running}", module.read_text(encoding="utf-8"))


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_modules_import_only_each_other_and_what_is_there(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    names = {path.name for path in MODULES}
    for imported, source in re.findall(r"^import\s+(.+?)\s+from\s+\"([^\"]+)\";", text, flags=re.MULTILINE):
        assert source.startswith("./")
        assert source.removeprefix("./") in names
        exported = (STATIC / source).read_text(encoding="utf-8")
        for name in re.findall(r"\w+", imported) if imported.startswith("{") else ():
            assert re.search(rf"export (?:async )?(?:const|function|class) {name}\b", exported), (module.name, name)
            assert len(re.findall(rf"\b{name}\b", text)) > 1, f"{module.name} imports {name} and does not use it"
