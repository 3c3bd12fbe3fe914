"""Which sentence answers a follow-up, from all that its words may mean."""

import pytest

from assistant.bootstrap import Assistant
from assistant.conversation import Told
from assistant.followups import LEAST, FollowUps, Reading, evidence
from assistant.sufficiency import Weights, logistic
from assistant.types import Answer, Extract, Hit, Question, Turn
from fakes import make_hit

FEE = make_hit("Filing is free.", id="fee", document_id="filing")
TIME = make_hit("Replies take a day.", id="time", document_id="replies")
TOLD = Told(answer="So: Filing is free. [1]", documents=frozenset(["filing"]))


def extract(hit: Hit) -> Extract:
    return Extract(hit=hit, start=0, end=len(hit.passage.text), score=0.5)


def test_a_sentence_is_known_by_what_it_is_worth_in_every_sense() -> None:
    readings = [
        Reading("alone", [extract(FEE), extract(TIME)], [-1.0, 2.0]),
        Reading("within", [extract(FEE)], [1.5]),
        Reading("continued", [extract(TIME)], [-9.0]),
    ]
    fee, time = (known for _, known in evidence(readings, TOLD))
    assert (fee.alone, fee.within, fee.about, fee.continued, fee.best) == (-1.0, 1.5, LEAST, LEAST, 1.5)
    assert (time.alone, time.within, time.about, time.continued, time.best) == (2.0, LEAST, LEAST, LEAST, 2.0)


def test_what_was_told_before_is_known() -> None:
    (_, known), (_, other) = evidence([Reading("alone", [extract(FEE), extract(TIME)], [0.0, 0.0])], TOLD)
    assert (known.repeated, known.told) == (1.0, 1.0)
    assert (other.repeated, other.told) == (0.0, 0.0)


def test_sentences_are_ranked_by_all_senses_together() -> None:
    judge = FollowUps(Weights(bias=0.0, features={"alone": 1.0, "within": 1.0}))
    readings = [Reading("alone", [extract(FEE), extract(TIME)], [1.0, 2.0]), Reading("within", [extract(FEE)], [1.0])]
    first, second = judge.ranked(readings, TOLD)
    assert [first.hit, second.hit] == [FEE, TIME]
    assert first.score == pytest.approx(logistic(2.0))
    assert second.score == pytest.approx(logistic(2.0 + LEAST))


@pytest.mark.parametrize(
    ("asked", "document", "said"),
    [
        (["what is a retroactive check", "how long does it take in total?"], "atiga-origin-verification", "180 days"),
        (
            ["how long for an advance ruling in brunei", "who can apply?", "where do i send it", "phone number?"],
            "brunei-advance-rulings",
            "2382361",
        ),
    ],
)
def test_a_few_words_are_answered_from_what_the_conversation_is_about(
    real: Assistant, asked: list[str], document: str, said: str
) -> None:
    given = last(real, asked)
    assert {citation.document_id for citation in given.citations} == {document}
    assert said in given.text


def test_what_cannot_be_answered_keeps_the_country_of_the_conversation(real: Assistant) -> None:
    given = last(real, ["email for questions about lao e-CO", "and phone?"])
    assert (given.status, given.countries) == ("routed", ("LA",))


def test_what_one_agreement_says_does_not_answer_a_follow_up_about_another(real: Assistant) -> None:
    given = last(real, ["minimum regional value content under ATIGA", "what is it under RCEP"])
    assert given.status == "routed"


def last(assistant: Assistant, asked: list[str]) -> Answer:
    """The answer to the last message of a conversation."""
    history: tuple[Turn, ...] = ()
    for text in asked:
        given = assistant.answer(Question(text=text, history=history))
        history += (Turn(role="user", content=text), Turn(role="assistant", content=given.text, status=given.status))
    return given
