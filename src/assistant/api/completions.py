"""Chat completions as OpenAI's API gives them, so that chat front ends connect by their own settings page.

The content is the answer as text: its sentences with markers, its sources, the disclaimer and ASSIST. Citations with an
address are annotations as well, and `answer` holds the whole Answer. System messages and settings of a language model
change nothing.
"""

import hashlib
import json
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any, Literal

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.api.figures import TheFigures
from assistant.api.sources import TheAssistant
from assistant.bootstrap import Assistant
from assistant.citations import MARKER, link
from assistant.errors import AssistantError, InputError, told
from assistant.types import (
    MAX_HISTORY_TURNS,
    MAX_TURN_CHARACTERS,
    Answer,
    AnswerEvent,
    Delta,
    Done,
    Question,
    Status,
    Turn,
)

MODEL = "asean-customs-guidance"
PATHS = ("/v1/chat/", "/v1/models")
REMEMBERED = 10_000  # answers whose status is known when a front end sends them back

Chunk = dict[str, Any]


class Part(BaseModel):
    """A piece of a message; only text is read."""

    model_config = ConfigDict(extra="ignore")

    type: str
    text: str = ""


class Message(BaseModel):
    """One message of the conversation."""

    model_config = ConfigDict(extra="ignore")

    role: str
    content: str | list[Part] | None = None

    @property
    def text(self) -> str:
        """Its words. Raises InputError where it holds anything else."""
        if isinstance(self.content, list):
            others = {part.type for part in self.content} - {"text"}
            if others:
                raise InputError(f"a message holds {', '.join(sorted(others))}: only text is read here")
            return "\n".join(part.text for part in self.content)
        return self.content or ""


class StreamOptions(BaseModel):
    """What a stream tells beside the answer."""

    model_config = ConfigDict(extra="ignore")

    include_usage: bool = False


class ChatCompletionRequest(BaseModel):
    """The part of OpenAI's request that has a meaning here, and the country and language of a Question."""

    model_config = ConfigDict(extra="ignore")

    messages: list[Message] = Field(min_length=1)
    model: str = MODEL
    stream: bool = False
    stream_options: StreamOptions | None = None
    country: str | None = None
    language: str | None = None


class Statuses:
    """The statuses of the last answers by their text: a front end sends back what was said, not how it was meant."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, Status] = OrderedDict()
        self._lock = threading.Lock()

    def remember(self, content: str, status: Status) -> None:
        """Keep the status of an answer that was given with this text."""
        with self._lock:
            self._known[_digest(content)] = status
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)

    def of(self, content: str) -> Status | None:
        """The status of the answer that had this text, if it was given here of late."""
        return self._known.get(_digest(content))


def add(app: FastAPI) -> None:
    """Put the routes on an application."""
    statuses = Statuses()

    @app.get("/v1/models", tags=["chat completions"])
    def models() -> dict[str, Any]:
        """The one model that there is."""
        return {"object": "list", "data": [{"id": MODEL, "object": "model", "created": 0, "owned_by": "operator"}]}

    @app.post("/v1/chat/completions", tags=["chat completions"], response_model=None)
    def complete(
        request: ChatCompletionRequest, assistant: TheAssistant, figures: TheFigures
    ) -> JSONResponse | StreamingResponse:
        """Answer the last message, as OpenAI's API does; with `stream` as chunks."""
        start = time.perf_counter()
        events = assistant.stream(_question(request, statuses))
        first = next(events)  # bad input fails here, while the status can still say so

        def told() -> Iterator[AnswerEvent]:
            yield first
            for event in events:
                if isinstance(event, Done):
                    figures.answered(event, time.perf_counter() - start)
                    statuses.remember(_content(event.answer, assistant), event.answer.status)
                yield event

        if request.stream:
            usage = bool(request.stream_options and request.stream_options.include_usage)
            return StreamingResponse(_stream(told(), assistant, usage=usage), media_type="text/event-stream")
        answer = next(event.answer for event in told() if isinstance(event, Done))
        message = {
            "role": "assistant",
            "content": _content(answer, assistant),
            "refusal": None,
            "annotations": _annotations(answer),
        }
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        return JSONResponse(
            {
                **_head(f"chatcmpl-{answer.id}", "chat.completion"),
                "choices": [choice],
                "usage": _usage(),
                "answer": answer.model_dump(mode="json"),
            }
        )


def error(status: int, detail: str) -> dict[str, Any]:
    """What OpenAI's clients show of an error."""
    kind = "invalid_request_error" if status < 500 else "server_error"
    return {"message": detail, "type": kind, "param": None, "code": None}


def _question(request: ChatCompletionRequest, statuses: Statuses) -> Question:
    """The last message as a question, those of user and assistant before it as its history."""
    *before, last = request.messages
    if last.role != "user":
        raise InputError(f"the last message is of role {last.role!r}: end with the user's question")
    history = [
        Turn(role=message.role, content=message.text[:MAX_TURN_CHARACTERS], status=statuses.of(message.text))
        for message in before
        if message.role in ("user", "assistant")
    ]
    try:
        return Question(
            text=last.text,
            history=tuple(history[-MAX_HISTORY_TURNS:]),
            country=request.country,
            language=request.language,
        )
    except ValidationError as problem:
        raise RequestValidationError(problem.errors()) from None


def _content(answer: Answer, assistant: Assistant) -> str:
    """The answer as Markdown: the lines of its text, kept apart."""
    return assistant.readable(answer).replace("\n", "  \n")


def _annotations(answer: Answer) -> list[dict[str, Any]]:
    """Where the text cites what has an address."""
    cited = {citation.marker: citation for citation in answer.citations if citation.url}
    return [
        {
            "type": "url_citation",
            "url_citation": {
                "start_index": found.start(),
                "end_index": found.end(),
                "title": citation.title,
                "url": link(citation),
            },
        }
        for found in MARKER.finditer(answer.text)
        if (citation := cited.get(int(found.group(1))))
    ]


def _stream(events: Iterator[AnswerEvent], assistant: Assistant, *, usage: bool) -> Iterator[str]:
    """Chunks: each sentence as it comes, then the rest of the text with the annotations."""
    head = _head("", "chat.completion.chunk")
    sent = ""
    try:
        for event in events:
            if event.event == "meta":
                head |= {"id": f"chatcmpl-{event.id}"}
                yield _sent(head, {"role": "assistant", "content": ""})
            elif isinstance(event, Delta):
                piece = f"{' ' if sent else ''}{event.sentence.marked}"
                sent += piece
                yield _sent(head, {"content": piece})
            elif isinstance(event, Done):
                rest = _content(event.answer, assistant).removeprefix(sent)
                yield _sent(head, {"content": rest, "annotations": _annotations(event.answer)})
                yield _sent(head, {}, finish_reason="stop", answer=event.answer.model_dump(mode="json"))
        if usage:
            yield _line({**head, "choices": [], "usage": _usage()})
    except AssistantError as problem:
        yield _line({"error": error(503, told(problem))})
    yield "data: [DONE]\n\n"


def _sent(head: Chunk, delta: dict[str, Any], finish_reason: Literal["stop"] | None = None, **more: Any) -> str:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
    return _line({**head, "choices": [choice], **more})


def _line(chunk: Chunk) -> str:
    return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n"


def _head(completion_id: str, kind: str) -> Chunk:
    return {"id": completion_id, "object": kind, "created": int(time.time()), "model": MODEL}


def _usage() -> dict[str, int]:
    """Nothing is generated, so no tokens are counted."""
    return {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}


def _digest(content: str) -> bytes:
    return hashlib.sha256(re.sub(r"\s+", " ", content).strip().encode()).digest()
