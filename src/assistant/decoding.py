"""Bytes of a page, text file or mail to text: its declared encoding, else what its bytes look like."""

import codecs
import contextlib
import re

import charset_normalizer
from myanmartools import ZawgyiDetector

from assistant.errors import ExtractionError

# What pages declare, and the larger set that holds it and is meant.
MEANT = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "tis-620": "cp874",
    "iso-8859-11": "cp874",
    "windows-874": "cp874",
    "iso-8859-1": "cp1252",
}
NOT_FOR_TEXT = frozenset(["punycode", "idna", "unicode-escape", "raw-unicode-escape", "undefined"])
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
DECLARED = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE
)
LOOKED_AT = 4_096  # bytes from the start in which a page may declare its encoding
BURMESE = re.compile(r"[\u1000-\u109f]")
ZAWGYI_FROM = 0.95  # probability


def decode(raw: bytes, declared: str | None = None) -> tuple[str, tuple[str, ...]]:
    """The text, and what is worth telling about its encoding. `declared` is what the server said.

    Raises:
        ExtractionError: not text, or Burmese in Zawgyi, which looks like Burmese and is not.
    """
    text, findings = to_text(raw, declared)
    if "\0" in text:
        raise ExtractionError("holds binary data, not text: is it the file you meant?")
    if BURMESE.search(text) and ZawgyiDetector().get_zawgyi_probability(text) > ZAWGYI_FROM:
        raise ExtractionError("its Burmese is encoded in Zawgyi: convert it to Unicode first")
    return text, findings


def to_line(raw: bytes, declared: str) -> str:
    """A few words that came with the name of their encoding: too few to guess it from where it is wrong."""
    for name, errors in ((declared, "strict"), ("utf-8", "strict"), (declared, "replace")):
        meant = MEANT.get(name.lower(), name)
        with contextlib.suppress(LookupError, ValueError):
            if codecs.lookup(meant).name not in NOT_FOR_TEXT:
                return raw.decode(meant, errors)
    return raw.decode("utf-8", "replace")


def to_text(raw: bytes, declared: str | None = None) -> tuple[str, tuple[str, ...]]:
    """The text whatever the bytes are, and what is worth telling about its encoding."""
    for mark, encoding in MARKS:
        if raw.startswith(mark):
            return raw.decode(encoding, errors="replace"), ()
    inside = DECLARED.search(raw[:LOOKED_AT])
    names = [name.strip().lower() for name in (declared, inside and inside.group(1).decode("ascii")) if name]
    for name in dict.fromkeys([*(MEANT.get(name, name) for name in names), "utf-8"]):
        with contextlib.suppress(LookupError, ValueError):  # ValueError: no such bytes, or no name of an encoding
            if codecs.lookup(name).name not in NOT_FOR_TEXT:
                return raw.decode(name), ()
    said = f"declared {names[0]}" if names else "declared no encoding"
    guess = charset_normalizer.from_bytes(raw).best()
    if guess is None or "utf_8" in guess.encoding:
        text = raw.decode("utf-8", errors="replace")
        return text, (f"{said}, but {text.count(chr(0xFFFD))} characters cannot be read as it",)
    return str(guess), (f"{said}; read as {guess.encoding}",)
