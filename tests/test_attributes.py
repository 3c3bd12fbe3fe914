"""What a question asks for, and which sentences hold it."""

import pytest

from assistant.attributes import asked, forms, gives, holds_specifics, is_of_another


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


def test_when_something_is_done_may_be_answered_by_what_must_have_happened() -> None:
    wanted = asked("When are goods treated as abandoned?")
    assert gives(wanted, "Goods count as unclaimed when they stay in storage beyond the time limit.")
    assert not gives(wanted, "Unclaimed goods are sold by auction.")
    assert not gives(asked("When was the committee set up?"), "The committee meets when the chair calls it.")


@pytest.mark.parametrize(
    "text",
    [
        "What is the e-mail address of the office?",
        "email of the AWSC desk",
        "Whom can I e-mail about AEO?",
        "Apa alamat email kantor itu?",
        "địa chỉ email của cơ quan",
        "ที่อยู่อีเมลของสำนักงาน",
        "该机构的邮箱地址是什么？",
    ],
)
def test_an_email_address_has_its_sign(text: str) -> None:
    assert gives(asked(text), "Write to desk@customs.example.")
    assert not gives(asked(text), "The office is the Ministry of Commerce.")


def test_a_mail_that_is_spoken_of_is_not_asked_for() -> None:
    assert asked("What must I do with the confirmation e-mail?") == ()


def test_what_is_counted_as_of_now_takes_a_source_that_says_when_it_counted() -> None:
    wanted = asked("How many trucks are registered right now?")
    assert gives(wanted, "As of 5 June 2025, 40 trucks are registered.")
    assert not gives(wanted, "Up to 500 trucks may be registered.")
    assert gives(asked("How many trucks may be registered?"), "Up to 500 trucks may be registered.")


def test_the_size_of_a_fine_is_an_amount() -> None:
    assert not gives(asked("What is the amount of the fine?"), "Missing the deadline brings a penalty.")
    assert gives(asked("What is the amount of the fine?"), "The penalty is US$ 50 a day.")


@pytest.mark.parametrize(
    "text",
    [
        "How high is the fine?",
        "Dendanya berapa?",
        "ค่าปรับเท่าไร",
        "Mức phạt là bao nhiêu?",
        "ការពិន័យប៉ុន្មាន?",
        "罚款具体多少钱?",
    ],
)
def test_what_is_charged_tells_no_fine(text: str) -> None:
    assert not gives(asked(text), "Missing the deadline brings a penalty that customs has charged since 2017.")


@pytest.mark.parametrize("text", ["What are the opening hours?", "Buka jam berapa?", "เปิดกี่โมง", "几点上班？"])
def test_hours_are_times_of_day(text: str) -> None:
    assert gives(asked(text), "Centers are open from 8:00 AM to 5:00 PM.")
    assert not gives(asked(text), "The telephone of the center is 1500225, as given in 2017.")


@pytest.mark.parametrize(
    "text",
    [
        "เว็บไซต์นี้เกี่ยวกับอะไร",
        "Bea cukai Indonesia nomernya brp?",
        "What papers do I need so that the lower duty applies?",
        "What do we have to pay duty on?",
        "CCC ຂອງພາສີອາຊຽນ ແມ່ນຫຍັງ?",
        "Boleh kebenaran ditarik balik pada bila-bila masa?",
        "Under which rule can an error cost an exporter its authorisation?",
    ],
)
def test_words_that_look_like_it_ask_for_nothing_of_the_kind(text: str) -> None:
    assert asked(text) == ()


@pytest.mark.parametrize("year", ["2025", "២០២៥", "၂၀၂၅", "๒๐๒๕", "໒໐໒໕"])
def test_a_year_is_one_in_the_digits_of_any_script(year: str) -> None:
    assert holds_specifics(f"ATIGA {year}?", "The schedules of 2025 say so.")
    assert not holds_specifics(f"ATIGA {year}?", "The schedules of 2021 say so.")


def test_another_acronym_explains_none() -> None:
    sentence = "CCC stands for Coordinating Committee on Customs."
    assert not holds_specifics("What is the CCA?", sentence)
    assert not holds_specifics("What does CCA stand for?", sentence)
    assert holds_specifics("what is CCC", sentence)
    assert holds_specifics("What is the fee for an SME?", "Using ASSIST is free of charge.")


def test_a_question_that_asks_for_nothing_of_the_kind_takes_any_sentence() -> None:
    assert asked("What is ASSIST?") == ()
    assert gives((), "Anything.")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("How long is Form D valid, and the e-Form D?", {"d"}),
        ("form e有效期", {"e"}),
        ("ฟอร์มอี มีอายุกี่ปี", {"e"}),
        ("C/O mẫu AI hay Borang AK?", {"ai", "ak"}),
        ("May I use Form A here?", {"a"}),
        ("how to form a company", set()),
        ("Which form is needed?", set()),
        ("fill in the form deliberately", set()),
    ],
)
def test_forms_are_known_by_their_letters(text: str, named: set[str]) -> None:
    assert forms(text) == named


@pytest.mark.parametrize(
    ("question", "sentence", "another"),
    [
        ("Form E validity", "A Form D is valid for 12 months.", True),
        ("Form D validity", "A Form D is valid for 12 months.", False),
        ("Form E or Form D?", "A Form D is valid for 12 months.", False),
        ("Form E validity", "A Proof of Origin is valid for 12 months.", False),
        ("Validity of the form?", "A Form D is valid for 12 months.", False),
        ("trị giá tối thiểu theo AJCEP?", "Under ATIGA it is 40%.", True),
        ("RCEP区域价值成分多少？", "Under the ASEAN Trade in Goods Agreement (ATIGA) it is 40%.", True),
        ("Did ATIGA replace CEPT?", "ATIGA replaced the scheme of 1992.", False),
        ("What of accepting it?", "Under ATIGA it is 40%.", False),
    ],
)
def test_what_is_said_of_one_form_or_agreement_is_not_said_of_another(
    question: str, sentence: str, another: bool
) -> None:
    assert is_of_another(question, sentence) is another
