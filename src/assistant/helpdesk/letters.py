"""A reply as the trader reads it: its sentences, the sources behind them, the disclaimer and ASSIST."""

from collections.abc import Sequence

from assistant.bootstrap import Assistant
from assistant.citations import link
from assistant.types import Citation

LOCAL = "/"


class LetterWriter:
    """Closes every letter with what no letter may lack."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def reply(self, text: str, citations: Sequence[Citation], code: str) -> str:
        """A reply with the sources that it uses."""
        sources = [line for citation in citations for line in self._source(citation, code)]
        return "\n".join([text.strip(), *([""] if sources else []), *sources, "", *self._closing(code)])

    def question(self, text: str, code: str) -> str:
        """A question back to the trader."""
        return "\n".join([text.strip(), "", *self._closing(code)])

    def _source(self, citation: Citation, code: str) -> list[str]:
        messages = self._assistant.messages
        where = " > ".join(part for part in (citation.title, citation.section) if part)
        origin = f"{messages.attribution(citation, code)}; {citation.publisher}; {messages.standing(citation, code)}"
        address = link(citation)
        shown = [f"    {address}"] if address and not address.startswith(LOCAL) else []
        return [f"[{citation.marker}] {where}", f"    {origin}", *shown]

    def _closing(self, code: str) -> list[str]:
        escalation = self._assistant.escalation(code)
        return [self._assistant.disclaimer(code), f"{escalation.text} {escalation.url}"]
