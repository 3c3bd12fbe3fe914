"""Answers a file of questions: JSON lines in, JSON lines out, same order."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from assistant.bootstrap import Assistant
from assistant.errors import InputError
from assistant.types import Frozen, Question
from assistant_evals import lines

Progress = Callable[[int, int], None]


class Row(Frozen):
    """One question of a file, with the id its answer will carry."""

    id: str
    question: Question


def read(path: Path) -> list[Row]:
    """The rows of a question file; keys beside id, question, country, language and history are ignored.

    Raises:
        InputError: naming file and line.
    """
    return [_row(place, fields) for place, fields in lines.read(path)]


def write(rows: Sequence[Row], assistant: Assistant, out: Path, progress: Progress) -> Counter[str]:
    """Answer every row into `out`, whole or not at all; returns how many answers have each status."""
    counts: Counter[str] = Counter()
    temporary = out.with_name(f"{out.name}.part")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            for done, row in enumerate(rows, start=1):
                answer = assistant.answer(row.question)
                counts[answer.status] += 1
                record = {**answer.model_dump(mode="json"), "id": row.id}
                file.write(json.dumps(record, ensure_ascii=False) + "\n")
                progress(done, len(rows))
        temporary.replace(out)
    except OSError as error:
        raise InputError(f"{out} cannot be written: {error.strerror}") from None
    return counts


def _row(place: str, fields: Mapping[str, Any]) -> Row:
    try:
        return Row(id=str(fields["id"]), question=Question.model_validate(fields))
    except ValidationError as error:
        reason = error.errors()[0]["msg"].removeprefix("Value error, ")
    except KeyError as error:
        reason = f"no {error}"
    except (ValueError, TypeError) as error:
        reason = str(error)
    raise InputError(f"{place}: {reason}")
