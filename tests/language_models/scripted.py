"""A server that speaks OpenAI's protocol and says what a test tells it to, well-formed or not."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Says:
    """One reply: its pieces, `pause` seconds before each; or an error. One that is `endless` says its pieces for ever.

    One that is `cut` ends without saying so.
    """

    pieces: tuple[str, ...] = ()
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    pause: float = 0.0
    endless: bool = False
    cut: bool = False
    raw: bytes | None = None


Script = Callable[[dict[str, Any]], Says]


def sentences(*rows: dict[str, Any], size: int = 12) -> Says:
    """A reply of well-formed sentences, in small pieces."""
    text = json.dumps({"sentences": rows}, ensure_ascii=False)
    return Says(pieces=tuple(text[start : start + size] for start in range(0, len(text), size)))


class Server:
    """Asks its script what to say to each request, and keeps the requests."""

    def __init__(self, port: int, script: Script) -> None:
        self.script = script
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.url = f"http://127.0.0.1:{port}/v1"


@contextmanager
def serving(script: Script) -> Iterator[Server]:
    """A server on a free port of this machine, for as long as the block lasts."""
    http = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    http.daemon_threads = True
    http.scripted = Server(http.server_address[1], script)  # type: ignore[attr-defined]
    thread = threading.Thread(target=http.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield http.scripted  # type: ignore[attr-defined]
    finally:
        http.shutdown()
        http.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        server: Server = self.server.scripted  # type: ignore[attr-defined]
        server.requests.append(body)
        server.headers.append({name.lower(): value for name, value in self.headers.items()})
        says = server.script(body)
        try:
            self._say(says, body)
        except OSError:
            self.close_connection = True  # whoever asked has left

    def _say(self, says: Says, body: dict[str, Any]) -> None:
        self.send_response(says.status)
        kind = "text/event-stream" if says.status == 200 else "application/json"
        for name, value in {"content-type": kind, "connection": "close", **says.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if says.raw is not None:
            self.wfile.write(says.raw)
            return
        if says.status != 200:
            self.wfile.write(json.dumps({"error": {"message": "as told", "type": "error"}}).encode())
            return
        while True:
            for piece in says.pieces:
                time.sleep(says.pause)
                self._event({"role": "assistant", "content": piece}, None, body)
            if not says.endless:
                break
        if not says.cut:
            self._event({}, "stop", body)
            self.wfile.write(b"data: [DONE]\n\n")

    def _event(self, delta: dict[str, str], finish: str | None, body: dict[str, Any]) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        chunk = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": body["model"]}
        self.wfile.write(f"data: {json.dumps({**chunk, 'choices': [choice]})}\n\n".encode())
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing on stderr."""
