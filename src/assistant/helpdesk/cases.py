"""Sent replies as eval cases: question and what a right answer must hold, one JSON line each (evals/suites)."""

import json
import os
import re
from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from filelock import FileLock
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant import data, facts, language
from assistant.bootstrap import Assistant
from assistant.database.tickets import MessageRow, TicketRow
from assistant.errors import DataUnavailableError, InputError
from assistant.helpdesk.reading import contact_of, reply_of
from assistant.helpdesk.work import countries_of, private
from assistant.tickets import Checked, Reply
from assistant.types import MAX_TURN_CHARACTERS, Citation, Question
from assistant.verified import AUTHORITY

FILE = "eval_cases.jsonl"
SUPPORTED = ("quoted", "follows")
SHORTEST = 3  # words that tell one sentence of a document from another
ALTERNATIVE = "|"  # between alternatives in a suite's facts, so that none may hold it
NUMBER = r"\d+(?:[.,]\d+)*"
NAMES = re.compile(r"[A-Z][\w'’-]*(?: (?:(?:of|and|for|on|in) (?:the )?)?[A-Z][\w'’-]*)*")

Case = dict[str, Any]


class Cases:
    """A file of cases in the data folder."""

    def __init__(self, folder: Path, assistant: Assistant) -> None:
        self._path = folder / FILE
        self._assistant = assistant

    def made(self, session: Session, ticket: TicketRow) -> Case:
        """The case of an answered ticket. Raises InputError where its reply rests on nothing of the corpus."""
        reply = reply_of(session, ticket.id)
        sentences = [s for s in reply.sentences if s.standing in SUPPORTED] if reply else []
        gold = self._gold(reply, sentences) if reply else []
        if not gold:
            raise InputError(f"the reply to ticket {ticket.id} rests on no source: there is nothing to hold answers to")
        countries = countries_of(session, [ticket.id]).get(ticket.id, ())
        case: Case = {"id": f"desk-{ticket.id}", **self._asked(session, ticket, countries)}
        case["expect"] = {
            "kind": "portal" if ticket.topic == "portal" else "facts",
            "status": ["answered", "partial"],
            "gold": gold,
            "facts": told(sentences[0].text, [each["fact"] for each in gold], case["question"]),
            "language": ticket.language,
        }
        _check(case)
        return case

    def keep(self, case: Case) -> bool:
        """Add a case to the file in one step; False where the file has it already."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(self._path.with_suffix(".lock"), timeout=10):
                before = self._path.read_text(encoding="utf-8") if self._path.exists() else ""
                if any(json.loads(line)["id"] == case["id"] for line in before.splitlines() if line.strip()):
                    return False
                temporary = self._path.with_suffix(".tmp")
                with temporary.open("w", encoding="utf-8") as file:
                    file.write(f"{before}{json.dumps(case, ensure_ascii=False)}\n")
                    file.flush()
                    os.fsync(file.fileno())
                temporary.replace(self._path)
        except (OSError, TimeoutError) as error:
            raise DataUnavailableError(f"{self._path} cannot be written ({error}): free space, or try again") from error
        return True

    def _asked(self, session: Session, ticket: TicketRow, countries: Sequence[str]) -> Case:
        """The trader's last message with those before it, without personal data."""
        rows = select(MessageRow).where(MessageRow.ticket_id == ticket.id, MessageRow.direction.in_(("in", "out")))
        messages = session.scalars(rows.order_by(MessageRow.id)).all()
        last = max((place for place, message in enumerate(messages) if message.direction == "in"), default=None)
        contact = contact_of(session, ticket.id)
        question = private(messages[last].text if last is not None else ticket.question, contact, countries)
        turns = [
            {
                "role": "user" if message.direction == "in" else "assistant",
                "content": private(message.text[:MAX_TURN_CHARACTERS], contact, countries),
            }
            for message in messages[: last or 0]
        ]
        asked: Case = {"question": " ".join(question.split())}
        asked |= {"country": countries[0]} if len(countries) == 1 else {}
        asked |= {"language": ticket.language} if language.detect(question) != ticket.language else {}
        return asked | ({"history": turns} if turns else {})

    def _gold(self, reply: Reply, sentences: Sequence[Checked]) -> list[dict[str, str]]:
        """What the reply cites, where the document says it in those words; another verified answer is no source."""
        kept = {marker for sentence in sentences for marker in sentence.citations}
        found = [c for c in reply.citations if c.marker in kept and c.authority != AUTHORITY]
        gold = [{"document": c.document_id, "fact": fact} for c in found if (fact := self._fact(c))]
        return list({(each["document"], each["fact"]): each for each in gold}.values())

    def _fact(self, citation: Citation) -> str | None:
        """The longest run of the quote's words that stands in the document's body as it does there."""
        document = self._assistant.library.documents.get(citation.document_id)
        if document is None:
            return None
        body = _folded(document.body)
        words = [word for word in citation.quote.split() if ALTERNATIVE not in word]
        for length in range(len(words), SHORTEST - 1, -1):
            for start in range(len(words) - length + 1):
                run = " ".join(words[start : start + length]).strip(".,;:!?")
                if _folded(run) in body and _folded(run) in _folded(citation.quote):
                    return run
        return None


def told(sentence: str, sources: Sequence[str], question: str) -> list[str]:
    """What a sentence has from its sources that an answer must hold: numbers with their unit, dates, else a name.

    A bare number is none (it may stand for anything), nor is a name that the question has already.
    """
    there = {number for source in sources for number in facts.numbers(source)}
    found = [each for match in _numbers().finditer(sentence) if (each := _whole(match))]
    numbers = [each for each in dict.fromkeys(found) if facts.numbers(each) <= there]
    return numbers or _names(sentence, sources, question)


@cache
def _numbers() -> re.Pattern[str]:
    months = "|".join(month.capitalize() for month in data.read("words.yaml")["months"])
    return re.compile(
        rf"(?P<date>(?:\d{{1,2}} )?(?:{months})(?: \d{{1,2}},)? \d{{4}}|\d{{1,2}} (?:{months}))"
        rf"|(?P<money>(?:[A-Z]{{0,3}}[$€£¥฿₫]|\b[A-Z]{{3}} ){NUMBER})|(?P<share>{NUMBER} ?%)"
        rf"|(?P<counted>(?<![\w.,-]){NUMBER}(?:[ -][a-z]+){{1,2}})|(?P<year>(?<!\d )\b(?:19|20)\d\d\b)"
    )


def _whole(match: re.Match[str]) -> str | None:
    """A match with no more words than say what is counted; None where they do not."""
    if match.lastgroup != "counted":
        return match.group()
    words, units = list(re.finditer(r"[a-z]+", match.group())), data.read("words.yaml")["units"]
    ends = [word.end() for word in words if set(facts.content(word.group())) & set(units)]
    return match.group()[: ends[0]] if ends else None


def _names(sentence: str, sources: Sequence[str], question: str) -> list[str]:
    """The longest name that the sentence has from its sources."""
    said = _folded(" ".join(sources))
    known = set(facts.names(sentence))
    runs = [_without_article(match.group(), known) for match in NAMES.finditer(sentence)]
    fit = [name for name in runs if name and _folded(name) in said and _folded(name) not in _folded(question)]
    return sorted(fit, key=len, reverse=True)[:1]


def _without_article(run: str, names: Collection[str]) -> str:
    """A run of words in capitals without those at its start that are no names ("The", "Under")."""
    words = run.split()
    while words and words[0] not in names:
        words.pop(0)
    return " ".join(words)


def _check(case: Case) -> None:
    try:
        Question.model_validate({name: value for name, value in case.items() if name not in ("id", "expect")})
    except ValidationError as error:
        message = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise InputError(f"the ticket cannot become an eval case: {message}") from None


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
