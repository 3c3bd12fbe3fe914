"""Who asks the helpdesk: a person by the cookie of their session, or a program by its token; and what they may do.

A request with a cookie must come from our own pages: whatever changes something carries the session's CSRF token,
and a browser that says where a request comes from must name this service.
"""

import hmac
from collections.abc import Callable
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Header, Request
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from assistant.api.sources import TheAssistant
from assistant.errors import RefusedError, UnknownCallerError
from assistant.helpdesk import Helpdesk
from assistant.people import Caller, Permission, Session

COOKIE = "__Host-desk"  # a browser takes one of that name from this very host alone, over TLS
CSRF_HEADER = "X-CSRF-Token"
READING = ("GET", "HEAD")
OURS = ("same-origin", "none")  # "none": typed by the user
WHO = "sign in, or send a token as Authorization: Bearer …"

Cookie = Annotated[str | None, Depends(APIKeyCookie(name=COOKIE, auto_error=False, description="Of POST /session."))]
Bearer = Annotated[
    HTTPAuthorizationCredentials | None,
    Depends(HTTPBearer(auto_error=False, description="An API token of the helpdesk.")),
]


def helpdesk_of(request: Request) -> Helpdesk:
    """The helpdesk of the application a request came to."""
    return request.app.state.helpdesk  # type: ignore[no-any-return]


TheHelpdesk = Annotated[Helpdesk, Depends(helpdesk_of)]


def from_our_pages(
    request: Request,
    assistant: TheAssistant,
    origin: Annotated[str | None, Header(include_in_schema=False)] = None,
    sec_fetch_site: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> None:
    """Raise RefusedError where a browser says that another site's page sent the request."""
    public = assistant.settings.public_url
    ours = {request.headers.get("host", ""), urlsplit(public).netloc} - {""}
    if origin is not None and urlsplit(origin).netloc not in ours:
        raise RefusedError("a page of another site sent this: open the helpdesk's own page")
    if sec_fetch_site is not None and sec_fetch_site not in OURS:
        raise RefusedError("a page of another site sent this: open the helpdesk's own page")


FromOurPages = Depends(from_our_pages)


def session_of(
    request: Request,
    helpdesk: TheHelpdesk,
    assistant: TheAssistant,
    cookie: Cookie,
    csrf: Annotated[
        str, Header(alias=CSRF_HEADER, description="Of GET /session; goes with every change made by cookie.")
    ] = "",
) -> Session:
    """Who is signed in.

    Raises:
        UnknownCallerError: nobody, or not any more.
        RefusedError: another site's page sent the request, or its CSRF token is not that of the session.
    """
    if not cookie:
        raise UnknownCallerError(f"nobody is signed in here: {WHO}")
    from_our_pages(request, assistant, request.headers.get("origin"), request.headers.get("sec-fetch-site"))
    session = helpdesk.accounts.session(cookie)
    if request.method not in READING and not hmac.compare_digest(csrf.encode(), session.csrf.encode()):
        raise RefusedError(f"the header {CSRF_HEADER} is missing or of another session: read GET /v1/helpdesk/session")
    return session


TheSession = Annotated[Session, Depends(session_of)]


def caller_of(
    request: Request,
    helpdesk: TheHelpdesk,
    assistant: TheAssistant,
    cookie: Cookie,
    bearer: Bearer,
    csrf: Annotated[str, Header(alias=CSRF_HEADER)] = "",
) -> Caller:
    """Who asks; a token counts more than a cookie.

    Raises:
        UnknownCallerError: nobody knows.
        RefusedError: the request may not have come from our own pages.
    """
    if bearer is not None:
        return helpdesk.accounts.tokens.caller_of(bearer.credentials)
    return session_of(request, helpdesk, assistant, cookie, csrf).user.caller


TheCaller = Annotated[Caller, Depends(caller_of)]


def may(permission: Permission) -> Callable[[Caller], Caller]:
    """A dependency that lets nobody pass without this permission, before anything of the body is looked at."""

    def checked(caller: TheCaller) -> Caller:
        caller.need(permission)
        return caller

    return checked


Reader = Annotated[Caller, Depends(may("read"))]
Sender = Annotated[Caller, Depends(may("intake"))]
Officer = Annotated[Caller, Depends(may("work"))]
Overseer = Annotated[Caller, Depends(may("oversee"))]
Publisher = Annotated[Caller, Depends(may("publish"))]
Analyst = Annotated[Caller, Depends(may("figures"))]
Auditor = Annotated[Caller, Depends(may("audit"))]
Eraser = Annotated[Caller, Depends(may("erase"))]
Administrator = Annotated[Caller, Depends(may("administer"))]
