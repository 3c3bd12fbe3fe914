"""The MCP server, driven by the SDK's own client: in process, over standard input and output, and over HTTP."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.types import CallToolResult, TextContent

from assistant import mcp
from assistant.bootstrap import Assistant
from assistant.settings import Settings
from assistant.types import Answer
from places import environment

ESTABLISHED = "When was the Sample Coordinating Committee on Customs established?"


def on(server: Any, act: Callable[[Client], Awaitable[Any]]) -> Any:
    """What an act gives on a client of a server, in a thread of its own: Playwright keeps a loop running in ours."""

    async def run() -> Any:
        async with Client(server) as client:
            return await act(client)

    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, run()).result()


def call(server: Any, tool: str, **arguments: object) -> CallToolResult:
    return on(server, lambda client: client.call_tool(tool, arguments))  # type: ignore[no-any-return]


def text(result: CallToolResult) -> str:
    return "\n".join(part.text for part in result.content if isinstance(part, TextContent))


@pytest.fixture(scope="module")
def server(small: Assistant) -> Any:
    return mcp.create(small)


def test_the_tools_only_read_and_say_what_they_take(server: Any) -> None:
    tools = {tool.name: tool for tool in on(server, lambda client: client.list_tools()).tools}
    assert set(tools) == {"ask", "search_passages", "list_portals"}
    for tool in tools.values():
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint
        assert tool.description
    assert tools["ask"].input_schema["required"] == ["question"]


def test_an_answer_comes_as_text_and_as_an_answer(server: Any) -> None:
    result = call(server, "ask", question=ESTABLISHED)
    answer = Answer.model_validate(result.structured_content)
    assert answer.status == "answered"
    for part in ("1992", "[1]", "non-binding", "https://assist.asean.org"):
        assert part in text(result)


def test_country_language_and_history_count(server: Any) -> None:
    history = [{"role": "user", "content": "Where are Singapore's customs FAQs?"}]
    result = call(server, "ask", question="and in Malaysia?", history=history, language="th")
    answer = Answer.model_validate(result.structured_content)
    assert (answer.countries, answer.language) == (("MY",), "th")


def test_passages_are_found_with_their_source(server: Any) -> None:
    found = call(
        server, "search_passages", query="Sample Coordinating Committee on Customs", limit=2
    ).structured_content
    assert found is not None
    assert len(found["passages"]) == 2
    assert "1992" in found["passages"][0]["text"]
    assert found["passages"][0]["publisher"]
    assert "non-binding" in found["disclaimer"]


def test_portals_are_listed_by_country(server: Any) -> None:
    found = call(server, "list_portals", country="my").structured_content
    assert found is not None
    assert {portal["country"] for portal in found["portals"]} == {"MY"}
    every = call(server, "list_portals").structured_content
    assert every is not None
    assert len(every["portals"]) > len(found["portals"])


@pytest.mark.parametrize(
    ("tool", "arguments", "reason"),
    [
        ("ask", {"question": "?"}, "no words"),
        ("ask", {"question": "x" * 3_000}, "shorten it"),
        ("ask", {"question": ESTABLISHED, "country": "XX"}, "unknown country"),
        ("ask", {"question": ESTABLISHED, "language": "xx"}, "unknown language"),
        ("search_passages", {"query": "", "limit": 5}, "empty"),
        ("search_passages", {"query": "origin", "limit": 500}, "20"),
        ("list_portals", {"country": "XX"}, "unknown country"),
    ],
)
def test_bad_input_is_named(server: Any, tool: str, arguments: dict[str, object], reason: str) -> None:
    result = call(server, tool, **arguments)
    assert result.is_error
    assert reason in text(result)


def test_it_is_served_over_standard_input_and_output(small_settings: Settings) -> None:
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "assistant", "mcp"], env={**os.environ, **environment(small_settings)}
    )
    assert "1992" in text(call(command, "ask", question=ESTABLISHED))


def test_it_is_served_over_http(small_settings: Settings) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "assistant", "mcp", "--http", "--port", str(port)],
        env={**os.environ, **environment(small_settings)},
    )
    try:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.2)
        assert "1992" in text(call(f"http://127.0.0.1:{port}/mcp", "ask", question=ESTABLISHED))
    finally:
        process.terminate()
        process.wait(timeout=20)
