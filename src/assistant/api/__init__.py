"""The HTTP API over a ready assistant: answers, passages, documents, portals, feedback, health and figures."""

import time
from collections.abc import Iterator
from typing import Annotated

from fastapi import FastAPI, Header, Path, Response
from fastapi.sse import EventSourceResponse, format_sse_event

from assistant.api import completions, sources
from assistant.api import helpdesk as desk
from assistant.api.examples import ANSWER_RESPONSES, QUESTION_EXAMPLES
from assistant.api.figures import Figures, TheFigures
from assistant.api.limits import Limits
from assistant.api.problems import PROBLEMS, Problem, install_problems, problem_of
from assistant.api.sources import TheAssistant
from assistant.bootstrap import Assistant
from assistant.errors import AssistantError, NotFoundError, told
from assistant.helpdesk import Helpdesk
from assistant.types import (
    Answer,
    AnswerEvent,
    Cited,
    Delta,
    Done,
    Feedback,
    Frozen,
    Question,
)

EVENT_STREAM = "text/event-stream"

Accept = Annotated[str, Header(description=f"`{EVENT_STREAM}` for events as they come, else one JSON answer.")]


class State(Frozen):
    """Whether the service runs."""

    status: str
    index_version: str | None = None


def create(assistant: Assistant, helpdesk: Helpdesk | None = None) -> FastAPI:
    """The application. Pages are mounted on it afterwards, since its own routes must come first.

    Without `helpdesk` it has no routes of the review desk.
    """
    app = FastAPI(
        title="ASEAN Customs Guidance Assistant",
        description="Cited, non-binding answers from ASEAN customs guidance; every answer points to ASSIST.",
        version="1",
        responses=PROBLEMS,
    )
    app.state.assistant = assistant
    app.state.figures = Figures()
    app.add_middleware(
        Limits,
        rate=assistant.settings.rate_limit,
        max_body=assistant.settings.max_body_bytes,
        problem=problem_of(assistant),
    )
    install_problems(app, assistant)
    _add_answers(app)
    completions.add(app)
    sources.add(app)
    if helpdesk is not None:
        desk.add(app, helpdesk)
    _add_operations(app)

    @app.api_route("/v1/{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False)
    def unknown(path: str) -> None:
        raise NotFoundError(f"there is nothing at /v1/{path}: see /docs")

    return app


def _add_answers(app: FastAPI) -> None:
    @app.post("/v1/answers", response_model=Answer, responses=ANSWER_RESPONSES, tags=["answers"])
    def ask(
        question: Annotated[Question, QUESTION_EXAMPLES],
        assistant: TheAssistant,
        figures: TheFigures,
        accept: Accept = "application/json",
    ) -> Response | Answer:
        """Answer a question, as one JSON answer or as a stream of events."""
        start = time.perf_counter()
        stream = assistant.stream(question)
        if EVENT_STREAM in accept:
            first = next(stream)  # bad input fails here, while the status can still say so
            return EventSourceResponse(_sent(assistant, first, stream, figures, start))
        done = next(event for event in stream if isinstance(event, Done))
        figures.answered(done, time.perf_counter() - start)
        return done.answer

    @app.get("/v1/answers/{answer_id}", tags=["answers"])
    def recorded(answer_id: Annotated[str, Path(max_length=100)], assistant: TheAssistant) -> Answer:
        """An answer given before, its question redacted."""
        return assistant.recorded(answer_id)

    @app.post("/v1/feedback", status_code=204, tags=["answers"])
    def feedback(feedback: Feedback, assistant: TheAssistant, figures: TheFigures) -> None:
        """Say whether an answer helped."""
        assistant.add_feedback(feedback)
        figures.rated(helpful=feedback.helpful)


def _sent(
    assistant: Assistant, first: AnswerEvent, rest: Iterator[AnswerEvent], figures: Figures, start: float
) -> Iterator[bytes]:
    yield _event(first)
    try:
        for event in rest:
            if isinstance(event, Done):
                figures.answered(event, time.perf_counter() - start)
            yield _event(event)
    except AssistantError as error:
        problem: Problem = problem_of(assistant)(503, told(error))
        yield format_sse_event(event="error", data_str=problem.model_dump_json(exclude_none=True))


def _event(event: AnswerEvent) -> bytes:
    match event:
        case Delta():
            payload: Frozen = event.sentence
        case Cited():
            payload = event.citation
        case Done():
            payload = event.answer
        case _:
            payload = event
    return format_sse_event(event=event.event, data_str=payload.model_dump_json(exclude={"event"}))


def _add_operations(app: FastAPI) -> None:
    @app.get("/healthz", tags=["operations"])
    def healthz() -> State:
        """The process runs."""
        return State(status="ok")

    @app.get("/readyz", tags=["operations"])
    def readyz(assistant: TheAssistant) -> State:
        """The index is loaded and the database answers; else 503."""
        return State(status="ready", index_version=assistant.ready())

    @app.get("/metrics", tags=["operations"], response_class=Response)
    def metrics(figures: TheFigures) -> Response:
        """Figures for Prometheus."""
        return Response(figures.text(), media_type=figures.media_type)
