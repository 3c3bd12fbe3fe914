"""Reads JSON lines files: an object a line, each with its place, for messages that say where to look."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from assistant.errors import InputError


def read(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Place ("file:line") and object of every line that is not empty.

    Raises:
        InputError: the file cannot be read, or a line is no object.
    """
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield f"{path}:{number}", _object(line, f"{path}:{number}")
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path} cannot be read: {error}") from None


def _object(line: str, place: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise InputError(f"{place}: {error}") from None
    if not isinstance(row, dict):
        raise InputError(f"{place}: not a JSON object")
    return row
