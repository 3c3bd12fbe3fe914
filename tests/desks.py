"""People, questions and a post office for tests of the helpdesk."""

from itertools import count

from assistant.correspondence import OutgoingMail
from assistant.errors import MailError
from assistant.helpdesk import Helpdesk
from assistant.people import Caller
from assistant.tickets import Contact, Edited, NewTicket, Seen, Ticket
from assistant.types import Receipt

ANA = Caller(id="ana", name="Ana", role="officer")
BUDI = Caller(id="budi", name="Budi", role="officer")
LEAD = Caller(id="lead", name="Lim", role="lead")
ADMIN = Caller(id="admin", name="Ada", role="admin")
READER = Caller(id="reader", name="Rex", role="read-only")
PROGRAM = Caller(id="crm", name="crm", role="intake", kind="token")

FOUNDED = "When was the Sample Coordinating Committee on Customs established?"
SENTENCE = "The Sample Coordinating Committee on Customs was established in 1992."
UNKNOWN = "What duty do I pay on laptops in Thailand?"
TRADER = Contact(name="Siti Rahma", address="siti@example.com")


class Post:
    """MailSender: keeps what it was given, or fails as it was told to."""

    address = "help@desk.example.org"

    def __init__(self) -> None:
        self.sent: list[OutgoingMail] = []
        self.fails: MailError | None = None
        self._numbers = count(1)

    def new_message_id(self) -> str:
        return f"<{next(self._numbers)}@desk.example.org>"

    def send(self, mail: OutgoingMail) -> None:
        if self.fails:
            raise self.fails
        self.sent.append(mail)


def ask(helpdesk: Helpdesk, question: str = FOUNDED, **fields: object) -> Receipt:
    """A question comes in by a program."""
    return helpdesk.intake.create(NewTicket.model_validate({"question": question, **fields}), PROGRAM)


def drafted(helpdesk: Helpdesk, question: str = FOUNDED, **fields: object) -> Ticket:
    """A ticket whose suggested answer is there, as Ana opens it."""
    number = ask(helpdesk, question, **fields).number
    while helpdesk.drafter.next():
        pass
    return helpdesk.queue.open(number, ANA)


def seen(ticket: Ticket) -> Seen:
    return Seen(version=ticket.version)


def edited(ticket: Ticket, text: str) -> Edited:
    """The reply as changed on the newest suggestion."""
    return Edited(version=ticket.version, text=text, draft_id=ticket.suggestion.id if ticket.suggestion else None)
