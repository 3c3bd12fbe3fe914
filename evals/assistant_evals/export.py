"""Questions and replies in the sample formats of other evaluation tools: ragas and Inspect."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assistant_evals.runner import Result


def write(results: Sequence[Result], folder: Path) -> None:
    """ragas.jsonl (single-turn samples) and inspect.jsonl (samples of a dataset), one line a question, same order."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, sample in (("ragas", ragas), ("inspect", inspect)):
        lines = [json.dumps(sample(result), ensure_ascii=False) for result in results]
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def ragas(result: Result) -> dict[str, Any]:
    """The fields of ragas' SingleTurnSample."""
    return {
        "user_input": result.case.question.text,
        "response": result.reply.text,
        "retrieved_contexts": [evidence.quote for evidence in result.reply.evidence],
        "retrieved_context_ids": [evidence.document_id for evidence in result.reply.evidence],
        "reference": _target(result),
        "reference_contexts": [gold.fact for gold in result.case.gold],
        "reference_context_ids": [gold.document for gold in result.case.gold],
    }


def inspect(result: Result) -> dict[str, Any]:
    """The fields of Inspect's Sample; what a right answer must hold is in its metadata."""
    turns = [{"role": turn.role, "content": turn.content} for turn in result.case.question.history]
    return {
        "id": result.case.id,
        "input": [*turns, {"role": "user", "content": result.case.question.text}],
        "target": _target(result),
        "metadata": {
            "suite": result.suite,
            "half": result.half,
            **result.case.model_dump(mode="json", exclude={"id", "question"}),
        },
    }


def _target(result: Result) -> str:
    facts = [fact.split("|")[0] for fact in (*result.case.facts, *(gold.fact for gold in result.case.gold))]
    return "; ".join(dict.fromkeys(facts)) or " or ".join(result.case.status)
