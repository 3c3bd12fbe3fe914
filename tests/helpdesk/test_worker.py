"""What the helpdesk does by itself, also while its database comes and goes."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

import postgresql
from assistant.bootstrap import Assistant
from assistant.correspondence import IncomingMail
from assistant.database import Database
from assistant.errors import DataUnavailableError
from assistant.helpdesk import Helpdesk, Worker
from assistant.helpdesk import worker as pauses
from assistant.helpdesk.post_room import fetch
from assistant.ports import Delivery
from assistant.tickets import Filter
from desks import ANA, FOUNDED, ask, drafted, seen

PATIENCE = 60.0  # seconds


def eventually(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            if holds():
                return
        except DataUnavailableError:
            pass
        time.sleep(0.1)
    pytest.fail("it did not happen")


class Box:
    """Mailbox: one good mail and one that cannot be read; notes which were marked as taken."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def __iter__(self) -> Iterator[Delivery]:
        mail = IncomingMail(message_id="<1@example.com>", sender_address="siti@example.com", text=FOUNDED)
        yield Delivery("broken", None, "cannot be read", lambda: self.done.append("broken"))
        yield Delivery("good", mail, None, lambda: self.done.append("good"))


def test_drafts_come_by_themselves(helpdesk: Helpdesk) -> None:
    with Worker(helpdesk):
        number = ask(helpdesk).number
        eventually(lambda: helpdesk.queue.open(number, ANA).draft == "ready")


def test_mails_come_by_themselves_and_are_marked_when_they_are_safe(helpdesk: Helpdesk) -> None:
    box = Box()
    with Worker(helpdesk, box):
        eventually(lambda: "good" in box.done)
    assert box.done == ["broken", "good"]
    assert helpdesk.queue.open(1, ANA).channel == "mail"


class EndlessBox(Box):
    """Mailbox: mails that cannot be read, as long as somebody asks; knows whether it was let go."""

    closed = False

    def __iter__(self) -> Iterator[Delivery]:
        try:
            while True:
                yield Delivery("broken", None, "cannot be read", lambda: self.done.append("broken"))
        finally:
            self.closed = True


def test_the_end_comes_between_two_mails_and_lets_the_mailbox_go(helpdesk: Helpdesk) -> None:
    box = EndlessBox()
    with Worker(helpdesk, box):
        eventually(lambda: len(box.done) > 1)
    assert box.closed
    taken = len(box.done)
    time.sleep(0.2)
    assert len(box.done) == taken


class StuckBox(Box):
    """Mailbox: its server does not answer until it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.answers = threading.Event(), threading.Event()

    def __iter__(self) -> Iterator[Delivery]:
        self.asked.set()
        self.answers.wait(PATIENCE)
        yield from ()


def test_the_end_waits_for_what_is_in_work_but_not_for_ever(
    helpdesk: Helpdesk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(pauses, "LONGEST_END", 1.0)
    box = StuckBox()
    try:
        with Worker(helpdesk, box):
            assert box.asked.wait(PATIENCE)
            begun = time.monotonic()
        assert 0.5 < time.monotonic() - begun < 5
        assert "own work (mails)" in caplog.text
    finally:
        box.answers.set()


def test_a_mail_stays_where_it_is_while_the_database_is_gone(
    small: Assistant, postgresql_server: postgresql.Server
) -> None:
    box = Box()
    database = Database(postgresql_server.create())
    helpdesk = Helpdesk(database, small)
    postgresql_server.stop()
    try:
        with pytest.raises(DataUnavailableError):
            list(fetch(helpdesk.intake, box))
        assert "good" not in box.done
    finally:
        postgresql_server.start()
    assert [taken.number for taken in fetch(helpdesk.intake, box)] == [None, 1]
    database.close()


def test_no_work_is_lost_while_the_database_is_gone(
    small: Assistant, postgresql_server: postgresql.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pauses, "TROUBLED", 0.5)
    database = Database(postgresql_server.create())
    helpdesk = Helpdesk(database, small)
    ticket = drafted(helpdesk)
    with Worker(helpdesk):
        postgresql_server.stop()
        try:
            with pytest.raises(DataUnavailableError, match="cannot be used"):
                helpdesk.review.approve(ticket.number, seen(ticket), ANA)
            with pytest.raises(DataUnavailableError):
                ask(helpdesk)
            time.sleep(2)  # the worker meets the dead database too
        finally:
            postgresql_server.start()
        assert helpdesk.review.approve(ticket.number, seen(ticket), ANA).status == "sent"
        number = ask(helpdesk).number
        eventually(lambda: helpdesk.queue.open(number, ANA).draft == "ready")
    database.close()


def test_a_thousand_tickets_at_once_are_all_kept(helpdesk: Helpdesk) -> None:
    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(lambda number: ask(helpdesk, f"Question {number}: {FOUNDED}").number, range(1_000)))
    assert len(set(made)) == 1_000
    assert helpdesk.queue.find(Filter(), ANA).total == 1_000
