"""`assistant desk …`: looks after the helpdesk."""

import typer

from assistant.cli import desk_tokens

app = typer.Typer(no_args_is_help=True, help="Administer the helpdesk.")
app.add_typer(desk_tokens.app, name="tokens")
