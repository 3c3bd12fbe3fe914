"""A helpdesk on a database of the test's own and the small corpus."""

from pathlib import Path

import pytest

from assistant.bootstrap import Assistant
from assistant.database import Database
from assistant.helpdesk import Helpdesk
from desks import Post


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'desk.sqlite3'}"


@pytest.fixture
def database(database_url: str) -> Database:
    return Database(database_url)


@pytest.fixture
def helpdesk(database: Database, small: Assistant) -> Helpdesk:
    """Without mail: replies are read under the secret link."""
    return Helpdesk(database, small)


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def mailing(database: Database, small: Assistant, post: Post) -> Helpdesk:
    """One that sends mail to `post`."""
    return Helpdesk(database, small, post)
