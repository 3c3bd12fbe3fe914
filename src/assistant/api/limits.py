"""How often one address may ask, and headers that every response carries; plain ASGI, so that streams stay streams."""

import limits
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.api.problems import MEDIA_TYPE, MakeProblem

LIMITED = ("/v1/", "/gradio_api/queue/join")  # the page's questions come in through the second
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"SAMEORIGIN"),
)


class Limits:
    """Answers 429 where an address posts more often than `rate` (e.g. "60/minute") allows."""

    def __init__(self, app: ASGIApp, rate: str, problem: MakeProblem) -> None:
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
                message["headers"] = [*message.get("headers", ()), *HEADERS]
            await send(message)

        if self._too_many(scope):
            detail = f"too many questions from this address: at most {self._rate}, please wait a little"
            body = self._problem(429, detail).model_dump(mode="json")
            response = JSONResponse(
                body, status_code=429, media_type=MEDIA_TYPE, headers={"Retry-After": str(self._rate.get_expiry())}
            )
            await response(scope, receive, send_with_headers)
            return
        await self._app(scope, receive, send_with_headers)

    def _too_many(self, scope: Scope) -> bool:
        if scope["method"] != "POST" or not scope["path"].startswith(LIMITED):
            return False
        client = scope.get("client")
        return not self._counter.hit(self._rate, client[0] if client else "unknown")
