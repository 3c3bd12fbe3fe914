"""`assistant desk …`: looks after the helpdesk."""

from pathlib import Path
from typing import Annotated

import typer

from assistant import settings
from assistant.bootstrap import mail
from assistant.cli import desk_tokens, learning, upkeep
from assistant.cli.console import Bar, counted, ready, say
from assistant.errors import InputError
from assistant.ports import Mailbox

app = typer.Typer(no_args_is_help=True, help="Administer the helpdesk.")
app.add_typer(desk_tokens.app, name="tokens")
for command in (upkeep.backup, upkeep.restore, upkeep.erase, learning.figures, learning.gaps, learning.cases):
    app.command()(command)


@app.command("mail")
def take(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="[PATH]...", help=".eml and mbox files, Maildirs, folders of these.")
    ] = None,
) -> None:
    """Make tickets of mails: of files, or, without any, of the folder that ASSISTANT_IMAP_URL names."""
    chosen = settings.load()
    with Bar("mails") as bar:
        boxes: list[Mailbox] = [mail.files(path, bar.show) for path in paths or []]
        named = mail.mailbox(chosen, bar.show) if not paths else None
        boxes += [named] if named else []
        if not boxes:
            raise InputError("name files or folders of mails, or set ASSISTANT_IMAP_URL")
        unread = _fetched(boxes)
    if unread:
        raise typer.Exit(1)


def _fetched(boxes: list[Mailbox]) -> int:
    """Take all mails; returns how many cannot be read."""
    from assistant.helpdesk import Helpdesk  # noqa: PLC0415 (half a second that other commands need not wait for)
    from assistant.helpdesk.post_room import fetch  # noqa: PLC0415

    helpdesk = Helpdesk.of(ready(recording=False))
    taken = [each for box in boxes for each in fetch(helpdesk.intake, box)]
    for each in taken:
        print(f"{each.name}: {each.outcome}")  # noqa: T201
    unread = [each for each in taken if each.number is None and not each.outcome.startswith("left out")]
    say(f"{counted(len(taken), 'mail')}, {len(unread)} of them cannot be read" if taken else "no mails there")
    return len(unread)
