"""Where the tests find things, and how they take a cache of vectors from one place to another."""

import sqlite3
from contextlib import closing
from pathlib import Path

from assistant import cache
from assistant.settings import Settings

REPOSITORY = Path(__file__).parents[1]
SMALL_CORPUS = Path(__file__).parent / "corpus"
REAL_CORPUS = REPOSITORY / "corpus"
SHARED = REPOSITORY.parent / "shared"
VECTORS = cache.FILE


def copy_vectors(source: Path, target: Path) -> None:
    """Copy a cache of vectors that may be open."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(source)) as before, closing(sqlite3.connect(target)) as after:
        before.backup(after)


def environment(chosen: Settings) -> dict[str, str]:
    """The settings of a process that is to work on the same data and corpus."""
    return {"ASSISTANT_DATA_DIR": str(chosen.data_dir), "ASSISTANT_CORPUS_DIR": str(chosen.corpus_dir)}
