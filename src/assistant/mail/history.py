"""What the sender of a mail wrote now: without the mails quoted below it, and without a signature.

A line at a time, after `data/mail.yaml`: a mail may be hostile, and the expressions of mail-parser-reply, which knows
no language of the region but Chinese and English besides, take quadratic time over a whole text.
"""

import re
from collections.abc import Sequence
from functools import cache

from assistant import data

LONGEST_LINE = 400  # characters of a line that are looked at
LONGEST_INTRODUCTION = 3  # lines that a client may break "On … wrote:" into
LONGEST_HEADER = 10  # lines under a "From:" in which its date and subject stand
LONGEST_SIGNATURE = 14  # lines
LONGEST_SIGNATURE_LINE = 160  # characters
QUOTED = re.compile(r"\s{0,3}[>＞|]\s?(?!\|)")
SIGNED = re.compile(r"--\s?")
WHEN_OR_WHO = re.compile(r"\S@\S|\d{1,2}\s?[:.h]\s?\d{2}")
RULE = re.compile(r"\s*[-_=*]{3,}\s*")
ASKS = re.compile(r"[?？]")


def new_text(text: str, *, forwarded: bool = False) -> str:
    """The text without quoted history and signature; all of it where nothing else would be left.

    What a `forwarded` mail passes on is what its sender wants read, so that headers in it do not end it.
    """
    lines = text.split("\n")
    own = _without_quotes(lines[: _end_of_new(lines, forwarded=forwarded)])
    if not _says_something(own):
        own = lines
    signed = _without_signature(own)
    said = "\n".join(signed if _says_something(signed) else own)
    return re.sub(r"\n{3,}", "\n\n", said).strip()


def is_forwarded(subject: str) -> bool:
    """Whether the subject says that a mail is passed on."""
    return _pattern("forwarded_subjects", r"\s*(?:{})\s*[:：].*").fullmatch(subject) is not None


def _end_of_new(lines: Sequence[str], *, forwarded: bool) -> int:
    """The first line of history that is not marked line by line."""
    passed_on = forwarded
    for at, line in enumerate(lines):
        short = line[:LONGEST_LINE]
        passed_on = passed_on or _pattern("forwards", r"[-_\s>]*(?:{})\s*[:：]?[-_\s]*").fullmatch(short) is not None
        if _pattern("separators", r"\s*[-_]{{2,}}\s*(?:{})[\s\w.,:]{{0,40}}[-_\s]*").fullmatch(short):
            return at
        if not passed_on and _is_header(lines[at : at + LONGEST_HEADER]):
            return at
        length = _introduction(lines, at)
        if length and not _quotes_follow(lines, at + length):
            return at
    return len(lines)


def _is_header(lines: Sequence[str]) -> bool:
    """Whether these lines begin with a "From:" with its date and subject below."""
    if _label(lines[0]) != "from":
        return False
    return {"sent", "subject"} <= {_label(line) for line in lines}


def _label(line: str) -> str | None:
    if ":" not in line[:60] and "：" not in line[:60]:
        return None
    name = re.split(r"[:：]", line[:60], maxsplit=1)[0].strip(" \t*>").casefold()
    return _labels().get(name)


@cache
def _labels() -> dict[str, str]:
    found: dict[str, list[str]] = data.read("mail.yaml")["labels"]
    return {name.casefold(): kind for kind, names in found.items() for name in names}


def _introduction(lines: Sequence[str], at: int) -> int:
    """How many lines from here are "On … wrote:"; 0 where none are."""
    for length in range(1, LONGEST_INTRODUCTION + 1):
        part = lines[at : at + length]
        if not part[-1].strip() or len(part) < length:
            return 0
        if _introduces(part):
            begins_later = any(_introduces(part[later:]) for later in range(1, length))
            return 0 if begins_later else length
    return 0


def _introduces(lines: Sequence[str]) -> bool:
    joined = " ".join(line.strip() for line in lines)
    if len(joined) > LONGEST_LINE or not WHEN_OR_WHO.search(joined):
        return False
    return _pattern("wrote", r"[>\s]*(?:{})\s*").fullmatch(joined) is not None


def _quotes_follow(lines: Sequence[str], at: int) -> bool:
    following = next((line for line in lines[at : at + 3] if line.strip()), "")
    return QUOTED.match(following) is not None


def _without_quotes(lines: Sequence[str]) -> list[str]:
    """Without lines that begin with ">", and without what introduces them; answers between them stay."""
    kept: list[str] = []
    at = 0
    while at < len(lines):
        length = _introduction(lines, at)
        if length and _quotes_follow(lines, at + length):
            at += length
        elif QUOTED.match(lines[at]):
            at += 1
        else:
            kept.append(lines[at])
            at += 1
    return kept


def _without_signature(lines: Sequence[str]) -> list[str]:
    end = next((at for at, line in enumerate(lines) if SIGNED.fullmatch(line)), len(lines))
    kept = [line for line in lines[:end] if not _is_added(line)]
    kept = kept[: _first(kept, "notices", r"\s*(?:{}).*")]
    for at in range(max(0, len(kept) - LONGEST_SIGNATURE), len(kept)):
        if _closes(kept, at):
            return _without_rules(kept[:at])
    return _without_rules(kept)


def _is_added(line: str) -> bool:
    return _pattern("added", r"[\s*_<\[]*(?:{})[\s.>\]*_]*").fullmatch(line[:LONGEST_LINE]) is not None


def _first(lines: Sequence[str], key: str, around: str) -> int:
    pattern = _pattern(key, around)
    return next((at for at, line in enumerate(lines) if pattern.fullmatch(line[:LONGEST_LINE])), len(lines))


def _closes(lines: Sequence[str], at: int) -> bool:
    """Whether a line says good-bye, and only a name and the like follow."""
    if not _pattern("closings", r"\W*(?:{})\W*").fullmatch(lines[at][:80]):
        return False
    rest = lines[at + 1 :]
    return all(len(line) <= LONGEST_SIGNATURE_LINE and not ASKS.search(line) for line in rest)


def _without_rules(lines: Sequence[str]) -> list[str]:
    """Without empty lines and lines of dashes at the end."""
    kept = list(lines)
    while kept and (not kept[-1].strip() or RULE.fullmatch(kept[-1])):
        kept.pop()
    return kept


def _says_something(lines: Sequence[str]) -> bool:
    return any(re.search(r"\w", line) for line in lines)


@cache
def _pattern(key: str, around: str) -> re.Pattern[str]:
    """One expression of all those of the data file."""
    return re.compile(around.format("|".join(data.read("mail.yaml")[key])), re.IGNORECASE)
