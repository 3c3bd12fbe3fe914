"""Which sentences of a letter need no source: a labelled list in ten languages."""

from pathlib import Path

import pytest
import yaml

from assistant.helpdesk.courtesy import opening, says_nothing

NAMES = ("Siti Rahma", "王伟", "สมชาย", "Ana Lim")
LABELLED = yaml.safe_load(Path(__file__).with_name("own_words.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("sentence", LABELLED["own"])
def test_a_courtesy_or_a_question_needs_no_source(sentence: str) -> None:
    assert says_nothing(sentence, NAMES)


@pytest.mark.parametrize("sentence", LABELLED["flagged"])
def test_what_states_something_does(sentence: str) -> None:
    assert not says_nothing(sentence, NAMES)


def test_a_name_that_is_nobodys_here_is_a_statement_like_any_other() -> None:
    assert says_nothing("Ana Lim", NAMES)
    assert not says_nothing("Ana Lim", ())
    assert not says_nothing("尊敬的王先生：", ())


@pytest.mark.parametrize(
    ("sentence", "courtesy"),
    [
        ("Thank you, importing rice is duty free.", "Thank you,"),
        ("Dear Ms Rahma, thank you, importing rice is duty free.", "Dear Ms Rahma, thank you,"),
        ("谢谢，进口大米免税。", "谢谢，"),
        ("Thank you, Ms Rahma.", ""),
        ("Importing rice is duty free, thank you.", ""),
    ],
)
def test_what_follows_a_courtesy_stands_by_itself(sentence: str, courtesy: str) -> None:
    assert sentence[: opening(sentence, NAMES)] == courtesy


def test_a_long_text_takes_no_time() -> None:
    assert not says_nothing("คุณท่าน" * 20 + "x", NAMES)
    assert not says_nothing("thank you " * 2_000 + "x", NAMES)
