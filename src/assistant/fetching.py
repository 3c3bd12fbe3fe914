"""Fetches pages over HTTP for whoever follows sources: allowed hosts alone, public addresses alone, never too much."""

import ipaddress
import socket
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

import httpx
from protego import Protego

from assistant.errors import FetchError
from assistant.types import Fetched

AGENT = "ASEAN-Customs-Guidance-Assistant"
MAX_BYTES = 50 * 2**20
DEADLINE = 120.0  # seconds for one page, however slowly it comes
TIMEOUT = httpx.Timeout(20.0, connect=10.0)
REDIRECTS = 5
ATTEMPTS = 3
LONGEST_WAIT = 60.0  # seconds that a server may make us wait
PORTS = {"http": 80, "https": 443}
TRY_AGAIN = frozenset([408, 425, 429, 500, 502, 503, 504])
GONE = frozenset([404, 410])

Sleep = Callable[[float], None]


class HttpFetcher:
    """Serves the Fetcher port. One at a time for each host, with a pause between, as its robots.txt allows.

    `hosts` may be fetched from. `loopback` lets tests fetch from this machine, at any port.
    """

    def __init__(
        self,
        hosts: Collection[str],
        pause: float = 1.0,
        *,
        loopback: bool = False,
        deadline: float = DEADLINE,
        sleep: Sleep = time.sleep,
    ) -> None:
        self._hosts = frozenset(map(_plain_host, hosts))
        self._pause = pause
        self._loopback = loopback
        self._deadline = deadline
        self._sleep = sleep
        self._next: dict[str, float] = {}
        self._robots: dict[str, Protego] = {}
        self._client = httpx.Client(
            transport=_PublicAddresses(loopback=loopback),
            timeout=TIMEOUT,
            follow_redirects=False,
            trust_env=False,  # a proxy would look addresses up for itself, past our check
            headers={
                "User-Agent": AGENT,
                "Accept": "text/html, application/pdf, text/plain, text/markdown;q=0.9, */*;q=0.1",
            },
        )

    def allows(self, url: str) -> bool:
        """Whether the address is http(s), without a password, at a host that may be fetched from."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            return False
        usual = parts.scheme in PORTS and (port in (None, PORTS[parts.scheme]) or self._loopback)
        return usual and not parts.username and _plain_host(parts.hostname or "") in self._hosts

    def fetch(self, url: str, *, etag: str | None = None, modified: str | None = None) -> Fetched:
        """One page; `unchanged` where the server says that it is as it was.

        Raises:
            FetchError: saying why not; `gone` where the server says that it is no more.
        """
        seen: list[str] = []
        asked = {"If-None-Match": etag, "If-Modified-Since": modified}
        while True:
            if url in seen or len(seen) > REDIRECTS:
                raise FetchError("redirects in a circle, or too often")
            seen.append(url)
            self._check(url)
            response = self._tried(url, {name: value for name, value in asked.items() if value})
            if response.status not in (301, 302, 303, 307, 308):
                return response
            url = urljoin(url, response.location or "")

    def sitemaps(self, url: str) -> list[str]:
        """The site maps that the robots.txt of an address's host names, else the usual place."""
        named = list(self._rules(url).sitemaps)
        return named or [urljoin(url, "/sitemap.xml")]

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def _check(self, url: str) -> None:
        if not self.allows(url):
            host = urlsplit(url).hostname or url
            raise FetchError(
                f"is not at an allowed address: add {host} to ASSISTANT_ALLOWED_HOSTS if it may be fetched"
            )
        if not self._rules(url).can_fetch(url, AGENT):
            raise FetchError("must not be fetched, says the site's robots.txt")

    def _rules(self, url: str) -> Protego:
        """The robots.txt of a host: without one all is allowed; while it cannot be had, nothing is."""
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        if site not in self._robots:
            try:
                found = self._tried(f"{site}/robots.txt", {})
                text = found.body.decode("utf-8", "replace") if found.status == 200 else ""
            except FetchError as error:
                text = "" if error.status is not None and error.status < 500 else "User-agent: *\nDisallow: /"
            self._robots[site] = Protego.parse(text)
        return self._robots[site]

    def _tried(self, url: str, headers: dict[str, str]) -> Fetched:
        """The page, after as many attempts as it takes and makes sense."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._wait(url)
                return self._once(url, headers)
            except FetchError as error:
                if attempt == ATTEMPTS or not error.passing:
                    raise
                self._sleep(min(LONGEST_WAIT, max(error.retry_after, self._pause * 2**attempt)))
        raise AssertionError("the last attempt returns or raises")

    def _wait(self, url: str) -> None:
        """Until the host may be asked again."""
        host = urlsplit(url).netloc
        rules = self._robots.get(f"{urlsplit(url).scheme}://{host}")
        pause = max(self._pause, min(LONGEST_WAIT, float((rules and rules.crawl_delay(AGENT)) or 0)))
        now = time.monotonic()
        self._sleep(max(0.0, self._next.get(host, 0.0) - now))
        self._next[host] = max(now, self._next.get(host, 0.0)) + pause

    def _once(self, url: str, headers: dict[str, str]) -> Fetched:
        with _as_fetch_errors(), self._client.stream("GET", url, headers=headers) as response:
            if response.status_code in GONE:
                raise FetchError(f"is gone (HTTP {response.status_code})", status=response.status_code, gone=True)
            if response.status_code >= 400:
                raise FetchError(
                    f"is refused by the server (HTTP {response.status_code})",
                    status=response.status_code,
                    passing=response.status_code in TRY_AGAIN,
                    retry_after=_seconds(response.headers.get("retry-after")),
                )
            return Fetched(
                url=url,
                status=response.status_code,
                body=b"" if response.is_redirect else b"".join(_limited(response, self._deadline)),
                content_type=response.headers.get("content-type"),
                location=response.headers.get("location"),
                etag=response.headers.get("etag"),
                modified=response.headers.get("last-modified"),
            )


class _PublicAddresses(httpx.BaseTransport):
    """Looks each host up once and connects to the very address that was checked, so that no second look can differ."""

    def __init__(self, *, loopback: bool) -> None:
        self._inner = httpx.HTTPTransport()
        self._loopback = loopback

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        address = self._address(host, request.url.port or PORTS[request.url.scheme])
        pinned = httpx.Request(
            request.method,
            request.url.copy_with(host=address),
            headers=request.headers,  # with the Host of the name
            extensions={**request.extensions, "sni_hostname": host},
        )
        return self._inner.handle_request(pinned)

    def close(self) -> None:
        self._inner.close()

    def _address(self, host: str, port: int) -> str:
        try:
            found = [info[4][0] for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        except OSError as error:
            raise FetchError(f"is at a host that cannot be found ({host})", passing=True) from error
        for address in found:
            if not is_public(str(address)) and not (self._loopback and ipaddress.ip_address(address).is_loopback):
                raise FetchError(f"is at a private address ({host}): never fetched")
        return str(found[0])


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet, also inside another notation of it."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is not None:
            return is_public(str(inner))
        if found in ipaddress.ip_network("64:ff9b::/96"):
            return is_public(str(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)))
    return found.is_global and not found.is_multicast


def _limited(response: httpx.Response, deadline: float) -> Iterator[bytes]:
    """The body, unless it is too much or takes too long."""
    start, size = time.monotonic(), 0
    for chunk in response.iter_bytes():
        size += len(chunk)
        if size > MAX_BYTES:
            raise FetchError(f"is larger than {MAX_BYTES // 2**20} MB: not taken")
        if time.monotonic() - start > deadline:
            raise FetchError(f"did not come within {deadline:.0f} seconds: not taken")
        yield chunk


@contextmanager
def _as_fetch_errors() -> Iterator[None]:
    try:
        yield
    except httpx.TimeoutException as error:
        raise FetchError("did not answer in time", passing=True) from error
    except httpx.DecodingError as error:
        raise FetchError("is packed in a way that cannot be unpacked") from error
    except (httpx.TransportError, httpx.InvalidURL) as error:
        raise FetchError(f"cannot be reached ({error})", passing=True) from error


def _seconds(retry_after: str | None) -> float:
    """A Retry-After header, given in seconds or as a date."""
    if not retry_after:
        return 0.0
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    except ValueError:
        return 0.0


def _plain_host(host: str) -> str:
    return host.lower().rstrip(".").removeprefix("www.")
