"""The helpdesk over HTTP: sessions and people, tickets and their review, what is learnt of them."""

from fastapi import APIRouter, FastAPI

from assistant.api.helpdesk import intake, loop, people, personal, sessions, tickets
from assistant.api.problems import described
from assistant.helpdesk import Helpdesk


def add(app: FastAPI, helpdesk: Helpdesk) -> None:
    """Put the routes on an application."""
    app.state.helpdesk = helpdesk
    router = APIRouter(responses=described(401, 403, 409, 413))
    for part in (sessions, people, intake, tickets, personal, loop):
        part.add(router)
    app.include_router(router)
