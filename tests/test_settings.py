"""Settings come from the environment; what cannot be used is named."""

from pathlib import Path

import pytest

from assistant import settings
from assistant.errors import InputError
from assistant.settings import Settings


@pytest.fixture(autouse=True)
def _fresh() -> None:
    settings.load.cache_clear()


def test_none_is_needed() -> None:
    loaded = settings.load()
    assert (loaded.host, loaded.port, loaded.chroma_url) == ("127.0.0.1", 8000, "")
    assert loaded.corpus_dir.name in ("corpus", "_corpus")
    assert loaded.database == f"sqlite:///{loaded.data_dir / 'assistant.sqlite3'}"


def test_they_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_PORT", "9000")
    monkeypatch.setenv("ASSISTANT_DATA_DIR", "/somewhere/else")
    monkeypatch.setenv("ASSISTANT_DATABASE_URL", "postgresql+psycopg://user:pass-word@host/name")
    loaded = settings.load()
    assert (loaded.port, loaded.data_dir) == (9000, Path("/somewhere/else"))
    assert loaded.database == "postgresql+psycopg://user:pass-word@host/name"
    assert "pass-word" not in repr(loaded)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ASSISTANT_PORT", "http"),
        ("ASSISTANT_PORT", "70000"),
        ("ASSISTANT_RETENTION_DAYS", "0"),
        ("ASSISTANT_CHROMA_URL", "chroma:8000"),
        ("ASSISTANT_MAX_BODY_BYTES", "-1"),
        ("ASSISTANT_RATE_LIMIT", "often"),
        ("ASSISTANT_LLM_BASE_URL", "localhost:11434"),
        ("ASSISTANT_LLM_BASE_URL", "https://user:key@models.example.com/v1"),
        ("ASSISTANT_LLM_MODEL", "without-an-address"),
        ("ASSISTANT_IMAP_URL", "imaps://mail.example.org/INBOX"),
        ("ASSISTANT_SMTP_URL", "mail.example.org:587"),
        ("ASSISTANT_MAIL_FROM", "Desk <help@example.org>"),
        ("ASSISTANT_LLM_SECONDS", "0"),
        ("ASSISTANT_LLM_AT_ONCE", "0"),
        ("ASSISTANT_PUBLIC_URL", "help.example.org"),
        ("ASSISTANT_PUBLIC_URL", "http://help.example.org"),
        ("ASSISTANT_PUBLIC_URL", "https://help.example.org/desk"),
        ("ASSISTANT_PUBLIC_URL", "https://user@help.example.org"),
        ("ASSISTANT_OIDC_ISSUER", "https://id.example.org"),
        ("ASSISTANT_OIDC_CLIENT_ID", "without-a-provider"),
    ],
)
def test_a_bad_value_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InputError, match=name):
        settings.load()


def test_a_language_model_needs_address_and_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_LLM_BASE_URL", "http://localhost:11434/v1")
    with pytest.raises(InputError, match="ASSISTANT_LLM_MODEL"):
        settings.load()
    monkeypatch.setenv("ASSISTANT_LLM_MODEL", "qwen3:8b")
    monkeypatch.setenv("ASSISTANT_LLM_API_KEY", "sk-very-secret")
    assert "sk-very-secret" not in repr(settings.load())


def test_an_identity_provider_needs_our_address_and_what_it_calls_us(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_PUBLIC_URL", "http://localhost:8000/")
    assert settings.load().public_url == "http://localhost:8000"
    settings.load.cache_clear()
    monkeypatch.setenv("ASSISTANT_OIDC_ISSUER", "http://id.example.org")
    with pytest.raises(InputError, match=r"ASSISTANT_OIDC_ISSUER: .*https://"):
        settings.load()
    monkeypatch.setenv("ASSISTANT_OIDC_ISSUER", "https://id.example.org/")
    with pytest.raises(InputError, match="ASSISTANT_OIDC_CLIENT_ID"):
        settings.load()
    monkeypatch.setenv("ASSISTANT_OIDC_CLIENT_ID", "desk")
    monkeypatch.setenv("ASSISTANT_OIDC_CLIENT_SECRET", "very-secret")
    assert settings.load().oidc_issuer == "https://id.example.org/"
    assert "very-secret" not in repr(settings.load())


def test_mail_goes_out_by_a_server_and_from_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_SMTP_URL", "smtps://desk:very-secret@mail.example.org")
    with pytest.raises(InputError, match=r"ASSISTANT_MAIL_FROM: .*set both, or neither"):
        settings.load()
    monkeypatch.setenv("ASSISTANT_MAIL_FROM", "Customs helpdesk")
    with pytest.raises(InputError, match=r"ASSISTANT_MAIL_FROM: .*is no address"):
        settings.load()
    monkeypatch.setenv("ASSISTANT_MAIL_FROM", "Customs helpdesk <help@example.org>")
    monkeypatch.setenv("ASSISTANT_IMAP_URL", "imaps://desk:very-secret@mail.example.org/INBOX?taken=Taken")
    assert "very-secret" not in repr(settings.load())


@pytest.mark.parametrize("name", ["ASSISTANT_IMAP_URL", "ASSISTANT_SMTP_URL"])
def test_a_mail_servers_password_is_in_no_message(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "smtps://desk:very-secret@mail.example.org:port")
    with pytest.raises(InputError, match=name) as caught:
        settings.load()
    assert "very-secret" not in str(caught.value)


def test_an_unknown_variable_is_warned_about_with_the_nearest_name() -> None:
    (warning,) = settings.unknown({"ASSISTANT_PROT": "1", "PATH": "/bin", "ASSISTANT_PORT": "1"})
    assert "ASSISTANT_PROT is not a setting" in warning
    assert "did you mean ASSISTANT_PORT?" in warning


def test_every_known_variable_passes_in_either_case() -> None:
    known = {f"{settings.PREFIX}{name}".upper(): "1" for name in Settings.model_fields}
    assert settings.unknown(known) == []
    assert settings.unknown({"assistant_port": "1"}) == []
