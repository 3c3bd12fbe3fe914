"""Language models behind any OpenAI-compatible address, through LlamaIndex, within a time that is kept."""

import logging
import queue
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

import httpx
import openai
import pybreaker
import tenacity
from llama_index.core.base.llms.types import ChatMessage, MessageRole
from llama_index.llms.openai_like import OpenAILike
from tenacity.nap import sleep_using_event

from assistant.errors import LanguageModelError

log = logging.getLogger(__name__)

MOST_TOKENS = 1_000
ATTEMPTS = 2
PAUSE = 0.5  # seconds before another attempt, where the server names none
FAILURES = 3  # in a row, after which the model is left alone
LEFT_ALONE = 30.0  # seconds
NO_KEY = "none"  # servers that need no key take any; left empty, the library would send OpenAI's from the environment

PASSING = (openai.APIConnectionError, openai.RateLimitError, openai.InternalServerError)
UNKNOWN_FORM = (openai.BadRequestError, openai.UnprocessableEntityError, openai.NotFoundError)


class ChatModel:
    """Serves the LanguageModel port. Safe to share by threads; a model that fails again and again is left alone."""

    def __init__(
        self, base_url: str, model: str, key: str, *, seconds: float, at_once: int, left_alone: float = LEFT_ALONE
    ) -> None:
        """`seconds` is the longest that a reply may take, `at_once` how many are asked for at the same time."""
        self.name = model
        self._seconds = seconds
        self._free = threading.BoundedSemaphore(at_once)
        self._breaker = pybreaker.CircuitBreaker(fail_max=FAILURES, reset_timeout=left_alone)
        self._takes_form = True
        self._here = threading.local()
        self._model = OpenAILike(
            model=model,
            api_base=base_url,
            api_key=key or NO_KEY,
            is_chat_model=True,
            temperature=0.0,
            max_tokens=MOST_TOKENS,
            timeout=seconds,
            max_retries=0,
            http_client=httpx.Client(event_hooks={"response": [self._begins]}),
        )

    def stream(self, system: str, user: str, schema: Mapping[str, object]) -> Iterator[str]:
        """The reply in pieces; the server is asked to keep to the schema, until it says that it cannot.

        Raises:
            LanguageModelError: it is left alone or busy, cannot be reached, is too slow, or stops before its end.
        """
        messages = [ChatMessage(role=MessageRole.SYSTEM, content=system), ChatMessage(content=user)]
        until = time.monotonic() + self._seconds
        reply = Reply(until)
        work = threading.Thread(target=self._read, args=(reply, messages, schema), daemon=True)
        work.start()
        try:
            yield from reply.pieces()
        finally:
            reply.left.set()

    def _read(self, reply: "Reply", messages: Sequence[ChatMessage], schema: Mapping[str, object]) -> None:
        """Put the server's pieces into the reply; the reader may leave, or be told that time is over, at any moment."""
        if not self._free.acquire(timeout=reply.remaining / 2):
            reply.fail(LanguageModelError("is busy with other questions"))
            return
        try:
            with self._breaker.calling():
                for piece in self._attempts(reply, messages, schema):
                    reply.put(piece)
                    if reply.left.is_set():
                        reply.in_time()
                        return
            reply.end()
        except pybreaker.CircuitBreakerError:
            reply.fail(LanguageModelError("failed several times just now and is left alone for a while"))
        except LanguageModelError as error:
            reply.fail(error)
        except Exception as error:  # noqa: BLE001 (whatever a server does, the extractive answer is served)
            reply.fail(LanguageModelError(_said(error)))
        finally:
            self._hang_up()
            self._free.release()

    def _attempts(self, reply: "Reply", messages: Sequence[ChatMessage], schema: Mapping[str, object]) -> Iterator[str]:
        """The pieces of the first attempt that begins to give any."""
        attempts = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(ATTEMPTS) | tenacity.stop_before_delay(reply.remaining),
            wait=_pause,
            retry=tenacity.retry_if_exception_type(PASSING),
            sleep=sleep_using_event(reply.left),
            reraise=True,
        )
        first, rest = attempts(self._begun, messages, schema)
        with closing(rest):
            yield first
            yield from rest

    def _begun(self, messages: Sequence[ChatMessage], schema: Mapping[str, object]) -> tuple[str, Any]:
        """The first piece of a reply, and the rest. Raises the client's errors."""
        if self._takes_form:
            try:
                return _first(self._pieces(messages, response_format=_response_format(schema)))
            except UNKNOWN_FORM as error:
                plain = _first(self._pieces(messages))  # raises again where the form was not the trouble
                self._takes_form = False
                log.info("the language model takes no JSON schema (%s): it is asked without", _said(error))
                return plain
        return _first(self._pieces(messages))

    def _begins(self, response: httpx.Response) -> None:
        """Remember the response that this thread reads, as the libraries above do not close one that is left early."""
        self._here.response = response

    def _hang_up(self) -> None:
        """Close it, so that the server stops writing."""
        response = getattr(self._here, "response", None)
        if response is not None:
            response.close()

    def _pieces(self, messages: Sequence[ChatMessage], **options: Any) -> Iterator[str]:
        for response in self._model.stream_chat(messages, **options):
            yield response.delta or ""


class Reply:
    """What one thread reads from a server, for another that waits for it no longer than `until`."""

    def __init__(self, until: float) -> None:
        self.left = threading.Event()
        self._until = until
        self._queue: queue.SimpleQueue[str | LanguageModelError | None] = queue.SimpleQueue()

    @property
    def remaining(self) -> float:
        """Seconds until time is over."""
        return max(0.0, self._until - time.monotonic())

    def put(self, piece: str) -> None:
        """Add a piece. Raises TimeoutError once time is over."""
        self.in_time()
        self._queue.put(piece)

    def in_time(self) -> None:
        """Raises TimeoutError once time is over: a server too slow has failed, whoever still waits for it."""
        if not self.remaining:
            raise TimeoutError

    def end(self) -> None:
        """Say that all pieces are there."""
        self._queue.put(None)

    def fail(self, error: LanguageModelError) -> None:
        """Say why no more pieces come."""
        self._queue.put(error)

    def pieces(self) -> Iterator[str]:
        """The pieces as they come. Raises LanguageModelError."""
        while True:
            try:
                piece = self._queue.get(timeout=self.remaining)
            except queue.Empty:
                raise LanguageModelError("is too slow") from None
            if piece is None:
                return
            if isinstance(piece, LanguageModelError):
                raise piece
            yield piece


def _first(pieces: Iterator[str]) -> tuple[str, Iterator[str]]:
    return next(pieces, ""), pieces


def _response_format(schema: Mapping[str, object]) -> dict[str, object]:
    return {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": schema}}


def _pause(state: tenacity.RetryCallState) -> float:
    """Seconds that the server asks to wait, else a short while."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.response.headers.get("retry-after", "") if isinstance(error, openai.APIStatusError) else ""
    return float(asked) if asked.isdigit() else PAUSE


def _said(error: BaseException) -> str:
    """What went wrong in words that hold no key, address or text of a question."""
    if isinstance(error, openai.RateLimitError):
        return "takes no more questions now (429)"
    if isinstance(error, openai.APIStatusError):
        return f"answers with an error ({error.status_code})"
    if isinstance(error, TimeoutError | openai.APITimeoutError):
        return "is too slow"
    if isinstance(error, openai.APIConnectionError):
        return "cannot be reached"
    return f"sends what cannot be read ({type(error).__name__})"
