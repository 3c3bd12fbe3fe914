"""The parts of a mail, told apart within bounds however it is nested.

The standard library's parser builds the whole tree first: a mail of 1 MB that is nothing but boundaries takes it 11
seconds, one of 20 MB hours, and a deep one ends in a RecursionError. It reads each part's headers here; the parts
themselves are found by their boundaries, in one pass a level, at most so many and so deep, and nothing is copied.
"""

import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from assistant.mail.headers import Headers

MAX_PARTS = 200
MAX_DEPTH = 12
MAX_HEADERS = 65_536  # bytes of the headers of one part
END_OF_HEADERS = re.compile(rb"^\n", re.MULTILINE)
NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")


@dataclass(frozen=True)
class Part:
    """A part, its content still encoded: the bytes from `start` to `end` of `raw`."""

    headers: Headers
    raw: bytes = field(repr=False)
    start: int
    end: int
    parts: tuple["Part", ...] = ()

    def content(self) -> bytes:
        """The content, decoded as far as it can be."""
        encoded = self.raw[self.start : self.end]
        match self.headers.encoding:
            case "base64":
                letters = NOT_BASE64.sub(b"", encoded)
                whole = letters[: len(letters) - (len(letters) % 4 == 1)]
                return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))
            case "quoted-printable":
                return quopri.decodestring(encoded)
            case _:
                return encoded

    @property
    def is_spoilt(self) -> bool:
        """Whether it says that it is base64 and is not."""
        if self.headers.encoding != "base64":
            return False
        encoded = self.raw[self.start : self.end].translate(None, b" \t\n\r").rstrip(b"=")
        return len(encoded) % 4 == 1 or NOT_BASE64.search(encoded) is not None

    def leaves(self) -> Iterator["Part"]:
        """The parts that hold something themselves, in order."""
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part.leaves()


class Splitter:
    """Tells the parts of one mail apart. `stopped` says that there were more, or deeper ones, than are looked at."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        self._left = MAX_PARTS
        self.stopped = False

    def split(self) -> Part:
        """The mail as its outermost part."""
        return self._part(0, len(self._raw), 0)

    def _part(self, start: int, end: int, depth: int, usual: str = "text/plain") -> Part:
        found = END_OF_HEADERS.search(self._raw, start, end)
        head_end, body = (found.start(), found.end()) if found else (end, end)
        headers = Headers(self._raw[start : min(head_end, start + MAX_HEADERS)], usual)
        parts = tuple(self._within(headers, body, end, depth)) if headers.boundary else ()
        unread = bool(headers.boundary) and not parts and self.stopped
        return Part(headers, self._raw, end if unread else body, end, parts)

    def _within(self, headers: Headers, start: int, end: int, depth: int) -> Iterator[Part]:
        if depth == MAX_DEPTH:
            self.stopped = True
            return
        usual = "message/rfc822" if headers.media_type == "multipart/digest" else "text/plain"
        for first, last in self._between(headers.boundary, start, end):
            if not self._left:
                self.stopped = True
                return
            self._left -= 1
            yield self._part(first, last, depth + 1, usual)

    def _between(self, boundary: str, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Where each part begins and ends; the last one may lack its closing line."""
        line = re.compile(rb"^--" + re.escape(boundary.encode(errors="replace")) + rb"(--)?[ \t]*$", re.MULTILINE)
        begin: int | None = None
        for match in line.finditer(self._raw, start, end):
            if begin is not None:
                yield begin, max(begin, match.start() - 1)
            if match[1]:
                return
            begin = min(match.end() + 1, end)
        if begin is not None:
            yield begin, end
