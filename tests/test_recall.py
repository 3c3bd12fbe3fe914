"""Which documents the answers before quoted."""

from assistant.conversation import Told
from assistant.lexical import Bm25Index
from assistant.recall import Recall
from assistant.types import Turn
from fakes import make_passage

FEES = make_passage("Filing is free of charge for all. It is short.", id="a", document_id="fees", title="Fees")
OFFICES = make_passage("The office is open on working days.", id="b", document_id="offices", title="Offices")
PASSAGES = {passage.id: passage for passage in (FEES, OFFICES)}
RECALL = Recall(Bm25Index(list(PASSAGES.values())), PASSAGES)


def turns(*said: str) -> list[Turn]:
    return [Turn(role=role, content=text) for text in said for role, text in (("user", "?"), ("assistant", text))]


def test_the_documents_of_the_sentences_of_the_last_answer_are_known() -> None:
    answer = "Quoted: The office is open on working days. [1] Filing is free of charge for all. [2]"
    assert RECALL.told(turns("Filing is free of charge for all. [1]", answer)) == Told(
        answer=answer, documents=frozenset(["fees", "offices"]), about="Offices"
    )


def test_an_answer_that_quotes_nothing_leaves_what_was_quoted_before() -> None:
    told = RECALL.told(turns("Filing is free of charge for all. [1]", "No source answers this."))
    assert (told.answer, told.documents, told.about) == ("No source answers this.", {"fees"}, "Fees")


def test_a_few_words_that_stand_anywhere_are_not_known_again() -> None:
    assert RECALL.told(turns("It is short.")).documents == frozenset()


def test_without_an_answer_nothing_was_told() -> None:
    assert RECALL.told([Turn(role="user", content="Filing is free of charge for all.")]) == Told()
