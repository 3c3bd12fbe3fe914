"""What the helpdesk does by itself while it is served: drafts, mail, expiry. One worker a process; several may run."""

import logging
import threading
from collections.abc import Callable
from typing import Self

from assistant.errors import AssistantError
from assistant.helpdesk.desk import Helpdesk

PAUSE = 1.0  # seconds between two looks for drafts that are wanted
UPKEEP = 20.0  # seconds between two rounds of everything else
TROUBLED = 5.0  # seconds to wait after a failure, so that a database that is gone is not asked without pause

log = logging.getLogger(__name__)


class Worker:
    """Runs the helpdesk's own work in two threads, from `with` to its end; what is in work then is finished or left."""

    def __init__(self, helpdesk: Helpdesk) -> None:
        self._helpdesk = helpdesk
        self._stopped = threading.Event()
        self._threads = [
            threading.Thread(target=self._repeat, args=(self._draft, PAUSE), name="drafts", daemon=True),
            threading.Thread(target=self._repeat, args=(self._keep_up, UPKEEP), name="upkeep", daemon=True),
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join(timeout=10)

    def _repeat(self, work: Callable[[], None], pause: float) -> None:
        while not self._stopped.is_set():
            wait = pause
            try:
                work()
            except AssistantError as error:
                log.warning("the helpdesk's own work waits: %s", error)
                wait = TROUBLED
            except Exception:  # whatever it is, later work must not stop
                log.exception("the helpdesk's own work failed")
                wait = TROUBLED
            self._stopped.wait(wait)

    def _draft(self) -> None:
        while not self._stopped.is_set() and self._helpdesk.drafter.next():
            pass

    def _keep_up(self) -> None:
        self._helpdesk.drafter.look_for_changes()
        self._helpdesk.outbox.deliver_pending()
        self._helpdesk.publisher.keep_up()
