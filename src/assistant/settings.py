"""Every setting, read from ASSISTANT_… variables; a variable with an unknown name is warned about, not ignored."""

import difflib
import os
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import limits
import platformdirs
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from assistant.errors import InputError
from assistant.mail import servers

PREFIX = "ASSISTANT_"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
CHECKOUT = Path(__file__).parents[2]
PACKAGED_CORPUS = Path(__file__).parent / "_corpus"


def _default_corpus() -> Path:
    return PACKAGED_CORPUS if PACKAGED_CORPUS.is_dir() else CHECKOUT / "corpus"


def _default_data() -> Path:
    in_checkout = (CHECKOUT / "pyproject.toml").is_file()
    return CHECKOUT / "data" if in_checkout else Path(platformdirs.user_data_dir("asean-customs-assistant"))


class Settings(BaseSettings):
    """What can be set. README.md lists these with their defaults; a test keeps the two equal."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, validate_default=True)

    data_dir: Path = Field(default_factory=_default_data, description="Index, caches and database.")
    corpus_dir: Path = Field(default_factory=_default_corpus, description="The corpus to index.")
    chroma_url: str = Field(
        default="", description="A Chroma server, e.g. http://chroma:8000; empty: embedded, on disk."
    )
    database_url: SecretStr = Field(default=SecretStr(""), description="SQLAlchemy address; empty: SQLite in DATA_DIR.")
    embedding_model: str = Field(
        default="bundled:multilingual-e5-small",
        description="The bundled model, or any sentence-transformers name or folder.",
    )
    reranker: bool = Field(
        default=False,
        description="Read the first passages beside an English question: up to 1 s, of use for documents of others.",
    )
    llm_base_url: str = Field(
        default="",
        description="An OpenAI-compatible service, e.g. http://localhost:11434/v1, that words answers; empty: quotes.",
    )
    llm_model: str = Field(default="", description="The model there; needed with LLM_BASE_URL.")
    llm_api_key: SecretStr = Field(default=SecretStr(""), description="Its key, where it needs one.")
    llm_seconds: float = Field(
        default=20.0,
        gt=0,
        description="Longest that a model may take; then the sources are quoted instead.",
    )
    llm_at_once: int = Field(default=4, ge=1, description="Answers that the model may word at the same time.")
    llm_follow_ups: bool = Field(
        default=False, description="Have the model make a follow-up stand alone where the rules cannot."
    )
    allowed_hosts: str = Field(
        default="", description="Hosts, by comma, that may be fetched from beside those of the corpus's links."
    )
    fetch_pause: float = Field(default=1.0, ge=0, description="Seconds between two requests to one host.")
    fetch_loopback: bool = Field(default=False, description="Allow fetching from this machine; for tests.")
    admin_token: SecretStr = Field(
        default=SecretStr(""), description="Whoever sends it may ingest sources over HTTP; empty: nobody may."
    )
    imap_url: SecretStr = Field(
        default=SecretStr(""),
        description="Where mails come in, e.g. imaps://user:password@host/INBOX; ?taken=FOLDER moves those taken.",
    )
    smtp_url: SecretStr = Field(
        default=SecretStr(""), description="The server that replies go out by, e.g. smtps://user:password@host:465."
    )
    mail_from: str = Field(
        default="", description="Whom replies come from, e.g. Customs helpdesk <help@example.org>; with SMTP_URL."
    )
    host: str = Field(default="127.0.0.1", description="Address that `assistant serve` listens on.")
    port: int = Field(default=8000, ge=1, le=65535, description="Port that `assistant serve` listens on.")
    public_url: str = Field(
        default="", description="Address at which others reach this service, e.g. https://help.example.org."
    )
    oidc_issuer: str = Field(
        default="", description="An OpenID Connect provider by which officers sign in; empty: by password alone."
    )
    oidc_client_id: str = Field(default="", description="What it calls this service; needed with OIDC_ISSUER.")
    oidc_client_secret: SecretStr = Field(default=SecretStr(""), description="Its secret, where it gave one.")
    retention_days: int = Field(default=90, ge=1, description="Days that given answers are kept.")
    desk_name: str = Field(
        default="Customs helpdesk", min_length=1, description="Who verified answers of the helpdesk are published by."
    )
    rate_limit: str = Field(default="60/minute", description="Questions one address may ask; e.g. 60/minute, 1000/day.")
    max_body_bytes: int = Field(default=262_144, ge=1_024, description="Largest request body taken.")

    @field_validator("chroma_url", "llm_base_url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("begins with http:// or https://, or is empty")
        return value

    @field_validator("public_url", "oidc_issuer")
    @classmethod
    def _is_safe_to_send_secrets_to(cls, value: str) -> str:
        parts = urlsplit(value)
        secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
        if value and not (secure and parts.hostname):
            raise ValueError("begins with https://, or with http:// on this machine alone, or is empty")
        if parts.username or parts.query or parts.fragment:
            raise ValueError("holds a user, a query or a fragment: give the address alone")
        return value

    @field_validator("public_url")
    @classmethod
    def _is_a_root(cls, value: str) -> str:
        if urlsplit(value).path not in ("", "/"):
            raise ValueError("has a path: the service stands at the root of its host")
        return value.rstrip("/")

    @field_validator("oidc_issuer")
    @classmethod
    def _can_send_back(cls, value: str, given: ValidationInfo) -> str:
        if value and not given.data.get("public_url"):
            raise ValueError("needs ASSISTANT_PUBLIC_URL, to which the provider sends the browser back")
        return value

    @field_validator("oidc_client_id")
    @classmethod
    def _is_named_with_its_provider(cls, value: str, given: ValidationInfo) -> str:
        if bool(value) != bool(given.data.get("oidc_issuer")):
            raise ValueError("goes with ASSISTANT_OIDC_ISSUER: set both, or neither")
        return value

    @field_validator("llm_base_url")
    @classmethod
    def _holds_no_key(cls, value: str) -> str:
        if "@" in value:
            raise ValueError("holds a user or password: put the key into ASSISTANT_LLM_API_KEY")
        return value

    @field_validator("llm_model")
    @classmethod
    def _is_named_with_its_address(cls, value: str, given: ValidationInfo) -> str:
        if bool(value) != bool(given.data.get("llm_base_url")):
            raise ValueError("goes with ASSISTANT_LLM_BASE_URL: set both, or neither")
        return value

    @field_validator("rate_limit")
    @classmethod
    def _is_a_rate(cls, value: str) -> str:
        try:
            limits.parse(value)
        except ValueError:
            raise ValueError("is a number of questions in a time, e.g. 60/minute or 1000/day") from None
        return value

    @field_validator("imap_url", "smtp_url")
    @classmethod
    def _is_a_mail_server(cls, value: SecretStr, about: ValidationInfo) -> SecretStr:
        read = servers.imap_folder if about.field_name == "imap_url" else servers.smtp_server
        if value.get_secret_value():
            _as_value_error(read, value.get_secret_value())
        return value

    @field_validator("mail_from")
    @classmethod
    def _goes_with_a_server(cls, value: str, given: ValidationInfo) -> str:
        server = given.data.get("smtp_url")
        if server is not None and bool(value) != bool(server.get_secret_value()):
            raise ValueError("goes with ASSISTANT_SMTP_URL: set both, or neither")
        if value:
            _as_value_error(servers.address, value)
        return value

    @property
    def hosts(self) -> list[str]:
        """The hosts that may be fetched from beside the corpus's."""
        return [host.strip() for host in self.allowed_hosts.split(",") if host.strip()]

    @property
    def sources_dir(self) -> Path:
        """Where ingested documents are kept."""
        return self.data_dir / "sources"

    @property
    def document_dirs(self) -> tuple[Path, Path]:
        """Where the documents of the index come from."""
        return self.corpus_dir, self.sources_dir

    @property
    def database(self) -> str:
        """The database's address."""
        return self.database_url.get_secret_value() or f"sqlite:///{self.data_dir / 'assistant.sqlite3'}"


def _as_value_error(read: Callable[[str], object], text: str) -> None:
    """Check a text by reading it; what pydantic catches says why it cannot be read."""
    try:
        read(text)
    except InputError as error:
        raise ValueError(str(error)) from None


@cache
def load() -> Settings:
    """The settings of this process.

    Raises:
        InputError: naming the variable that cannot be used.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = f"{PREFIX}{first['loc'][0]}".upper()
        raise InputError(f"{name}: {first['msg'].removeprefix('Value error, ')}") from None


def unknown(environment: Mapping[str, str] = os.environ) -> list[str]:
    """One warning for each ASSISTANT_ variable that no setting has."""
    known = [name.upper() for name in Settings.model_fields]
    warnings = []
    for name in environment:
        if name.upper().startswith(PREFIX) and name.upper().removeprefix(PREFIX) not in known:
            nearest = difflib.get_close_matches(name.upper().removeprefix(PREFIX), known, n=1)
            hint = f"; did you mean {PREFIX}{nearest[0]}?" if nearest else ""
            warnings.append(f"{name} is not a setting and does nothing{hint}")
    return warnings
