"""The pages of the review desk: server-rendered shells whose own small modules call the JSON API."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import jinja2
from fastapi import FastAPI, Request
from fastapi import Path as InPath
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from assistant import messages
from assistant.countries import Countries
from assistant.countries import load as load_countries
from assistant.policy import ASSIST_URL
from assistant_ui.desk import wording

HERE = Path(__file__).parent
HOME = "/desk/"
COOKIE = "__Host-desk"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
}

PAGES = {  # path under /desk/ to its template
    "": "queue.html",
    "figures": "figures.html",
    "gaps": "gaps.html",
    "library": "library.html",
    "people": "people.html",
    "audit": "audit.html",
}


class Static(StaticFiles):
    """Style and modules; browsers ask each time whether they have changed, so that a new release is whole at once."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        """The file, to be asked for again."""
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers.update({"cache-control": "no-cache", "x-content-type-options": "nosniff"})
        return response


def add(app: FastAPI, *, sign_in_with: str | None = None) -> None:
    """Add the pages. `sign_in_with` names the identity provider that people may sign in with, where one is set."""
    app.mount("/desk/static", Static(directory=HERE / "static"), name="desk-static")
    _add_signed_in(app)
    _add_public(app, sign_in_with)


def _add_signed_in(app: FastAPI) -> None:
    @app.get("/desk", include_in_schema=False)
    def desk() -> Response:
        return RedirectResponse(HOME, status_code=307)

    for path, template in PAGES.items():
        app.get(f"/desk/{path}", include_in_schema=False)(_shell_of(template))

    @app.get("/desk/tickets/{number}", include_in_schema=False)
    def ticket(request: Request, number: Annotated[int, InPath(ge=1)]) -> Response:
        return _signed_in(request) or page("ticket.html", number=number)


def _shell_of(template: str) -> Callable[[Request], Response]:
    def shell(request: Request) -> Response:
        return _signed_in(request) or page(template)

    return shell


def _signed_in(request: Request) -> Response | None:
    """The way to sign in for whoever brings no session. Whether it is good, the API says: a shell holds no data."""
    if COOKIE in request.cookies:
        return None
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/desk/sign-in?next={quote(wanted, safe='/')}", status_code=303, headers=HEADERS)


def _add_public(app: FastAPI, sign_in_with: str | None) -> None:
    @app.get("/desk/sign-in", include_in_schema=False)
    def sign_in(problem: str = "") -> Response:
        return page("sign_in.html", sign_in_with=sign_in_with, problem=wording.sign_in_problem(problem))

    @app.get("/desk/status/{link}", include_in_schema=False)
    def status(link: str, request: Request) -> Response:
        language = wording.preferred(request.headers.get("accept-language", ""))
        shown = page("status.html", link=link, language=language, text=wording.texts(language))
        shown.headers["x-robots-tag"] = "noindex, nofollow"
        return shown

    @app.get("/desk/wording/{language}", include_in_schema=False)
    def words(language: str) -> Response:
        """What goes out with each reply, and the texts of the status page, in a language or in English."""
        said = {key: messages.load().text(language, key) for key in ("disclaimer", "assist_general")}
        return JSONResponse(wording.texts(language) | said, headers=HEADERS | {"cache-control": "no-cache"})


def page(template: str, **values: object) -> Response:
    """A page of the desk, with a policy that lets nothing run but our own files."""
    return HTMLResponse(_environment().get_template(template).render(values), headers=HEADERS)


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    countries: Countries = load_countries()
    environment.globals["countries"] = {code: countries.name(code) for code in countries.codes}
    environment.globals["languages"] = _languages()
    environment.globals["assist_url"] = ASSIST_URL
    environment.globals["actions"] = wording.actions()
    environment.globals["details"] = wording.details()
    return environment


def _languages() -> dict[str, str]:
    """Code to English name, of the languages that answers are given in."""
    texts = messages.load()
    return {code: texts.language_name(code, "en") for code in texts.languages}
