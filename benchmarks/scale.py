"""Prints how the index grows: build rate, disk, memory and search time at 1,000, 10,000 and 100,000 passages.

python benchmarks/scale.py BEIR_FOLDER [--sizes 1000 10000 100000] [--real 2000] [--url http://localhost:8000]

Takes real passages and questions from a BEIR set, embeds `--real` of the passages (that rate is reported apart),
and makes the rest by perturbing: a passage's words in another order, and a real vector with noise. Each size runs
in a process of its own. "change s" are the seconds until a version with 100 other passages serves. With `--url`
the index stands on a Chroma server, started with `chroma run`, instead of on disk.
"""

import argparse
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from assistant import index
from assistant.bootstrap import Builder
from assistant.lexical import Bm25Index
from assistant.ports import Vectors
from assistant.retrieve import Retriever, query
from assistant.settings import Settings
from assistant.store import ChromaStore
from assistant.types import Document, Passage

SEED = 0
NOISE = 0.35  # of a unit vector: two perturbations of one passage are about as alike as two passages on one subject
QUESTIONS = 100
CHANGED = 100  # passages that are replaced to see what a small change costs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="with corpus.jsonl and a file of queries")
    parser.add_argument("--queries", default="fiqa_rewrite.jsonl")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--real", type=int, default=2_000)
    parser.add_argument("--url", default="")
    parser.add_argument("--data", type=Path, help="a data folder whose vectors are taken and kept")
    parser.add_argument("--size", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.size:
        measure(arguments)
        return
    print(" passages  write/s  change s  open s  disk MB  peak MB  p50 ms  p95 ms")
    for size in arguments.sizes:
        subprocess.run([sys.executable, __file__, *sys.argv[1:], "--size", str(size)], check=True)


def measure(arguments: argparse.Namespace) -> None:
    """One size, in this process."""
    with tempfile.TemporaryDirectory() as folder:
        data = arguments.data or Path(folder)
        settings = Settings(data_dir=Path(folder), chroma_url=arguments.url)
        builder = Builder(settings.model_copy(update={"data_dir": data}))
        texts, vectors = real(builder, arguments.folder / "corpus.jsonl", arguments.real)
        store = Builder(settings).store
        passages, grown = perturbed(texts, vectors, arguments.size)
        wrote = publish(store, passages, grown, "first")
        changed = [*passages[CHANGED:], *perturbed(texts, vectors, CHANGED, "changed")[0]]
        small = publish(store, changed, np.vstack([grown[CHANGED:], grown[:CHANGED]]), "second")
        del passages, changed, grown
        start = time.perf_counter()
        store = Builder(settings).opened()
        shelf = {passage.id: passage for passage in store.passages()}
        retriever = Retriever(store, Bm25Index(list(shelf.values())), shelf)
        opened = time.perf_counter() - start
        times = searched(builder, retriever, arguments.folder / arguments.queries)
        disk = sum(path.stat().st_size for path in (Path(folder) / "index").rglob("*") if path.is_file()) / 2**20
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        p95 = statistics.quantiles(times, n=20)[-1]
        print(
            f"{arguments.size:>9,} {arguments.size / wrote:>8,.0f} {small:>9.1f} {opened:>7.1f} {disk:>8,.0f} "
            f"{peak:>8,.0f} {statistics.median(times):>7.1f} {p95:>7.1f}"
        )


def real(builder: Builder, path: Path, count: int) -> tuple[list[str], Vectors]:
    """The first passages of a set, and their vectors."""
    rows = [json.loads(line) for line, _ in zip(path.open(encoding="utf-8"), range(count), strict=False)]
    texts = ["\n".join(filter(None, (row.get("title", "").strip(), row["text"].strip()))) for row in rows]
    missing = builder.embedder.missing(texts)
    start = time.perf_counter()
    vectors = np.vstack([builder.embedder.embed_passages(texts[at : at + 32]) for at in range(0, len(texts), 32)])
    if missing:
        print(f"embedded {missing:,} passages, {missing / (time.perf_counter() - start):.1f} a second", file=sys.stderr)
    return texts, vectors


def perturbed(texts: Sequence[str], vectors: Vectors, count: int, name: str = "p") -> tuple[list[Passage], Vectors]:
    """As many passages as wanted: each one's words in another order, and its vector with noise."""
    chance, noise = random.Random(SEED), np.random.default_rng(SEED)
    passages = []
    for number in range(count):
        words = texts[number % len(texts)].split()
        chance.shuffle(words)
        passages.append(passage(f"{name}-{number}", " ".join(words)))
    grown = vectors[np.arange(count) % len(vectors)]
    grown = grown + NOISE * noise.standard_normal(grown.shape, dtype=np.float32) / np.sqrt(grown.shape[1])
    return passages, grown / np.linalg.norm(grown, axis=1, keepdims=True)


def passage(name: str, text: str) -> Passage:
    return Passage(
        id=name, document_id="d", section="", text=text, position=0, title="", publisher="P", source="S", url=None,
        authority="guidance", binding=False, as_of=None, wording="verbatim", language="en",
    )  # fmt: skip


def publish(store: ChromaStore, passages: Sequence[Passage], vectors: Vectors, name: str) -> float:
    """Seconds to write a version."""
    manifest, _ = index.plan([], name, "bundled:multilingual-e5-small")
    document = Document(
        **passages[0].model_dump(exclude={"id", "document_id", "section", "text", "position", "page"}), id="d", body=""
    )
    rows = {passage.id: vectors[row] for row, passage in enumerate(passages)}
    start = time.perf_counter()
    with store.writing():
        whole = manifest.model_copy(update={"passages": len(passages), "documents": 1})
        store.publish(whole, [document], passages, lambda batch: np.array([rows[each.id] for each in batch]))
    return time.perf_counter() - start


def searched(builder: Builder, retriever: Retriever, path: Path) -> list[float]:
    """Milliseconds of each question's search, without embedding it."""
    rows = [json.loads(line) for line, _ in zip(path.open(encoding="utf-8"), range(QUESTIONS), strict=False)]
    asked = [query(row["text"].rpartition("|user|:")[2].strip(), builder.embedder) for row in rows]
    times = []
    for each in asked:
        start = time.perf_counter()
        retriever.search(each)
        times.append((time.perf_counter() - start) * 1_000)
    return times


if __name__ == "__main__":
    main()
