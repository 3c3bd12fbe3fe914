"""A real web server on this machine, whose pages a test can change, with everything that a bad one does."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Page:
    """What the server gives for a path."""

    body: bytes = b""
    kind: str = "text/html; charset=utf-8"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    drip: float = 0.0  # seconds between two bytes
    endless: bool = False


class Website:
    """Pages by path; what was asked for is counted. An unchanged page is told by its etag."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.pages: dict[str, Page] = {}
        self.asked: Counter[str] = Counter()
        self.failures: dict[str, int] = {}  # how often a path still fails with 503 before it works

    def put(self, path: str, title: str, *paragraphs: str, links: tuple[str, ...] = ()) -> None:
        """A page with a title, paragraphs and links."""
        text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
        more = "".join(f'<li><a href="{link}">{link}</a></li>' for link in links)
        self.pages[path] = Page(
            f"<!doctype html><html lang='en'><head><title>{title}</title></head><body><nav><ul>{more}</ul></nav>"
            f"<main><h1>{title}</h1>{text}</main></body></html>".encode()
        )

    def __truediv__(self, path: str) -> str:
        return f"{self.url}/{path}"


@contextmanager
def website() -> Iterator[Website]:
    """A server that runs until the end of the block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.site = site = Website(f"http://127.0.0.1:{server.server_port}")  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        site: Website = self.server.site  # type: ignore[attr-defined]
        site.asked[self.path] += 1
        if site.failures.get(self.path, 0) > 0:
            site.failures[self.path] -= 1
            return self._give(Page(status=503, headers={"Retry-After": "0"}))
        page = site.pages.get(self.path, Page(b"not here", status=404))
        etag = f'"{hash(page.body)}"'
        if page.status == 200 and not page.endless and self.headers.get("If-None-Match") == etag:
            return self._give(Page(status=304), etag)
        return self._give(page, etag)

    def log_message(self, *_: object) -> None:
        """Quietly."""

    def _give(self, page: Page, etag: str | None = None) -> None:
        self.send_response(page.status)
        self.send_header("Content-Type", page.kind)
        if etag and page.status in (200, 304):
            self.send_header("ETag", etag)
        for name, value in page.headers.items():
            self.send_header(name, value)
        if page.endless:
            self.send_header("Connection", "close")
            self.end_headers()
            return self._flood()
        self.send_header("Content-Length", str(len(page.body)))
        self.end_headers()
        for byte in (page.body[place : place + 1] for place in range(len(page.body))) if page.drip else (page.body,):
            time.sleep(page.drip)
            try:
                self.wfile.write(byte)
            except OSError:
                return None
        return None

    def _flood(self) -> None:
        try:
            while True:
                self.wfile.write(b"x" * 2**20)
        except OSError:
            self.close_connection = True
