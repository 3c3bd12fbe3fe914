"""Builders of cases, replies, results and suites, each right until a test changes a field."""

from typing import Any

from assistant.types import Portal, Question, Timings
from assistant_evals.runner import Result
from assistant_evals.scoring import Evidence, Reply
from assistant_evals.suites import Case, Gold, Suite

FACT = "free of charge"
QUOTE = "Filing is free of charge."


def make_case(**fields: Any) -> Case:
    defaults: dict[str, Any] = {
        "id": "c1",
        "question": Question(text="What does filing cost?"),
        "kind": "facts",
        "status": ("answered",),
        "gold": (Gold(document="sample", fact=FACT),),
    }
    return Case(**{**defaults, **fields})


def make_refusal(**fields: Any) -> Case:
    """A case whose right answer is a refusal."""
    return make_case(**{"kind": "off_topic", "status": ("declined", "routed"), "gold": (), **fields})


def make_evidence(quote: str = QUOTE, document_id: str = "sample") -> Evidence:
    return Evidence(document_id=document_id, section="Fees", quote=quote)


def make_reply(**fields: Any) -> Reply:
    defaults: dict[str, Any] = {
        "status": "answered",
        "text": f"{QUOTE} [1]",
        "evidence": (make_evidence(),),
        "exact": (True,),
        "language": "en",
        "disclaimer": "Non-binding.",
        "escalation": "https://assist.asean.org",
        "confidence": 0.9,
        "timings": Timings(total=12.0),
    }
    return Reply(**{**defaults, **fields})


def make_refused(**fields: Any) -> Reply:
    """A reply that refuses."""
    return make_reply(**{"status": "declined", "text": "That is not mine.", "evidence": (), "exact": (), **fields})


def make_result(scores: dict[str, float] | None = None, **fields: Any) -> Result:
    defaults: dict[str, Any] = {
        "suite": "facts",
        "half": "dev",
        "case": make_case(),
        "reply": make_reply(),
        "scores": scores or {},
        "right": True,
    }
    return Result(**{**defaults, **fields})


def make_suite(*dev: Case, test: tuple[Case, ...] = (), name: str = "facts") -> Suite:
    return Suite(name=name, title="Facts", about="Questions of fact.", dev=dev, test=test)


def make_portal(**fields: Any) -> Portal:
    defaults: dict[str, Any] = {
        "name": "Tariff Finder",
        "description": "Rates of duty.",
        "url": "https://tariff.example/",
        "country": "SG",
        "listed": True,
        "publisher": "Customs",
        "as_of": None,
        "document_id": "sample",
    }
    return Portal(**{**defaults, **fields})
