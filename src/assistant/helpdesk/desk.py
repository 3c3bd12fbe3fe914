"""The helpdesk as a whole: its parts on one database and one assistant."""

from assistant.bootstrap import Assistant
from assistant.database import Database
from assistant.helpdesk.canned import CannedTexts
from assistant.helpdesk.drafting import Drafter
from assistant.helpdesk.figures import Figures
from assistant.helpdesk.gaps import Gaps
from assistant.helpdesk.intake import Intake
from assistant.helpdesk.outbox import Outbox
from assistant.helpdesk.publishing import Publisher
from assistant.helpdesk.queue import Queue
from assistant.helpdesk.review import Review
from assistant.people import SYSTEM
from assistant.ports import MailSender
from assistant.tickets import Contact, NewTicket
from assistant.types import HandOverRequest, Receipt


class Helpdesk:
    """What the API, the pages, the commands and the chat talk to. Safe to share by threads."""

    def __init__(self, database: Database, assistant: Assistant, sender: MailSender | None = None) -> None:
        self.database = database
        self.assistant = assistant
        self.outbox = Outbox(database, sender)
        self.intake = Intake(database, assistant)
        self.queue = Queue(database)
        self.drafter = Drafter(database, assistant)
        self.review = Review(database, assistant, self.outbox)
        self.publisher = Publisher(database, assistant)
        self.canned = CannedTexts(database, assistant)
        self.figures = Figures(database)
        self.gaps = Gaps(database, assistant.embedder)

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
