"""Has a language model write the answer from numbered passages, and passes on what the passages say."""

import json
from collections.abc import Iterator, Sequence
from itertools import chain

from assistant import data, facts, replies
from assistant.errors import LanguageModelError
from assistant.grounding import URL, Gate, curated
from assistant.messages import Messages
from assistant.ports import LanguageModel
from assistant.privacy import redact
from assistant.replies import TOKEN, quoted
from assistant.terms import PASSAGES
from assistant.types import Claim, Dropped, Hit, Passage, Written

LONGEST = 1_000  # characters of a reply without a sentence ending
MOST = 10  # sentences; a model that goes on is repeating itself


class Writer:
    """Writes sentences about passages and lets through those that the gate lets through."""

    def __init__(self, model: LanguageModel, gate: Gate, messages: Messages) -> None:
        self._model = model
        self._gate = gate
        self._messages = messages
        self._prompt = data.read("prompts.yaml")["answer"]

    @property
    def model(self) -> str:
        """The model, as its server calls it."""
        return self._model.name

    @property
    def prompt(self) -> str:
        """The prompt and its version."""
        return f"answer-{self._prompt['version']}"

    def write(self, question: str, hits: Sequence[Hit], code: str) -> Iterator[Claim | Dropped]:
        """Each sentence about the passages of the hits as soon as it is written and checked, in the reader's language.

        Raises:
            LanguageModelError: the model does not answer, writes nothing, or stops before its end; what came before
                stays true.
        """
        links = Links()
        system, user = self._asked(question, hits, code, links)
        reply, heard = "", 0  # `heard`: how long it was when it last gained a sentence
        seen: set[Written] = set()
        stands = True  # whether the sentence before is shown
        pieces = self._model.stream(system, user, replies.form(len(hits), translated=code != PASSAGES))
        for piece in chain(pieces, [None]):
            reply += piece or ""
            rows = replies.written(reply, whole=piece is None)
            for row in rows:
                if row not in seen and len(seen) < MOST:
                    seen.add(row)
                    heard = len(reply)
                    found = self._checked(row, hits, code, links)
                    if not stands and facts.points_back(row.text):
                        found = Dropped(text=row.text, passages=row.passages, failing="meaning")
                    stands = isinstance(found, Claim)
                    yield found
            if len(rows) >= MOST:
                return
            if len(reply) - heard > LONGEST:
                raise LanguageModelError("goes on without ending a sentence")
        if not seen:
            raise LanguageModelError("wrote no sentence that can be read")

    def _asked(self, question: str, hits: Sequence[Hit], code: str, links: "Links") -> tuple[str, str]:
        """What the model is told and what it is given. Nothing in the latter can end its turn or name a link."""
        language = self._messages.language_name(code, PASSAGES)
        translating = "" if code == PASSAGES else self._prompt["translating"].format(language=language)
        example = {"passages": [1], "text": "…"} | ({"translation": "…"} if translating else {})
        passages = "\n\n".join(
            f"[{number}] {quoted(_heading(hit))}\n{_text(hit.passage, links)}"
            for number, hit in enumerate(hits, start=1)
        )
        system = self._prompt["system"].format(
            translating=translating, form=json.dumps({"sentences": [example]}, ensure_ascii=False)
        )
        return system, self._prompt["user"].format(passages=passages, question=URL.sub("", quoted(redact(question))))

    def _checked(self, row: Written, hits: Sequence[Hit], code: str, links: "Links") -> Claim | Dropped:
        texts = {name: links.shown(getattr(row, name)) for name in ("text", "translation")}
        if any(TOKEN.search(text) for text in texts.values()):
            return Dropped(text=row.text, passages=row.passages, failing="address")
        return self._gate.check(row.model_copy(update=texts), hits, code)


class Links:
    """The addresses of the passages, which the model sees as tokens only."""

    def __init__(self) -> None:
        self._tokens: dict[str, str] = {}

    def hidden(self, text: str) -> str:
        """The text with a token for each address."""
        return URL.sub(lambda match: f"<{self._tokens.setdefault(match.group(), f'L{len(self._tokens) + 1}')}>", text)

    def shown(self, text: str) -> str:
        """The text with the address for each token; a token that stands for none stays one."""
        addresses = {token: address for address, token in self._tokens.items()}
        return TOKEN.sub(lambda match: addresses.get(match.group(1).upper(), match.group()), text)


def _text(passage: Passage, links: Links) -> str:
    """What a passage says, its addresses as tokens; those of a page that was fetched are left out."""
    text = quoted(passage.text)
    return links.hidden(text) if curated(passage) else URL.sub("", text)


def _heading(hit: Hit) -> str:
    passage = hit.passage
    return " - ".join(filter(None, [passage.title, passage.section, passage.publisher, passage.as_of]))
