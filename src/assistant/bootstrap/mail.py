"""Where mails come from and how they go out, as the settings name it."""

from collections.abc import Callable
from pathlib import Path

from assistant.correspondence import IncomingMail
from assistant.ports import Mailbox, MailSender
from assistant.settings import Settings

Progress = Callable[[int, int], None]
"""Told how many mails, or bytes of one file of them, are done, of how many."""


def sender(settings: Settings) -> MailSender | None:
    """What replies go out by; None where no server is set. It is not asked yet."""
    if not settings.smtp_url.get_secret_value():
        return None
    from assistant.mail import sending, servers  # noqa: PLC0415 (nobody without mail waits for it)

    server = servers.smtp_server(settings.smtp_url.get_secret_value())
    return sending.SmtpSender(server, servers.address(settings.mail_from))


def mailbox(settings: Settings, progress: Progress) -> Mailbox | None:
    """Where mails come in; None where no folder is set. It is not asked yet."""
    if not settings.imap_url.get_secret_value():
        return None
    from assistant.mail import boxes, servers  # noqa: PLC0415

    return boxes.ImapMailbox(servers.imap_folder(settings.imap_url.get_secret_value()), progress)


def files(path: Path, progress: Progress) -> Mailbox:
    """The mails of a file or folder. Raises InputError where there is none; none is read yet."""
    from assistant.mail import boxes  # noqa: PLC0415

    return boxes.PathMailbox(path, progress)


def read(raw: bytes) -> IncomingMail:
    """A mail as it came over the wire. Raises InputError where it is too large."""
    from assistant.mail import reading  # noqa: PLC0415

    return reading.read(raw)
