"""The library of paragraphs that officers put into replies."""

from sqlalchemy import select

from assistant import language
from assistant.bootstrap import Assistant
from assistant.database import Database, audit
from assistant.database.tickets import CannedRow
from assistant.errors import InputError, NotFoundError
from assistant.people import Caller
from assistant.tickets import Canned, NewCanned


class CannedTexts:
    """Paragraphs by language and country."""

    def __init__(self, database: Database, assistant: Assistant) -> None:
        self._database = database
        self._assistant = assistant

    def list(self, caller: Caller) -> tuple[Canned, ...]:
        """All paragraphs, by language and title."""
        caller.need("read")
        ordered = select(CannedRow).order_by(CannedRow.language, CannedRow.title, CannedRow.id)
        with self._database.reading() as session:
            return tuple(_shown(row) for row in session.scalars(ordered))

    def add(self, new: NewCanned, caller: Caller) -> Canned:
        """Add a paragraph. Raises InputError for a country or language that is not known."""
        caller.need("oversee")
        code = language.normal(new.language)
        if code not in self._assistant.messages.languages:
            known = ", ".join(self._assistant.messages.languages)
            raise InputError(f"unknown language {new.language!r}: use one of {known}")
        self._assistant.countries.require(new.country)
        with self._database.writing() as session:
            row = CannedRow(title=new.title, text=new.text, language=code, country=new.country)
            session.add(row)
            session.flush()
            audit.note(session, caller, "canned.added", canned=row.id)
            return _shown(row)

    def delete(self, canned_id: int, caller: Caller) -> None:
        """Take a paragraph out of the library; replies keep it. Raises NotFoundError."""
        caller.need("oversee")
        with self._database.writing() as session:
            row = session.get(CannedRow, canned_id)
            if row is None:
                raise NotFoundError(f"there is no canned paragraph {canned_id}")
            session.delete(row)
            audit.note(session, caller, "canned.deleted", canned=canned_id)


def _shown(row: CannedRow) -> Canned:
    return Canned(id=row.id, title=row.title, text=row.text, language=row.language, country=row.country)
