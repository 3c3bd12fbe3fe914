"""The commands. Data on stdout, progress and logs on stderr; exit 0 done, 1 found wanting, 2 bad usage or input."""

import datetime
import json
import logging
import os
import socket
import sys
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError

from assistant import corpus, settings
from assistant.bootstrap import Builder
from assistant.cli import desk, evaluate, ingest, users
from assistant.cli.console import Bar, JsonOption, counted, explain, fail, indexed, ready, say
from assistant.errors import AssistantError, InputError
from assistant.types import Portal, Question, Turn

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Answers from ASEAN customs guidance, with citations.",
)
corpus_app = typer.Typer(no_args_is_help=True, help="Work on the corpus.")
app.add_typer(corpus_app, name="corpus")
app.add_typer(evaluate.app, name="eval")
app.command()(ingest.ingest)
app.add_typer(ingest.app, name="sources")
app.add_typer(users.app, name="users")
app.add_typer(desk.app, name="desk")

QUIET = (
    "pdfminer",
    "readability",
    "htmldate",
    "bm25s",
    "chromadb",
    "httpx",
    "llama_index",
    "alembic",
)  # libraries that log at INFO what nobody asked for

CountryOption = Annotated[str | None, typer.Option(help="ISO 3166 code of the country, e.g. SG.")]
LanguageOption = Annotated[str | None, typer.Option(help="Answer in this language, e.g. th.")]


def main() -> None:
    """Run a command; an error we know becomes one clear line and exit code 2."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    for warning in settings.unknown():
        say(f"warning: {warning}")
    try:
        app()
    except AssistantError as error:
        fail(str(error))
    except ValidationError as error:
        fail(explain(error))
    except BrokenPipeError:
        os._exit(0)  # the reader of our output has gone; there is nobody to tell
    except KeyboardInterrupt:
        say("stopped")
        raise SystemExit(130) from None


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="What you want to know, in any ASEAN language.")],
    country: CountryOption = None,
    language: LanguageOption = None,
    history: Annotated[Path | None, typer.Option(help='JSON list of {"role", "content"} turns before it.')] = None,
    as_json: JsonOption = False,
) -> None:
    """Answer one question."""
    asked = Question(text=question, country=country, language=language, history=_turns(history))
    assistant = ready(recording=False)
    answer = assistant.answer(asked)
    print(answer.model_dump_json(indent=2) if as_json else assistant.readable(answer))  # noqa: T201


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port to listen on.")] = None,
) -> None:
    """Serve the chat page at /, the review desk at /desk, the API under /v1 and its description at /docs."""
    import uvicorn  # noqa: PLC0415 (the other commands start without a server)

    from assistant import api  # noqa: PLC0415
    from assistant.bootstrap import mail  # noqa: PLC0415
    from assistant.helpdesk import Helpdesk, Worker  # noqa: PLC0415
    from assistant.helpdesk.stopping import stoppable  # noqa: PLC0415

    chosen = settings.load()
    host, port = host or chosen.host, port or chosen.port
    _check_free(host, port)
    from assistant_ui import chat, desk  # noqa: PLC0415 (Gradio takes seconds to import)

    # SIGTERM ends it as Ctrl-C does: uvicorn, the worker, then the database, which leaves no log of SQLite's beside it
    with stoppable(), closing(ready(recording=True)) as assistant, closing(Helpdesk.of(assistant)) as helpdesk:
        application = api.create(assistant, helpdesk)
        desk.add(application, sign_in_with=chosen.oidc_issuer or None)
        application = chat.mount(application, assistant, helpdesk)
        say(f"Serving http://{host}:{port}  (review desk at /desk, API at /docs; Ctrl-C stops)")
        with Worker(helpdesk, mail.mailbox(chosen, lambda _done, _total: None)):
            uvicorn.run(application, host=host, port=port, log_level="warning", timeout_graceful_shutdown=5)


@app.command()
def mcp(
    http: Annotated[
        bool, typer.Option("--http", help="Serve over HTTP at /mcp, not by standard input and output.")
    ] = False,
    host: Annotated[str | None, typer.Option(help="Address to listen on, with --http.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port to listen on, with --http.")] = None,
) -> None:
    """Let other assistants ask, search and list portals by the Model Context Protocol."""
    from assistant import mcp as protocol  # noqa: PLC0415 (the other commands start without it)

    chosen = settings.load()
    host, port = host or chosen.host, port or chosen.port
    if http:
        _check_free(host, port)
    server = protocol.create(ready(recording=True))
    if http:
        say(f"Serving http://{host}:{port}/mcp  (Ctrl-C stops)")
        server.run("streamable-http", host=host, port=port, stateless_http=True)
    else:
        server.run("stdio")


@app.command()
def index(
    rebuild: Annotated[bool, typer.Option(help="Make it anew, where it is damaged.")] = False,
) -> None:
    """Build the index from the corpus; embeds only what changed."""
    with Bar() as bar:
        manifest, embedded = Builder(settings.load()).build(bar.show, rebuild=rebuild)
    say(indexed(manifest, embedded))


@app.command()
def portals(country: CountryOption = None, as_json: JsonOption = False) -> None:
    """List the official portals."""
    found = ready(recording=False).portals(country.upper() if country else None)
    if as_json:
        print(TypeAdapter(list[Portal]).dump_json(found, indent=2).decode())  # noqa: T201
        return
    if not found:
        say("no portals in the corpus")
    for portal in found:
        origin = "" if portal.listed or not portal.country else f"  [not from the ASEAN list; {portal.publisher}]"
        print(f"{portal.country or 'ASEAN':5}  {portal.name}: {portal.url or 'no link in the source'}{origin}")  # noqa: T201


@corpus_app.command("lint")
def corpus_lint() -> None:
    """Check every file of the corpus; exit 1 where something is wrong."""
    root = settings.load().corpus_dir
    if not root.is_dir():
        raise InputError(f"{root} is no folder: set ASSISTANT_CORPUS_DIR to the corpus")
    findings = corpus.lint(root, datetime.datetime.now(datetime.UTC).date())
    for finding in findings:
        print(finding)  # noqa: T201
    say(f"{counted(len(corpus.files(root)), 'file')}, {counted(len(findings), 'finding')}")
    if findings:
        raise typer.Exit(1)


def _turns(path: Path | None) -> tuple[Turn, ...]:
    if path is None:
        return ()
    try:
        return TypeAdapter(tuple[Turn, ...]).validate_python(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, ValidationError) as error:
        reason = explain(error) if isinstance(error, ValidationError) else str(error)
        raise InputError(f'{path} is no history ({reason}): give a JSON list of {{"role", "content"}} turns') from None


def _check_free(host: str, port: int) -> None:
    """Fail before the index is loaded if somebody else listens there."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        raise InputError(f"cannot listen on {host}:{port} ({error.strerror}): choose another with --port") from None
