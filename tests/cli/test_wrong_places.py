"""What a command is told about paths and addresses that are wrong, before it begins with anything."""

from pathlib import Path

import pytest

from assistant import settings
from assistant.settings import Settings
from commands import Command


def test_mails_are_looked_for_before_an_index_is_built(command: Command, chosen: Settings, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "one.eml").write_text("Subject: Form D\n\nDo I need one?")
    for path, said in (("nope", "nope does not exist"), ("empty", "holds no mail")):
        done = command("desk", "mail", str(tmp_path / "one.eml"), str(tmp_path / path))
        assert (done.code, done.out) == (2, "")
        assert said in done.err
    assert list(chosen.data_dir.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SMTP_URL", "smtp://host:99999", "port that is no number"),
        ("SMTP_URL", "smtp://host:abc", "port that is no number"),
        ("IMAP_URL", "imaps://user:password@host:abc/INBOX", "port that is no number"),
        ("DATABASE_URL", "postgresql+psycopg://host:abc/desk", "port is no number"),
        ("DATABASE_URL", "postgresql+psycopg://127.0.0.1:99999/desk", "port is no number"),
        ("DATABASE_URL", "sqlite:////nope/deep/desk.sqlite3", "/nope/deep of the database does not exist"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(
    command: Command, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"ASSISTANT_{name}", value)
    settings.load.cache_clear()
    for arguments in (("users", "list"), ("desk", "figures"), ("desk", "erase", "1"), ("desk", "backup", "x.zip")):
        done = command(*arguments)
        assert (done.code, done.out) == (2, "")
        assert f"ASSISTANT_{name}" in done.err
        assert said in done.err
        assert "Value error" not in done.err
    assert not Path("/nope").exists()
