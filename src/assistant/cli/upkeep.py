"""`assistant desk backup`, `restore`, `erase`: looks after what the helpdesk keeps."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from assistant import settings
from assistant.cli.console import Bar, counted, say
from assistant.errors import InputError
from assistant.people import SYSTEM
from assistant.tickets import LARGEST

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The backup, a ZIP file.")]


def backup(file: FileArgument) -> None:
    """Write everything that is kept into one file: the database, whichever it is, ingested documents, eval cases."""
    with _stoppable():
        from assistant.bootstrap.people import database  # noqa: PLC0415 (half a second that other commands need not wait for)
        from assistant.helpdesk import backup as backups  # noqa: PLC0415

        chosen = settings.load()
        with Bar("rows") as bar, closing(database(chosen)) as kept:
            manifest = backups.backup(kept, chosen, file, bar.show)
    held = f"{counted(sum(member.rows or 0 for member in manifest.members), 'row')}, {file.stat().st_size} bytes"
    say(f"{file}: {held}. It holds personal data, also what is erased later: keep it where only you can read it.")


def restore(
    file: FileArgument,
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="Put it in the place of what is kept here; what came since is lost.")
    ] = False,
) -> None:
    """Put what a backup holds into the database and the data folder: all of it, or nothing. Stop the server first."""
    if replace:
        say(f"Whatever arrived since {file} was made is lost. The server must be stopped first; Ctrl-C undoes this.")
    with _stoppable():
        from assistant.bootstrap.people import database  # noqa: PLC0415
        from assistant.helpdesk import backup as backups  # noqa: PLC0415

        chosen = settings.load()
        with Bar("rows") as bar, closing(database(chosen)) as kept:
            rows = backups.restore(kept, chosen, file, bar.show, replace=replace)
    say(f"{counted(rows, 'row')} restored from {file}. What was erased since it was made is back: erase it again.")
    say("Run `assistant index` if documents came with it.")


def erase(
    number: Annotated[int | None, typer.Argument(metavar="NUMBER", min=1, max=LARGEST, help="Of a ticket.")] = None,
    address: Annotated[str | None, typer.Option(help="Every ticket whose reply goes to this address.")] = None,
) -> None:
    """Delete the personal data of a ticket, or of one trader; redacted texts, figures and the audit log stay."""
    from assistant.bootstrap.people import database  # noqa: PLC0415
    from assistant.helpdesk.retention import Retention  # noqa: PLC0415

    if (number is None) == (address is None):
        raise InputError("give the number of a ticket, or --address")
    chosen = settings.load()
    with closing(database(chosen)) as kept:
        retention = Retention(kept, chosen)
        if number is not None:
            retention.erase(number, SYSTEM)
            say(f"The personal data of ticket {number} is gone.")
        elif not (numbers := retention.erase_address(address or "", SYSTEM)):
            say(f"No ticket has the address {address}: nothing was erased.")
            raise typer.Exit(1)
        else:
            say(f"The personal data of {counted(len(numbers), 'ticket')} is gone: {', '.join(map(str, numbers))}.")
    say("Backups made before today, or earlier today, still hold it: make a new one and delete those.")


@contextmanager
def _stoppable() -> Iterator[None]:
    """What is begun is undone where it is stopped, by Ctrl-C or SIGTERM."""
    try:
        from assistant.helpdesk.stopping import stoppable  # noqa: PLC0415

        with stoppable():
            yield
    except KeyboardInterrupt:
        say("stopped; nothing was changed")
        raise typer.Exit(130) from None
