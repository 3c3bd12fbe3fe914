"""Running suites on a system, and the means with their intervals."""

from collections.abc import Mapping

import pytest
from samples import make_case, make_portal, make_refusal, make_refused, make_reply, make_result, make_suite

from assistant.types import Question
from assistant_evals import runner
from assistant_evals.runner import Value, addresses, by, mean, percentile, summary
from assistant_evals.scoring import Reply
from fakes import ignore, make_document


class FixedSystem:
    """System: gives each question the reply it was made with, and refuses all others."""

    name = "fixed"

    def __init__(self, replies: Mapping[str, Reply]) -> None:
        self._replies = replies

    def reply(self, question: Question) -> Reply:
        return self._replies.get(question.text, make_refused())


def interval(value: Value | None) -> tuple[float, float]:
    assert value is not None
    return value.low, value.high


# -- intervals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("right", "count", "low", "high"),
    [
        (8, 10, 0.4902, 0.9433),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (1, 1, 0.2065, 1.0),
        (50, 100, 0.4038, 0.5962),
    ],
)
def test_values_of_0_and_1_have_wilson_intervals(right: int, count: int, low: float, high: float) -> None:
    found = mean([1.0] * right + [0.0] * (count - right))
    assert found is not None
    assert (found.value, found.count) == (right / count, count)
    assert interval(found) == pytest.approx((low, high), abs=1e-4)


def test_shares_have_a_bootstrap_interval_around_their_mean() -> None:
    shares = [0.0, 0.25, 0.5, 0.5, 0.75, 1.0] * 5
    found = mean(shares)
    assert found is not None
    assert found.value == 0.5
    # 1.96 standard errors are 0.115
    assert interval(found) == pytest.approx((0.385, 0.615), abs=0.02)


def test_the_bootstrap_gives_the_same_interval_each_time() -> None:
    assert mean([0.1, 0.4, 0.9]) == mean([0.1, 0.4, 0.9])


def test_more_questions_make_a_narrower_interval() -> None:
    few, many = mean([0.2, 0.5, 1.0] * 2), mean([0.2, 0.5, 1.0] * 50)
    assert few is not None
    assert many is not None
    assert many.high - many.low < few.high - few.low


def test_equal_shares_have_an_interval_of_one_point() -> None:
    assert mean([0.5, 0.5]) == Value(value=0.5, low=0.5, high=0.5, count=2)


def test_one_share_is_its_own_interval() -> None:
    assert interval(mean([0.3])) == (0.3, 0.3)


def test_there_is_no_mean_of_nothing() -> None:
    assert mean([]) is None


def test_a_value_shows_its_interval() -> None:
    assert str(Value(value=0.5, low=0.25, high=0.75, count=4)) == "0.500 [0.250, 0.750]"


@pytest.mark.parametrize(("share", "wanted"), [(0.0, 1.0), (0.5, 3.0), (0.95, 5.0), (1.0, 5.0)])
def test_a_percentile_is_one_of_the_values(share: float, wanted: float) -> None:
    assert percentile([5.0, 3.0, 1.0, 4.0, 2.0], share) == wanted


# -- a run -----------------------------------------------------------------------------------------------------------


def test_every_question_of_both_halves_is_asked_in_order() -> None:
    cases = {name: make_case(id=name, question=Question(text=f"Question {name}?")) for name in "abc"}
    suites = [make_suite(cases["a"], test=(cases["b"],)), make_suite(cases["c"], name="messy")]
    found = runner.run(FixedSystem({}), suites, [], ignore)
    assert [(result.suite, result.half, result.case.id) for result in found] == [
        ("facts", "dev", "a"),
        ("facts", "test", "b"),
        ("messy", "dev", "c"),
    ]


def test_replies_are_scored_against_their_own_case() -> None:
    asked, refused = make_case(), make_refusal(id="c2", question=Question(text="Who won the cup?"))
    system = FixedSystem({asked.question.text: make_reply()})
    right, declined = runner.run(system, [make_suite(asked, refused)], [], ignore)
    assert (right.right, right.scores["right_citation"]) == (True, 1.0)
    assert (declined.right, declined.scores["refusal_recall"]) == (True, 1.0)
    assert "refusal_recall" not in right.scores


def test_a_wrong_reply_is_not_right() -> None:
    (result,) = runner.run(FixedSystem({}), [make_suite(make_case())], [], ignore)
    assert not result.right


def test_progress_is_told_after_each_question() -> None:
    told: list[tuple[int, int]] = []
    cases = [make_case(id=name, question=Question(text=f"Question {name}?")) for name in "ab"]
    runner.run(FixedSystem({}), [make_suite(*cases)], [], lambda done, total: told.append((done, total)))
    assert told == [(1, 2), (2, 2)]


def test_an_address_of_the_corpus_is_not_invented() -> None:
    case = make_case()
    system = FixedSystem({case.question.text: make_reply(portal_urls=("https://tariff.example",))})
    document = make_document("Text.", portals=(make_portal(url="https://tariff.example/"),))
    (known,) = runner.run(system, [make_suite(case)], [document], ignore)
    (unknown,) = runner.run(system, [make_suite(case)], [], ignore)
    assert (known.scores["invented_links"], unknown.scores["invented_links"]) == (0.0, 1.0)


def test_addresses_are_those_of_portals_documents_and_bodies_without_their_last_slash() -> None:
    portals = (make_portal(url="https://portal.example/"), make_portal(url=None))
    documents = [
        make_document("See https://body.example/a/.", url="https://page.example/", portals=portals),
        make_document("Nothing here.", id="bare"),
    ]
    assert addresses(documents) == {"https://portal.example", "https://body.example/a", "https://page.example"}


# -- summaries -------------------------------------------------------------------------------------------------------


def test_a_metric_is_averaged_over_the_questions_to_which_it_applies() -> None:
    found = summary(
        [make_result({"status": 1.0, "facts": 0.5}), make_result({"status": 0.0}), make_result({"status": 1.0})]
    )
    assert {name: value.count for name, value in found.items()} == {"status": 3, "facts": 1}
    assert found["status"].value == pytest.approx(2 / 3)
    assert found["facts"].value == 0.5


def test_nothing_is_said_of_a_metric_that_applies_to_no_question() -> None:
    assert summary([make_result({})]) == {}


def test_groups_come_in_order_of_their_names_and_keep_the_order_within() -> None:
    results = [make_result(suite=name, right=right) for name, right in (("b", True), ("a", True), ("b", False))]
    found = by(results, lambda result: result.suite)
    assert list(found) == ["a", "b"]
    assert [result.right for result in found["b"]] == [True, False]
