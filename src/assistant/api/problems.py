"""Errors as RFC 9457 problem+json; each still carries the disclaimer and ASSIST."""

import http
import logging
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from assistant.api import completions
from assistant.bootstrap import Assistant
from assistant.errors import (
    AssistantError,
    ConflictError,
    InputError,
    NotFoundError,
    RefusedError,
    TooOftenError,
    UnknownCallerError,
    told,
)
from assistant.types import Escalation, Frozen

MEDIA_TYPE = "application/problem+json"
HEADERS = {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer", "x-frame-options": "SAMEORIGIN"}
UNSTORED = {"cache-control": "no-store"}

log = logging.getLogger(__name__)


class Problem(Frozen):
    """RFC 9457, and what every answer carries."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    disclaimer: str
    escalation: Escalation


STATUSES: tuple[tuple[type[AssistantError], int], ...] = (  # the first that fits
    (NotFoundError, 404),
    (InputError, 422),
    (UnknownCallerError, 401),
    (TooOftenError, 429),
    (RefusedError, 403),
    (ConflictError, 409),
    (AssistantError, 503),
)

MakeProblem = Callable[[int, str], Problem]


def described(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """How the OpenAPI document tells of these problems."""
    return {
        status: {"model": Problem, "description": f"{http.HTTPStatus(status).phrase}, as {MEDIA_TYPE}"}
        for status in statuses
    }


PROBLEMS = described(400, 404, 422, 429, 503)


def problem_of(assistant: Assistant) -> MakeProblem:
    """Makes problems that carry this assistant's disclaimer and escalation."""

    def make(status: int, detail: str) -> Problem:
        return Problem(
            title=http.HTTPStatus(status).phrase,
            status=status,
            detail=detail,
            disclaimer=assistant.disclaimer(),
            escalation=assistant.escalation(),
        )

    return make


def install_problems(app: FastAPI, assistant: Assistant) -> None:
    """Let every error of the application leave as a problem."""
    make = problem_of(assistant)

    def respond(request: Request, status: int, detail: str) -> JSONResponse:
        body = make(status, detail).model_dump(mode="json")
        if request.url.path.startswith(completions.PATHS):
            body["error"] = completions.error(status, detail)
        return JSONResponse(body, status_code=status, media_type=MEDIA_TYPE)

    @app.exception_handler(AssistantError)
    def expected(request: Request, error: AssistantError) -> JSONResponse:
        status = next(status for kind, status in STATUSES if isinstance(error, kind))
        return respond(request, status, told(error))

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        malformed = any(entry["type"] == "json_invalid" for entry in error.errors())
        return respond(request, 400 if malformed else 422, explain(error))

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> JSONResponse:
        return respond(request, error.status_code, str(error.detail))

    @app.exception_handler(Exception)
    def unexpected(request: Request, error: Exception) -> JSONResponse:
        log.error("unexpected error", exc_info=error)
        response = respond(request, 500, "something went wrong here; the question was not answered: please try again")
        response.headers.update({**HEADERS, **UNSTORED})  # this handler stands outside the middleware that adds them
        return response


def explain(error: RequestValidationError) -> str:
    """What is wrong with a request, one sentence a field."""
    sentences = []
    for entry in error.errors():
        message = entry["msg"].removeprefix("Value error, ").replace("valid tuple", "valid list")
        place = ".".join(str(part) for part in entry["loc"] if part not in ("body", "query", "path"))
        if entry["loc"] == ("body",) and entry["type"] == "missing":
            message = "the body is missing: send it as JSON"
        if entry["type"] == "json_invalid":
            message, place = f"the body is not valid JSON ({entry.get('ctx', {}).get('error', 'cut off')})", ""
        sentences.append(f"{place}: {message}" if place else message)
    return "; ".join(sentences)
