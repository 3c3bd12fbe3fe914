"""A question goes to the helpdesk once, or the reader is told why not; nothing of it reaches the log."""

import logging
from concurrent.futures import ThreadPoolExecutor, as_completed

import pytest

from assistant.errors import ConflictError, DataUnavailableError, InputError
from assistant.types import HandOverRequest, MailedHandOverRequest
from assistant_ui.handing_over import HandingOver
from fakes import MemoryHelpdesk

ADDRESS = "trader@example.com"


def request(**fields: object) -> HandOverRequest:
    given = {"question": "Who may file?", "language": "en", "address": ADDRESS, "consent": True, **fields}
    return HandOverRequest.model_validate(given)


def opened() -> HandingOver:
    handing_over = HandingOver()
    handing_over.toggle()
    return handing_over


def test_the_form_opens_and_closes() -> None:
    handing_over = HandingOver()
    assert handing_over.step == "closed"
    handing_over.toggle()
    assert handing_over.step == "open"
    handing_over.toggle()
    assert handing_over.step == "closed"


def test_a_question_that_is_sent_gets_its_number_and_cannot_be_closed() -> None:
    helpdesk, handing_over = MemoryHelpdesk(), opened()
    handing_over.send(helpdesk, request)
    handing_over.toggle()
    assert handing_over.step == "sent"
    assert handing_over.receipt is not None
    assert handing_over.receipt.number == 101
    assert helpdesk.requests == [request()]


def test_sending_many_times_at_once_sends_once() -> None:
    helpdesk, handing_over = MemoryHelpdesk(), opened()
    helpdesk.open.clear()
    with ThreadPoolExecutor(8) as pool:
        sent = [pool.submit(handing_over.send, helpdesk, request) for _ in range(8)]
        finished = as_completed(sent, timeout=20)
        for _ in range(7):  # all but the one that waits for the helpdesk
            next(finished)
        assert handing_over.step == "sending"
        helpdesk.open.set()
    assert len(helpdesk.requests) == 1
    assert handing_over.step == "sent"


@pytest.mark.parametrize(
    ("fields", "problems"),
    [
        ({"address": "trader"}, ("address",)),
        ({"consent": False}, ("consent",)),
        ({"address": None, "consent": None}, ("consent",)),
        ({"name": "x" * 101, "note": "x" * 2_001}, ("name", "note")),
        ({"name": ["x"], "note": {}}, ("name", "note")),
        ({"question": ""}, ("refused",)),
    ],
)
def test_what_cannot_be_sent_is_named_field_by_field(fields: dict[str, object], problems: tuple[str, ...]) -> None:
    helpdesk, handing_over = MemoryHelpdesk(), opened()
    handing_over.send(helpdesk, lambda: request(**fields))
    assert (handing_over.step, handing_over.problems) == ("open", problems)
    assert helpdesk.requests == []


def test_an_address_is_needed_where_the_reply_goes_by_mail_alone() -> None:
    helpdesk, handing_over = MemoryHelpdesk(), opened()
    given = {"question": "Who may file?", "language": "en", "address": "", "consent": True}
    handing_over.send(helpdesk, lambda: MailedHandOverRequest.model_validate(given))
    assert (handing_over.step, handing_over.problems) == ("open", ("address",))
    handing_over.send(helpdesk, lambda: HandOverRequest.model_validate(given))
    assert (handing_over.step, helpdesk.requests[0].address) == ("sent", None)


@pytest.mark.parametrize(
    ("failure", "problem"),
    [
        (InputError(f"{ADDRESS} is blocked"), "refused"),
        (DataUnavailableError(f"no database for {ADDRESS}"), "failed"),
        (ConflictError(ADDRESS), "failed"),
        (RuntimeError(f"[parameters: ('{ADDRESS}',)]"), "failed"),
    ],
)
def test_a_failure_is_told_can_be_tried_again_and_names_nobody_in_the_log(
    failure: Exception, problem: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    helpdesk, handing_over = MemoryHelpdesk(), opened()
    helpdesk.failure = failure
    handing_over.send(helpdesk, request)
    assert (handing_over.step, handing_over.problems) == ("open", (problem,))
    assert (type(failure).__name__ in caplog.text) == (problem == "failed")
    assert "trader" not in caplog.text
    helpdesk.failure = None
    handing_over.send(helpdesk, request)
    assert (handing_over.step, handing_over.problems) == ("sent", ())
