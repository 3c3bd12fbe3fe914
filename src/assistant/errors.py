"""Every error this package raises on purpose. Messages say what is wrong and what to do about it.

AssistantError
├── InputError             bad question, option, file or setting: exit 2, HTTP 422
│   ├── CorpusError        a corpus file that cannot be read, with file and line
│   ├── ExtractionError    a file or page that cannot be made a source, and why
│   │   └── FetchError     a page that cannot be fetched
│   └── NotFoundError      no such passage, document or answer: HTTP 404
├── RefusedError           whoever asks may not do this: HTTP 403
│   ├── UnknownCallerError nobody knows who asks: HTTP 401
│   └── TooOftenError      whoever asks has tried too often: HTTP 429
├── ConflictError          somebody else changed it meanwhile: HTTP 409
├── IndexUnavailableError  no index, a broken one, or one that is being built: exit 2, HTTP 503
├── DataUnavailableError   the data folder or the database cannot be used: exit 2, HTTP 503
├── MailError              a mail that does not go out or come in: exit 2, HTTP 503
│   ├── MailRefusedError   this mail never will: a recipient that does not exist, a text that is not taken
│   └── MailUnavailableError  the server cannot be reached or used now: the same mail may go later
├── IdentityProviderError  the identity provider does not answer, or says what cannot be believed: HTTP 503
└── LanguageModelError     the language model does not answer: never reaches a caller, the extractive answer does
"""

import logging

log = logging.getLogger(__name__)


class AssistantError(Exception):
    """Root of the tree."""

    @property
    def public(self) -> str:
        """What a stranger may read of it."""
        return str(self)


class InputError(AssistantError):
    """The caller gave something that cannot be used."""


class CorpusError(InputError):
    """A corpus file breaks a rule of the corpus."""

    def __init__(self, path: str, line: int, message: str) -> None:
        super().__init__(f"{path}:{line}: {message}")
        self.path = path
        self.line = line
        self.message = message


class ExtractionError(InputError):
    """A file or page cannot be made a source. The message completes "FILE …"."""


class FetchError(ExtractionError):
    """A page cannot be fetched; it is `gone`, or the trouble is `passing`: try `retry_after` seconds later."""

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        gone: bool = False,
        passing: bool = False,
        retry_after: float = 0.0,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.gone = gone
        self.passing = passing
        self.retry_after = retry_after


class NotFoundError(InputError):
    """What was asked for does not exist."""


class RefusedError(AssistantError):
    """Whoever asks may not do what they ask."""


class UnknownCallerError(RefusedError):
    """It is not known who asks, or no longer. A page that has its own words for the reason finds them by `code`."""

    def __init__(self, message: str, *, code: str = "unknown") -> None:
        super().__init__(message)
        self.code = code


class TooOftenError(RefusedError):
    """Whoever asks has tried too often, and is to wait."""


class ConflictError(AssistantError):
    """What was to be changed is no longer as the caller saw it."""


class IndexUnavailableError(AssistantError):
    """No index can be served, or none can be built, right now."""


class DataUnavailableError(AssistantError):
    """The data folder or the database cannot be used. Where they are is for whoever runs the service alone."""

    @property
    def public(self) -> str:
        """What a stranger may read of it."""
        return "the service cannot reach its data at the moment: try again in some seconds; nothing was changed"


class MailError(AssistantError):
    """A mail does not go out or come in."""


class MailRefusedError(MailError):
    """The server refuses this mail for good; sending it again changes nothing."""


class MailUnavailableError(MailError):
    """The mail server cannot be reached, or does not take anything now, or not from us; the same mail may go later."""


class IdentityProviderError(AssistantError):
    """The identity provider cannot be reached, or what it says cannot be believed."""


class LanguageModelError(AssistantError):
    """The language model cannot be reached, is too slow, or is not to be asked now. The message completes "it …"."""


def told(error: AssistantError) -> str:
    """What a stranger is told of an error; where that is not all, the rest is in the log."""
    if error.public != str(error):
        log.error("%s", error)
    return error.public
