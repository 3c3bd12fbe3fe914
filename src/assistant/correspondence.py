"""Mails as the helpdesk knows them: what came in, already read and cleaned, and what goes out."""

import datetime
import re
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from assistant.people import Email
from assistant.tickets import MAX_MESSAGE, Attachment, Line, printable
from assistant.types import Frozen, OneLine

MAX_TEXT = MAX_MESSAGE
MAX_FULL_TEXT = 200_000
MAX_ATTACHMENTS = 50
MAX_REFERENCES = 20

MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,250}>")
MessageId = Annotated[str, StringConstraints(pattern=f"^{MESSAGE_ID.pattern}$")]
"""As the header has it, between angle brackets."""


def is_message_id(text: str) -> bool:
    """Whether this can stand in the header of a mail; a program may name its messages as it likes."""
    return MESSAGE_ID.fullmatch(text) is not None


def plain_name(text: str) -> str:
    """A person's name without what has a meaning in the header of a mail."""
    return " ".join("".join(" " if c in '"<>(),:;@[]\\' or not c.isprintable() else c for c in text).split())[
        :100
    ].strip()


Text = Annotated[str, AfterValidator(printable)]
Name = Annotated[str, AfterValidator(plain_name)]


class IncomingMail(Frozen):
    """One mail, read. `text` is what its sender wrote now, `full_text` also what it quotes and how it is signed.

    A mail without a usable Message-ID has one made of its bytes, so that the same mail always has the same.
    `reply_to` is where its sender wants the answer to go, `returned` the letter of ours that it says did not arrive.
    `automatic` says that no person wrote it for us alone: an auto-reply, a bounce, a mailing list.
    `findings` says what could not be read as it was meant.
    """

    message_id: MessageId
    in_reply_to: MessageId | None = None
    references: tuple[MessageId, ...] = ()
    sender_name: Name = ""
    sender_address: Email | None = None
    reply_to: Email | None = None
    subject: Annotated[OneLine, Field(max_length=300)] = ""
    text: Annotated[Text, Field(max_length=MAX_TEXT)] = ""
    full_text: Annotated[Text, Field(max_length=MAX_FULL_TEXT)] = ""
    attachments: Annotated[tuple[Attachment, ...], Field(max_length=MAX_ATTACHMENTS)] = ()
    sent_at: datetime.datetime | None = None
    returned: MessageId | None = None
    automatic: bool = False
    findings: tuple[str, ...] = ()


class OutgoingMail(Frozen):
    """One mail to one person. It has its Message-ID before it is sent, so that a second attempt has the same."""

    to_address: Email
    to_name: Name = ""
    subject: Annotated[Line, Field(min_length=1, max_length=300)]
    text: Annotated[Text, Field(min_length=1)]
    message_id: MessageId
    in_reply_to: MessageId | None = None
    references: Annotated[tuple[MessageId, ...], Field(max_length=MAX_REFERENCES)] = ()
