"""What many tests share: indexes of a small corpus and of the real one, each built once, and both kinds of database."""

import os
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from sqlalchemy import event
from sqlalchemy.pool import Pool

import postgresql
from assistant import bootstrap
from assistant.bootstrap import Assistant, Builder
from assistant.database import Answers, Database
from assistant.embedding import LlamaIndexEmbedder
from assistant.settings import PREFIX, Settings
from fakes import MakeSettings, MakeUrl, ignore
from places import REAL_CORPUS, SMALL_CORPUS, VECTORS, copy_vectors


def pytest_configure() -> None:
    """Tests do not see the settings of the machine they run on; model libraries do not look for a network."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        del os.environ[name]
    os.environ["HF_HUB_OFFLINE"] = "1"
    hypothesis.settings.register_profile("untimed", deadline=None)
    hypothesis.settings.load_profile("untimed")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Packed files hold the time at which they were made, and workers must name tests alike whenever they begin."""
    return argname if isinstance(val, bytes) else None


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups when its own turn comes
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run in parallel, all tests of a file go to one worker, and so do all that share a thing that is slow to make."""
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        shared = "browser" if item.path.parent.name == "browser" else "real" if "real" in fixtures else str(item.path)
        item.add_marker(pytest.mark.xdist_group(shared))


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[postgresql.Server]:
    """A real PostgreSQL of the tests' own."""
    try:
        with postgresql.running() as server:
            yield server
    except FileNotFoundError as error:
        pytest.skip(str(error))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """What a test that asks for `database_url` runs on, one after the other."""
    return str(request.param)


@pytest.fixture
def make_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeUrl]:
    """Addresses of fresh databases of either kind, for tests that need several."""
    numbers = count(1)
    made: list[tuple[postgresql.Server, str]] = []
    opened: list[Any] = []

    def remember(connection: Any, _record: object) -> None:
        opened.append(connection)

    def make(kind: str, *, migrated: bool = True) -> str:
        if kind == "sqlite":
            (tmp_path / "databases").mkdir(exist_ok=True)
            return f"sqlite:///{tmp_path / 'databases' / f'{next(numbers)}.sqlite3'}"
        server = request.getfixturevalue("postgresql_server")
        made.append((server, server.create(migrated=migrated)))
        return made[-1][1]

    event.listen(Pool, "connect", remember)
    yield make
    event.remove(Pool, "connect", remember)
    for connection in opened:
        connection.close()
    for server, url in made:
        server.drop(url)


@pytest.fixture
def database_url(make_database_url: MakeUrl, database_kind: str) -> str:
    """A fresh database, migrated or on the way to be."""
    return make_database_url(database_kind)


@pytest.fixture
def empty_database_url(make_database_url: MakeUrl, database_kind: str) -> str:
    """A database without a table."""
    return make_database_url(database_kind, migrated=False)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh database on each kind."""
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def model() -> LlamaIndexEmbedder:
    """The real bundled model."""
    return LlamaIndexEmbedder("bundled:multilingual-e5-small")


@pytest.fixture
def make_settings(small_settings: Settings, tmp_path: Path) -> MakeSettings:
    """Settings on a data folder and a copy of the small corpus of the test's own, with its texts embedded."""
    copy_vectors(small_settings.data_dir / VECTORS, tmp_path / "data" / VECTORS)
    shutil.copytree(SMALL_CORPUS, tmp_path / "corpus")

    def make(**fields: object) -> Settings:
        return Settings(**{"data_dir": tmp_path / "data", "corpus_dir": tmp_path / "corpus", **fields})

    return make


@pytest.fixture(scope="session")
def small_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings on the small corpus, indexed under the real model; tests leave both as they are."""
    folder = tmp_path_factory.mktemp("small")
    settings = Settings(data_dir=folder, corpus_dir=SMALL_CORPUS, rate_limit="10000/minute")
    Builder(settings).build(ignore)
    return settings


@pytest.fixture(scope="session")
def small(small_settings: Settings) -> Assistant:
    """An assistant on the small corpus that keeps its answers."""
    return Assistant(Builder(small_settings), Answers(Database(small_settings.database)), small_settings)


@pytest.fixture(scope="session")
def real_corpus() -> Path:
    """The corpus of the repository."""
    if not list((REAL_CORPUS / "asean").glob("*.md")):
        pytest.skip("the corpus is not written yet")
    return REAL_CORPUS


@pytest.fixture(scope="session")
def real(real_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    """An assistant on the real corpus."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("real"), corpus_dir=real_corpus)
    return bootstrap.assistant(settings, ignore, ignore, recording=False)
