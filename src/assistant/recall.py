"""What the answers before quoted, known by its words."""

from collections.abc import Mapping, Sequence

from assistant import chunking
from assistant.citations import without_markers
from assistant.conversation import Told
from assistant.ports import LexicalIndex
from assistant.types import Passage, Turn

SHORTEST = 20  # characters of a sentence that is known again
MOST = 12  # sentences of an answer that passages are looked for by
NEAREST = 3  # passages by each


class Recall:
    """Finds the sentences of answers in one version of the index again."""

    def __init__(self, lexical: LexicalIndex, passages: Mapping[str, Passage]) -> None:
        self._lexical = lexical
        self._passages = passages

    def told(self, history: Sequence[Turn]) -> Told:
        """What was answered just before, and which documents the last answer that quotes any quotes."""
        answers = [turn.content for turn in reversed(history) if turn.role == "assistant"]
        quoted = next(filter(None, map(self._quoted, answers)), [])
        return Told(
            answer=answers[0] if answers else "",
            documents=frozenset(passage.document_id for passage in quoted),
            about=quoted[0].title if quoted else "",
        )

    def _quoted(self, answer: str) -> list[Passage]:
        """Whose sentences stand in an answer, in order."""
        plain = without_markers(answer)
        parts = [plain[start:end] for start, end in chunking.sentences(plain)][:MOST]
        near = {name for part in parts for name, _ in self._lexical.search(part, NEAREST)}
        places = {place: self._passages[name] for name in near if (place := self._place(name, plain)) is not None}
        return [places[place] for place in sorted(places)]

    def _place(self, name: str, answer: str) -> int | None:
        """Where the first sentence of a passage that an answer quotes stands in it."""
        text = self._passages[name].text
        sentences = (
            without_markers(text[start:end]) for start, end in chunking.sentences(text) if end - start >= SHORTEST
        )
        return min((answer.find(sentence) for sentence in sentences if sentence in answer), default=None)
