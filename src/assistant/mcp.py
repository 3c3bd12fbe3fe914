"""A server of the Model Context Protocol: other assistants ask, search and list portals here."""

from typing import Annotated, Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import CallToolResult, TextContent, ToolAnnotations
from pydantic import Field, ValidationError

from assistant.bootstrap import Assistant
from assistant.errors import AssistantError, told
from assistant.types import Frozen, Passage, Portal, Question, Turn

INSTRUCTIONS = (
    "Official customs guidance of ASEAN and its member states. Every answer quotes its sources and binds nobody. "
    "Pass on its citations, its disclaimer and the pointer to ASSIST, and add no rate, date, form or link that is not "
    "in it. Where an answer is routed, the sources do not answer: give the portal that it names."
)
MOST = 20  # passages

Country = Annotated[str | None, Field(description="ISO 3166 code of an ASEAN country, e.g. SG.")]
Limit = Annotated[int, Field(ge=1, le=MOST, description="How many at most.")]


class FoundPassages(Frozen):
    """What a search gives. Found is not answered: a passage may be near a question and not answer it."""

    passages: tuple[Passage, ...]
    disclaimer: str


class Portals(Frozen):
    """Official sites; one without an address has none in ASEAN's list."""

    portals: tuple[Portal, ...]
    disclaimer: str


def create(assistant: Assistant) -> MCPServer:
    """The server. Its tools only read."""
    server = MCPServer("asean-customs-guidance", title="ASEAN customs guidance", instructions=INSTRUCTIONS)
    reads = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)

    @server.tool(annotations=reads)
    def ask(
        question: Annotated[str, Field(description="A trader's question, in any ASEAN language.")],
        country: Country = None,
        language: Annotated[str | None, Field(description="ISO 639 code to answer in, e.g. th.")] = None,
        history: Annotated[list[Turn] | None, Field(description="Turns before it, oldest first.")] = None,
    ) -> CallToolResult:
        """Answer a customs question with citations, or say which portal or body to ask. As text and as an Answer."""
        answer = _or_tool_error(
            lambda: assistant.answer(
                Question(text=question, country=country, language=language, history=tuple(history or ()))
            )
        )
        text = TextContent(type="text", text=assistant.readable(answer))
        return CallToolResult(content=[text], structured_content=answer.model_dump(mode="json"))

    @server.tool(annotations=reads)
    def search_passages(
        query: Annotated[str, Field(description="Words or a question, in any ASEAN language.")],
        country: Country = None,
        limit: Limit = 5,
    ) -> FoundPassages:
        """The passages nearest to a query, with their publisher, authority, date and source."""
        hits = _or_tool_error(lambda: assistant.search(Question(text=query, country=country), limit))
        return FoundPassages(passages=tuple(hit.passage for hit in hits), disclaimer=assistant.disclaimer())

    @server.tool(annotations=reads)
    def list_portals(country: Country = None) -> Portals:
        """Official customs and trade portals of a country, or of all."""
        found = _or_tool_error(lambda: assistant.portals(country.upper() if country else None))
        return Portals(portals=tuple(found), disclaimer=assistant.disclaimer())

    return server


def _or_tool_error(act: Any) -> Any:
    """What an act gives; an error that we know says to the caller what to do."""
    try:
        return act()
    except AssistantError as error:
        raise ToolError(told(error)) from None
    except ValidationError as error:
        raise ToolError("; ".join(entry["msg"].removeprefix("Value error, ") for entry in error.errors())) from None
