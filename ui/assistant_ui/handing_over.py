"""How a reader hands a question over to the helpdesk: open the form, send it once, get a number or a reason."""

import logging
from collections.abc import Callable
from threading import Lock
from typing import Literal

from pydantic import ValidationError

from assistant.errors import InputError
from assistant.ports import HandOver
from assistant.types import HandOverRequest, Receipt

log = logging.getLogger(__name__)

Step = Literal["closed", "open", "sending", "sent"]
FIELDS = ("address", "name", "note", "consent")
Problem = str
"""A field of the form that cannot be sent as it is, "refused" by the helpdesk, or "failed" for now."""


class HandingOver:
    """How far it is. It changes in place.

    Every copy of its exchange shares it, so that an answer that is streaming meanwhile, from the exchanges as they
    were when it began, cannot undo it.
    """

    def __init__(self) -> None:
        self.step: Step = "closed"
        self.begun = False
        self.problems: tuple[Problem, ...] = ()
        self.attempts = 0
        self.receipt: Receipt | None = None
        self._lock = Lock()

    def toggle(self) -> None:
        """Open or close the form. What is being sent or was sent stays so."""
        with self._lock:
            self.begun = True
            if self.step in ("closed", "open"):
                self.step = "closed" if self.step == "open" else "open"
                self.problems = ()

    def send(self, helpdesk: HandOver, request: Callable[[], HandOverRequest]) -> None:
        """Send the request once, however often it is asked to; a failed one can be sent again."""
        with self._lock:
            if self.step in ("sending", "sent"):
                return
            self.step, self.problems, self.begun = "sending", (), True
            self.attempts += 1
        receipt, problems = _sent(helpdesk, request)
        with self._lock:
            self.receipt, self.problems = receipt, problems
            self.step = "sent" if receipt else "open"


def _sent(helpdesk: HandOver, request: Callable[[], HandOverRequest]) -> tuple[Receipt | None, tuple[Problem, ...]]:
    """The receipt, or what is wrong. Only the kind of an error is logged: its message may hold what was entered."""
    try:
        return helpdesk.hand_over(request()), ()
    except ValidationError as error:
        fields = {str(each["loc"][0]) for each in error.errors() if each["loc"]}
        return None, tuple(field for field in FIELDS if field in fields) or ("refused",)
    except InputError:
        return None, ("refused",)
    except Exception as error:  # noqa: BLE001 (whatever happens, the reader keeps what was typed and can try again)
        log.error("a question was not handed over: %s", type(error).__name__)
        return None, ("failed",)
