"""What the helpdesk does by itself, also while its database comes and goes."""

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
