"""The adapter keeps its time and says why, whatever a server does; the servers here speak the real protocol."""

import contextlib
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from assistant.errors import LanguageModelError
from assistant.llm import ChatModel
from language_models.scripted import Says, Server, sentences, serving

SCHEMA = {"type": "object"}
SECONDS = 4.0
SLACK = 1.0  # seconds that a busy machine may add
HELLO = Says(pieces=("Good ", "morning."))


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(lambda _request: HELLO) as running:
        yield running


def model(server: Server, **options: Any) -> ChatModel:
    fields = {"key": "secret-key", "seconds": SECONDS, "at_once": 2, **options}
    return ChatModel(server.url, "sample-model", **fields)


def say(server: Server, *replies: Says) -> None:
    """The server gives these in turn, the last one from then on."""
    left = list(replies)
    server.script = lambda _request: left.pop(0) if len(left) > 1 else left[0]


def reply(asked: ChatModel) -> str:
    return "".join(asked.stream("You are kind.", "Hello", SCHEMA))


def failure(asked: ChatModel) -> str:
    start = time.monotonic()
    with pytest.raises(LanguageModelError) as caught:
        reply(asked)
    assert time.monotonic() - start < SECONDS + SLACK
    return str(caught.value)


def test_pieces_come_as_they_are_sent(server: Server) -> None:
    assert list(model(server).stream("You are kind.", "Hello", SCHEMA)) == ["Good ", "morning.", ""]
    (request,) = server.requests
    assert [message["role"] for message in request["messages"]] == ["system", "user"]
    assert request["model"] == "sample-model"
    assert request["response_format"]["json_schema"]["schema"] == SCHEMA


def test_the_key_goes_to_the_server_alone(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    reply(model(server))
    monkeypatch.setenv("OPENAI_API_KEY", "of-another-service")
    reply(model(server, key=""))
    assert [headers["authorization"] for headers in server.headers] == ["Bearer secret-key", "Bearer none"]


def test_the_first_piece_does_not_wait_for_the_last(server: Server) -> None:
    say(server, Says(pieces=("Good ", "morning."), pause=0.4))
    start = time.monotonic()
    stream = model(server).stream("", "Hello", SCHEMA)
    assert next(stream) == "Good "
    assert time.monotonic() - start < 0.4 + SLACK / 2


def test_a_server_without_schemas_is_asked_without_from_then_on(server: Server) -> None:
    server.script = lambda request: Says(status=400) if "response_format" in request else HELLO
    asked = model(server)
    assert reply(asked) == reply(asked) == "Good morning."
    assert ["response_format" in request for request in server.requests] == [True, False, False]


def test_a_server_that_takes_nothing_is_not_said_to_lack_schemas(server: Server) -> None:
    asked = model(server)
    say(server, Says(status=400))
    assert "400" in failure(asked)
    say(server, HELLO)
    reply(asked)
    assert "response_format" in server.requests[-1]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_passing_error_is_tried_once_more(server: Server, status: int) -> None:
    say(server, Says(status=status, headers={"retry-after": "0"}), HELLO)
    assert reply(model(server)) == "Good morning."


def test_errors_are_told_without_the_key(server: Server) -> None:
    for status in (401, 404, 500, 429):
        say(server, Says(status=status))
        said = failure(model(server))
        assert str(status) in said
        assert "secret" not in said


def test_a_long_wait_that_the_server_asks_for_is_not_waited(server: Server) -> None:
    say(server, Says(status=429, headers={"retry-after": "60"}))
    start = time.monotonic()
    assert "429" in failure(model(server))
    assert time.monotonic() - start < SLACK
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "says",
    [Says(pieces=("",), pause=60), Says(pieces=("word ",), pause=0.01, endless=True)],
    ids=["silent", "endless"],
)
def test_time_is_kept(server: Server, says: Says) -> None:
    say(server, says)
    assert failure(model(server)) == "is too slow"


@pytest.mark.parametrize(
    "raw",
    [b"", b"data: {broken\n\n", b'data: {"choices": "none"}\n\n', b"<html>a proxy's page</html>", b"\xff\xfe\x00"],
)
def test_nonsense_is_no_crash(server: Server, raw: bytes) -> None:
    say(server, Says(raw=raw))
    said = []
    with contextlib.suppress(LanguageModelError):
        said.append(reply(model(server)))
    assert said in ([], [""])


def test_a_server_that_is_not_there_is_told_apart() -> None:
    with serving(lambda _request: HELLO) as gone:
        pass
    assert failure(model(gone)) == "cannot be reached"


def test_what_came_before_an_error_is_kept_by_whoever_reads(server: Server) -> None:
    say(server, Says(pieces=("Good ",), cut=True, headers={"content-length": "9999"}))
    stream = model(server).stream("", "Hello", SCHEMA)
    assert next(stream) == "Good "
    with pytest.raises(LanguageModelError):
        list(stream)


def test_a_model_that_fails_again_and_again_is_left_alone_for_a_while(server: Server) -> None:
    say(server, Says(status=401))
    asked = model(server, left_alone=0.5)
    for _ in range(3):
        failure(asked)
    before = len(server.requests)
    assert "left alone" in failure(asked)
    assert len(server.requests) == before
    say(server, HELLO)
    time.sleep(0.6)
    assert reply(asked) == "Good morning."
    assert reply(asked) == "Good morning."


def test_only_so_many_are_asked_at_once(server: Server) -> None:
    say(server, Says(pieces=("a",), pause=SECONDS * 0.8))
    asked = model(server, at_once=2)

    def outcome(_: int) -> str:
        try:
            return reply(asked)
        except LanguageModelError as error:
            return str(error)

    with ThreadPoolExecutor(4) as pool:
        given = sorted(pool.map(outcome, range(4)))
    assert given == ["a", "a", "is busy with other questions", "is busy with other questions"]


def test_a_reader_who_leaves_early_is_no_failure_and_frees_the_place(server: Server) -> None:
    say(server, Says(pieces=("word ",), pause=0.01, endless=True))
    asked = model(server, at_once=1)
    for _ in range(5):
        stream = asked.stream("", "Hello", SCHEMA)
        assert next(stream) == "word "
        stream.close()
    say(server, sentences({"text": "Fees apply."}))
    assert "Fees apply." in reply(asked)
