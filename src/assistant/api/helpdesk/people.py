"""Users, API tokens and the audit log over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from assistant.api.helpdesk.callers import Administrator, Auditor, TheHelpdesk
from assistant.people import NewToken, NewUser, Token, User, UserChange
from assistant.tickets import LARGEST, Actor, Event

TAG = "helpdesk: people"

Id = Annotated[str, Path(pattern=r"^[\w-]{1,64}$")]
Number = Annotated[int | None, Query(ge=1, le=LARGEST)]
Word = Annotated[str | None, Query(pattern=r"^[\w. -]{1,64}$")]


class IssuedToken(Token):
    """A token as its maker sees it; `token` is not shown again."""

    token: str


def add(desk: APIRouter) -> None:
    """Put the routes on the desk's router."""
    _add_users(desk)
    _add_tokens(desk)
    _add_audit(desk)


def _add_users(desk: APIRouter) -> None:
    @desk.get("/v1/helpdesk/users", tags=[TAG])
    def users(helpdesk: TheHelpdesk, caller: Administrator) -> tuple[User, ...]:
        """Everybody who has or had an account."""
        return helpdesk.accounts.users(caller)

    @desk.post("/v1/helpdesk/users", status_code=201, tags=[TAG])
    def add_user(new: NewUser, helpdesk: TheHelpdesk, caller: Administrator) -> User:
        """Add a person; without a password they sign in through the identity provider alone."""
        return helpdesk.accounts.add_user(new, caller)

    @desk.patch("/v1/helpdesk/users/{user_id}", tags=[TAG])
    def change_user(user_id: Id, change: UserChange, helpdesk: TheHelpdesk, caller: Administrator) -> User:
        """Change name, role or password, deactivate or activate; whoever is concerned signs in again."""
        return helpdesk.accounts.change_user(user_id, change, caller)


def _add_tokens(desk: APIRouter) -> None:
    @desk.get("/v1/helpdesk/tokens", tags=[TAG])
    def tokens(helpdesk: TheHelpdesk, caller: Administrator) -> tuple[Token, ...]:
        """All API tokens there are and were, the newest first."""
        return helpdesk.accounts.tokens.list(caller)

    @desk.post("/v1/helpdesk/tokens", status_code=201, tags=[TAG])
    def add_token(new: NewToken, helpdesk: TheHelpdesk, caller: Administrator) -> IssuedToken:
        """Make an API token; it is shown this once."""
        secret, token = helpdesk.accounts.tokens.add(new, caller)
        return IssuedToken(token=secret, **token.model_dump())

    @desk.delete("/v1/helpdesk/tokens/{token_id}", status_code=204, tags=[TAG])
    def revoke_token(token_id: Id, helpdesk: TheHelpdesk, caller: Administrator) -> None:
        """Revoke an API token at once."""
        helpdesk.accounts.tokens.revoke(token_id, caller)


def _add_audit(desk: APIRouter) -> None:
    @desk.get("/v1/helpdesk/audit", tags=[TAG])
    def audit(
        helpdesk: TheHelpdesk,
        caller: Auditor,
        number: Number = None,
        actor: Word = None,
        action: Word = None,
        before: Number = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> tuple[Event, ...]:
        """The audit log, newest first; `before` is the id of the last line seen."""
        return tuple(
            helpdesk.trail.latest(caller, number=number, actor=actor, action=action, before=before, limit=limit)
        )

    @desk.get("/v1/helpdesk/audit/actors", tags=[TAG])
    def actors(helpdesk: TheHelpdesk, caller: Auditor) -> tuple[Actor, ...]:
        """Whoever the audit log may name, by name."""
        return helpdesk.trail.actors(caller)
