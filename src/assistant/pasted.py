"""What was pasted into a question and gives orders to machines that read along: it is not what the trader asks."""

import re
from collections.abc import Callable, Sequence
from functools import cache

from assistant import chunking, data

QUOTED = re.compile(
    r'<!--.*?-->|<(\w+)\b[^>]*>.*?</\1>|"[^"]+"|“[^”]+”|«[^»]+»|「[^」]+」|『[^』]+』|\[[^][]+\]|（[^（）]+）|\([^()]+\)'
)
SHORTEST = 12  # characters of an order
MOST = 16  # quotations, or sentences, that are looked at; each takes an embedding

AreOrders = Callable[[Sequence[str]], Sequence[bool]]
"""Which of some texts are meant to give orders."""


def without_orders(text: str, are_orders: AreOrders) -> str:
    """The text less the orders in quotation marks, brackets or markup, and those given to machines ("AI tools: …").

    Whole where nothing else is left. Any other order is the trader's own, and stays.
    """
    own = _less([found.group() for found in QUOTED.finditer(text)], text, are_orders)
    own = _less([each for each in chunking.texts(own) if _machines().search(each)], own, are_orders)
    return " ".join(own.split()) or text


def _less(pieces: Sequence[str], text: str, are_orders: AreOrders) -> str:
    looked_at = [piece for piece in pieces if len(piece) >= SHORTEST][:MOST]
    if looked_at:
        for piece, is_order in zip(looked_at, are_orders(looked_at), strict=True):
            text = text.replace(piece, " ", 1) if is_order else text
    return text


@cache
def _machines() -> re.Pattern[str]:
    return re.compile("|".join(data.read("words.yaml")["machines"]))
