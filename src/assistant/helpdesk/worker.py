"""What the helpdesk does by itself while it is served: drafts, mail, expiry. One worker a process; several may run."""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import closing
from typing import Self

from assistant.errors import AssistantError
from assistant.helpdesk.desk import Helpdesk
from assistant.helpdesk.post_room import fetch
from assistant.ports import Mailbox

DRAFTS = 1.0  # seconds between two looks for drafts that are wanted
UPKEEP = 20.0  # … between two rounds of letters that wait and sources that changed
MAILS = 60.0  # … between two looks into the mailbox
EXPIRY = 3_600.0  # … between two looks for what has passed its time
LONGEST_END = 10.0  # seconds that the end waits for what is in work
TROUBLED = 5.0  # seconds to wait at least after a failure, so that a database that is gone is not asked without pause

log = logging.getLogger(__name__)


class Worker:
    """Runs the helpdesk's own work in threads, from `with` to its end; what is in work then is finished or left."""

    def __init__(self, helpdesk: Helpdesk, mailbox: Mailbox | None = None) -> None:
        self._helpdesk = helpdesk
        self._mailbox = mailbox
        self._stopped = threading.Event()
        works: list[tuple[str, Callable[[], None], float]] = [
            ("drafts", self._draft, DRAFTS),
            ("changes", self._look_for_changes, UPKEEP),
            ("letters", self._deliver, UPKEEP),
            ("verified", self._keep_up, UPKEEP),
            ("expiry", self._expire, EXPIRY),
            *([("mails", self._fetch, MAILS)] if mailbox is not None else []),
        ]
        self._threads = [
            threading.Thread(target=self._repeat, args=(work, pause), name=name, daemon=True)
            for name, work, pause in works
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        end = time.monotonic() + LONGEST_END
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        left = ", ".join(thread.name for thread in self._threads if thread.is_alive())
        if left:
            log.warning("left in the middle of the helpdesk's own work (%s): it is taken up at the next start", left)

    def _repeat(self, work: Callable[[], None], pause: float) -> None:
        while not self._stopped.is_set():
            wait = pause
            try:
                work()
            except AssistantError as error:
                log.warning("the helpdesk's own work waits: %s", error)
                wait = max(TROUBLED, min(pause, MAILS))
            except Exception:  # whatever it is, later work must not stop
                log.exception("the helpdesk's own work failed")
                wait = max(TROUBLED, min(pause, MAILS))
            self._stopped.wait(wait)

    def _draft(self) -> None:
        while not self._stopped.is_set() and self._helpdesk.drafter.next():
            pass

    def _look_for_changes(self) -> None:
        self._helpdesk.drafter.look_for_changes()

    def _deliver(self) -> None:
        self._helpdesk.outbox.deliver_pending()

    def _keep_up(self) -> None:
        self._helpdesk.publisher.keep_up()

    def _expire(self) -> None:
        self._helpdesk.retention.expire()

    def _fetch(self) -> None:
        if self._mailbox is None:
            return
        with closing(fetch(self._helpdesk.intake, self._mailbox)) as fetched:
            for taken in fetched:
                log.info("mail: %s", taken.outcome)
                if self._stopped.is_set():
                    return
