"""README.md names every setting, route and command; what it shows is true."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import typer.main

from assistant import api
from assistant.bootstrap import Assistant
from assistant.cli import app
from assistant.database import Database
from assistant.helpdesk import Helpdesk
from assistant.settings import PREFIX, Settings
from places import REPOSITORY

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
METHODS = ("get", "post", "put", "patch", "delete")


def commands(group: click.Group, names: tuple[str, ...] = ("assistant",)) -> Iterator[str]:
    for name, found in group.commands.items():
        if hasattr(found, "commands"):
            yield from commands(found, (*names, name))
        else:
            yield " ".join((*names, name))


def options(group: click.Group) -> Iterator[str]:
    for found in group.commands.values():
        if hasattr(found, "commands"):
            yield from options(found)
        else:
            yield from (name for option in found.params for name in option.opts if name.startswith("--"))


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_documented(name: str) -> None:
    assert f"`{PREFIX}{name}`".upper() in README


def test_no_setting_is_documented_that_does_not_exist() -> None:
    named = set(re.findall(rf"{PREFIX}[A-Z_]*[A-Z]", README))
    assert named <= {f"{PREFIX}{name}".upper() for name in Settings.model_fields}


def test_every_default_is_documented_as_it_is() -> None:
    for name in ("port", "host", "retention_days", "rate_limit", "max_body_bytes", "embedding_model"):
        assert f"`{Settings.model_fields[name].default}`" in README


def test_every_route_is_documented(small: Assistant, tmp_path: Path) -> None:
    helpdesk = Helpdesk(Database(f"sqlite:///{tmp_path / 'desk.sqlite3'}"), small)
    paths = api.create(small, helpdesk).openapi()["paths"]
    routes = [f"{method.upper()} {path}" for path, found in paths.items() for method in METHODS if method in found]
    assert len(routes) > 5
    assert [route for route in routes if route not in README] == []


@pytest.mark.parametrize("name", list(commands(typer.main.get_command(app))))
def test_every_command_is_documented(name: str) -> None:
    assert name in README


@pytest.mark.parametrize("name", sorted(set(options(typer.main.get_command(app))) - {"--host", "--port"}))
def test_every_option_is_documented(name: str) -> None:
    assert name in README


def test_every_setting_says_what_it_is() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_linked_files_are_there() -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", README)
    assert [link for link in links if not (REPOSITORY / link).exists()] == []


def test_no_placeholder_is_left() -> None:
    assert re.findall(r"@@\w+@@|TODO|FIXME|lorem", README) == []
