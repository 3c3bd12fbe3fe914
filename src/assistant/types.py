"""The frozen data types every part shares: documents, passages, hits, questions, answers and answer events."""

from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    EmailStr,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

Authority = Literal["treaty", "law", "guidance", "announcement", "portal description", "helpdesk answer"]
Wording = Literal["restated", "verbatim"]
Status = Literal["answered", "partial", "routed", "clarify", "declined"]
Role = Literal["user", "assistant"]

REFUSALS: frozenset[Status] = frozenset({"routed", "clarify", "declined"})

FALLBACK = "en"  # the language of whatever has no wording in the reader's
SPACELESS = frozenset(["th", "km", "lo", "my", "zh"])  # languages that part no words by spaces

MAX_QUESTION_CHARACTERS = 2_000
MAX_HISTORY_TURNS = 40
MAX_TURN_CHARACTERS = 8_000
MAX_NAME_CHARACTERS = 100
MAX_NOTE_CHARACTERS = 2_000

OneLine = Annotated[str, AfterValidator(lambda text: " ".join(text.split()))]
CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
PartialDate = Annotated[str, StringConstraints(pattern=r"^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$")]


class Frozen(BaseModel):
    """Immutable, and refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


# -- sources -----------------------------------------------------------------------------------------------------


class Portal(Frozen):
    """One official site: what it gives and where it is. `url` is None where the source names no link."""

    name: str
    description: str
    url: str | None
    country: CountryCode | None
    listed: bool = Field(description="On ASEAN's own list of Informed Compliance portals.")
    publisher: str
    as_of: PartialDate | None
    document_id: str

    @property
    def summary(self) -> str:
        """What it is called and what it gives, as it is embedded."""
        return f"{self.name}\n{self.description}"


class Provenance(Frozen):
    """Who says it, with what authority, as of when: the part of a document that each of its citations repeats."""

    title: OneLine
    publisher: OneLine
    source: OneLine = Field(description="What the source is called.")
    url: str | None = Field(description="The source's own address; None where it is not known.")
    authority: Authority
    binding: bool
    as_of: PartialDate | None
    wording: Wording
    language: str
    retrieved_on: PartialDate | None = Field(default=None, description="The day it was fetched; None for ours.")
    version: str = Field(default="", description="A hash of the document's body: equal if and only if its text is.")


class Extracted(Frozen):
    """What was read from a file or page: Markdown, and what it says of itself. Findings are for whoever ingests it."""

    title: str | None
    body: str
    language: str | None = None
    publisher: str | None = None
    date: PartialDate | None = None
    media_type: str = ""
    pages: int | None = None
    findings: tuple[str, ...] = ()


class Fetched(Frozen):
    """What a server gave for an address, after redirects; `url` is the last one."""

    url: str
    status: int
    body: bytes
    content_type: str | None = None
    location: str | None = None
    etag: str | None = None
    modified: str | None = None

    @property
    def unchanged(self) -> bool:
        """Whether the page is as it was when its etag and date were given."""
        return self.status == 304


class Expected(Frozen):
    """Questions that one sentence of a document answers. `words` stand in that sentence and in no other."""

    words: str
    questions: tuple[str, ...]


class Document(Provenance):
    """One source document: its provenance and its Markdown body."""

    id: str
    country: CountryCode | None = None
    body: str
    media_type: str | None = Field(default=None, description="Of the original, where one is kept.")
    original: str | None = Field(default=None, description="SHA-256 of the original, where one is kept.")
    see_also: tuple[str, ...] = ()
    questions: tuple[str, ...] = Field(default=(), description="Questions the document answers, for suggestions.")
    expected: tuple[Expected, ...] = Field(default=(), description="Questions that its sentences are found by.")
    portals: tuple[Portal, ...] = ()


class Passage(Provenance):
    """A quotable piece of one section of a document. `text` is what quotes and offsets refer to."""

    id: str
    document_id: str
    section: str = Field(description="Headings above the text, outermost first, joined by ' > '; may be empty.")
    text: str
    country: CountryCode | None = None
    position: int = Field(ge=0, description="Order of the passage within its document.")
    page: int | None = Field(default=None, description="Page of the source on which it begins, where it has pages.")

    def in_context(self, sentence: str) -> str:
        """A sentence of it with its title and headings before it, as it is read beside a question."""
        return f"{self.title}. {self.section}: {sentence}"

    @property
    def context(self) -> str:
        """The text with its title and headings before it, as it is embedded and indexed."""
        return "\n".join(part for part in (self.title, self.section, self.text) if part)


class Hit(Frozen):
    """A passage found for a question. `dense` is a cosine in [-1, 1], `lexical` a BM25 score; None where not found.

    `expected` gives, by the start of a sentence, the cosine of the question expected of it that is most like this one.
    """

    passage: Passage
    score: float
    dense: float | None = None
    lexical: float | None = None
    expected: dict[int, float] = Field(default_factory=dict)


class Extract(Frozen):
    """A sentence of a passage, `hit.passage.text[start:end]`, scored against a question.

    `score` is how likely it answers, in [0, 1]; `gives` whether it holds the kind of thing that is asked for (a date,
    a number …) and every year that is named.
    """

    hit: Hit
    start: int
    end: int
    score: float
    gives: bool = True

    @property
    def text(self) -> str:
        """The sentence."""
        return self.hit.passage.text[self.start : self.end]

    @property
    def place(self) -> tuple[str, int]:
        """Its passage and where it starts there."""
        return self.hit.passage.id, self.start


class Claim(Frozen):
    """A sentence of an answer and the spans it rests on. `score`, in [0, 1], is how surely they support it.

    `language` is that of the text; `written` says that a language model wrote it, else it is one of the spans.
    """

    text: str
    evidence: tuple[Extract, ...]
    language: str
    score: float = 1.0
    written: bool = False


class Written(Frozen):
    """A sentence as a language model wrote it: in English, and translated where another language was asked for.

    `passages` are the numbers, from 1, of those it says it rests on.
    """

    text: str
    passages: tuple[int, ...] = ()
    translation: str = ""


Failing = Literal["address", "number", "name", "meaning", "support", "language", "translation", "repeated"]


class Dropped(Frozen):
    """A sentence that a language model wrote and nobody is shown, and what about it its evidence does not say."""

    text: str
    passages: tuple[int, ...]
    failing: Failing
    score: float | None = None


class Generation(Frozen):
    """What a language model wrote for one answer and what became of it; kept beside the answer, shown to no reader.

    `prompt` names the prompt and its version; `failure` says why the model did not finish, None where it did.
    """

    model: str
    prompt: str
    kept: int = Field(ge=0)
    dropped: tuple[Dropped, ...] = ()
    failure: str | None = None
    first_ms: float | None = Field(default=None, description="Until its first sentence was verified.")
    total_ms: float = 0.0


class Manifest(Frozen):
    """What an index is made of. Two indexes with the same `version` hold the same passages under the same model."""

    version: str
    corpus_hash: str
    model: str
    chunker: str
    documents: int = Field(ge=0)
    passages: int = Field(ge=0)


# -- questions ---------------------------------------------------------------------------------------------------


def _clean(text: str) -> str:
    """Drop control characters (line breaks and tabs become spaces) and surrounding white space."""
    spaced = (" " if character.isspace() else character for character in text)
    return " ".join("".join(c for c in spaced if c.isprintable() or c in "\u200c\u200d").split())


def _upper(code: object) -> object:
    """Country codes are taken in either case; an empty one is none."""
    return code.strip().upper() or None if isinstance(code, str) else code


class Turn(Frozen):
    """One earlier message of the conversation. `status` is the status of an assistant's answer, if known."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    role: Role
    content: Annotated[str, StringConstraints(max_length=MAX_TURN_CHARACTERS), AfterValidator(_clean)]
    status: Status | None = None


class Question(Frozen):
    """What a trader asks: 1 to 2,000 characters with at least one letter or digit. In JSON the text is "question"."""

    model_config = ConfigDict(frozen=True, extra="ignore", validate_by_name=True, validate_by_alias=True)

    text: Annotated[str, AfterValidator(_clean)] = Field(alias="question")
    history: tuple[Turn, ...] = Field(default=(), max_length=MAX_HISTORY_TURNS)
    country: Annotated[CountryCode | None, BeforeValidator(_upper)] = Field(
        default=None, description="ISO 3166 code of the country the question is about, where the text names none."
    )
    language: Annotated[str, StringConstraints(max_length=16)] | None = Field(
        default=None, description="ISO 639 code to answer in; left out: the question's own."
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.text:
            raise ValueError("the question is empty: write what you want to know")
        if len(self.text) > MAX_QUESTION_CHARACTERS:
            raise ValueError(
                f"the question has {len(self.text):,} characters: shorten it to {MAX_QUESTION_CHARACTERS:,} at most"
            )
        if not any(character.isalnum() for character in self.text):
            raise ValueError("the question has no words: write it in words")
        return self


# -- answers -----------------------------------------------------------------------------------------------------


class Citation(Provenance):
    """The evidence behind a marker `[n]`. `quote == passage.text[start:end]`, counted in code points."""

    marker: int = Field(ge=1)
    passage_id: str
    document_id: str
    section: str
    country: CountryCode | None
    page: int | None = None
    quote: str = Field(min_length=1)
    start: int = Field(ge=0)
    end: int
    score: float

    @model_validator(mode="after")
    def _quote_has_its_length(self) -> Self:
        if self.end - self.start != len(self.quote):
            raise ValueError(f"quote of {len(self.quote)} characters at [{self.start}:{self.end}]")
        return self


class Sentence(Frozen):
    """A sentence of an answer. One from our message files has no citations, and `supported` None."""

    text: str = Field(min_length=1)
    citations: tuple[int, ...] = ()
    supported: bool | None = None
    score: float | None = Field(default=None, ge=0, le=1)

    @property
    def marked(self) -> str:
        """The sentence followed by its markers."""
        markers = "".join(f"[{marker}]" for marker in self.citations)
        return f"{self.text} {markers}" if markers else self.text


class Clarification(Frozen):
    """One short question back, with country codes to choose from."""

    question: str
    options: tuple[str, ...]


class Escalation(Frozen):
    """Where to take a problem further."""

    name: str = Field(min_length=1)
    url: str = Field(min_length=1)
    text: str = Field(min_length=1)


class Timings(Frozen):
    """Milliseconds spent in each stage."""

    embed: float = 0.0
    retrieve: float = 0.0
    compose: float = 0.0
    verify: float = 0.0
    total: float = 0.0


class Answer(Frozen):
    """What every caller gets. It cannot be built without its disclaimer and its escalation pointer."""

    id: str
    question: str
    language: str
    countries: tuple[CountryCode, ...]
    status: Status
    text: str
    sentences: tuple[Sentence, ...] = Field(min_length=1)
    citations: tuple[Citation, ...]
    portals: tuple[Portal, ...]
    clarification: Clarification | None
    disclaimer: str = Field(min_length=1)
    escalation: Escalation
    follow_ups: tuple[str, ...]
    confidence: float = Field(ge=0, le=1)
    composer: str
    index_version: str
    timings_ms: Timings

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if self.text != joined(self.sentences):
            raise ValueError("text is not its sentences joined")
        markers = {citation.marker for citation in self.citations}
        used = {marker for sentence in self.sentences for marker in sentence.citations}
        if markers != used:
            raise ValueError(f"citations {sorted(markers)} but markers {sorted(used)}")
        if self.status in ("answered", "partial") and not self.citations:
            raise ValueError(f"status {self.status} without a citation")
        if (self.status == "clarify") != (self.clarification is not None):
            raise ValueError("a clarification belongs to status clarify, and to no other")
        return self


def joined(sentences: tuple[Sentence, ...]) -> str:
    """The text of an answer: its sentences, each followed by its markers."""
    return " ".join(sentence.marked for sentence in sentences)


# -- events ------------------------------------------------------------------------------------------------------


class Meta(Frozen):
    """First event of a stream: what is known before the first sentence."""

    event: Literal["meta"] = "meta"
    id: str
    language: str
    countries: tuple[CountryCode, ...]
    disclaimer: str
    escalation: Escalation


class Delta(Frozen):
    """One verified sentence."""

    event: Literal["delta"] = "delta"
    sentence: Sentence


class Cited(Frozen):
    """A citation, sent before the first sentence that carries its marker."""

    event: Literal["citation"] = "citation"
    citation: Citation


class Done(Frozen):
    """Last event of a stream: the whole answer."""

    event: Literal["done"] = "done"
    answer: Answer
    generation: Generation | None = Field(default=None, exclude=True)


AnswerEvent = Annotated[Meta | Delta | Cited | Done, Field(discriminator="event")]


class Feedback(Frozen):
    """What a reader thought of an answer."""

    answer_id: str = Field(min_length=1, max_length=100)
    helpful: bool
    reason: Annotated[str, StringConstraints(max_length=100)] | None = None
    comment: Annotated[str, StringConstraints(max_length=2_000)] | None = None


# -- handing over to the helpdesk --------------------------------------------------------------------------------


def _lines(text: str) -> str:
    """Drop control characters other than line breaks, and surrounding white space."""
    cleaned = (_clean(line) for line in text.splitlines())
    return "\n".join(cleaned).strip()


def _none_if_empty(text: object) -> object:
    """A field that a form leaves empty was not given."""
    return None if isinstance(text, str) and not text.strip() else text


class HandOverRequest(Frozen):
    """A question that its reader wants a person to answer, and where the reply is to go.

    `history` is the conversation before it, `answer_id` what the assistant said to it, None where it said nothing.
    What is wrong with it is told without what was entered, which may reach a log.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    question: Annotated[
        str,
        AfterValidator(_clean),
        StringConstraints(min_length=1, max_length=MAX_QUESTION_CHARACTERS),
    ]
    history: tuple[Turn, ...] = Field(default=(), max_length=MAX_HISTORY_TURNS)
    language: Annotated[str, StringConstraints(min_length=2, max_length=16)]
    countries: tuple[CountryCode, ...] = ()
    answer_id: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
    name: Annotated[
        Annotated[str, AfterValidator(_clean), StringConstraints(max_length=MAX_NAME_CHARACTERS)] | None,
        BeforeValidator(_none_if_empty),
    ] = None
    address: Annotated[EmailStr | None, BeforeValidator(_none_if_empty)] = Field(
        default=None, description="An e-mail address, its domain in lower case; without one the reply is under a link."
    )
    note: Annotated[
        Annotated[str, AfterValidator(_lines), StringConstraints(max_length=MAX_NOTE_CHARACTERS)] | None,
        BeforeValidator(_none_if_empty),
    ] = Field(default=None, description="What the reader adds; may have lines.")
    consent: bool = Field(description="The reader agreed that all this is sent and kept; nothing is sent without.")

    @field_validator("consent")
    @classmethod
    def _agreed(cls, consent: bool) -> bool:
        if not consent:
            raise ValueError("nothing is sent to the helpdesk without consent: agree that it is sent and kept")
        return consent


class MailedHandOverRequest(HandOverRequest):
    """One whose reply goes out by mail."""

    address: EmailStr


class Receipt(Frozen):
    """What the helpdesk gives for a question handed over. `link` is secret: it shows the question to whoever has it."""

    number: int = Field(ge=1)
    link: Annotated[str, StringConstraints(pattern=r"^/[^/\\\s]\S*$")] | None = Field(
        default=None, description="Path of the page that tells how far it is, on this server."
    )
    created: bool = Field(default=True, description="False where the same message had come before.")
