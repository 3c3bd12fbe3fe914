"""The review desk's service: what traders hand over, what officers do with it, and what the assistant learns of it."""

from assistant.helpdesk.desk import Helpdesk
from assistant.helpdesk.worker import Worker

__all__ = ["Helpdesk", "Worker"]
