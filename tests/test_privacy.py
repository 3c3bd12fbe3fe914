"""Personal data goes; numbers that customs needs stay."""

import pytest

from assistant.privacy import redact, redacted
from fakes import make_answer


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("write to siti.aminah+x@mail.example.my please", "write to [email] please"),
        ("a@b.sg, c@d.co.th", "[email], [email]"),
        ("call +65 6355 2000 today", "call [phone] today"),
        ("call +60 12-345 6789 or +66 81 234 5678", "call [phone] or [phone]"),
        ("ติดต่อ +66 81 234 5678 ได้", "ติดต่อ [phone] ได้"),
    ],
)
def test_addresses_and_international_numbers_go(text: str, kept: str) -> None:
    assert redact(text) == kept


def test_a_national_number_goes_where_the_country_is_known() -> None:
    assert redact("call 6355 2000", "SG") == "call [phone]"
    assert redact("hubungi 0812-3456-7890", "ID") == "hubungi [phone]"


@pytest.mark.parametrize("country", [None, "SG", "MY", "ID", "TH", "VN", "PH"])
@pytest.mark.parametrize(
    "text",
    [
        "HS code 8471.30.10 for laptops",
        "HS 8471.30",
        "AHTN 8471.30.10.00",
        "AHTN 8471 30 10",
        "Form D, Form CO2 and K1",
        "permit PDA-2023-000123",
        "in 2015, 2020 and 2025",
        "more than US$200 or 1,000,000 kip",
        "ATIGA article 13, annex 8",
    ],
)
def test_codes_forms_permits_and_years_stay(text: str, country: str | None) -> None:
    assert redact(text, country) == text


def test_the_question_of_a_kept_answer_is_redacted() -> None:
    answer = make_answer(question="I am a@b.sg, 6355 2000", countries=("SG",))
    assert redacted(answer).question == "I am [email], [phone]"
    assert redacted(answer).text == answer.text
