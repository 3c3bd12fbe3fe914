"""The built wheel carries the corpus and the data files, so that an installed assistant works anywhere."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from places import REPOSITORY

PACKAGES = {"assistant": "src", "assistant_ui": "ui", "assistant_evals": "evals"}


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The files in a wheel that is built from this checkout."""
    pytest.importorskip("hatchling", reason="the build back-end is not installed")
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, timeout=300)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def files(root: Path) -> set[str]:
    kept = (path for path in root.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(root).as_posix() for path in kept}


def test_the_corpus_is_inside(names: set[str]) -> None:
    expected = {name for name in files(REPOSITORY / "corpus") if name.endswith(".md")}
    assert expected
    assert {f"assistant/_corpus/{name}" for name in expected} <= names


@pytest.mark.parametrize(("package", "root"), PACKAGES.items())
def test_every_file_of_each_package_is_inside(names: set[str], package: str, root: str) -> None:
    expected = {f"{package}/{name}" for name in files(REPOSITORY / root / package)}
    assert expected
    assert sorted(expected - names) == []


def test_messages_and_migrations_are_inside(names: set[str]) -> None:
    assert "assistant/data/messages/en.yaml" in names
    assert any(name.startswith("assistant/database/migrations/versions/") for name in names)


def test_nothing_else_is_inside(names: set[str]) -> None:
    roots = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert roots == set(PACKAGES)


def test_the_command_is_declared(names: set[str]) -> None:
    assert any(name.endswith(".dist-info/entry_points.txt") for name in names)
    assert any(name.endswith("/LICENSE") for name in names)
