"""What the answers before quoted, known by its words."""

from collections.abc import Iterable, Sequence

from assistant import chunking
from assistant.conversation import Told
from assistant.types import Passage, Turn

SHORTEST = 20  # characters of a sentence that is known again


class Recall:
    """Knows the sentences of one version of the index again."""

    def __init__(self, passages: Iterable[Passage]) -> None:
        self._sentences = {
            passage.text[start:end]: passage
            for passage in passages
            for start, end in chunking.sentences(passage.text)
            if end - start >= SHORTEST
        }

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
        places = {answer.find(sentence): passage for sentence, passage in self._sentences.items() if sentence in answer}
        return [places[start] for start in sorted(places)]
