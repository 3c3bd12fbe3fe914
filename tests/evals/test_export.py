"""Results in the sample formats of ragas and Inspect."""

import json
from pathlib import Path
from typing import Any

import pytest
from samples import FACT, QUOTE, make_case, make_evidence, make_refusal, make_refused, make_reply, make_result

from assistant.types import Question, Turn
from assistant_evals import export
from assistant_evals.suites import Gold

EARLIER = Turn(role="user", content="Hello")
RAGAS = {
    "user_input",
    "response",
    "retrieved_contexts",
    "retrieved_context_ids",
    "reference",
    "reference_contexts",
    "reference_context_ids",
}


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_ragas_sample_sets_the_reply_beside_what_was_expected() -> None:
    evidence = (make_evidence(), make_evidence("Ships sail.", "elsewhere"))
    sample = export.ragas(make_result(reply=make_reply(evidence=evidence)))
    assert sample == {
        "user_input": "What does filing cost?",
        "response": f"{QUOTE} [1]",
        "retrieved_contexts": [QUOTE, "Ships sail."],
        "retrieved_context_ids": ["sample", "elsewhere"],
        "reference": FACT,
        "reference_contexts": [FACT],
        "reference_context_ids": ["sample"],
    }


def test_an_inspect_sample_holds_the_conversation_and_the_case() -> None:
    case = make_case(question=Question(text="What does it cost?", history=(EARLIER,)))
    sample = export.inspect(make_result(case=case, half="test"))
    assert set(sample) == {"id", "input", "target", "metadata"}
    assert sample["id"] == "c1"
    assert sample["input"] == [
        {"role": "user", "content": "Hello"},
        {"role": "user", "content": "What does it cost?"},
    ]
    assert sample["target"] == FACT
    assert (sample["metadata"]["suite"], sample["metadata"]["half"]) == ("facts", "test")
    assert sample["metadata"]["gold"] == [{"document": "sample", "fact": FACT}]
    assert not {"id", "question"} & set(sample["metadata"])


@pytest.mark.parametrize("sample", [export.ragas, export.inspect])
def test_the_target_of_a_refusal_is_its_status(sample: Any) -> None:
    found = sample(make_result(case=make_refusal(), reply=make_refused()))
    assert found.get("target", found.get("reference")) == "declined or routed"


def test_the_target_names_each_fact_once_in_its_first_wording() -> None:
    gold = (Gold(document="sample", fact="free|gratis"), Gold(document="twin", fact="no fee"))
    case = make_case(facts=("ten days|10 days", "free"), gold=gold)
    assert export.inspect(make_result(case=case))["target"] == "ten days; free; no fee"


def test_both_files_have_one_line_a_question_in_the_order_given(tmp_path: Path) -> None:
    cases = [make_case(id=name, question=Question(text=f"Question {name}?")) for name in ("b", "a")]
    export.write([make_result(case=case) for case in cases], tmp_path / "new" / "samples")
    inspect, ragas = (read(tmp_path / "new" / "samples" / f"{name}.jsonl") for name in ("inspect", "ragas"))
    assert [sample["id"] for sample in inspect] == ["b", "a"]
    assert [sample["user_input"] for sample in ragas] == ["Question b?", "Question a?"]
    assert all(set(sample) == RAGAS for sample in ragas)


def test_other_scripts_and_line_breaks_stay_as_they_are(tmp_path: Path) -> None:
    export.write([make_result(reply=make_reply(text="免费。\nค่าธรรมเนียม"))], tmp_path)
    assert "免费。" in (tmp_path / "ragas.jsonl").read_text(encoding="utf-8")
    (sample,) = read(tmp_path / "ragas.jsonl")
    assert sample["response"] == "免费。\nค่าธรรมเนียม"


def test_writing_again_replaces_what_was_there(tmp_path: Path) -> None:
    export.write([make_result(), make_result()], tmp_path)
    export.write([make_result()], tmp_path)
    assert len(read(tmp_path / "inspect.jsonl")) == 1
