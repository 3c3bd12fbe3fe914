"""The real application, served by its command, and a page of headless Chromium on it."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.error import URLError

import pytest
from at_desk import DESK_PASSWORD, PEOPLE, signed_in
from playwright.sync_api import Browser, Page, expect, sync_playwright

from assistant.database import Database
from assistant.helpdesk.accounts import Accounts
from assistant.people import SYSTEM, NewUser
from assistant.settings import Settings
from places import VECTORS, copy_vectors

STARTS_WITHIN = 120  # seconds
ADMIN_TOKEN = "administrator of the tests"
PATIENCE = 20_000  # milliseconds; a machine that runs other tests too answers late
CHROMIUM = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium() -> str:
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("no Chromium: apt-get install chromium")
    return path


@pytest.fixture(scope="session")
def server_url(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The real corpus, data in a new folder."""
    with serving(tmp_path_factory.mktemp("served"), ASSISTANT_ADMIN_TOKEN=ADMIN_TOKEN) as url:
        yield url


@pytest.fixture(scope="session")
def desk_url(chromium: str, small_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The review desk over the small corpus, with a person of each role."""
    folder = tmp_path_factory.mktemp("desk")
    copy_vectors(small_settings.data_dir / VECTORS, folder / "data" / VECTORS)
    furnish(folder)
    with serving(folder, ASSISTANT_CORPUS_DIR=str(small_settings.corpus_dir)) as url:
        yield url


def furnish(folder: Path) -> None:
    """The people of the desk, for an application that is served from a folder."""
    data = folder / "data"
    data.mkdir(exist_ok=True)
    accounts = Accounts(Database(f"sqlite:///{data / 'assistant.sqlite3'}"))
    for (name, role), email in PEOPLE.items():
        accounts.add_user(NewUser(email=email, name=name, role=role, password=DESK_PASSWORD), SYSTEM)


@contextmanager
def serving(folder: Path, **settings: str) -> Iterator[str]:
    """The application on the data of a folder, with these settings, at a free port."""
    port = _free_port()
    with (folder / "server.log").open("w") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "assistant", "serve", "--port", str(port)],
            env={
                **os.environ,
                "ASSISTANT_DATA_DIR": str(folder / "data"),
                "ASSISTANT_RATE_LIMIT": "1000/minute",
                **settings,
            },
            stdout=output,
            stderr=output,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_until_ready(server, url, folder / "server.log")
            yield url
        finally:
            server.terminate()
            server.wait(timeout=20)


@pytest.fixture
def desk(browser: Browser, desk_url: str) -> Iterator[Callable[[str], Page]]:
    """Opens the queue as somebody sees it, in a browser of their own."""
    with ExitStack() as opened:
        yield lambda email: opened.enter_context(signed_in(browser, desk_url, email))


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM)
        yield launched
        launched.close()


@pytest.fixture
def browser_page(browser: Browser, server_url: str) -> Iterator[Page]:
    with opened(browser, server_url) as page:
        yield page


@contextmanager
def opened(browser: Browser, url: str) -> Iterator[Page]:
    """The chat at that address, in a browser of its own."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB", base_url=url)
    page = context.new_page()
    page.goto("/")
    page.wait_for_selector(".welcome")
    yield page
    context.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(server: subprocess.Popen[bytes], url: str, log: os.PathLike[str]) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with opener.open(f"{url}/readyz", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.3)
    with open(log, encoding="utf-8") as said:  # noqa: PTH123 (any path-like)
        pytest.fail(f"the server did not become ready:\n{said.read()[-4000:]}")
