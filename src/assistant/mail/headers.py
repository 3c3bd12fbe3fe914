"""The headers of a mail or of a part of one: whatever stands in them comes out as clean text, or not at all."""

import binascii
import datetime
import itertools
import quopri
import re
from email.message import Message
from email.parser import HeaderParser
from email.utils import collapse_rfc2231_value, parseaddr, parsedate_to_datetime

from pydantic import TypeAdapter, ValidationError

from assistant.correspondence import MAX_REFERENCES, MESSAGE_ID, plain_name
from assistant.decoding import to_line, to_text
from assistant.people import Email
from assistant.tickets import printable

LONGEST = 2_000  # characters of one header that are looked at
LONGEST_REFERENCES = 20_000
MOST = 500  # headers
CHARSET = re.compile(rb"charset\s*=\s*[\"']?([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
NAMES = re.compile(rb"^[!-9;-~]{1,60}:", re.MULTILINE)
WORD = r"=\?([\w.:-]{1,40})(?:\*[\w-]{0,20})?\?([BbQq])\?([^?\s]{0,2000}|[^?\n]{0,2000})\?="
ENCODED = re.compile(WORD)
RUN = re.compile(rf"{WORD}(?:\s*{WORD})*")  # white space between encoded words is none of the text
MASK = "\ue000{}\ue001"  # stands for an encoded word
MASKED = re.compile("\ue000([0-9]{1,4})\ue001")
FOLDED = re.compile(r"\n[ \t]+|\n")
ADDRESS: TypeAdapter[str] = TypeAdapter(Email)


class Headers:
    """Headers by name; the first of a name counts. `usual` is the media type of a part that does not say."""

    def __init__(self, block: bytes, usual: str = "text/plain") -> None:
        parsed = HeaderParser().parsestr(_decoded_block(block))
        self._message = Message()
        self._message.set_default_type(usual)
        for name, value in parsed.raw_items():
            longest = LONGEST_REFERENCES if name.lower() == "references" else LONGEST
            if len(self._message) < MOST and name not in self._message:
                self._message[name] = FOLDED.sub(" ", str(value))[:longest]

    def raw(self, name: str) -> str:
        """The header as it stands, on one line; empty where there is none."""
        return str(self._message.get(name, "")).strip()

    def __contains__(self, name: str) -> bool:
        return name in self._message

    def text(self, name: str) -> str:
        """The header as it is meant to be read, on one line."""
        return _one_line(decoded(self.raw(name)))

    @property
    def media_type(self) -> str:
        """E.g. text/plain; without parameters, in small letters."""
        return self._message.get_content_type()[:100]

    @property
    def encoding(self) -> str:
        """The Content-Transfer-Encoding, in small letters."""
        return self.raw("content-transfer-encoding").split(";")[0].strip().lower()

    @property
    def boundary(self) -> str:
        """What parts the parts; empty where there are none."""
        if self._message.get_content_maintype() != "multipart":
            return ""
        return self._parameter("boundary", "content-type").rstrip()

    @property
    def charset(self) -> str | None:
        """The declared encoding of a text."""
        return self._parameter("charset", "content-type").strip()[:40] or None

    @property
    def is_attached(self) -> bool:
        """Whether the part says that it is to be shown apart."""
        return self.raw("content-disposition").lower().startswith("attachment")

    @property
    def file_name(self) -> str:
        """The name that the part gives its content, without folders; empty where it gives none."""
        given = self._parameter("filename", "content-disposition") or self._parameter("name", "content-type")
        last = re.split(r"[/\\]", _one_line(decoded(given)))[-1]
        return re.sub(r'[<>:"|?*]', "_", last).strip(" .")[:200]

    def _parameter(self, name: str, header: str) -> str:
        try:
            found = self._message.get_param(name, "", header)
            return printable(collapse_rfc2231_value(found, errors="replace"))
        except (ValueError, TypeError, LookupError):  # a parameter continued in a way that makes no sense
            return ""

    # -- of a whole mail -------------------------------------------------------------------------------------------

    def ids(self, name: str) -> tuple[str, ...]:
        """The message ids in a header; the first and the latest where there are many."""
        found = list(dict.fromkeys(MESSAGE_ID.findall(self.raw(name))))
        return tuple(found if len(found) <= MAX_REFERENCES else [found[0], *found[1 - MAX_REFERENCES :]])

    def sender(self) -> tuple[str, str | None]:
        """Name and address of whoever wrote it, as far as they can be told."""
        for name in ("from", "sender", "reply-to"):
            shown, address = _address(self.raw(name))
            if shown or address:
                return shown, address
        return "", None

    def reply_to(self) -> str | None:
        """Where its sender wants the answer to go, if they say so."""
        return _address(self.raw("reply-to"))[1]

    def date(self) -> datetime.datetime | None:
        """When it was sent, as it says, in UTC."""
        try:
            found = parsedate_to_datetime(self.raw("date"))
            aware = found if found.tzinfo else found.replace(tzinfo=datetime.UTC)
            return aware.astimezone(datetime.UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None


def decoded(value: str) -> str:
    """A header's text with its encoded words read, in whatever encoding they are; several that share one are joined."""
    return RUN.sub(lambda run: _read_words(run[0]), value)


def _read_words(run: str) -> str:
    joined: list[tuple[str, bytes]] = []
    for charset, kind, letters in ENCODED.findall(run):
        raw = _unpacked(kind.lower(), letters.encode(errors="replace"))
        if joined and joined[-1][0] == charset.lower():
            joined[-1] = (joined[-1][0], joined[-1][1] + raw)
        else:
            joined.append((charset.lower(), raw))
    return "".join(to_line(raw, charset) for charset, raw in joined)


def _unpacked(kind: str, letters: bytes) -> bytes:
    if kind == "q":
        return quopri.decodestring(letters, header=True)
    plain = re.sub(rb"[^A-Za-z0-9+/]", b"", letters)
    plain = plain[: len(plain) - (len(plain) % 4 == 1)]
    return binascii.a2b_base64(plain + b"=" * (-len(plain) % 4))


def _decoded_block(block: bytes) -> str:
    """Headers should be ASCII; those that are not are mostly UTF-8, else in the encoding of the text, else guessed."""
    plain = block.replace(b"\0", b"")
    try:
        return plain.decode()
    except UnicodeDecodeError:
        declared = CHARSET.search(plain)
        text, _ = to_text(plain, declared[1].decode("ascii") if declared else None)
    names = (name.decode("ascii") for name in NAMES.findall(plain))
    return text if all(name in text for name in names) else to_line(plain, "utf-8")  # a guess may lose all of it


def _address(value: str) -> tuple[str, str | None]:
    """The first address and its name. An encoded word may hold anything: it is read after they are told apart."""
    plain = value.replace(MASK[0], "")
    words = [word[0] for word in ENCODED.finditer(plain)]
    numbers = itertools.count()
    masked = ENCODED.sub(lambda _: MASK.format(next(numbers)), plain)
    try:
        shown, address = parseaddr(masked)
    except (RecursionError, IndexError, ValueError):
        shown, address = "", ""
    if not address:
        angle = re.search(r"<([^<>]*@[^<>]*)>\s*$", masked)
        shown, address = (masked[: angle.start()], angle[1]) if angle else (shown or masked, "")
    name = plain_name(decoded(MASKED.sub(lambda mask: words[int(mask[1])], shown)))
    try:
        return name, ADDRESS.validate_python(printable(address))
    except ValidationError:
        return name, None


def _one_line(text: str) -> str:
    return " ".join(printable(text).split())
