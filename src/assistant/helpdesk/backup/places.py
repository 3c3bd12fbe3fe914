"""Which files beside the database belong to what is kept, and where each stands."""

from pathlib import Path

from assistant.settings import Settings

TABLES, FILES = "tables", "files"  # folders of a backup
SOURCES, CASES = "sources", "eval_cases.jsonl"  # what of DATA_DIR belongs to it
PASSING = ("sync.sqlite3*", "*.tmp")  # what a fetching run knows of pages, which is found out again; unfinished files


def files(settings: Settings) -> dict[str, Path]:
    """Every file to keep, by its name in the backup: ingested and verified documents, and the eval cases."""
    documents = [
        path
        for path in sorted(settings.sources_dir.rglob("*"))
        if path.is_file() and not path.is_symlink() and not any(path.match(pattern) for pattern in PASSING)
    ]
    found = {f"{SOURCES}/{path.relative_to(settings.sources_dir).as_posix()}": path for path in documents}
    cases = settings.data_dir / CASES
    return {**found, **({CASES: cases} if cases.is_file() else {})}
