"""Finding, opening and claiming tickets."""

import datetime

import pytest

from assistant.database import Database, audit
from assistant.database.tickets import TicketRow
from assistant.errors import ConflictError, InputError, NotFoundError, RefusedError
from assistant.helpdesk import Helpdesk
from assistant.people import UserChange
from assistant.tickets import Filter, Seen, Triage
from desks import ADMIN, ANA, BUDI, FOUNDED, LEAD, PROGRAM, READER, TRADER, UNKNOWN, ask, drafted, seen
from officers import accounts_on, add

YESTERDAY = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)


def numbers(helpdesk: Helpdesk, **wanted: object) -> list[int]:
    return [item.number for item in helpdesk.queue.find(Filter.model_validate(wanted), ANA).items]


@pytest.fixture
def three(helpdesk: Helpdesk) -> tuple[int, int, int]:
    """A question on Thailand in English, one on Malaysia in Malay, and an urgent one."""
    first = ask(helpdesk, UNKNOWN).number
    second = ask(helpdesk, "Di manakah saya boleh membaca panduan kastam Malaysia?", language="ms").number
    third = ask(helpdesk, FOUNDED, priority="urgent", channel="desk").number
    return first, second, third


def test_what_is_due_first_comes_first(helpdesk: Helpdesk, three: tuple[int, int, int]) -> None:
    assert numbers(helpdesk) == [three[2], three[0], three[1]]


def test_tickets_are_found_by_each_filter(helpdesk: Helpdesk, database: Database, three: tuple[int, int, int]) -> None:
    first, second, third = three
    assert numbers(helpdesk, country="TH") == [first]
    assert numbers(helpdesk, language="ms") == [second]
    assert numbers(helpdesk, priority="urgent") == [third]
    assert numbers(helpdesk, channel="desk") == [third]
    assert numbers(helpdesk, q="LAPTOPS duty") == [first]
    assert numbers(helpdesk, q="100%") == []
    assert numbers(helpdesk, overdue=True) == []
    with database.writing() as session:
        session.get_one(TicketRow, first).due_at = YESTERDAY
    assert numbers(helpdesk, overdue=True) == [first]
    helpdesk.queue.claim(second, Seen(version=1), BUDI)
    assert numbers(helpdesk, officer="budi") == [second]
    assert numbers(helpdesk, officer="me") == []
    assert numbers(helpdesk, officer="nobody", sort="number") == [first, third]
    assert numbers(helpdesk, status=["claimed"]) == [second]
    assert numbers(helpdesk, open=False) == []


def test_a_ticket_is_found_by_its_number_and_numbers_are_still_words(
    helpdesk: Helpdesk, three: tuple[int, int, int]
) -> None:
    first, second, _ = three
    telling = ask(helpdesk, f"Is form {second} the one to file?").number
    assert numbers(helpdesk, q=f"#{first}") == numbers(helpdesk, q=f" {first} ") == [first]
    assert numbers(helpdesk, q=f"{second}", sort="number") == [second, telling]
    assert numbers(helpdesk, q=f"#{second}") == [second]
    assert numbers(helpdesk, q=f"laptops {first}") == []
    assert numbers(helpdesk, q="9" * 30) == []


@pytest.mark.parametrize("sort", ["due", "created", "updated", "priority", "confidence", "number"])
def test_every_sort_gives_every_ticket(helpdesk: Helpdesk, three: tuple[int, int, int], sort: str) -> None:
    assert sorted(numbers(helpdesk, sort=sort)) == sorted(three)
    assert sorted(numbers(helpdesk, sort=sort, descending=True)) == sorted(three)


def test_pages_hold_all_once(helpdesk: Helpdesk) -> None:
    made = [ask(helpdesk).number for _ in range(5)]
    pages = [helpdesk.queue.find(Filter(size=2, page=page, sort="number"), ANA) for page in (1, 2, 3, 4)]
    assert [item.number for page in pages for item in page.items] == made
    assert {(page.total, page.pages) for page in pages} == {(5, 3)}


def test_that_a_ticket_was_seen_is_noted(helpdesk: Helpdesk, database: Database) -> None:
    number = ask(helpdesk).number
    helpdesk.queue.open(number, READER)
    newest = audit.latest(database, number=number)[0]
    assert (newest.action, newest.actor, newest.detail) == ("ticket.seen", "reader", {"personal": False})


def test_personal_data_is_shown_to_those_who_may_see_it(helpdesk: Helpdesk) -> None:
    number = ask(helpdesk, f"I am Siti, call +66 2 555 0199. {FOUNDED}", contact=TRADER.model_dump()).number
    officer, reader = helpdesk.queue.open(number, ANA), helpdesk.queue.open(number, READER)
    assert officer.contact == TRADER
    assert officer.messages[0].original is not None
    assert "Siti" in officer.messages[0].original
    assert reader.contact is None
    assert reader.messages[0].original is None
    assert reader.question == f"I am [name], call [phone]. {FOUNDED}"


def test_an_unknown_ticket_is_not_found(helpdesk: Helpdesk) -> None:
    with pytest.raises(NotFoundError, match="no ticket 7"):
        helpdesk.queue.open(7, ANA)
    with pytest.raises(NotFoundError, match="no ticket 7"):
        helpdesk.queue.claim(7, Seen(version=1), ANA)


def test_a_claimed_ticket_is_one_officers(helpdesk: Helpdesk) -> None:
    ticket = drafted(helpdesk)
    claimed = helpdesk.queue.claim(ticket.number, seen(ticket), ANA)
    assert (claimed.status, claimed.officer, claimed.version) == ("claimed", "Ana", ticket.version + 1)
    with pytest.raises(ConflictError, match="claimed by Ana"):
        helpdesk.queue.claim(ticket.number, seen(claimed), BUDI)
    taken = helpdesk.queue.claim(ticket.number, seen(claimed), LEAD)
    assert taken.officer == "Lim"
    assert taken.history[-1].detail == {"taken_from": "Ana"}


def test_the_ticket_of_somebody_who_is_gone_may_be_claimed_by_anybody(helpdesk: Helpdesk) -> None:
    gone = add(accounts_on(helpdesk.database), "officer", "Mr Gone")
    ticket = drafted(helpdesk)
    theirs = helpdesk.queue.claim(ticket.number, seen(ticket), gone.caller)
    assert not theirs.officer_disabled
    helpdesk.accounts.change_user(gone.id, UserChange(active=False), ADMIN)
    assert helpdesk.queue.open(ticket.number, ANA).officer_disabled
    assert [item.officer_disabled for item in helpdesk.queue.find(Filter(), ANA).items] == [True]
    claimed = helpdesk.queue.claim(ticket.number, seen(theirs), ANA)
    assert (claimed.officer, claimed.officer_disabled) == ("Ana", False)
    assert claimed.history[-1].detail == {"taken_from": "Mr Gone"}


def test_that_nobody_left_a_contact_is_not_that_a_role_may_not_see_it(helpdesk: Helpdesk) -> None:
    without = ask(helpdesk).number
    hidden = ask(helpdesk, contact=TRADER.model_dump()).number
    found = {number: helpdesk.queue.open(number, READER) for number in (without, hidden)}
    assert {number: (ticket.contact, ticket.has_contact) for number, ticket in found.items()} == {
        without: (None, False),
        hidden: (None, True),
    }


def test_a_released_ticket_goes_back_to_where_it_was(helpdesk: Helpdesk) -> None:
    ticket = drafted(helpdesk)
    claimed = helpdesk.queue.claim(ticket.number, seen(ticket), ANA)
    with pytest.raises(ConflictError, match="not yours"):
        helpdesk.queue.release(ticket.number, seen(claimed), BUDI)
    released = helpdesk.queue.release(ticket.number, seen(claimed), ANA)
    assert (released.status, released.officer) == ("drafted", None)


def test_who_has_seen_an_older_version_is_told_who_changed_what(helpdesk: Helpdesk) -> None:
    ticket = drafted(helpdesk)
    helpdesk.queue.claim(ticket.number, seen(ticket), LEAD)
    helpdesk.queue.open(ticket.number, READER)  # who reads changes nothing
    with pytest.raises(ConflictError, match=r"\(Lim claimed it\).*nothing was overwritten"):
        helpdesk.queue.claim(ticket.number, seen(ticket), LEAD)


def test_priority_is_for_those_who_oversee(helpdesk: Helpdesk) -> None:
    ticket = drafted(helpdesk)
    with pytest.raises(RefusedError, match="oversee"):
        helpdesk.queue.triage(ticket.number, Triage(version=ticket.version, priority="high"), ANA)
    changed = helpdesk.queue.triage(ticket.number, Triage(version=ticket.version, countries=("MY", "SG")), ANA)
    assert changed.countries == ("MY", "SG")
    high = helpdesk.queue.triage(ticket.number, Triage(version=changed.version, priority="high"), LEAD)
    assert (high.priority, high.countries) == ("high", ("MY", "SG"))


def test_a_country_that_is_none_is_refused(helpdesk: Helpdesk) -> None:
    ticket = drafted(helpdesk)
    with pytest.raises(InputError, match="unknown country 'XX'"):
        helpdesk.queue.triage(ticket.number, Triage(version=ticket.version, countries=("XX",)), ANA)


def test_notes_are_among_officers(helpdesk: Helpdesk) -> None:
    receipt = ask(helpdesk)
    noted = helpdesk.queue.note(receipt.number, "Looks like a repeat.", ANA)
    assert [message.direction for message in noted.messages] == ["in", "note"]
    assert receipt.link is not None
    shown = helpdesk.intake.progress(receipt.link.rsplit("/", 1)[1])
    assert [message.direction for message in shown.messages] == ["in"]


def test_programs_that_only_bring_tickets_read_none(helpdesk: Helpdesk) -> None:
    number = ask(helpdesk).number
    with pytest.raises(RefusedError):
        helpdesk.queue.open(number, PROGRAM)
    with pytest.raises(RefusedError):
        helpdesk.queue.find(Filter(), PROGRAM)
