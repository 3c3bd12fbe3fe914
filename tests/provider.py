"""An OpenID Connect provider for tests: oidc-provider-mock, which can be told to say something false."""

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit
from wsgiref.types import StartResponse, WSGIEnvironment

import httpx2
import oidc_provider_mock
from werkzeug.serving import make_server
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Response

Alter = Callable[[dict[str, Any]], Any]


@dataclass
class Provider:
    """The provider's address, and what is altered in its answers, by path."""

    issuer: str = ""
    altered: dict[str, Alter] = field(default_factory=dict)
    failing: bool = False
    asked: list[str] = field(default_factory=list)

    def knows(self, subject: str, **claims: Any) -> None:
        """Let somebody have an account there."""
        httpx2.put(f"{self.issuer}/users/{subject}", json=claims).raise_for_status()

    def sign_in(self, address: str, subject: str, **changed: str) -> dict[str, str]:
        """What a browser brings back that was sent to `address` and signs in as somebody, with parameters changed."""
        parts = urlsplit(address)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        place = urlunsplit(parts._replace(query=urlencode({**query, **changed})))
        response = httpx2.post(place, data={"sub": subject})
        assert response.status_code == 302, response.text
        return {name: values[0] for name, values in parse_qs(urlsplit(response.headers["location"]).query).items()}


@contextmanager
def running(**settings: Any) -> Iterator[Provider]:
    """A provider at a free port, until the end of the block."""
    provider = Provider()
    app = oidc_provider_mock.app(**settings)
    app.debug = False

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        provider.asked.append(path)
        if provider.failing:
            return Response("down", 503)(environ, start_response)
        if path not in provider.altered:
            return app(environ, start_response)
        answer = Response(*run_wsgi_app(app, environ, buffered=True))
        said = provider.altered[path](json.loads(answer.get_data()))
        return Response(json.dumps(said), answer.status_code, mimetype="application/json")(environ, start_response)

    server = make_server("localhost", 0, serve, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    provider.issuer = f"http://localhost:{server.server_port}"
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
