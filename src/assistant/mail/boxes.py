"""Where mails come in: files and folders of them, and an IMAP folder. One mail that cannot be read keeps none back."""

import contextlib
import imaplib
import logging
import mailbox
import re
import ssl
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import imap_tools
from imap_tools.utils import encode_folder

from assistant.errors import InputError, MailUnavailableError
from assistant.mail.reading import MAX_BYTES, read, too_large
from assistant.mail.servers import Folder, Server
from assistant.ports import Delivery

Progress = Callable[[int, int], None]
"""Told how many mails of how many have been looked at."""

TIMEOUT = 30.0  # seconds for each step
MAILDIR = ("new", "cur")
SUFFIXES = frozenset([".eml", ".mbox"])
MBOX = b"From "
SIZE = re.compile(rb"RFC822\.SIZE (\d+)")

log = logging.getLogger(__name__)


class PathMailbox:
    """Serves the Mailbox port from an .eml file, an mbox file, a Maildir, or a folder of these; nothing is changed."""

    def __init__(self, path: Path, progress: Progress) -> None:
        """Look for the files; none is read yet.

        Raises:
            InputError: there is nothing at the path, or no mail.
        """
        self._files = _files(path)
        self._progress = progress

    def __iter__(self) -> Iterator[Delivery]:
        """Every mail, by name. A Delivery's `done` does nothing: files stay as they are."""
        for number, path in enumerate(self._files, start=1):
            try:
                yield from _within(path, self._progress if len(self._files) == 1 else _nothing)
            except OSError as error:
                yield Delivery(str(path), None, f"cannot be read ({error.strerror})", _nothing)
            if len(self._files) > 1:
                self._progress(number, len(self._files))


def _within(path: Path, progress: Progress) -> Iterator[Delivery]:
    """The mails of one file."""
    with path.open("rb") as opened:
        if opened.read(len(MBOX)) != MBOX:
            opened.seek(0)
            yield _delivery(str(path), path.stat().st_size, partial(opened.read, MAX_BYTES))
            progress(1, 1)
            return
    with contextlib.closing(mailbox.mbox(path, create=False)) as box:
        total = len(box)
        for number, key in enumerate(box.iterkeys(), start=1):
            raw = box.get_file(key).read(MAX_BYTES + 1)
            yield _delivery(f"{path}, mail {number}", len(raw), partial(_unmangled, raw))
            progress(number, total)


def _files(path: Path) -> Sequence[Path]:
    if not path.exists():
        raise InputError(f"{path} does not exist")
    if path.is_file():
        return [path]
    if all((path / name).is_dir() for name in MAILDIR):
        found = [inner for name in MAILDIR for inner in (path / name).iterdir() if inner.is_file()]
        return sorted(found, key=lambda inner: inner.name)
    found = [inner for inner in path.rglob("*") if inner.suffix.lower() in SUFFIXES and inner.is_file()]
    if not found:
        raise InputError(f"{path} holds no mail: give an .eml or mbox file, a Maildir, or a folder of .eml and .mbox")
    return sorted(found)


def _nothing(*_: int) -> None:
    """What is done about a file that was taken, and about the progress within one of many."""


def _unmangled(raw: bytes) -> bytes:
    """A mail of an mbox file, in which lines that begin with "From " are written with a > before."""
    return raw.replace(b"\n>From ", b"\nFrom ")


def _delivery(name: str, size: int, load: Callable[[], bytes], done: Callable[[], None] = _nothing) -> Delivery:
    """The mail, or why it cannot be read; one that is too large is not even loaded."""
    problem = too_large(size)
    if problem:
        return Delivery(name, None, problem, done)
    raw = load()
    try:
        return Delivery(name, read(raw), None, done)
    except InputError as error:
        return Delivery(name, None, str(error), done)
    except Exception as error:  # noqa: BLE001 (whatever is wrong with one mail, the others come in)
        log.error("a mail cannot be read: %s", type(error).__name__)
        problem = f"cannot be read ({type(error).__name__}): take its text into a ticket by hand"
        return Delivery(name, None, problem, done)


class ImapMailbox:
    """Serves the Mailbox port from an IMAP folder: the mails that are not flagged as seen.

    Reading leaves a mail unseen; only `done` flags it, or moves it. Whoever dies in between therefore gets it again.
    `context` says which certificates are trusted; those of the system by default (SSL_CERT_FILE adds others).
    """

    def __init__(
        self,
        folder: Folder,
        progress: Progress,
        *,
        timeout: float = TIMEOUT,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._folder = folder
        self._progress = progress
        self._timeout = timeout
        self._context = context or ssl.create_default_context()

    def __iter__(self) -> Iterator[Delivery]:
        """The unseen mails, oldest first, over one connection that stays open until the last is taken.

        Raises:
            InputError: wrong user or password, or no such folder.
            MailUnavailableError: the server cannot be reached, or breaks off.
        """
        with _as_mail_errors(self._folder.server):
            box = self._opened()
        try:
            with _as_mail_errors(self._folder.server):
                uids = box.uids("UNSEEN")
            for number, uid in enumerate(uids, start=1):
                with _as_mail_errors(self._folder.server):
                    found = self._fetched(box, uid)
                if found is not None:
                    yield found
                self._progress(number, len(uids))
        finally:
            _close(box)

    def _opened(self) -> imap_tools.BaseMailBox:
        server = self._folder.server
        box = _connected(server, self._timeout, self._context)
        try:
            _sign_in(box, server)
            if self._folder.taken_to:
                _choose(box, self._folder.taken_to, readonly=True)
            _choose(box, self._folder.name)
        except BaseException:
            _close(box)
            raise
        return box

    def _fetched(self, box: imap_tools.BaseMailBox, uid: str) -> Delivery | None:
        """One mail; None where somebody else took it meanwhile."""

        def done() -> None:
            with _as_mail_errors(self._folder.server):
                self._mark(box, uid)

        about = b" ".join(part for part in _fetch(box, uid, "(RFC822.SIZE)") if isinstance(part, bytes))
        size = SIZE.search(about)
        if size is None:
            return None
        return _delivery(f"{self._folder.name}, mail {uid}", int(size[1]), lambda: _content(box, uid), done)

    def _mark(self, box: imap_tools.BaseMailBox, uid: str) -> None:
        """Flag as seen, then move. Not by `flag` of imap-tools: that also expunges what people marked as deleted."""
        _checked(box.client.uid("STORE", uid, "+FLAGS", r"(\Seen)"))
        if not self._folder.taken_to:
            return
        if _can_move(box):
            _checked(box.client.uid("MOVE", uid, encode_folder(self._folder.taken_to).decode()))
        else:
            box.copy([uid], self._folder.taken_to)
            _checked(box.client.uid("STORE", uid, "+FLAGS", r"(\Deleted)"))


def _connected(server: Server, timeout: float, context: ssl.SSLContext) -> imap_tools.BaseMailBox:
    if server.encrypted:
        return imap_tools.MailBox(server.host, server.port, timeout=timeout, ssl_context=context)
    if server.loopback:
        return imap_tools.MailBoxUnencrypted(server.host, server.port, timeout=timeout)
    return imap_tools.MailBoxStartTls(server.host, server.port, timeout=timeout, ssl_context=context)


def _close(box: imap_tools.BaseMailBox) -> None:
    """Say good-bye to whoever still listens; the connection is let go in any case."""
    with contextlib.suppress(imaplib.IMAP4.error, imap_tools.ImapToolsError, OSError):
        box.logout()
    with contextlib.suppress(OSError):
        box.client.shutdown()


def _sign_in(box: imap_tools.BaseMailBox, server: Server) -> None:
    sign_in = box.login if (server.user + server.password).isascii() else box.login_utf8
    try:
        sign_in(server.user, server.password, initial_folder=None)
    except (imap_tools.MailboxLoginError, imaplib.IMAP4.error) as error:
        if isinstance(error, imaplib.IMAP4.abort) or "[UNAVAILABLE]" in str(error):
            raise
        raise InputError("ASSISTANT_IMAP_URL: the server refuses the user or the password: put them right") from None


def _can_move(box: imap_tools.BaseMailBox) -> bool:
    """Whether the server moves mails. Asked anew: many say so only to those who have signed in."""
    return b"MOVE" in b" ".join(_checked(box.client.capability())).upper().split()


def _choose(box: imap_tools.BaseMailBox, name: str, *, readonly: bool = False) -> None:
    try:
        box.folder.set(name, readonly=readonly)
    except imaplib.IMAP4.readonly:
        raise InputError(f"ASSISTANT_IMAP_URL: the folder {name!r} may only be read: let the user change it") from None
    except imap_tools.MailboxFolderSelectError:
        raise InputError(f"ASSISTANT_IMAP_URL: the server has no folder {name!r}: create it or name another") from None


def _content(box: imap_tools.BaseMailBox, uid: str) -> bytes:
    """A mail's bytes. Not by `fetch` of imap-tools: that parses it with the standard library, see `parts`."""
    return next((part[1] for part in _fetch(box, uid, "(BODY.PEEK[])") if isinstance(part, tuple)), b"")


def _fetch(box: imap_tools.BaseMailBox, uid: str, what: str) -> list[bytes | tuple[bytes, bytes] | None]:
    return _checked(box.client.uid("FETCH", uid, what))


def _checked(result: tuple[str, list[Any]]) -> list[Any]:
    if result[0] != "OK":
        raise imap_tools.UnexpectedCommandStatusError(result, "OK")
    return result[1]


@contextlib.contextmanager
def _as_mail_errors(server: Server) -> Iterator[None]:
    place = f"the mail server {server.host}:{server.port} of ASSISTANT_IMAP_URL"
    try:
        yield
    except ssl.SSLCertVerificationError:
        raise MailUnavailableError(
            f"{place} shows a certificate that is not trusted: SSL_CERT_FILE adds an issuer"
        ) from None
    except TimeoutError:
        raise MailUnavailableError(f"{place} did not answer in time: try again later") from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise MailUnavailableError(f"{place} cannot be reached ({reason}): check host and port") from None
    except (imaplib.IMAP4.error, imap_tools.ImapToolsError) as error:
        raise MailUnavailableError(f"{place} broke off ({type(error).__name__}): try again later") from None
