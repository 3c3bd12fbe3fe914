"""What is learnt of the helpdesk's work: verified answers, eval cases, canned paragraphs, gaps and figures."""

from typing import Annotated, Literal

from fastapi import APIRouter, BackgroundTasks, Path, Query, Response
from pydantic import Field, StringConstraints

from assistant.api.helpdesk.callers import Analyst, Officer, Overseer, Publisher, Reader, TheHelpdesk
from assistant.api.helpdesk.tickets import Number
from assistant.helpdesk.figures import Numbers
from assistant.helpdesk.publishing import DAYS, LONGEST_QUESTION
from assistant.tickets import LARGEST, Canned, Gap, NewCanned, Seen, Verified
from assistant.types import Frozen

Days = Annotated[int, Query(ge=1, le=3_660, description="Days to look back, today included.")]


class Publication(Seen):
    """How an approved reply is to be published; without a question the ticket's own is taken."""

    question: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_QUESTION)] | None = None
    days: int = Field(default=180, ge=1, le=DAYS)


class CaseId(Frozen):
    """An eval case that was kept."""

    id: str


def add(desk: APIRouter) -> None:
    """Put the routes on the desk's router."""
    router = APIRouter(prefix="/v1/helpdesk", tags=["helpdesk"])
    _add_verified(router)
    _add_canned(router)
    _add_figures(router)
    desk.include_router(router)


def _add_verified(router: APIRouter) -> None:
    @router.post("/tickets/{number}/publish")
    def publish(
        number: Number, publication: Publication, helpdesk: TheHelpdesk, caller: Publisher, background: BackgroundTasks
    ) -> Verified:
        """Publish the supported sentences of an approved reply, `text`; it serves once the index is up to date."""
        wanted = publication
        done = helpdesk.publisher.publish(number, wanted.version, wanted.question, wanted.days, caller)
        background.add_task(helpdesk.publisher.bring_up_to_date)
        return done

    @router.post("/tickets/{number}/case")
    def case(number: Number, seen: Seen, helpdesk: TheHelpdesk, caller: Officer) -> CaseId:
        """Keep a sent reply as an eval case, once."""
        return CaseId.model_validate(helpdesk.publisher.case(number, seen.version, caller))

    @router.get("/verified")
    def verified(helpdesk: TheHelpdesk, caller: Reader) -> tuple[Verified, ...]:
        """All that was published, the newest first."""
        return helpdesk.publisher.verified(caller)

    @router.delete("/verified/{verified_id}")
    def withdraw(
        verified_id: Annotated[str, Path(max_length=100)],
        helpdesk: TheHelpdesk,
        caller: Publisher,
        background: BackgroundTasks,
    ) -> Verified:
        """Let a verified answer serve no more; it does so some seconds later, once the index is up to date."""
        done = helpdesk.publisher.withdraw(verified_id, caller)
        background.add_task(helpdesk.publisher.bring_up_to_date)
        return done


def _add_canned(router: APIRouter) -> None:
    @router.get("/canned")
    def canned(helpdesk: TheHelpdesk, caller: Reader) -> tuple[Canned, ...]:
        """The library of paragraphs."""
        return helpdesk.canned.list(caller)

    @router.post("/canned", status_code=201)
    def add_canned(new: NewCanned, helpdesk: TheHelpdesk, caller: Overseer) -> Canned:
        """Add a paragraph."""
        return helpdesk.canned.add(new, caller)

    @router.delete("/canned/{canned_id}", status_code=204)
    def delete_canned(
        canned_id: Annotated[int, Path(ge=1, le=LARGEST)], helpdesk: TheHelpdesk, caller: Overseer
    ) -> None:
        """Take a paragraph out of the library."""
        helpdesk.canned.delete(canned_id, caller)


def _add_figures(router: APIRouter) -> None:
    @router.get("/gaps")
    def gaps(helpdesk: TheHelpdesk, caller: Analyst, days: Days = 90) -> list[Gap]:
        """What is missing from the corpus, the most frequent first."""
        return helpdesk.gaps.find(days, caller)

    @router.get("/figures", response_model=Numbers, responses={200: {"content": {"text/csv": {}}}})
    def figures(
        helpdesk: TheHelpdesk,
        caller: Analyst,
        days: Days = 30,
        wanted: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
    ) -> Response | Numbers:
        """How much came in, how soon it was answered, and what became of suggested answers."""
        found = helpdesk.figures.read(days, caller)
        if wanted == "json":
            return found
        headers = {"Content-Disposition": f'attachment; filename="helpdesk-{found.first}-{found.last}.csv"'}
        return Response(found.csv(), media_type="text/csv; charset=utf-8", headers=headers)
