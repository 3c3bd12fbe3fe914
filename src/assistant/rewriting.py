"""Has a language model make a follow-up stand alone; what names anything the conversation does not is not taken."""

from collections.abc import Sequence

from pydantic_core import from_json

from assistant import data, facts, language
from assistant.conversation import Standalone
from assistant.countries import Countries
from assistant.errors import LanguageModelError
from assistant.ports import LanguageModel
from assistant.privacy import redact
from assistant.replies import JSON, quoted
from assistant.types import Question, Turn

TURNS = 4  # of the conversation that are looked at
LONGEST = 400  # characters of a question
FORM = {
    "type": "object",
    "properties": {"question": {"type": "string"}},
    "required": ["question"],
    "additionalProperties": False,
}


class Rewriter:
    """One more reading of a follow-up, beside those of the rules."""

    def __init__(self, model: LanguageModel, countries: Countries) -> None:
        self._model = model
        self._countries = countries
        self._prompt = data.read("prompts.yaml")["follow_up"]

    def rewrite(self, question: Question) -> Standalone | None:
        """The question with what it leaves to the conversation filled in; None where the model gives none to use."""
        turns = question.history[-TURNS:]
        user = self._prompt["user"].format(conversation=_told(turns), question=quoted(redact(question.text)))
        reply = ""
        try:
            for piece in self._model.stream(self._prompt["system"], user, FORM):
                reply += piece
                if len(reply) > 2 * LONGEST:
                    break
        except LanguageModelError:
            return None
        text = _question(reply)
        if not text or not self._adds_nothing(text, question):
            return None
        return Standalone(text=text, countries=self._countries.find(text), own=text, topic=text, sense="rewritten")

    def _adds_nothing(self, text: str, question: Question) -> bool:
        """Whether every name, number and country of a text was said before, and it is in the same language."""
        said = " ".join([*(turn.content for turn in question.history), question.text])
        same = language.detect(text, language.detect(question.text)) == language.detect(question.text)
        places = set(self._countries.find(text)) <= {*self._countries.find(said), question.country}
        return (
            same
            and places
            and not facts.ADDRESS.search(text)
            and facts.numbers(text) <= facts.numbers(said)
            and facts.names_stand_in(text, said)
        )


def _told(turns: Sequence[Turn]) -> str:
    return "\n".join(f"{turn.role}: {quoted(redact(turn.content))}" for turn in turns)


def _question(reply: str) -> str:
    """The question in a reply, "" where there is none."""
    begin = JSON.search(reply)
    try:
        found = from_json(reply[begin.start() :], allow_partial=True) if begin else {}
    except ValueError:
        return ""
    text = found.get("question") if isinstance(found, dict) else None
    return " ".join(text.split()) if isinstance(text, str) and len(text) <= LONGEST else ""
