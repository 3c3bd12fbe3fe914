"""Takes the mails of a mailbox into tickets; one that cannot be read keeps none of the others back."""

from collections.abc import Generator

from assistant.helpdesk.intake import Intake
from assistant.ports import Mailbox
from assistant.types import Frozen


class Taken(Frozen):
    """What became of a mail: `number` is its ticket's, None where it made none."""

    name: str
    number: int | None
    outcome: str


def fetch(intake: Intake, mailbox: Mailbox) -> Generator[Taken]:
    """Take every mail that waits, and mark each as taken once it is safe.

    Raises:
        InputError: there is no such mailbox.
        MailUnavailableError: it cannot be reached now; what was taken before stays taken.
        DataUnavailableError: the database does not answer; the mail stays where it is.
    """
    for delivery in mailbox:
        if delivery.mail is None:
            yield Taken(name=delivery.name, number=None, outcome=delivery.problem or "cannot be read")
            delivery.done()
            continue
        receipt = intake.take_mail(delivery.mail)
        delivery.done()
        if receipt is None:
            yield Taken(name=delivery.name, number=None, outcome="left out: nobody wrote it")
        else:
            what = "ticket" if receipt.created else "already, or a reply, in ticket"
            yield Taken(name=delivery.name, number=receipt.number, outcome=f"{what} {receipt.number}")
