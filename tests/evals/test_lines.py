"""JSON lines files: what is read, and where what cannot be read stands."""

from pathlib import Path

import pytest

from assistant.errors import InputError
from assistant_evals import lines


def write(folder: Path, content: bytes) -> Path:
    path = folder / "rows.jsonl"
    path.write_bytes(content)
    return path


def test_empty_lines_are_skipped_and_counted(tmp_path: Path) -> None:
    path = write(tmp_path, '{"a": 1}\n\n  \n{"b": "ค่า"}'.encode())
    assert list(lines.read(path)) == [(f"{path}:1", {"a": 1}), (f"{path}:4", {"b": "ค่า"})]


def test_an_empty_file_holds_nothing(tmp_path: Path) -> None:
    assert list(lines.read(write(tmp_path, b""))) == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "Expecting property name"),
        (b'{"a": 1} {"b": 2}', "Extra data"),
        (b"[1]", "not a JSON object"),
        (b'"words"', "not a JSON object"),
        (b"null", "not a JSON object"),
    ],
)
def test_a_line_that_is_no_object_is_named_with_its_number(tmp_path: Path, line: bytes, reason: str) -> None:
    path = write(tmp_path, b'{"a": 1}\n\n' + line)
    with pytest.raises(InputError, match=rf"rows\.jsonl:3: {reason}"):
        list(lines.read(path))


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"rows\.jsonl cannot be read"):
        list(lines.read(write(tmp_path, b"\xff\xfe")))


@pytest.mark.parametrize(("name", "reason"), [("missing.jsonl", "No such file"), (".", "Is a directory")])
def test_a_path_that_is_no_file_is_named_with_the_reason(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(InputError, match=f"cannot be read: {reason}"):
        list(lines.read(tmp_path / name))
