"""Commands that run in this process, on data of the test's own."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from assistant import settings
from assistant.settings import Settings
from commands import Command, run


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    """The settings that the commands find."""
    found = Settings(data_dir=tmp_path / "data", database_url=f"sqlite:///{tmp_path / 'helpdesk.sqlite3'}")
    found.data_dir.mkdir()
    return found


@pytest.fixture
def command(chosen: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Command]:
    monkeypatch.setenv("ASSISTANT_DATA_DIR", str(chosen.data_dir))
    monkeypatch.setenv("ASSISTANT_DATABASE_URL", chosen.database)
    settings.load.cache_clear()
    yield partial(run, monkeypatch, capsys)
    settings.load.cache_clear()
