"""Signing in and out: by password, or through the identity provider, which sends the browser back."""

import datetime
import logging
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.security import APIKeyCookie
from pydantic import Field

from assistant.api.helpdesk.callers import COOKIE, Cookie, FromOurPages, TheHelpdesk, TheSession
from assistant.errors import (
    IdentityProviderError,
    NotFoundError,
    RefusedError,
    TooOftenError,
    UnknownCallerError,
)
from assistant.helpdesk import Helpdesk
from assistant.helpdesk.sign_on import WITHIN, SignOn
from assistant.people import LONGEST_PASSWORD, Permission, Session, UserRole, permissions
from assistant.types import Frozen

SESSION = "/v1/helpdesk/session"
LEAVING_COOKIE = "__Host-desk-sign-in"  # shows that who comes back from the provider is who left
DESK, SIGN_IN = "/desk/", "/desk/sign-in"
SEE_OTHER = 303

log = logging.getLogger(__name__)

Leaving = Annotated[str | None, Depends(APIKeyCookie(name=LEAVING_COOKIE, auto_error=False))]
FromProvider = Annotated[str, Query(max_length=4_000)]


class Credentials(Frozen):
    """What somebody signs in with."""

    email: str = Field(max_length=254)
    password: str = Field(max_length=LONGEST_PASSWORD, repr=False)


class Me(Frozen):
    """Who is signed in, and what they may do."""

    id: str
    email: str
    name: str
    role: UserRole
    permissions: tuple[Permission, ...]


class SignedIn(Frozen):
    """A session as its browser sees it; `csrf` goes into the header X-CSRF-Token of whatever changes something."""

    user: Me
    csrf: str = Field(repr=False)
    expires_at: datetime.datetime


def add(desk: APIRouter) -> None:
    """Put the routes on the desk's router."""
    _add_session(desk)
    _add_provider(desk)


def _add_session(desk: APIRouter) -> None:
    @desk.post(SESSION, tags=["helpdesk: people"], dependencies=[FromOurPages])
    def sign_in(
        credentials: Credentials, request: Request, response: Response, helpdesk: TheHelpdesk, cookie: Cookie
    ) -> SignedIn:
        """Sign in with e-mail address and password; the session is a cookie."""
        address = request.client.host if request.client else ""
        value, session = helpdesk.accounts.sign_in(credentials.email, credentials.password, address)
        _end(helpdesk, cookie)
        _keep(response, COOKIE, value)
        return _signed_in(session)

    @desk.get(SESSION, tags=["helpdesk: people"])
    def who(session: TheSession) -> SignedIn:
        """Who is signed in, until when, and the CSRF token."""
        return _signed_in(session)

    @desk.delete(SESSION, status_code=204, tags=["helpdesk: people"])
    def sign_out(_session: TheSession, response: Response, helpdesk: TheHelpdesk, cookie: Cookie) -> None:
        """Sign out."""
        _end(helpdesk, cookie)
        _drop(response, COOKIE)


def _add_provider(desk: APIRouter) -> None:
    @desk.get("/v1/helpdesk/oidc", tags=["helpdesk: people"], response_class=RedirectResponse, status_code=SEE_OTHER)
    def leave(request: Request, helpdesk: TheHelpdesk) -> Response:
        """Go to the identity provider to sign in there; 404 where none is set."""
        sign_on = _sign_on(helpdesk)
        try:
            place, browser = sign_on.begin(request.client.host if request.client else "")
        except (IdentityProviderError, TooOftenError) as error:
            return _back(error)
        response = RedirectResponse(place, SEE_OTHER)
        _keep(response, LEAVING_COOKIE, browser, WITHIN)
        return response

    @desk.get(
        "/v1/helpdesk/oidc/callback", tags=["helpdesk: people"], response_class=RedirectResponse, status_code=SEE_OTHER
    )
    def come_back(
        helpdesk: TheHelpdesk,
        leaving: Leaving,
        cookie: Cookie,
        state: FromProvider = "",
        code: FromProvider = "",
        error: FromProvider = "",
    ) -> Response:
        """Where the identity provider sends the browser back to: on to the desk, or to sign in, saying why not."""
        sign_on = _sign_on(helpdesk)
        try:
            if error:
                raise RefusedError("the identity provider did not let you in: begin again")
            value, _ = sign_on.finish(state, code, leaving or "")
        except (RefusedError, IdentityProviderError) as refusal:
            response = _back(refusal)
        else:
            _end(helpdesk, cookie)
            response = RedirectResponse(DESK, SEE_OTHER)
            _keep(response, COOKIE, value)
        _drop(response, LEAVING_COOKIE)
        return response


def _sign_on(helpdesk: Helpdesk) -> SignOn:
    if helpdesk.sign_on is None:
        raise NotFoundError("no identity provider is set here (ASSISTANT_OIDC_ISSUER): sign in with a password")
    return helpdesk.sign_on


def _back(error: RefusedError | IdentityProviderError) -> RedirectResponse:
    """To the page on which one signs in, with a code for what went wrong: a browser is here, not a program.

    The page has words for each code and shows no others: anybody can make a link to it.
    """
    log.warning("no sign-in through the identity provider: %s", error)
    match error:
        case UnknownCallerError():
            code = error.code
        case TooOftenError():
            code = "too-often"
        case IdentityProviderError():
            code = "provider"
        case _:
            code = "begin-again"
    return RedirectResponse(f"{SIGN_IN}?{urlencode({'problem': code})}", SEE_OTHER)


def _end(helpdesk: Helpdesk, cookie: str | None) -> None:
    """End the session that a browser had, where it had one."""
    if cookie:
        helpdesk.accounts.sign_out(cookie)


def _signed_in(session: Session) -> SignedIn:
    user = session.user
    allowed = tuple(sorted(permissions()[user.role]))
    me = Me(id=user.id, email=user.email, name=user.name, role=user.role, permissions=allowed)
    return SignedIn(user=me, csrf=session.csrf, expires_at=session.expires_at)


def _keep(response: Response, name: str, value: str, within: datetime.timedelta | None = None) -> None:
    """Give a browser a cookie that no script reads and no other host gets; without `within` until it is closed."""
    age = int(within.total_seconds()) if within else None
    response.set_cookie(name, value, max_age=age, path="/", secure=True, httponly=True, samesite="lax")


def _drop(response: Response, name: str) -> None:
    response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="lax")
