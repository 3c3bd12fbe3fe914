"""A helpdesk on a database of the test's own and the small corpus."""

import pytest

from assistant.bootstrap import Assistant
from assistant.database import Database
from assistant.helpdesk import Helpdesk
from desks import Post


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
