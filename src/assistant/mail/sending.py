"""Sends mails by SMTP: encrypted except to this machine, and a refused mail told from a server in trouble."""

import contextlib
import datetime
import smtplib
import ssl
from collections.abc import Callable, Iterator
from email.headerregistry import Address as HeaderAddress
from email.headerregistry import HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import EmailPolicy, Policy
from email.utils import make_msgid

from assistant import privacy
from assistant.correspondence import OutgoingMail
from assistant.errors import MailError, MailRefusedError, MailUnavailableError
from assistant.mail.servers import Address, Server

TIMEOUT = 30.0  # seconds for each step
PERMANENT = 500  # replies from here on do not change when asked again
LONGEST_REPLY = 200  # characters of what a server says


class SmtpSender:
    """Serves the MailSender port. Each mail has a connection of its own, so that none waits for another.

    `context` says which certificates are trusted; those of the system by default (SSL_CERT_FILE adds others).
    """

    def __init__(
        self, server: Server, sender: Address, *, timeout: float = TIMEOUT, context: ssl.SSLContext | None = None
    ) -> None:
        self._server = server
        self._sender = sender
        self._name = _ascii_domain(sender.address)  # how we greet
        self._timeout = timeout
        self._context = context or ssl.create_default_context()

    @property
    def address(self) -> str:
        """Where the mails come from."""
        return self._sender.address

    def new_message_id(self) -> str:
        """An id under the domain of the sender's address."""
        return make_msgid(domain=self._name)

    def send(self, mail: OutgoingMail) -> None:
        """Hand a mail to the server. Whether it arrives there once more after a lost connection, its id tells.

        Raises:
            MailRefusedError: the recipient or the mail is refused for good.
            MailUnavailableError: the server cannot be reached, takes nothing now, or does not know us.
        """
        sender, recipient = _with_ascii_domain(self._sender.address), _with_ascii_domain(mail.to_address)
        plain = (sender + recipient).isascii()
        # written here: smtplib's send_message would put a > before a line that begins with "From "
        raw = written(mail, self._sender).as_bytes(policy=POLICY if plain else BEYOND_ASCII)
        with self._connection() as connection, _as_mail_errors(self._server):
            connection.ehlo_or_helo_if_needed()
            if not plain and not connection.has_extn("smtputf8"):
                raise MailRefusedError("the mail server takes no address with letters beyond ASCII: ask for another")
            connection.sendmail(sender, [recipient], raw, mail_options=[] if plain else ["SMTPUTF8", "BODY=8BITMIME"])

    @contextlib.contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        with _as_mail_errors(self._server):
            connection = self._connected()
        try:
            yield connection
        finally:
            with contextlib.suppress(smtplib.SMTPException, OSError):  # what was taken before stays taken
                connection.quit()
            connection.close()

    def _connected(self) -> smtplib.SMTP:
        server = self._server
        if server.encrypted:
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, self._name, timeout=self._timeout, context=self._context
            )
        else:
            connection = smtplib.SMTP(server.host, server.port, self._name, timeout=self._timeout)
        try:
            if not server.encrypted and not server.loopback:
                connection.starttls(context=self._context)
            if server.user:
                connection.login(server.user, server.password)
        except BaseException:
            connection.close()
            raise
        return connection


def written(mail: OutgoingMail, sender: Address) -> EmailMessage:
    """The mail as it goes over the wire. An officer approved it, so that it does not say Auto-Submitted."""
    message = EmailMessage(policy=POLICY)
    message["From"] = _shown(sender.name, sender.address)
    message["To"] = _shown(mail.to_name, mail.to_address)
    message["Subject"] = mail.subject
    message["Date"] = datetime.datetime.now(datetime.UTC)
    message["Message-ID"] = mail.message_id
    if mail.in_reply_to:
        message["In-Reply-To"] = mail.in_reply_to
    references = tuple(dict.fromkeys([*mail.references, *([mail.in_reply_to] if mail.in_reply_to else [])]))
    if references:
        message["References"] = " ".join(references)
    message.set_content(mail.text, charset="utf-8", cte="quoted-printable")
    return message


class _Ids(UnstructuredHeader):
    """Message ids, one a line: the usual folding encodes those longer than a line, which breaks the thread."""

    name: str

    def fold(self, *, policy: Policy) -> str:
        """The header as it goes out."""
        ids = f"{policy.linesep} ".join(str(self).split())
        return f"{self.name}: {ids}{policy.linesep}"


def _policy(*, utf8: bool) -> "EmailPolicy[EmailMessage]":
    registry = HeaderRegistry()
    for name in ("references", "in-reply-to", "message-id"):
        registry.map_to_type(name, _Ids)  # type: ignore[arg-type]  # it adds BaseHeader itself
    return EmailPolicy(linesep="\r\n", header_factory=registry, utf8=utf8)


POLICY = _policy(utf8=False)
BEYOND_ASCII = _policy(utf8=True)


def _shown(name: str, address: str) -> HeaderAddress:
    local, _, domain = _with_ascii_domain(address).rpartition("@")
    return HeaderAddress(name, local, domain)


def _with_ascii_domain(address: str) -> str:
    return f"{address.rpartition('@')[0]}@{_ascii_domain(address)}"


def _ascii_domain(address: str) -> str:
    domain = address.rpartition("@")[2]
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain


@contextlib.contextmanager
def _as_mail_errors(server: Server) -> Iterator[None]:
    place = f"the mail server {server.host}:{server.port} of ASSISTANT_SMTP_URL"
    try:
        yield
    except (smtplib.SMTPException, OSError, UnicodeError, ValueError) as error:
        raise _mail_error(error, place) from None


def _mail_error(error: Exception, place: str) -> MailError:
    """What went wrong, without the recipient's address."""
    for kind, make in MEANINGS:
        if isinstance(error, kind):
            return make(error, place)
    return MailUnavailableError(f"{place} broke off ({type(error).__name__}): the mail is tried again later")


def _recipient(error: smtplib.SMTPRecipientsRefused, place: str) -> MailError:
    code, reply = next(iter(error.recipients.values()))
    return _by_code(code, reply, place, "refuses the recipient")


def _response(error: smtplib.SMTPResponseException, place: str) -> MailError:
    return _by_code(error.smtp_code, error.smtp_error, place, "refuses the mail")


def _by_code(code: int, reply: bytes | str, place: str, what: str) -> MailError:
    text = reply.decode(errors="replace") if isinstance(reply, bytes) else reply
    said = f"{place} {what} ({code} {privacy.redact(' '.join(text.split()))[:LONGEST_REPLY]})"
    if code >= PERMANENT:
        return MailRefusedError(f"{said}: check the address, or reach the trader in another way")
    return MailUnavailableError(f"{said} for now: the mail is tried again later")


def _unavailable(reason: str) -> Callable[[Exception, str], MailError]:
    return lambda _, place: MailUnavailableError(f"{place} {reason}")


MEANINGS: tuple[tuple[type[Exception], Callable[..., MailError]], ...] = (  # the first that fits
    (smtplib.SMTPRecipientsRefused, _recipient),
    (smtplib.SMTPAuthenticationError, _unavailable("refuses the user or the password: put them right")),
    (smtplib.SMTPSenderRefused, _unavailable("does not let ASSISTANT_MAIL_FROM send: use an address that it knows")),
    (smtplib.SMTPDataError, _response),
    (
        smtplib.SMTPNotSupportedError,
        _unavailable("offers no STARTTLS or no signing in as it is needed: does smtps:// work?"),
    ),
    (
        ssl.SSLCertVerificationError,
        _unavailable("shows a certificate that is not trusted: SSL_CERT_FILE adds an issuer"),
    ),
    (smtplib.SMTPResponseException, _unavailable("takes no mail now: the mail is tried again later")),
    (TimeoutError, _unavailable("did not answer in time: the mail is tried again later")),
    (
        smtplib.SMTPServerDisconnected,
        _unavailable("broke off or did not answer in time: the mail is tried again later"),
    ),
    (OSError, _unavailable("cannot be reached: check host and port, and that it runs")),
)
