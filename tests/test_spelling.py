"""Typos, chat spelling and capitals are put right; names, codes and right words stay."""

import pytest

from assistant.spelling import Speller

SPELLER = Speller(
    [
        "ASEAN customs transit under ACTS.",
        "The ATIGA sets rules of origin. The AWSC certificate of origin is issued by the authority.",
        "A trader classifies goods under the AHTN, and an exporter is certified.",
    ]
)


@pytest.mark.parametrize(
    ("text", "corrected"),
    [
        ("what is the certifcate of orgin", "what is the certificate of origin"),
        ("pls tell me wat is the atiga", "please tell me what is the ATIGA"),
        ("WHAT IS THE ATIGA", "what is the ATIGA"),
        ("what is A.H.T.N.?", "what is AHTN?"),
        ("classificaton of goods", "classification of goods"),
    ],
)
def test_mistakes_are_put_right(text: str, corrected: str) -> None:
    assert SPELLER.corrected(text) == corrected


@pytest.mark.parametrize(
    "text",
    [
        "What is the certificate of origin?",
        "Who answers at https://acts.asean.org, and is form D3.1 paper?",
        "Does Zxqwv Bhd need it?",
        "are vehicles classified by weight?",
        "How is classifying goods done, and who certifies it?",
        "",
    ],
)
def test_what_is_right_stays(text: str) -> None:
    assert SPELLER.corrected(text) == text


def test_correcting_twice_changes_nothing_more() -> None:
    once = SPELLER.corrected("wat is teh certifcate of orgin in ATIGA")
    assert SPELLER.corrected(once) == once
