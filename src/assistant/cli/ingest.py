"""`assistant ingest` and `assistant sources …`: brings files and pages into the index."""

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Annotated, get_args

import typer

from assistant import settings
from assistant.bootstrap import Builder, Change, Sources
from assistant.cli.console import Bar, counted, indexed, say
from assistant.errors import InputError
from assistant.sources import Given, Kind, Limits
from assistant.types import Authority

app = typer.Typer(no_args_is_help=True, help="Follow and look after ingested sources.")

FOUND_WANTING = frozenset(["failed", "kept"])


def ingest(
    places: Annotated[
        list[str], typer.Argument(metavar="PATH_OR_URL...", help="Files, folders, ZIP archives, addresses.")
    ],
    country: Annotated[str | None, typer.Option(help="ISO 3166 code of the country it is about.")] = None,
    language: Annotated[str | None, typer.Option(help="ISO 639 code of the language it is in.")] = None,
    publisher: Annotated[str | None, typer.Option(help="Who stands behind it.")] = None,
    title: Annotated[str | None, typer.Option(help="What it is called; of one source only.")] = None,
    url: Annotated[str | None, typer.Option(help="The address a file was taken from; of one source only.")] = None,
    source_id: Annotated[str | None, typer.Option("--id", help="Id to keep it under; of one source only.")] = None,
    authority: Annotated[str | None, typer.Option(help=f"One of: {', '.join(get_args(Authority))}.")] = None,
    as_of: Annotated[str | None, typer.Option(help="The date it speaks for: YYYY, YYYY-MM or YYYY-MM-DD.")] = None,
    *,
    binding: Annotated[bool | None, typer.Option("--binding/--not-binding", help="Whether it binds anybody.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen; keep nothing.")] = False,
) -> None:
    """Bring HTML, PDF, Word, Markdown and text into the index, each with what it says of itself or you say here."""
    if len(places) > 1 and (title or url or source_id):
        raise InputError("--title, --url and --id describe one source: give one path with them")
    given = Given.model_validate(
        {
            "id": source_id, "title": title, "publisher": publisher, "url": url, "authority": authority,
            "country": country and country.upper(), "language": language, "binding": binding, "as_of": as_of,
        }
    )  # fmt: skip
    chosen = settings.load()
    with Sources(chosen) as found:
        changes = told(found.ingest(places, given, dry_run=dry_run))
    finish(chosen, changes, dry_run=dry_run)


@app.command()
def sync(
    country: Annotated[str | None, typer.Option(help="Follow the portals of this country alone, e.g. SG.")] = None,
    start: Annotated[list[str] | None, typer.Option(help="Follow this address instead; may be given again.")] = None,
    depth: Annotated[int, typer.Option(min=0, max=10, help="How many links to follow from each start.")] = 1,
    pages: Annotated[int, typer.Option(min=1, max=100_000, help="Pages to take from each start at most.")] = 500,
) -> None:
    """Follow the corpus's portals: fetch what changed, and say what is new, changed, gone or failing."""
    chosen = settings.load()
    limits = Limits(depth=depth, pages=pages)
    with Bar("pages") as bar, Sources(chosen) as found:
        followed = found.sync(country and country.upper(), limits, start or [], bar.show)
        changes = told(followed, quiet=frozenset(["same"]))
    finish(chosen, changes)


def told(changes: Iterable[Change], quiet: Collection[Kind] = ()) -> list[Change]:
    """The changes, each printed as it comes, unless it is of a kind to be quiet about."""
    kept = []
    for change in changes:
        outcome = change.outcome
        kept.append(change)
        if outcome.kind in quiet:
            continue
        pages = f", {counted(outcome.pages, 'page')}" if outcome.pages else ""
        what = f" -> {outcome.document_id} ({outcome.title}{pages})" if outcome.document_id and outcome.title else ""
        print(f"{outcome.kind:9} {outcome.name}{what}", flush=True)  # noqa: T201
        for finding in outcome.findings:
            print(f"          {finding}")  # noqa: T201
        if outcome.kind in ("changed", "gone"):
            print(f"          passages: {len(outcome.added)} new, {len(outcome.removed)} gone")  # noqa: T201
        if change.answers:
            print(f"          kept answers that cite what is gone: {', '.join(change.answers)}")  # noqa: T201
    return kept


def finish(chosen: settings.Settings, changes: list[Change], *, dry_run: bool = False) -> None:
    """Bring the index up to date; exit 1 where something could not be taken."""
    counts = Counter(change.outcome.kind for change in changes)
    say(", ".join(f"{count} {kind}" for kind, count in sorted(counts.items())) or "nothing to take there")
    if dry_run:
        say("dry run: nothing was kept")
    elif not (builder := Builder(chosen)).is_current():
        with Bar() as bar:
            manifest, embedded = builder.build(bar.show)
        say(indexed(manifest, embedded))
    if not changes or counts.keys() & FOUND_WANTING:
        raise typer.Exit(1)
