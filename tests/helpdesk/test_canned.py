"""The library of paragraphs, on SQLite and PostgreSQL."""

import pytest

from assistant.bootstrap import Assistant
from assistant.database import Database, audit
from assistant.errors import InputError, NotFoundError, RefusedError
from assistant.helpdesk.canned import CannedTexts
from assistant.tickets import NewCanned
from rows import LEAD, OFFICER, READER


@pytest.fixture
def canned(database: Database, small: Assistant) -> CannedTexts:
    return CannedTexts(database, small)


def test_paragraphs_come_by_language_and_title(canned: CannedTexts) -> None:
    for title, code in (("Second", "en"), ("ทักทาย", "th"), ("First", "en")):
        canned.add(NewCanned(title=title, text="Text.", language=code), LEAD)
    assert [(each.language, each.title) for each in canned.list(READER)] == [
        ("en", "First"),
        ("en", "Second"),
        ("th", "ทักทาย"),
    ]


def test_one_can_be_taken_out(canned: CannedTexts, database: Database) -> None:
    kept = canned.add(NewCanned(title="A", text="B", country="SG"), LEAD)
    canned.delete(kept.id, LEAD)
    assert canned.list(READER) == ()
    with pytest.raises(NotFoundError):
        canned.delete(kept.id, LEAD)
    assert [event.action for event in audit.latest(database)] == ["canned.deleted", "canned.added"]


def test_an_unknown_language_or_country_is_refused(canned: CannedTexts) -> None:
    with pytest.raises(InputError, match="language"):
        canned.add(NewCanned(title="A", text="B", language="xx"), LEAD)
    with pytest.raises(InputError, match="country"):
        canned.add(NewCanned(title="A", text="B", country="ZZ"), LEAD)
    assert canned.add(NewCanned(title="A", text="B", language="fil"), LEAD).language == "tl"


def test_only_who_oversees_changes_the_library(canned: CannedTexts) -> None:
    kept = canned.add(NewCanned(title="A", text="B"), LEAD)
    for caller in (OFFICER, READER):
        with pytest.raises(RefusedError):
            canned.add(NewCanned(title="A", text="B"), caller)
        with pytest.raises(RefusedError):
            canned.delete(kept.id, caller)
