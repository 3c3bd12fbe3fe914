"""Roles and permissions as data/permissions.yaml says, and what people may be called."""

from typing import get_args

import pytest
from pydantic import ValidationError

from assistant import data
from assistant.errors import RefusedError, UnknownCallerError
from assistant.people import SYSTEM, Caller, NewToken, NewUser, Permission, UserChange, UserRole, permissions

DOCUMENTED = data.read("permissions.yaml")
ROLES = get_args(UserRole)


def test_every_permission_and_role_is_documented() -> None:
    assert set(DOCUMENTED["permissions"]) == set(get_args(Permission))
    assert set(DOCUMENTED["roles"]) == set(ROLES)


def test_every_permission_is_somebodys_and_every_permission_of_a_role_exists() -> None:
    given = [permission for role in ROLES for permission in DOCUMENTED["roles"][role]]
    assert set(given) == set(get_args(Permission))


def test_who_has_more_to_say_may_do_all_that_others_may() -> None:
    allowed = permissions()
    assert allowed["officer"] < allowed["lead"] < allowed["admin"]
    assert allowed["read-only"] < allowed["officer"]
    assert allowed["intake"] < allowed["officer"]
    assert allowed["admin"] == set(get_args(Permission))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("permission", get_args(Permission))
def test_a_caller_may_what_the_role_may(role: UserRole, permission: Permission) -> None:
    caller = Caller(id="x", name="X", role=role)
    if permission in DOCUMENTED["roles"][role]:
        assert caller.may(permission)
        caller.need(permission)
    else:
        assert not caller.may(permission)
        with pytest.raises(RefusedError, match=permission) as refusal:
            caller.need(permission)
        assert not isinstance(refusal.value, UnknownCallerError)


def test_the_assistant_itself_may_do_everything() -> None:
    assert all(SYSTEM.may(permission) for permission in get_args(Permission))


@pytest.mark.parametrize(
    "email",
    ["", "nobody", "a@b", "a b@c.org", "a@b@c.org", "<a@b.org>", "a@b.org\x00", "a\u202e@b.org", f"{'a' * 250}@b.org"],
)
def test_an_address_that_is_none_is_refused(email: str) -> None:
    with pytest.raises(ValidationError, match="email"):
        NewUser(email=email, name="A", role="lead")


def test_addresses_are_compared_without_case() -> None:
    assert (
        NewUser(email=" Siti.Rahman@Customs.Example.SG ", name="A", role="lead").email
        == "siti.rahman@customs.example.sg"
    )


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "A\x00B", "A\u202eB"])
def test_a_name_that_cannot_be_shown_is_refused(name: str) -> None:
    for build in (lambda: NewUser(email="a@b.org", name=name, role="lead"), lambda: NewToken(name=name, role="lead")):
        with pytest.raises(ValidationError, match="name"):
            build()
    with pytest.raises(ValidationError, match="name"):
        UserChange(name=name)


def test_names_are_kept_on_one_line() -> None:
    assert NewUser(email="a@b.org", name=" Nguyễn \n Văn An ", role="lead").name == "Nguyễn Văn An"


def test_a_password_is_not_printed_with_the_rest() -> None:
    new = NewUser(email="a@b.org", name="A", role="lead", password="green kettle moves")
    assert "kettle" not in repr(new)
    assert "kettle" not in repr(UserChange(password="green kettle moves"))
