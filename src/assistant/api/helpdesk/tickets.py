"""The queue and the review of tickets."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from assistant.api.helpdesk.callers import Officer, Reader, TheHelpdesk
from assistant.tickets import (
    LARGEST,
    Asked,
    CaseSummary,
    Comparison,
    Edited,
    Filter,
    MessageText,
    Readdressed,
    Rejected,
    Reply,
    Seen,
    Ticket,
    Tickets,
    Triage,
)
from assistant.types import Frozen

Number = Annotated[int, Path(ge=1, le=LARGEST, description="A ticket's number.")]


class Noted(Frozen):
    """A note among officers."""

    text: MessageText


def add(desk: APIRouter) -> None:
    """Put the routes on the desk's router."""
    router = APIRouter(prefix="/v1/helpdesk/tickets", tags=["helpdesk"])
    _add_queue(router)
    _add_replies(router)
    _add_decisions(router)
    desk.include_router(router)


def _add_queue(router: APIRouter) -> None:
    @router.get("")
    def find(wanted: Annotated[Filter, Query()], helpdesk: TheHelpdesk, caller: Reader) -> Tickets:
        """A page of the queue."""
        return helpdesk.queue.find(wanted, caller)

    @router.get("/{number}")
    def open_ticket(number: Number, helpdesk: TheHelpdesk, caller: Reader) -> Ticket:
        """A ticket with its messages, suggestion, reply and history; personal data for those who may see it."""
        return helpdesk.queue.open(number, caller)

    @router.post("/{number}/claim")
    def claim(number: Number, seen: Seen, helpdesk: TheHelpdesk, caller: Officer) -> Ticket:
        """Make it yours."""
        return helpdesk.queue.claim(number, seen, caller)

    @router.post("/{number}/release")
    def release(number: Number, seen: Seen, helpdesk: TheHelpdesk, caller: Officer) -> Ticket:
        """Give it back to the queue."""
        return helpdesk.queue.release(number, seen, caller)

    @router.post("/{number}/triage")
    def triage(number: Number, triage: Triage, helpdesk: TheHelpdesk, caller: Officer) -> Ticket:
        """Set countries, priority or due time."""
        return helpdesk.queue.triage(number, triage, caller)

    @router.post("/{number}/contact")
    def readdress(number: Number, readdressed: Readdressed, helpdesk: TheHelpdesk, caller: Officer) -> Ticket:
        """Put down where the reply is to go instead, e.g. after a letter that did not arrive."""
        return helpdesk.queue.readdress(number, readdressed, caller)

    @router.post("/{number}/notes")
    def note(number: Number, noted: Noted, helpdesk: TheHelpdesk, caller: Officer) -> Ticket:
        """Add a note that no trader sees."""
        return helpdesk.queue.note(number, noted.text, caller)


def _add_replies(router: APIRouter) -> None:
    @router.post("/{number}/suggest")
    def suggest(number: Number, seen: Seen, helpdesk: TheHelpdesk, caller: Officer) -> Ticket:
        """Make the suggested answer anew."""
        return helpdesk.drafter.suggest(number, seen, caller)

    @router.post("/{number}/check")
    def check(number: Number, edited: Edited, helpdesk: TheHelpdesk, caller: Officer) -> Reply:
        """How each sentence of a reply stands to its sources; nothing is saved."""
        return helpdesk.review.check(number, edited, caller)

    @router.put("/{number}/reply")
    def save(number: Number, edited: Edited, helpdesk: TheHelpdesk, caller: Officer) -> Ticket:
        """Save the reply."""
        return helpdesk.review.save(number, edited, caller)

    @router.get("/{number}/comparison")
    def comparison(number: Number, helpdesk: TheHelpdesk, caller: Officer) -> tuple[Comparison, ...]:
        """Each sentence of the reply beside its source, if it has one, for checking a translation."""
        return helpdesk.review.comparison(number, caller)


def _add_decisions(router: APIRouter) -> None:
    @router.post("/{number}/approve")
    def approve(number: Number, seen: Seen, helpdesk: TheHelpdesk, caller: Officer) -> Ticket:
        """Send the reply, with the disclaimer and ASSIST."""
        return helpdesk.review.approve(number, seen, caller)

    @router.post("/{number}/reject")
    def reject(number: Number, rejected: Rejected, helpdesk: TheHelpdesk, caller: Officer) -> Ticket:
        """Close it without a reply, and say why."""
        return helpdesk.review.reject(number, rejected, caller)

    @router.post("/{number}/ask")
    def ask(number: Number, asked: Asked, helpdesk: TheHelpdesk, caller: Officer) -> Ticket:
        """Ask the trader back."""
        return helpdesk.review.ask(number, asked, caller)

    @router.get("/{number}/assist")
    def case_summary(number: Number, helpdesk: TheHelpdesk, caller: Officer) -> CaseSummary:
        """What ASSIST asks for, as far as the ticket says it."""
        return helpdesk.review.case_summary(number, caller)

    @router.post("/{number}/escalate")
    def escalate(number: Number, seen: Seen, helpdesk: TheHelpdesk, caller: Officer) -> Ticket:
        """Close it as a case for ASSIST."""
        return helpdesk.review.escalate(number, seen, caller)
