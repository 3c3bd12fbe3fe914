"""Addresses of mail servers as settings give them, e.g. imaps://user:password@host/INBOX. No message repeats one."""

import ipaddress
from dataclasses import dataclass, field
from email.utils import parseaddr
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from pydantic import TypeAdapter, ValidationError

from assistant.correspondence import plain_name
from assistant.errors import InputError
from assistant.people import Email

IMAP_PORTS = {"imaps": 993, "imap": 143}
SMTP_PORTS = {"smtps": 465, "smtp": 587}
ADDRESS: TypeAdapter[str] = TypeAdapter(Email)


@dataclass(frozen=True)
class Server:
    """A host, how it is spoken to, and as whom. `encrypted` from the first byte; else by STARTTLS, but for loopback."""

    host: str
    port: int
    encrypted: bool
    user: str
    password: str = field(repr=False)

    @property
    def loopback(self) -> bool:
        """Whether the host is this machine, so that nobody else listens."""
        try:
            return self.host == "localhost" or ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


@dataclass(frozen=True)
class Folder:
    """A folder on an IMAP server. Mails that were taken are flagged as seen, and moved to `taken_to` where given."""

    server: Server
    name: str
    taken_to: str | None


@dataclass(frozen=True)
class Address:
    """A mail address with a name to show."""

    name: str
    address: str


def imap_folder(url: str) -> Folder:
    """The folder at e.g. imaps://help%40example.org:password@mail.example.org/INBOX?taken=Archive.

    Raises:
        InputError: saying what is wrong, without the address.
    """
    parts = _split(url, IMAP_PORTS, "imaps://user:password@host/INBOX")
    server = _server(parts, IMAP_PORTS)
    if not server.user or not server.password:
        raise InputError("names no user or no password: imaps://user:password@host/INBOX")
    options = dict(parse_qsl(parts.query))
    if set(options) - {"taken"}:
        raise InputError("has options that are not known: only ?taken=FOLDER may follow the folder")
    name = unquote(parts.path.removeprefix("/")) or "INBOX"
    if not (name + options.get("taken", "")).isprintable():
        raise InputError("has control characters in a folder's name")
    return Folder(server, name, options.get("taken"))


def smtp_server(url: str) -> Server:
    """The server at e.g. smtp://user:password@mail.example.org:587.

    Raises:
        InputError: saying what is wrong, without the address.
    """
    parts = _split(url, SMTP_PORTS, "smtps://user:password@host or smtp://host:587")
    if parts.path.strip("/") or parts.query:
        raise InputError("goes on after the host: smtps://user:password@host:465")
    server = _server(parts, SMTP_PORTS)
    if bool(server.user) != bool(server.password):
        raise InputError("has a user or a password, and needs both or neither")
    return server


def address(text: str) -> Address:
    """The address of e.g. Customs helpdesk <help@example.org>.

    Raises:
        InputError: there is no such address in it.
    """
    if not text.isprintable():
        raise InputError("has control characters in it")
    name, found = parseaddr(text)
    try:
        return Address(plain_name(name), ADDRESS.validate_python(found))
    except ValidationError:
        raise InputError("is no address: Customs helpdesk <help@example.org>") from None


def _split(url: str, ports: dict[str, int], example: str) -> SplitResult:
    try:
        parts = urlsplit(url.strip())
    except ValueError:  # brackets
        raise InputError(f"cannot be read: percent-encode what is special in user and password, {example}") from None
    if parts.scheme not in ports or not parts.hostname:
        raise InputError(f"is not of the form {example}")
    if not _has_usable_port(parts):
        raise InputError(
            f"has a port that is no number from 1 to 65535, {example}; "
            "or percent-encode what is special in user and password"
        )
    if parts.fragment:
        raise InputError(f"has a # in it: write %23 in a password, {example}")
    return parts


def _has_usable_port(parts: SplitResult) -> bool:
    try:
        return parts.port is None or parts.port > 0
    except ValueError:  # no number, or too large
        return False


def _server(parts: SplitResult, ports: dict[str, int]) -> Server:
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if not (user + password).isprintable():
        raise InputError("has control characters in its user or password")
    return Server(
        host=parts.hostname or "",
        port=parts.port or ports[parts.scheme],
        encrypted=parts.scheme.endswith("s"),
        user=user,
        password=password,
    )
