"""The helpdesk as a whole: its parts on one database and one assistant."""

from typing import Self

from assistant.bootstrap import Assistant, mail, people
from assistant.database import Database
from assistant.helpdesk.accounts import Accounts
from assistant.helpdesk.canned import CannedTexts
from assistant.helpdesk.drafting import Drafter
from assistant.helpdesk.figures import Figures
from assistant.helpdesk.gaps import Gaps
from assistant.helpdesk.intake import Intake
from assistant.helpdesk.outbox import Outbox
from assistant.helpdesk.publishing import Publisher
from assistant.helpdesk.queue import Queue
from assistant.helpdesk.retention import Retention
from assistant.helpdesk.review import Review
from assistant.helpdesk.sign_on import SignOn
from assistant.helpdesk.trail import Trail
from assistant.people import SYSTEM, Caller
from assistant.ports import IdentityProvider, MailSender
from assistant.tickets import Contact, NewTicket
from assistant.types import HandOverRequest, Receipt


class Helpdesk:
    """What the API, the pages, the commands and the chat talk to. Safe to share by threads."""

    def __init__(
        self,
        database: Database,
        assistant: Assistant,
        sender: MailSender | None = None,
        *,
        provider: IdentityProvider | None = None,
        accounts: Accounts | None = None,
    ) -> None:
        """Without `sender` replies lie under secret links; without `provider` people sign in by password alone."""
        self.database = database
        self.assistant = assistant
        self.accounts = accounts or Accounts(database)
        self.sign_on = SignOn(database, self.accounts, provider) if provider else None
        self.trail = Trail(database)
        self.outbox = Outbox(database, sender)
        self.intake = Intake(database, assistant, self.outbox)
        self.queue = Queue(database, assistant.countries)
        self.drafter = Drafter(database, assistant)
        self.review = Review(database, assistant, self.outbox)
        self.publisher = Publisher(database, assistant)
        self.canned = CannedTexts(database, assistant)
        self.figures = Figures(database)
        self.gaps = Gaps(database, assistant.embedder)
        self.retention = Retention(database, assistant.settings)

    @classmethod
    def of(cls, assistant: Assistant) -> Self:
        """The helpdesk that an assistant's settings describe.

        Raises:
            InputError: a setting cannot be used.
            DataUnavailableError: the database does not answer.
        """
        settings = assistant.settings
        provider = people.identity_provider(settings)
        return cls(people.database(settings), assistant, mail.sender(settings), provider=provider)

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()

    def take_mail(self, raw: bytes, caller: Caller) -> Receipt | None:
        """Make a ticket, or a further message, of a mail as it came over the wire; None where no person wrote it.

        Raises:
            InputError: it is too large.
        """
        caller.need("intake")
        return self.intake.take_mail(mail.read(raw))

    def hand_over(self, request: HandOverRequest) -> Receipt:
        """Make a ticket of a question that was asked in the chat. Serves the HandOver port."""
        told = "\n\n".join(filter(None, [request.question, request.note]))
        new = NewTicket(
            question=told,
            history=request.history,
            language=request.language,
            countries=request.countries,
            channel="chat",
            contact=Contact(name=request.name or "", address=request.address),
            consent=request.consent,
            answer_id=request.answer_id,
        )
        return self.intake.create(new, SYSTEM)
