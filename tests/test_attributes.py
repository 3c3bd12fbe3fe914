"""What a question asks for, and which sentences hold it."""

import pytest

from assistant.attributes import asked, gives


@pytest.mark.parametrize(
    "text",
    [
        "When was the committee established?",
        "Kapan komite itu dibentuk?",
        "Bilakah jawatankuasa itu ditubuhkan?",
        "คณะกรรมการก่อตั้งเมื่อใด",
        "Ủy ban được thành lập năm nào?",
        "Kailan itinatag ang komite?",
        "គណៈកម្មាធិការបង្កើតឡើងនៅឆ្នាំណា?",
        "ຄະນະກຳມະການສ້າງຕັ້ງຂຶ້ນປີໃດ?",
        "ကော်မတီကို ဘယ်နှစ်မှာ ဖွဲ့စည်းခဲ့သလဲ။",
        "委员会是哪年成立的？",
    ],
)
def test_a_question_for_a_date_is_understood_in_every_language(text: str) -> None:
    wanted = asked(text)
    assert gives(wanted, "The committee was established in 1992.")
    assert not gives(wanted, "The committee was established by ministers.")


def test_a_question_for_a_duration_is_not_answered_by_a_year() -> None:
    wanted = asked("How long is a declaration valid?")
    assert gives(wanted, "A declaration is valid for twelve months.")
    assert not gives(wanted, "The declaration is from 1992.")


def test_a_question_that_asks_for_nothing_of_the_kind_takes_any_sentence() -> None:
    assert asked("What is ASSIST?") == ()
    assert gives((), "Anything.")
