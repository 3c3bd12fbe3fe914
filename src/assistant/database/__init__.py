"""What is kept in SQLite or PostgreSQL: given answers, and what the helpdesk works on."""

from assistant.database import accounts, audit, tickets
from assistant.database.answers import Answers
from assistant.database.engine import MIGRATIONS, Base, Database, downgrade, now, upgrade

__all__ = ["MIGRATIONS", "Answers", "Base", "Database", "accounts", "audit", "downgrade", "now", "tickets", "upgrade"]
