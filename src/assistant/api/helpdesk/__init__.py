"""The helpdesk over HTTP: sessions and people, tickets and their review, what is learnt of them."""

from fastapi import FastAPI

from assistant.api.helpdesk import intake, loop, people, personal, sessions, tickets
from assistant.helpdesk import Helpdesk


def add(app: FastAPI, helpdesk: Helpdesk) -> None:
    """Put the routes on an application."""
    app.state.helpdesk = helpdesk
    for part in (sessions, people, intake, tickets, personal, loop):
        part.add(app)
