"""Examples for the OpenAPI page."""

import json
from typing import Any

from fastapi import Body

from assistant.data import FOLDER

QUESTION_EXAMPLES: Any = Body(
    openapi_examples={
        "fact": {"summary": "A question on regional guidance", "value": {"question": "What is ASSIST?"}},
        "country": {
            "summary": "A country chosen beside the question",
            "value": {"question": "Where can I read about rules of origin?", "country": "SG"},
        },
        "follow-up": {
            "summary": "A follow-up in a conversation",
            "value": {
                "question": "And in Malaysia?",
                "history": [
                    {"role": "user", "content": "Where are Singapore's customs FAQs?"},
                    {"role": "assistant", "content": "See Singapore Customs FAQs.", "status": "answered"},
                ],
            },
        },
    }
)

ANSWER_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            "application/json": {"example": json.loads((FOLDER / "example_answer.json").read_text(encoding="utf-8"))},
            "text/event-stream": {
                "schema": {"type": "string"},
                "example": 'event: meta\ndata: {"id":"…"}\n\nevent: citation\ndata: {"marker":1}\n\n'
                'event: delta\ndata: {"text":"…","citations":[1]}\n\nevent: done\ndata: {"id":"…"}\n\n',
            },
        },
        "description": "The answer; with `Accept: text/event-stream` the events meta, citation, delta, done or error.",
    }
}
