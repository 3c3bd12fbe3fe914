"""What the helpdesk works on: tickets, their messages, suggested answers, replies and what became of them."""

import datetime
import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from assistant.people import Email
from assistant.types import MAX_HISTORY_TURNS, Answer, Citation, CountryCode, Frozen, OneLine, Sentence, Turn

TicketStatus = Literal["new", "drafted", "claimed", "waiting", "approved", "sent", "rejected", "escalated"]
Channel = Literal["chat", "mail", "api", "desk"]
Priority = Literal["low", "normal", "high", "urgent"]
Direction = Literal["in", "out", "note"]
Delivery = Literal["pending", "sending", "sent", "link", "failed"]
DraftState = Literal["wanted", "drafting", "ready"]
Stale = Literal["message", "source"]
RejectReason = Literal["spam", "duplicate", "out of scope", "not a question", "abusive", "answered elsewhere", "other"]
Outcome = Literal["unedited", "edited", "written", "rejected", "escalated", "asked"]
Standing = Literal["quoted", "follows", "own words", "no source", "facts differ", "not in source", "cannot be checked"]
"""How a sentence of a reply stands to its sources. The first two are supported, "own words" needs no source."""

OPEN: frozenset[TicketStatus] = frozenset({"new", "drafted", "claimed", "waiting"})
CLOSED: frozenset[TicketStatus] = frozenset({"approved", "sent", "rejected", "escalated"})

MAX_MESSAGE = 20_000
MAX_REPLY = 20_000

LARGEST = 2**31 - 1  # of the numbers that the database gives and counts with
LONGEST_WAIT = datetime.timedelta(days=3_660)
UNSEEN = " \n\t\u200c\u200d"  # what may stand in a text and shows nothing


def printable(text: str) -> str:
    """Without control characters and halves of characters; line breaks, tabs and joiners stay, spaces are one kind."""
    lines = re.sub("\r\n?|[\u2028\u2029]", "\n", text)
    plain = re.sub("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]", " ", lines)
    return "".join(c for c in plain if c.isprintable() or c in "\n\t\u200c\u200d")


def _said(text: str) -> str:
    """A text of which a reader sees something. Raises ValueError where nothing is left."""
    stripped = text.strip()
    if not stripped.strip(UNSEEN):
        raise ValueError("is empty, or holds nothing that can be seen: write something")
    return stripped


def _upcoming(moment: datetime.datetime) -> datetime.datetime:
    """A time to come, in UTC where it says no other. Raises ValueError for the past and the far future."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
    now = datetime.datetime.now(datetime.UTC)
    if not now < aware < now + LONGEST_WAIT:
        raise ValueError("is no time of the next ten years: give one that is still to come")
    return aware


MessageText = Annotated[
    str, StringConstraints(max_length=MAX_MESSAGE), AfterValidator(printable), AfterValidator(_said)
]
Paragraph = Annotated[str, StringConstraints(max_length=4_000), AfterValidator(printable), AfterValidator(_said)]
Line = Annotated[OneLine, AfterValidator(printable), AfterValidator(lambda text: " ".join(text.split()))]
Title = Annotated[Line, AfterValidator(_said), Field(max_length=120)]
LanguageCode = Annotated[str, StringConstraints(pattern=r"^[\w-]{1,16}$")]
DueTime = Annotated[datetime.datetime, AfterValidator(_upcoming)]


# -- what comes in -----------------------------------------------------------------------------------------------


class Contact(Frozen):
    """Where the reply goes. Without an address the trader reads it under a secret link."""

    name: Annotated[Line, Field(max_length=100)] = ""
    address: Email | None = None


class Attachment(Frozen):
    """What came with a message: its name and size in bytes, never its content."""

    name: Annotated[Line, Field(max_length=200)]
    media_type: Annotated[Line, Field(max_length=100)] = "application/octet-stream"
    size: int = Field(ge=0, le=10**12)


class NewTicket(Frozen):
    """A question for the helpdesk. Language and countries are found out where they are not given."""

    question: MessageText
    subject: Annotated[Line, Field(max_length=300)] = ""
    language: LanguageCode | None = None
    countries: tuple[CountryCode, ...] = ()
    history: Annotated[tuple[Turn, ...], Field(max_length=MAX_HISTORY_TURNS)] = Field(
        default=(), description="What was said in the chat before."
    )
    channel: Channel = "api"
    contact: Contact = Contact()
    consent: bool = Field(default=False, description="The trader agreed that their address is kept to reply.")
    attachments: Annotated[tuple[Attachment, ...], Field(max_length=50)] = ()
    priority: Priority = "normal"
    answer_id: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,64}$")] | None = Field(
        default=None, description="The assistant's answer that the trader had before."
    )
    message_id: Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f-\x9f]{1,500}$")] | None = Field(
        default=None, description="Of the mail it came in, or of the program's own; the same twice makes one ticket."
    )

    @model_validator(mode="after")
    def _agreed(self) -> "NewTicket":
        if self.channel in ("chat", "desk") and self.contact.address and not self.consent:
            raise ValueError("consent is missing: an address is kept only of a trader who agreed to that")
        return self


# -- what officers see -------------------------------------------------------------------------------------------


class Message(Frozen):
    """One message of a ticket. `text` is without personal data; `original` the trader's own words, for who may."""

    id: int
    direction: Direction
    at: datetime.datetime
    author: str
    text: str
    original: str | None = None
    attachments: tuple[Attachment, ...] = ()
    delivery: Delivery | None = None


class Similar(Frozen):
    """A reply to a question like this one. `alike` is a cosine."""

    number: int
    question: str
    text: str
    alike: float
    published: bool = False


class Draft(Frozen):
    """A suggested answer. Without one, `reason` says why."""

    id: int
    made_at: datetime.datetime
    answer: Answer | None
    reason: str | None = None
    similar: tuple[Similar, ...] = ()
    stale: Stale | None = Field(default=None, description="What has changed since: it must not be sent unseen.")


class Checked(Sentence):
    """A sentence of a reply and how it stands to what it cites."""

    standing: Standing


class Reply(Frozen):
    """What an officer is about to send, or sent."""

    text: str
    sentences: tuple[Checked, ...]
    citations: tuple[Citation, ...]
    draft_id: int | None
    edited_by: str | None = None
    edited_at: datetime.datetime | None = None


class Event(Frozen):
    """One line of the audit log. It holds no personal data, and it is never changed."""

    id: int
    at: datetime.datetime
    actor: str
    actor_name: str
    action: str
    number: int | None = None
    detail: dict[str, object] = Field(default_factory=dict)


class Actor(Frozen):
    """Somebody whom the audit log names."""

    id: str
    name: str


class Decision(Frozen):
    """What an officer decided on a ticket, and how what was sent differs from what was suggested."""

    at: datetime.datetime
    by: str
    outcome: Outcome
    reason: str | None = None
    draft: str | None = None
    sent: str | None = None


class Summary(Frozen):
    """A ticket as a row of the queue."""

    number: int
    version: int
    created_at: datetime.datetime
    updated_at: datetime.datetime
    due_at: datetime.datetime
    status: TicketStatus
    priority: Priority
    channel: Channel
    language: str
    countries: tuple[CountryCode, ...]
    topic: str | None
    question: str
    officer: str | None = None
    officer_id: str | None = None
    officer_disabled: bool = Field(default=False, description="The officer's account is: anybody may take the ticket.")
    confidence: float | None = None
    draft: DraftState = "wanted"
    stale: Stale | None = None
    undelivered: bool = Field(default=False, description="The last letter to the trader did not arrive.")


class Ticket(Summary):
    """A ticket as it is opened. `contact` and the messages' originals are given to those who may see them."""

    subject: str
    contact: Contact | None
    has_contact: bool = Field(default=False, description="A name or address was left, also where it is not shown.")
    messages: tuple[Message, ...]
    suggestion: Draft | None
    reply: Reply | None
    decisions: tuple[Decision, ...]
    history: tuple[Event, ...]
    published: str | None = Field(default=None, description="The verified answer that was made of it.")
    erased: bool = False


class Filter(Frozen):
    """Which tickets, in which order. `officer` is an id, "me" or "nobody"."""

    status: tuple[TicketStatus, ...] = ()
    open: bool | None = None
    country: CountryCode | None = None
    language: LanguageCode | None = None
    channel: Channel | None = None
    priority: Priority | None = None
    officer: Annotated[str, StringConstraints(pattern=r"^[\w:.-]{1,64}$")] | None = None
    overdue: bool = False
    undelivered: bool = False
    q: Annotated[str, StringConstraints(max_length=200), AfterValidator(printable)] = ""
    sort: Literal["due", "created", "updated", "priority", "confidence", "number"] = "due"
    descending: bool = False
    page: int = Field(default=1, ge=1, le=100_000)
    size: int = Field(default=50, ge=1, le=200)


class Tickets(Frozen):
    """One page of the queue."""

    items: tuple[Summary, ...]
    total: int
    page: int
    pages: int


# -- what officers do --------------------------------------------------------------------------------------------


class Seen(Frozen):
    """Every change names the version of the ticket that its author saw; another one is refused."""

    version: int = Field(ge=1, le=LARGEST)


class Edited(Seen):
    """The reply as the officer has it now: sentences with markers [n] of the citations behind them."""

    text: Annotated[str, StringConstraints(max_length=MAX_REPLY), AfterValidator(printable)]
    draft_id: int | None = Field(default=None, ge=1, le=LARGEST)


class Rejected(Seen):
    """Closed without a reply."""

    reason: RejectReason
    comment: Annotated[str, StringConstraints(max_length=2_000), AfterValidator(printable)] = ""


class Asked(Seen):
    """A question back to the trader."""

    text: MessageText


class Readdressed(Seen):
    """Where the reply is to go instead, as the trader has told since."""

    contact: Contact


class Triage(Seen):
    """Priority, due time and countries set by hand; None leaves one as it is."""

    priority: Priority | None = None
    due_at: DueTime | None = None
    countries: Annotated[tuple[CountryCode, ...], Field(max_length=50)] | None = None


class CaseSummary(Frozen):
    """What ASSIST asks for, taken from the ticket. What the ticket does not say is None, and stays so."""

    fields: dict[str, str | None]
    missing: tuple[str, ...]
    text: str
    url: str


class Comparison(Frozen):
    """A sentence of a reply beside the words it rests on, whatever their languages. `alike` is a cosine.

    Without a source `evidence` is "", and there is nothing to compare.
    """

    text: str
    evidence: str
    language: str
    same: tuple[str, ...]
    differs: tuple[str, ...]
    alike: float
    standing: Standing


class Canned(Frozen):
    """A paragraph for replies."""

    id: int
    title: str
    text: str
    language: str = "en"
    country: CountryCode | None = None


class NewCanned(Frozen):
    """A paragraph to be added to the library."""

    title: Title
    text: Paragraph
    language: LanguageCode = "en"
    country: CountryCode | None = None


class Verified(Frozen):
    """An approved answer that was published: the assistant cites it first until it expires."""

    id: str
    number: int
    question: str
    text: str
    language: str
    countries: tuple[CountryCode, ...]
    published_by: str
    published_at: datetime.datetime
    expires_on: datetime.date
    state: Literal["serving", "expired", "withdrawn", "source changed"]


# -- what is shown from afar -------------------------------------------------------------------------------------


class Progress(Frozen):
    """What the trader sees under the secret link: no names, no notes."""

    number: int
    status: TicketStatus
    language: str
    created_at: datetime.datetime
    messages: tuple[Message, ...]
    answer: str | None
    disclaimer: str
    escalation: str


class Gap(Frozen):
    """Questions of one meaning that the sources did not answer, or that were answered badly."""

    questions: tuple[str, ...]
    count: int
    countries: dict[str, int]
    languages: dict[str, int]
    reasons: dict[str, int]
    latest: datetime.datetime
