"""Prints what BM25, dense and fused retrieval find on XQuAD-R: questions in several languages, English paragraphs.

python benchmarks/xquad_r.py FOLDER [--languages en th vi zh]

FOLDER holds the files en.json, th.json … of google-research-datasets/lareqa.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--languages", nargs="+", default=["en", "th", "vi", "zh"])
    arguments = parser.parse_args()
    for language in arguments.languages:
        print(f"questions in {language}", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            files = convert(arguments.folder, language, Path(folder))
            command = [sys.executable, "-m", "assistant", "eval", "retrieval", *files]
            subprocess.run(command, check=True, stderr=subprocess.DEVNULL)


def convert(source: Path, language: str, folder: Path) -> list[str]:
    """Write the paragraphs and one language's questions as BEIR files; returns the options that name them."""
    corpus, queries, qrels = folder / "corpus.jsonl", folder / "queries.jsonl", folder / "qrels.tsv"
    paragraphs = dict(_paragraphs(source / "en.json"))
    rows = [{"_id": name, "title": "", "text": paragraph["context"]} for name, paragraph in paragraphs.items()]
    corpus.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    asked = [
        (question["id"], name, question["question"])
        for name, paragraph in _paragraphs(source / f"{language}.json")
        for question in paragraph["qas"]
    ]
    queries.write_text(
        "".join(f"{json.dumps({'_id': key, 'text': text})}\n" for key, _, text in asked), encoding="utf-8"
    )
    judged = "".join(f"{key}\t{name}\t1\n" for key, name, _ in asked)
    qrels.write_text(f"query-id\tcorpus-id\tscore\n{judged}", encoding="utf-8")
    return ["--corpus", str(corpus), "--queries", str(queries), "--qrels", str(qrels)]


def _paragraphs(path: Path) -> Iterator[tuple[str, dict]]:
    """The paragraphs under names that are the same in every language."""
    for number, article in enumerate(json.loads(path.read_text(encoding="utf-8"))["data"]):
        for position, paragraph in enumerate(article["paragraphs"]):
            yield f"{number}-{position}", paragraph


if __name__ == "__main__":
    main()
