"""Prints what each way to search finds on MTRAG: questions of conversations, and posts and pages on one subject.

python benchmarks/mtrag.py FOLDER [--questions rewrite lastturn history]

FOLDER holds corpus.jsonl, qrels.tsv and DOMAIN_rewrite.jsonl, DOMAIN_lastturn.jsonl and DOMAIN_questions.jsonl of IBM's
mt-rag-benchmark: the last question put by people so that it stands alone, as it was asked, and (here "history") with
the questions before it, so that our own reading of follow-ups is measured as well.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

TURN = re.compile(r"^\|user\|:\s*", re.MULTILINE)
FILES = {"rewrite": "rewrite", "lastturn": "lastturn", "history": "questions"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--questions", nargs="+", choices=FILES, default=list(FILES))
    arguments = parser.parse_args()
    for name in arguments.questions:
        print(f"questions: {name}", flush=True)
        [source] = arguments.folder.glob(f"*_{FILES[name]}.jsonl")
        with tempfile.TemporaryDirectory() as folder:
            queries = Path(folder) / "queries.jsonl"
            rows = (json.loads(line) for line in source.read_text(encoding="utf-8").splitlines())
            queries.write_text("".join(f"{json.dumps(_query(row))}\n" for row in rows), encoding="utf-8")
            corpus, qrels = arguments.folder / "corpus.jsonl", arguments.folder / "qrels.tsv"
            command = [sys.executable, "-m", "assistant", "eval", "retrieval"]
            files = ["--corpus", str(corpus), "--queries", str(queries), "--qrels", str(qrels)]
            subprocess.run([*command, *files], check=True)


def _query(row: dict[str, str]) -> dict[str, object]:
    """A row in BEIR form; of the assistant's turns the file holds nothing."""
    *before, last = [turn.strip() for turn in TURN.split(row["text"]) if turn.strip()]
    return {"_id": row["_id"], "text": last, "history": [{"role": "user", "content": turn} for turn in before]}


if __name__ == "__main__":
    main()
