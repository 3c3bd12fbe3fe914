"""Wording that comes from us rather than from a source, in each language, read from data/messages."""

from functools import cache

from assistant import data
from assistant.types import FALLBACK, Citation, Provenance

Texts = dict[str, dict[str, str]]


class Messages:
    """Texts by language and key. A language or key that is missing falls back to English."""

    def __init__(
        self, texts: dict[str, dict[str, str]], language_names: dict[str, dict[str, str]] | None = None
    ) -> None:
        self._texts = texts
        self._language_names = language_names or {FALLBACK: {}}

    @property
    def languages(self) -> dict[str, str]:
        """Code to the language's own name, English first."""
        codes = sorted(self._texts, key=lambda code: (code != FALLBACK, code))
        return {code: self._texts[code]["name"] for code in codes}

    def text(self, language: str, key: str, /, **values: str) -> str:
        """The text in that language with its {placeholders} filled in.

        Raises:
            KeyError: where English has no such key either, or a placeholder has no value.
        """
        texts = self._texts.get(language, {})
        return (texts.get(key) or self._texts[FALLBACK][key]).format(**values)

    def language_name(self, code: str, language: str) -> str:
        """What a language is called in another language, e.g. "English" in Thai."""
        names = self._language_names.get(language, self._language_names[FALLBACK])
        return names.get(code, code)

    def attribution(self, evidence: Citation | Provenance, language: str) -> str:
        """Where a quote comes from and as of when: "Quoted from AWSC Guidebook, page 53, as of 2020-12"."""
        origin = self.text(language, evidence.wording, source=evidence.source)
        number = evidence.page if isinstance(evidence, Citation) else None
        page = [self.text(language, "page", page=str(number))] if number else []
        return ", ".join([origin, *page, self.dated(evidence.as_of, language)])

    def dated(self, as_of: str | None, language: str) -> str:
        """As of when a source speaks: "as of 2025-06-05", or "undated"."""
        return self.text(language, "as_of", date=as_of) if as_of else self.text(language, "undated")

    def standing(self, evidence: Citation | Provenance, language: str) -> str:
        """What weight the source has, e.g. "guidance, non-binding"."""
        authority = self.text(language, f"authority_{evidence.authority.replace(' ', '_')}")
        return f"{authority}, {self.text(language, 'binding' if evidence.binding else 'not_binding')}"


@cache
def load() -> Messages:
    """The messages that come with the package."""
    names = (entry.name for entry in (data.FOLDER / "messages").iterdir() if entry.name.endswith(".yaml"))
    loaded = (data.read(f"messages/{name}") for name in names)
    return Messages({texts["language"]: texts for texts in loaded}, data.read("words.yaml")["language_names"])
