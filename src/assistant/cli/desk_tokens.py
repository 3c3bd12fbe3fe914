"""`assistant desk tokens …`: API tokens of programs that work with the helpdesk."""

from typing import Annotated

import typer
from pydantic import TypeAdapter

from assistant.cli.console import JsonOption, say
from assistant.cli.users import accounts
from assistant.people import SYSTEM, NewToken, Token, UserRole

app = typer.Typer(no_args_is_help=True, help="Make and revoke API tokens.")


@app.command()
def add(
    name: Annotated[str, typer.Option(help="Which program it is for.")],
    role: Annotated[UserRole, typer.Option(help="What the program may do; intake to hand in questions.")],
    days: Annotated[int | None, typer.Option(help="Days it is good for; left out: until it is revoked.")] = None,
) -> None:
    """Make a token and print it, this once."""
    new = NewToken(name=name, role=role, days=days)
    secret, token = accounts().tokens.add(new, SYSTEM)
    print(secret)  # noqa: T201
    until = f" until {token.expires_at:%Y-%m-%d}" if token.expires_at else ""
    say(f"Token {token.id} ({token.role}) is good{until}. It is not shown again.")


@app.command("list")
def show(*, as_json: JsonOption = False) -> None:
    """List all tokens there are and were, the newest first."""
    found = accounts().tokens.list(SYSTEM)
    if as_json:
        print(TypeAdapter(tuple[Token, ...]).dump_json(found, indent=2).decode())  # noqa: T201
        return
    if not found:
        say("no tokens yet: make one with `assistant desk tokens add`")
    for token in found:
        state = "revoked" if token.revoked_at else f"{token.expires_at:%Y-%m-%d}" if token.expires_at else "good"
        used = f"{token.last_used_at:%Y-%m-%d %H:%M}" if token.last_used_at else "never used"
        print(f"{token.id}  {token.role:9}  {state:10}  {used:16}  {token.name}")  # noqa: T201


@app.command()
def revoke(token_id: Annotated[str, typer.Argument(metavar="ID", help="Of `assistant desk tokens list`.")]) -> None:
    """Revoke a token at once."""
    accounts().tokens.revoke(token_id, SYSTEM)
    say(f"Token {token_id} is of no use any more.")
