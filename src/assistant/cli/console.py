"""What every command shares: messages and progress on stderr, and a ready assistant."""

import sys
from typing import Annotated, Any, NoReturn, Self

import typer
from pydantic import ValidationError
from tqdm import tqdm

from assistant import bootstrap, settings
from assistant.bootstrap import Assistant
from assistant.tickets import printable
from assistant.types import Manifest

LONGEST_LINE = 120  # characters of a trader's words

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


class Bar:
    """A progress bar on stderr that appears with the first progress."""

    def __init__(self, unit: str = "texts") -> None:
        self._unit = unit
        self._bar: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def show(self, done: int, total: int) -> None:
        """Tell that `done` of `total` are done."""
        if self._bar is None:
            self._bar = tqdm(total=total, unit=f" {self._unit}", file=sys.stderr, dynamic_ncols=True)
        self._bar.update(done - self._bar.n)


def ready(*, recording: bool) -> Assistant:
    """An assistant on the settings of the environment; builds the index first where it must."""
    with Bar() as bar:
        return bootstrap.assistant(settings.load(), say, bar.show, recording=recording)


def explain(error: ValidationError) -> str:
    """The first thing that is wrong, with its place."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    return f"{place}: {message}" if place else message


def counted(count: int, one: str, several: str = "") -> str:
    """A count with its noun, e.g. "1 ticket", "2 tickets"; `several` where its plural is not made with an s."""
    return f"{count} {one if count == 1 else several or f'{one}s'}"


def shortened(text: str) -> str:
    """A text on one line that is not too long, without what a terminal would obey."""
    line = " ".join(printable(text).split())
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1].rstrip()}…"


def indexed(manifest: Manifest, embedded: int) -> str:
    """What was built."""
    held = f"{counted(manifest.passages, 'passage')} of {counted(manifest.documents, 'document')}"
    return f"Index {manifest.version}: {held}, {counted(embedded, 'text')} embedded."


def say(text: str) -> None:
    """A line on stderr."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201


def fail(text: str) -> NoReturn:
    """A clear line, and exit code 2."""
    say(f"error: {text}")
    raise SystemExit(2)
