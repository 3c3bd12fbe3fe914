"""Sources that operators bring in: read from files and pages, kept with their versions, followed for changes."""

from assistant.sources.files import File, expand
from assistant.sources.intake import Given, Intake, Kind, Outcome, Publishers
from assistant.sources.ledger import Ledger, Task
from assistant.sources.shelf import Shelf
from assistant.sources.sync import Limits, Progress, Sync

__all__ = [
    "File", "Given", "Intake", "Kind", "Ledger", "Limits", "Outcome", "Progress", "Publishers", "Shelf", "Sync", "Task",
    "expand",
]  # fmt: skip
