"""`assistant users …`: the people of the helpdesk."""

import datetime
import sys
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import TypeAdapter

from assistant import settings
from assistant.cli.console import JsonOption, say
from assistant.errors import InputError
from assistant.people import SYSTEM, NewUser, User, UserChange, UserRole

if TYPE_CHECKING:
    from assistant.helpdesk.accounts import Accounts

app = typer.Typer(no_args_is_help=True, help="Add and change the people of the helpdesk.")

EmailArgument = Annotated[str, typer.Argument(metavar="EMAIL", help="The address they sign in with.")]
PasswordOption = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input, one line.")
]


@app.command()
def add(
    email: EmailArgument,
    name: Annotated[str, typer.Option(help="What they are called.")],
    role: Annotated[UserRole, typer.Option(help="What they may do.")],
    *,
    password_stdin: PasswordOption = False,
    no_password: Annotated[
        bool, typer.Option("--no-password", help="They sign in through the identity provider alone.")
    ] = False,
) -> None:
    """Add a person; asks for their password twice."""
    if password_stdin and no_password:
        raise InputError("--password-stdin and --no-password exclude each other")
    known = NewUser(email=email, name=name, role=role)  # what is wrong with these is told before anything is asked
    password = None if no_password else _password(piped=password_stdin)
    user = accounts().add_user(known.model_copy(update={"password": password}), SYSTEM)
    say(f"{user.name} may sign in as {user.email} ({user.role}).")


@app.command("list")
def show(*, as_json: JsonOption = False) -> None:
    """List everybody who has or had an account."""
    found = accounts().users(SYSTEM)
    if as_json:
        print(TypeAdapter(tuple[User, ...]).dump_json(found, indent=2).decode())  # noqa: T201
        return
    if not found:
        say("no accounts yet: add one with `assistant users add`")
    for user in found:
        print(f"{user.email:40}  {user.role:9}  {_state(user):33}  {user.name}")  # noqa: T201


@app.command("set")
def change(
    email: EmailArgument,
    name: Annotated[str | None, typer.Option(help="What they are called.")] = None,
    role: Annotated[UserRole | None, typer.Option(help="What they may do.")] = None,
    *,
    active: Annotated[bool | None, typer.Option("--active/--inactive", help="Whether they may sign in.")] = None,
    new_password: Annotated[bool, typer.Option("--new-password", help="Ask for a new password, twice.")] = False,
    password_stdin: PasswordOption = False,
) -> None:
    """Change a person. A new role or password signs them out; a new password and --active end a lock-out."""
    wanted = UserChange(name=name, role=role, active=active)
    if wanted == UserChange() and not (new_password or password_stdin):
        raise InputError("nothing to change: give --name, --role, --active, --inactive or --new-password")
    known = accounts()
    user = known.find_user(email, SYSTEM)
    if new_password or password_stdin:
        wanted = wanted.model_copy(update={"password": _password(piped=password_stdin)})
    user = known.change_user(user.id, wanted, SYSTEM)
    say(f"{user.email}: {user.name}, {user.role}, {_state(user)}")


def accounts() -> "Accounts":
    """The accounts in the database of the settings."""
    from assistant.bootstrap.people import database  # noqa: PLC0415 (half a second that no other command waits for)
    from assistant.helpdesk.accounts import Accounts  # noqa: PLC0415

    return Accounts(database(settings.load()))


def _state(user: User) -> str:
    """Whether they may sign in; too many wrong passwords lock an account for a while."""
    if not user.active:
        return "inactive"
    locked = user.locked_until is not None and user.locked_until > datetime.datetime.now(datetime.UTC)
    return f"locked until {user.locked_until:%Y-%m-%d %H:%M} UTC" if locked else "active"


def _password(*, piped: bool) -> str:
    """A password as it was typed twice, unseen, or as it comes down a pipe.

    Raises:
        InputError: there is nobody to ask, or what comes down the pipe is no text.
    """
    if piped:
        try:
            return sys.stdin.buffer.readline().decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            raise InputError("the password on standard input is not in UTF-8: convert it") from None
    if not sys.stdin.isatty():
        raise InputError("there is no terminal to ask for a password: pipe it in with --password-stdin")
    typed: str = typer.prompt("Password", hide_input=True, confirmation_prompt="The same again", err=True)
    return typed
