"""Which facts of a sent answer an eval case holds answers to."""

import pytest

from assistant.helpdesk.cases import told


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("In 2020, 14 of the 16 members met, and 8 of them agreed.", ["2020"]),
        ("It must be returned within at most 60 days.", ["60 days"]),
        ("The reply comes within 30 working days or 2 months.", ["30 working days", "2 months"]),
        ("The protocol has applied since 20 September 2020.", ["20 September 2020"]),
        ("The fee is US$200.00 or USD 1,500, and 10% or 2.5 % on top.", ["US$200.00", "USD 1,500", "10%", "2.5 %"]),
        ("It has 10 articles and 3 annexes.", []),
        ("Form E12 and rule 3.4 apply to 8-digit codes.", ["8-digit"]),
        ("The Sample Coordinating Committee on Customs decides.", ["Sample Coordinating Committee on Customs"]),
        ("Under ATIGA, importers ask the Department of Foreign Trade.", ["Department of Foreign Trade"]),
        ("In Singapore the importer declares.", ["Singapore"]),
        ("The importer declares the goods.", []),
    ],
)
def test_a_fact_is_a_whole_number_with_its_unit_or_a_name(sentence: str, expected: list[str]) -> None:
    assert told(sentence, [sentence], "Who decides, and when?") == expected


def test_a_number_that_is_not_in_the_source_is_no_fact() -> None:
    assert told("It takes 60 days or 90 days.", ["it takes 60 days"], "How long?") == ["60 days"]


def test_a_name_of_the_question_says_nothing() -> None:
    sentence = "In Malaysia the Ministry of Finance decides."
    assert told(sentence, [sentence], "Who decides in Malaysia?") == ["Ministry of Finance"]
    assert told(sentence, ["somebody else decides"], "Who decides?") == []
