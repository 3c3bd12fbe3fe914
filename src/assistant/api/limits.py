"""How often and how much one address may ask, and headers of every response; plain ASGI, so streams stay streams."""

import limits
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.api.problems import HEADERS, MEDIA_TYPE, UNSTORED, MakeProblem, Problem
from assistant.sources.files import MAX_BYTES

UPLOAD = MAX_BYTES + 2**20  # with room for what else the form says
MAIL = 26 * 2**20  # what mail servers let through, and a little more
LARGER = {"/v1/sources": UPLOAD, "/v1/helpdesk/mails": MAIL}
HELPDESK = "/v1/helpdesk/"
LIMITED = ("/v1/", "/gradio_api/queue/join")  # the page's questions come in through the second
PUBLIC = (f"{HELPDESK}session", f"{HELPDESK}progress/")  # of the helpdesk; the rest knows its callers
TOO_LARGE, TOO_MANY = 413, 429


class Limits:
    """Answers 429 where an address posts more often than `rate` (e.g. "60/minute") allows, and 413 to a larger body."""

    def __init__(self, app: ASGIApp, rate: str, max_body: int, problem: MakeProblem) -> None:
        self._max_body = max_body
        self._app = app
        self._rate = limits.parse(rate)
        self._problem = problem
        self._counter = limits.strategies.FixedWindowRateLimiter(limits.storage.MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                ours = {name.encode(): value.encode() for name, value in _headers(scope).items()}
                others = [(name, value) for name, value in message.get("headers", ()) if name not in ours]
                message["headers"] = [*others, *ours.items()]
            await send(message)

        refusal = self._refusal(scope)
        if refusal is None:
            await self._app(scope, self._limited(receive, self._most(scope)), send_with_headers)
            return
        headers = {"Retry-After": str(self._rate.get_expiry())} if refusal.status == TOO_MANY else None
        response = JSONResponse(refusal.model_dump(mode="json"), refusal.status, headers, MEDIA_TYPE)
        await response(scope, receive, send_with_headers)

    def _most(self, scope: Scope) -> int:
        """How many bytes a body may have; files that are ingested and mails are larger than questions."""
        return LARGER.get(scope["path"], self._max_body)

    @staticmethod
    def _limited(receive: Receive, most: int) -> Receive:
        """Stops reading a body that does not say how long it is once it is too long."""
        taken = 0

        async def receive_some() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > most:
                raise HTTPException(TOO_LARGE, f"the body is too large: send at most {most:,} bytes")
            return message

        return receive_some

    def _refusal(self, scope: Scope) -> Problem | None:
        length = dict(scope["headers"]).get(b"content-length", b"0")
        most = self._most(scope)
        if length.isdigit() and int(length) > most:
            return self._problem(TOO_LARGE, f"the body has {int(length):,} bytes: send at most {most:,}")
        if not _is_counted(scope):
            return None
        client = scope.get("client")
        if self._counter.hit(self._rate, client[0] if client else "unknown"):
            return None
        return self._problem(
            TOO_MANY, f"too many questions from this address: at most {self._rate}, please wait a little"
        )


def _headers(scope: Scope) -> dict[str, str]:
    """Headers of every response; what the helpdesk says is for whoever asked alone."""
    return {**HEADERS, **UNSTORED} if scope["path"].startswith(HELPDESK) else HEADERS


def _is_counted(scope: Scope) -> bool:
    """Whether a request is one of those that an address may send only so often."""
    path = scope["path"]
    if scope["method"] != "POST" or not path.startswith(LIMITED):
        return False
    return not path.startswith(HELPDESK) or path.startswith(PUBLIC)
