"""The seams: what the stages need from the outside, as protocols that adapters and test fakes fill."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.correspondence import IncomingMail, OutgoingMail
from assistant.people import Identity
from assistant.types import (
    Answer,
    Document,
    Extracted,
    Feedback,
    Fetched,
    Generation,
    HandOverRequest,
    Manifest,
    Passage,
    Receipt,
)

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class Tokens:
    """A text's tokens as they stand there, and their unit vectors, shape (len(texts), dimensions)."""

    texts: tuple[str, ...]
    vectors: Vectors


class Embedder(Protocol):
    """Text to unit vectors of one fixed length; the same text always gives the same vector."""

    @property
    def name(self) -> str:
        """The model, as the setting spells it; vectors of two names are never compared."""
        ...

    def embed_queries(self, texts: Sequence[str], *, keep: bool = False) -> Vectors:
        """Vectors of questions, shape (len(texts), dimensions). `keep` says that they are ours and may be cached."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages or sentences of them, shape (len(texts), dimensions)."""
        ...


class VectorSearch(Protocol):
    """Nearest passages."""

    def search(self, vector: Vectors, limit: int) -> list[tuple[str, float]]:
        """Ids of the passages nearest to one vector of shape (dimensions,), with their cosine, best first."""
        ...


EmbedPassages = Callable[[Sequence[Passage]], Vectors]
"""Vectors of passages, shape (len(passages), dimensions)."""


class PassageStore(VectorSearch, Protocol):
    """Versions of the index; one of them is current. A version is complete before it becomes current."""

    def publish(
        self,
        manifest: Manifest,
        documents: Sequence[Document],
        passages: Sequence[Passage],
        embed: EmbedPassages,
        *,
        afresh: bool = False,
    ) -> None:
        """Write a whole version, then make it current. Readers keep the old one until then.

        `embed` is asked for the vectors of passages that the version before does not hold, batch by batch; of all
        passages where the version is made `afresh`.
        """
        ...

    def documents(self) -> list[Document]:
        """All documents of the current version, ordered by id."""
        ...

    def passages(self) -> list[Passage]:
        """All passages of the current version, ordered by document and position."""
        ...


class LexicalIndex(Protocol):
    """Word matching over passages."""

    def search(self, text: str, limit: int) -> list[tuple[str, float]]:
        """Ids of the passages that share words with the text, with their score above 0, best first."""
        ...

    def coverage(self, text: str) -> float:
        """Share, in [0, 1], of the text's words that the passages use, weighted by how rare each word is."""
        ...

    def overlap(self, question: str, texts: Sequence[str]) -> list[float]:
        """For each text the share, in [0, 1], of the question's words that it uses, weighted by how rare each is."""
        ...


class Reranker(Protocol):
    """Reads a question and a text together, which tells more than comparing their vectors, and costs more."""

    def relevances(self, question: str, texts: Sequence[str]) -> list[float]:
        """How each text answers the question, in the order given; higher is better."""
        ...


class TokenEncoder(Protocol):
    """A late-interaction model: a vector for every token, so that each word can be looked for in another text."""

    def encode(self, text: str) -> Tokens:
        """The words of a text with their vectors; a text too long for the model is cut."""
        ...


class Verifier(Protocol):
    """Whether claims follow from evidence."""

    def score(self, claim: str, evidence: Sequence[str]) -> float:
        """How likely the pieces of evidence, in their order, support the whole claim, in [0, 1]."""
        ...


class LanguageModel(Protocol):
    """A model that writes."""

    @property
    def name(self) -> str:
        """The model, as its server calls it."""
        ...

    def stream(self, system: str, user: str, schema: Mapping[str, object]) -> Iterator[str]:
        """The reply in pieces, as JSON that fits the schema where the server sees to that.

        Raises LanguageModelError, also after some pieces; never later than the time it is allowed.
        """
        ...


class SourceReader(Protocol):
    """Files and pages to Markdown."""

    def read(self, raw: bytes, name: str, declared: str | None = None) -> Extracted:
        """The text of a file named so; `declared` is the Content-Type it came with.

        Raises ExtractionError, which says why it cannot be read and what to do.
        """
        ...


class Fetcher(Protocol):
    """Pages of the web, of allowed hosts alone."""

    def allows(self, url: str) -> bool:
        """Whether the address may be fetched at all."""
        ...

    def fetch(self, url: str, *, etag: str | None = None, modified: str | None = None) -> Fetched:
        """One page. Raises FetchError, which says why not, and whether the page is gone."""
        ...

    def sitemaps(self, url: str) -> list[str]:
        """Where the site of an address may list its pages."""
        ...


class AnswerLog(Protocol):
    """Where given answers and what readers thought of them are kept."""

    def record(self, answer: Answer, generation: Generation | None = None) -> None:
        """Keep an answer and how it was generated, both already free of personal data."""
        ...

    def find(self, answer_id: str) -> Answer | None:
        """The kept answer, or None."""
        ...

    def citing(self, passage_ids: Collection[str]) -> list[str]:
        """Ids of the kept answers that cite any of those passages, oldest first."""
        ...

    def ping(self) -> None:
        """Raises DataUnavailableError where nothing can be kept now."""
        ...

    def close(self) -> None:
        """Let go of what is open; nothing is kept or found afterwards."""
        ...

    def add_feedback(self, feedback: Feedback) -> None:
        """Keep a reader's verdict. Raises NotFoundError where the answer is not kept."""
        ...


class HandOver(Protocol):
    """The helpdesk, as a page sees it that hands questions over."""

    def hand_over(self, request: HandOverRequest) -> Receipt:
        """Make a ticket of the question.

        Raises InputError where it cannot be taken as it is, DataUnavailableError where nothing can be kept now.
        """
        ...


@dataclass(frozen=True)
class Delivery:
    """One mail of a mailbox, or why it cannot be read: either `mail` or `problem` is there.

    `done` is called when the mail has been taken and is safe; it raises MailUnavailableError where that cannot be
    marked any more, and the mail then comes once more, under the same Message-ID.
    """

    name: str
    mail: IncomingMail | None
    problem: str | None
    done: Callable[[], None]


class Mailbox(Protocol):
    """Where mails come in. One that cannot be read does not keep the others back."""

    def __iter__(self) -> Iterator[Delivery]:
        """The mails that have not been taken yet, oldest first.

        Raises InputError where there is no such mailbox, MailUnavailableError where it cannot be reached now.
        """
        ...


class MailSender(Protocol):
    """Sends mails. `address` is where they come from."""

    @property
    def address(self) -> str:
        """Whom the recipients see."""
        ...

    def new_message_id(self) -> str:
        """An id for a mail that is to be sent; kept with it, so that another attempt has the same."""
        ...

    def send(self, mail: OutgoingMail) -> None:
        """Hand a mail to the server.

        Raises MailRefusedError where it never will be taken, MailUnavailableError where it may be later.
        """
        ...


class IdentityProvider(Protocol):
    """Another service that knows who somebody is, by OpenID Connect."""

    def address(self, state: str, nonce: str, verifier: str) -> str:
        """Where the browser is sent to sign in. Raises IdentityProviderError where the provider does not answer."""
        ...

    def identify(self, code: str, nonce: str, verifier: str) -> Identity:
        """Who came back with that code.

        Raises:
            IdentityProviderError: the provider does not answer, or what it says cannot be believed.
            UnknownCallerError: it does not know them, or has not verified their e-mail address.
        """
        ...
