"""Every error this package raises on purpose. Messages say what is wrong and what to do about it.

AssistantError
├── InputError             bad question, option, file or setting: exit 2, HTTP 422
│   ├── CorpusError        a corpus file that cannot be read, with file and line
│   └── NotFoundError      no such passage, document or answer: HTTP 404
├── IndexUnavailableError  no index, a broken one, or one that is being built: exit 2, HTTP 503
└── DataUnavailableError   the data folder or the database cannot be used: exit 2, HTTP 503
"""


class AssistantError(Exception):
    """Root of the tree."""


class InputError(AssistantError):
    """The caller gave something that cannot be used."""


class CorpusError(InputError):
    """A corpus file breaks a rule of the corpus."""

    def __init__(self, path: str, line: int, message: str) -> None:
        super().__init__(f"{path}:{line}: {message}")
        self.path = path
        self.line = line
        self.message = message


class NotFoundError(InputError):
    """What was asked for does not exist."""


class IndexUnavailableError(AssistantError):
    """No index can be served, or none can be built, right now."""


class DataUnavailableError(AssistantError):
    """The data folder or the database cannot be used."""
