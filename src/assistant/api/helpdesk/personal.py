"""Personal data taken away on request."""

from fastapi import APIRouter

from assistant.api.helpdesk.callers import Eraser, TheHelpdesk
from assistant.api.helpdesk.tickets import Number


def add(desk: APIRouter) -> None:
    """Put the route on the desk's router."""

    @desk.delete("/v1/helpdesk/tickets/{number}/personal", status_code=204, tags=["helpdesk"])
    def erase(number: Number, helpdesk: TheHelpdesk, caller: Eraser) -> None:
        """Delete a ticket's contact, the trader's own words and names; what is redacted stays."""
        helpdesk.retention.erase(number, caller)
