"""A model's reading of a follow-up is taken only where it adds nothing to the conversation."""

import json

import pytest

from assistant import countries
from assistant.conversation import Standalone
from assistant.rewriting import Rewriter
from assistant.types import Question, Turn
from fakes import TellingModel

HISTORY = (
    Turn(role="user", content="What does Form D cost in Malaysia? Mail me@example.org."),
    Turn(role="assistant", content="Form D is free of charge in Malaysia.", status="answered"),
)
ASKED = "and how long is that good for?"


def rewritten(reply: str, text: str = ASKED, failure: str = "") -> tuple[Standalone | None, TellingModel]:
    model = TellingModel(reply, failure=failure)
    found = Rewriter(model, countries.load()).rewrite(Question(text=text, history=HISTORY))
    return found, model


def says(question: str) -> str:
    return json.dumps({"question": question})


def test_what_was_said_before_may_be_filled_in() -> None:
    found, model = rewritten(says("How long is Form D good for in Malaysia?"))
    assert found is not None
    assert (found.text, found.countries, found.carried) == ("How long is Form D good for in Malaysia?", ("MY",), True)
    assert "me@example.org" not in model.asked[0][1]
    assert ASKED in model.asked[0][1]


@pytest.mark.parametrize(
    "reply",
    [
        says("How long is Form E good for in Malaysia?"),
        says("How long is Form D good for in Thailand?"),
        says("Is Form D good for 12 months?"),
        says("See www.evil.example.com about Form D"),
        says("แบบฟอร์ม D ใช้ได้นานเท่าไร"),
        says("How long " * 100),
        says(""),
        '{"question": 5}',
        '{"question": "How lo',
        "I cannot do that.",
        "",
        "[" * 5_000,
    ],
)
def test_anything_else_is_no_reading(reply: str) -> None:
    assert rewritten(reply)[0] is None


def test_a_model_that_fails_gives_no_reading() -> None:
    assert rewritten(says("How long is Form D good for?"), failure="is too slow")[0] is None
