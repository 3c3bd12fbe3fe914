"""One mail, as it came over the wire, to what the helpdesk works with; a hostile one costs no more than others."""

import hashlib
import mimetypes
import re
from collections.abc import Iterator, Sequence
from functools import cache

from assistant import data
from assistant.correspondence import MAX_ATTACHMENTS, MAX_FULL_TEXT, MAX_TEXT, IncomingMail
from assistant.decoding import to_text
from assistant.errors import InputError
from assistant.mail import html
from assistant.mail.bounces import returned
from assistant.mail.headers import Headers
from assistant.mail.history import is_forwarded, new_text
from assistant.mail.parts import MAX_DEPTH, MAX_PARTS, Part, Splitter
from assistant.tickets import Attachment, printable

MAX_BYTES = 25 * 2**20
MAX_READ = 1_000_000  # bytes of one text part that are looked at
MBOX_LINE = re.compile(rb">?From [^\n]*\n")
SUBJECT = 300  # characters
ENCRYPTED = frozenset(["multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"])


def read(raw: bytes) -> IncomingMail:
    """A mail's headers, text and the names of what is attached. Nothing of an attachment's content is kept.

    Raises:
        InputError: there is no mail in it, or it is too large.
    """
    problem = too_large(len(raw))
    if problem:
        raise InputError(problem)
    opening = MBOX_LINE.match(raw)
    splitter = Splitter(raw[opening.end() :] if opening else raw)
    mail = splitter.split()
    headers = mail.headers
    if not any(name in headers for name in ("from", "to", "subject", "date", "message-id", "received")):
        raise InputError("is no mail: it has none of the headers From, To, Subject, Date: give .eml, mbox or a Maildir")
    body = _Body(mail)
    subject = headers.text("subject")[:SUBJECT].strip()
    full = body.text[:MAX_FULL_TEXT].strip()
    new = new_text(full, forwarded=is_forwarded(subject))
    name, address = headers.sender()
    references = headers.ids("references")
    return IncomingMail(
        message_id=next(iter(headers.ids("message-id")), _made_id(raw)),
        in_reply_to=next(iter(headers.ids("in-reply-to")), references[-1] if references else None),
        references=references,
        sender_name=name,
        sender_address=address,
        subject=subject,
        text=new[:MAX_TEXT].strip(),
        full_text=full,
        attachments=tuple(body.attachments[:MAX_ATTACHMENTS]),
        sent_at=headers.date(),
        reply_to=headers.reply_to(),
        returned=returned(mail),
        automatic=is_automatic(headers),
        findings=tuple(
            dict.fromkeys([*body.findings, *_findings(headers, body, new, address, stopped=splitter.stopped)])
        ),
    )


def too_large(size: int) -> str | None:
    """Why a mail of so many bytes is not read, and what to do; None where it is."""
    if size <= MAX_BYTES:
        return None
    return (
        f"has {size / 2**20:,.0f} MB, and {MAX_BYTES // 2**20} MB are read at most: "
        "take its text into a ticket by hand, or ask the sender to send it without its attachments"
    )


def is_automatic(headers: Headers) -> bool:
    """Whether the headers say that a machine or a mailing list sent it."""
    return any(name in headers and rule.match(headers.raw(name)) for name, rule in _automatic().items())


@cache
def _automatic() -> dict[str, re.Pattern[str]]:
    found: dict[str, str] = data.read("mail.yaml")["automatic"]
    return {name: re.compile(rule, re.IGNORECASE) for name, rule in found.items()}


def _made_id(raw: bytes) -> str:
    return f"<{hashlib.sha256(raw).hexdigest()[:32]}@no-message-id.invalid>"


def _findings(headers: Headers, body: "_Body", new: str, address: str | None, *, stopped: bool) -> Iterator[str]:
    if stopped:
        yield f"has more than {MAX_PARTS} parts, or parts {MAX_DEPTH} deep in each other: the rest is not read"
    if headers.media_type in ENCRYPTED:
        yield "is encrypted: ask the sender to send it as it is"
    elif not body.text.strip():
        yield "has no text"
    if len(body.text) > MAX_FULL_TEXT or len(new) > MAX_TEXT:
        yield f"is long: its first {MAX_TEXT:,} characters are taken"
    if len(body.attachments) > MAX_ATTACHMENTS:
        yield f"has {len(body.attachments)} attachments: the first {MAX_ATTACHMENTS} are listed"
    if address is None:
        yield "has no sender's address that could be answered"


class _Body:
    """The text of a mail, what is attached to it, and what was noticed on the way."""

    def __init__(self, mail: Part) -> None:
        self.findings: list[str] = []
        self.attachments: list[Attachment] = []
        self.text = self._text(mail)

    def _text(self, part: Part) -> str:
        if not part.parts:
            return self._leaf(part)
        texts = [self._text(inner) for inner in part.parts]
        if part.headers.media_type == "multipart/alternative":
            return _best(part.parts, texts)
        return "\n\n".join(text for text in texts if text.strip())

    def _leaf(self, part: Part) -> str:
        kind = part.headers.media_type
        if part.headers.boundary and part.start < part.end:
            self.findings.append("says that it has several parts, and they cannot be told apart")
        elif kind not in ("text/plain", "text/html") or part.headers.is_attached or part.headers.file_name:
            self.attachments.append(_attachment(part, len(self.attachments) + 1))
            return ""
        if part.is_spoilt:
            self.findings.append("its base64 is broken: some of its text may be missing")
        content = html.without_pictures(part.content()) if kind == "text/html" else part.content()
        text, findings = to_text(content[:MAX_READ], part.headers.charset)
        self.findings.extend(findings)
        return printable(html.to_text(text) if kind == "text/html" else text)


def _best(parts: Sequence[Part], texts: Sequence[str]) -> str:
    """Of versions of one text the plain one, if it says anything."""
    said = [(part.headers.media_type != "text/plain", at) for at, part in enumerate(parts) if texts[at].strip()]
    return texts[min(said)[1]] if said else ""


def _attachment(part: Part, number: int) -> Attachment:
    kind = printable(part.headers.media_type)
    name = part.headers.file_name or f"attachment-{number}{mimetypes.guess_extension(kind) or ''}"
    return Attachment(name=name, media_type=kind, size=len(part.content()))
