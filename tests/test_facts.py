"""What a claim or a translation may not change is found where it was changed."""

import pytest

from assistant import facts
from assistant.language import detect

EVIDENCE = (
    "Using the service is free of charge for an enterprise.",
    "A complaint is answered within 30 working days, and the exporter may file it with the importing authority.",
    "The Sample Agreement on Customs (SAC) was signed on 6 June 2006 in Jakarta.",
    "The list is reviewed about every five years and holds at least 40 per cent of all codes.",
    "The rule is not a value limit for duty-free import.",
)


def evidence(*numbers: int) -> list[str]:
    return [EVIDENCE[number] for number in numbers]


@pytest.mark.parametrize(
    ("claim", "rests_on"),
    [
        ("An enterprise uses the service free of charge.", [0]),
        ("Complaints are answered within 30 working days.", [1]),
        ("The SAC was signed on 6 June 2006.", [2]),
        ("It was signed in Jakarta in June 2006.", [2]),
        ("The list is reviewed about every five years.", [3]),
        ("It holds at least 40% of the codes.", [3]),
        ("The rule isn't a value limit.", [4]),
    ],
)
def test_a_claim_that_keeps_its_facts_passes(claim: str, rests_on: list[int]) -> None:
    assert facts.lost(claim, evidence(*rests_on)) is None


@pytest.mark.parametrize(
    ("claim", "rests_on", "reason"),
    [
        ("Read more at https://evil.example.org.", [0], "address"),
        ("Write to desk@customs.example.org.", [0], "address"),
        ("See customs-help.com for the fee.", [0], "address"),
        ("Complaints are answered within 10 working days.", [1], "number"),
        ("Complaints are answered within ๑๐ working days.", [1], "number"),
        ("Complaints are answered within 30 months.", [1], "number"),
        ("A fee of 30% is charged.", [1], "number"),
        ("The SAC was signed on 6 July 2006.", [2], "name"),
        ("The SAC was signed in Hanoi.", [2], "name"),
        ("ATIGA was signed on 6 June 2006.", [2], "name"),
        ("The list is reviewed every five years.", [3], "meaning"),
        ("It holds 40% of the codes.", [3], "meaning"),
        ("The rule is a value limit for duty-free import.", [4], "meaning"),
        ("Using the service is not free of charge.", [0], "meaning"),
        ("The exporter must file it.", [1], "meaning"),
        ("Only the exporter may file it.", [1], "meaning"),
    ],
)
def test_a_claim_that_changes_a_fact_is_told_which(claim: str, rests_on: list[int], reason: str) -> None:
    assert facts.lost(claim, evidence(*rests_on)) == reason


def test_names_and_numbers_may_stand_in_what_the_evidence_is_about_but_denials_may_not() -> None:
    about = ["Viet Nam. Rules of 2020 that are not repealed"]
    assert facts.lost("In Viet Nam, an enterprise uses the service free of charge.", evidence(0)) == "name"
    assert facts.lost("In Viet Nam, an enterprise uses the service free of charge.", evidence(0), about) is None
    assert facts.lost("An enterprise does not use the service free of charge.", evidence(0), about) == "meaning"


ENGLISH = "The SAC (Form D) has applied since 20 September 2020, for 1,000 dollars at most."


@pytest.mark.parametrize(
    "translation",
    [
        "SAC (Mẫu D) được áp dụng từ ngày 20 tháng 9 năm 2020, tối đa 1.000 đô la.",
        "SAC (แบบ D) มีผลตั้งแต่วันที่ ๒๐ กันยายน 2020 ไม่เกิน 1,000 ดอลลาร์",
        "SAC（D 表）自2020年9月20日起适用，最多1000美元。",
        "SAC (Borang D) terpakai sejak 20 September 2020, untuk 1,000 dolar paling banyak.",
    ],
)
def test_a_translation_that_keeps_its_facts_passes(translation: str) -> None:
    assert facts.altered(ENGLISH, translation, detect(translation)) is None


@pytest.mark.parametrize(
    ("translation", "reason"),
    [
        ("SAC (Mẫu D) được áp dụng từ ngày 20 tháng 9 năm 2021, tối đa 1.000 đô la.", "number"),
        ("SAC (Mẫu D) được áp dụng từ ngày 20 tháng 9 năm 2020.", "number"),
        ("SAC (แบบ D) มีผลตั้งแต่วันที่ 20 กันยายน 2563 ไม่เกิน 1,000 ดอลลาร์", "number"),
        ("SAC (แบบ E) มีผลตั้งแต่วันที่ 20 กันยายน 2020 ไม่เกิน 1,000 ดอลลาร์", "name"),
        ("(แบบ D) มีผลตั้งแต่วันที่ 20 กันยายน 2020 ไม่เกิน 1,000 ดอลลาร์", "name"),
        ("SAC (แบบ D) ของ Customs Board มีผลตั้งแต่วันที่ 20 กันยายน 2020 ไม่เกิน 1,000 ดอลลาร์", "name"),
        ("SAC (แบบ D) มีผลตั้งแต่วันที่ 20 กันยายน 2020 ไม่เกิน 1,000 ดอลลาร์ ดู evil.example.com", "address"),
    ],
)
def test_a_translation_that_changes_a_fact_is_told_which(translation: str, reason: str) -> None:
    assert facts.altered(ENGLISH, translation, detect(translation)) == reason


@pytest.mark.parametrize(
    ("english", "translation"),
    [
        ("The service is free.", "บริการนี้ไม่ฟรี"),
        ("The service is free.", "Dịch vụ này không miễn phí."),
        ("The service is not free.", "Layanan ini gratis."),
        ("The service is not free.", "ເປັນການບໍລິການຟຣີ"),
    ],
)
def test_a_translation_that_denies_where_its_sentence_does_not_is_told(english: str, translation: str) -> None:
    assert facts.altered(english, translation, detect(translation)) == "meaning"


def test_sentences_that_point_back_or_repeat_are_known() -> None:
    assert facts.points_back("It is free of charge.")
    assert not facts.points_back("The service is free of charge.")
    assert facts.repeats("The service is free.", EVIDENCE[0] + " It is a free service.")
    assert not facts.repeats("The service is free of charge in Jakarta.", EVIDENCE[0])
    assert not facts.points_back("")


DISCLOSURE = (
    "Voluntary disclosure in Singapore has no fixed period, but it must come before Singapore Customs begins an audit."
)


@pytest.mark.parametrize(
    "claim",
    [
        DISCLOSURE,
        "Voluntary disclosure has no fixed period.",
        "Voluntary disclosure in Singapore has no set period, but must come before Singapore Customs begins an audit.",
    ],
)
def test_a_claim_may_shorten_a_sentence(claim: str) -> None:
    assert facts.follows(claim, DISCLOSURE)


@pytest.mark.parametrize(
    "claim",
    [
        "Singapore Customs has no fixed period, but disclosure must come before it begins an audit.",
        "An audit must come before voluntary disclosure begins.",
        "Voluntary disclosure helps companies to save on penalties and to keep the trust of Singapore Customs.",
        "Voluntary.",
        "",
    ],
)
def test_a_claim_may_not_say_something_of_another_subject_or_in_another_order(claim: str) -> None:
    assert not facts.follows(claim, DISCLOSURE)


def test_a_long_claim_may_not_add_more_than_a_short_one() -> None:
    praised = DISCLOSURE.replace("has no fixed period", "is a trusted and reliable scheme that has no fixed period")
    assert not facts.follows(praised, DISCLOSURE)


def test_an_opening_phrase_may_stand_anywhere_in_the_sentence() -> None:
    sentence = "ASEAN-wide Self-Certification has been implemented across the region since 20 September 2020."
    assert (
        facts.follows("Since 20 September 2020, self-certification has been implemented across the region.", sentence)
        is False
    )
    assert facts.follows("Since 20 September 2020, ASEAN-wide Self-Certification has been implemented.", sentence)
