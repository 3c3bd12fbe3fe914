"""Tells from a report of delivery (RFC 3464) which of our letters did not reach its trader."""

import re
from collections.abc import Sequence

from assistant.mail.headers import Headers
from assistant.mail.parts import END_OF_HEADERS, MAX_HEADERS, Part

REPORT = "multipart/report"
STATUS = frozenset(["message/delivery-status", "message/global-delivery-status"])
RETURNED = frozenset(["message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"])
FAILED = re.compile(rb"^action[ \t]*:[ \t]*failed\b", re.IGNORECASE | re.MULTILINE)  # "delayed" is tried again


def returned(mail: Part) -> str | None:
    """The Message-ID of the letter that will not arrive; None where no report says so."""
    if mail.headers.media_type != REPORT:
        return None
    leaves = list(mail.leaves())
    if not any(leaf.headers.media_type in STATUS and FAILED.search(_opening(leaf)) for leaf in leaves):
        return None
    return next(iter(_ids(leaves)), None)


def _ids(leaves: Sequence[Part]) -> list[str]:
    letters = [_opening(leaf) for leaf in leaves if leaf.headers.media_type in RETURNED]
    return [found for letter in letters for found in Headers(END_OF_HEADERS.split(letter, 1)[0]).ids("message-id")]


def _opening(part: Part) -> bytes:
    return part.content()[:MAX_HEADERS]
