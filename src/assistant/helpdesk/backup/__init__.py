"""Everything that is kept, in one file and back: the same file for SQLite and PostgreSQL. It holds personal data."""

from assistant.helpdesk.backup.making import backup
from assistant.helpdesk.backup.restoring import complete, restore

__all__ = ["backup", "complete", "restore"]
