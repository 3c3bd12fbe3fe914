"""Wording of the pages in each language, read from i18n/*.yaml, beside the wording of the answers."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from assistant.countries import Countries
from assistant.messages import Messages
from assistant.types import Citation


@cache
def load() -> Messages:
    """The pages' own texts; a language or key that is missing falls back to English."""
    entries = (files("assistant_ui") / "i18n").iterdir()
    sources = (entry.read_text(encoding="utf-8") for entry in entries if entry.name.endswith(".yaml"))
    return Messages({texts["language"]: texts for texts in map(yaml.safe_load, sources)})


@dataclass(frozen=True)
class Wording:
    """Everything a page says in one language: its own texts, those of answers, and country names."""

    language: str
    pages: Messages
    answers: Messages
    countries: Countries

    def text(self, key: str, **values: str) -> str:
        """A text of the page, its {placeholders} filled in."""
        return self.pages.text(self.language, key, **values)

    def said(self, key: str) -> str:
        """A text that answers use too, such as the disclaimer."""
        return self.answers.text(self.language, key)

    def attribution(self, citation: Citation) -> str:
        """Whose words a citation shows, and as of when."""
        return self.answers.attribution(citation, self.language)

    def dated(self, as_of: str | None) -> str:
        """As of when a source speaks."""
        return self.answers.dated(as_of, self.language)

    def standing(self, citation: Citation) -> str:
        """Authority of the source, and whether it binds."""
        return self.answers.standing(citation, self.language)

    def country(self, code: str) -> str:
        """The country's name; anything else that is no country code stays as it is."""
        return self.countries.name(code, self.language) if code in self.countries.codes else code
