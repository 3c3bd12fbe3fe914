"""Runs a command in the process of a test."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper

import pytest

from assistant import cli


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str


Command = Callable[..., Result]


def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str, stdin: str | bytes = ""
) -> Result:
    """What the command answers to that input, which comes down a pipe."""
    raw = stdin.encode() if isinstance(stdin, str) else stdin
    monkeypatch.setattr("sys.argv", ["assistant", *arguments])
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(raw), encoding="utf-8"))
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        cli.main()
    printed = capsys.readouterr()
    return Result(int(ended.value.code or 0), printed.out, printed.err)
