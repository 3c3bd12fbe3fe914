"""Questions come in: as JSON, as a mail, by hand; and the page on which a trader follows theirs."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.concurrency import run_in_threadpool

from assistant.api.helpdesk.callers import Sender, TheHelpdesk
from assistant.errors import InputError
from assistant.tickets import MessageText, NewTicket, Progress
from assistant.types import Frozen, Receipt

MAIL = "message/rfc822"
MAIL_BODY = {"requestBody": {"required": True, "content": {MAIL: {"schema": {"type": "string", "format": "binary"}}}}}

Link = Annotated[str, Path(min_length=16, max_length=100, pattern=r"^[A-Za-z0-9_-]+$")]


class Further(Frozen):
    """What a trader adds."""

    text: MessageText


def add(desk: APIRouter) -> None:
    """Put the routes on the desk's router."""
    router = APIRouter(prefix="/v1/helpdesk", tags=["helpdesk"])

    @router.post("/tickets", status_code=201)
    def create(new: NewTicket, helpdesk: TheHelpdesk, caller: Sender) -> Receipt:
        """Make a ticket of a question; `link` is the trader's secret path to the reply."""
        return helpdesk.intake.create(new, caller)

    @router.post("/mails", status_code=201, openapi_extra=MAIL_BODY)
    async def mail(request: Request, helpdesk: TheHelpdesk, caller: Sender) -> Receipt:
        """Make a ticket, or a further message, of a mail as it came over the wire (message/rfc822)."""
        receipt = await run_in_threadpool(helpdesk.take_mail, await request.body(), caller)
        if receipt is None:
            raise InputError("nobody wrote this mail: it is an automatic reply, a bounce or a mailing list's")
        return receipt

    @router.get("/progress/{link}")
    def progress(link: Link, helpdesk: TheHelpdesk) -> Progress:
        """How far a trader's question is, under the secret link."""
        return helpdesk.intake.progress(link)

    @router.post("/progress/{link}")
    def write_again(link: Link, further: Further, helpdesk: TheHelpdesk) -> Progress:
        """A further message of the trader."""
        return helpdesk.intake.write_again(link, further.text)

    desk.include_router(router)
