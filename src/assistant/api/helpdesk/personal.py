"""Personal data taken away on request."""

from typing import Annotated

from fastapi import APIRouter, Path

from assistant.api.helpdesk.callers import Eraser, TheHelpdesk

Number = Annotated[int, Path(ge=1, le=2**31 - 1, description="A ticket's number.")]


def add(app: APIRouter) -> None:
    """Put the route on a router."""

    @app.delete("/v1/helpdesk/tickets/{number}/personal", status_code=204, tags=["helpdesk"])
    def erase(number: Number, helpdesk: TheHelpdesk, caller: Eraser) -> None:
        """Delete a ticket's contact, the trader's own words and names; what is redacted stays."""
        helpdesk.retention.erase(number, caller)
