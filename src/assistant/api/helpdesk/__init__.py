"""The review desk over HTTP, all under /v1/helpdesk."""

from fastapi import FastAPI

from assistant.api.helpdesk import people, sessions
from assistant.helpdesk import Helpdesk


def add(app: FastAPI, helpdesk: Helpdesk) -> None:
    """Put the routes on an application."""
    app.state.helpdesk = helpdesk
    sessions.add(app)
    people.add(app)
