"""Kills builds of the index at random moments while questions are answered, and counts what goes wrong: nothing may.

python benchmarks/kills.py [--kills 20] [--data FOLDER]

Each round changes a document of a copy of the corpus, starts `assistant index`, and kills it (SIGKILL) somewhere
between its start and the time that a whole build takes. `--data` is a data folder whose vectors are taken.
"""

import argparse
import os
import random
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

from assistant import bootstrap
from assistant.settings import Settings
from assistant.types import Question

SEED = 0
CHECKS = {  # a question, and what its answer says in every version
    "What is ASSIST?": "consultative mechanism",
    "Are these publications binding?": "not legally binding",
    "Where can I read about rules of origin for Singapore?": "non-preferential",
}
CHANGED = "asean/asean-customs-history.md"


class Reader(threading.Thread):
    """Asks without pause, and counts answers, wrong ones and failures."""

    def __init__(self, assistant: bootstrap.Assistant) -> None:
        super().__init__(daemon=True)
        self._assistant = assistant
        self.stopped = threading.Event()
        self.counts: Counter[str] = Counter()
        self.times: list[float] = []
        self.versions: set[str] = set()

    def run(self) -> None:
        """Until stopped."""
        while not self.stopped.is_set():
            for question, words in CHECKS.items():
                start = time.perf_counter()
                try:
                    answer = self._assistant.answer(Question(text=question))
                except Exception as error:  # noqa: BLE001 (that is what is counted)
                    self.counts[f"failed ({error})"] += 1
                    continue
                self.times.append((time.perf_counter() - start) * 1_000)
                self.versions.add(answer.index_version)
                self.counts["right" if words in answer.text and answer.citations else "wrong or empty"] += 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--data", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = prepared(Path(folder), arguments.data)
        reader = Reader(bootstrap.assistant(settings, print, lambda *_: None, recording=False))
        whole = rebuilt(settings, 0)
        print(f"a build that is not killed takes {whole:.1f} s")
        reader.start()
        counts: Counter[str] = Counter()
        chance = random.Random(SEED)
        for number in range(1, arguments.kills + 1):
            counts[killed(settings, number, chance.uniform(0, 1.1 * whole))] += 1
            assert bootstrap.Builder(settings).readable() is not None, "no index can be read after a kill"
        rebuilt(settings, arguments.kills + 1)
        time.sleep(bootstrap.LOOK_AGAIN + 2)
        reader.stopped.set()
        reader.join()
        left = [path.name for path in (settings.data_dir / "index").iterdir() if path.is_dir()]
        print(f"{arguments.kills} builds: {dict(counts)}; {len(left)} builds left on disk after a whole one")
        print(f"answers: {dict(reader.counts)}; {len(reader.versions)} versions served")
        print(
            f"ms an answer while builds ran: p50 {statistics.median(reader.times):.0f}, slowest {max(reader.times):.0f}"
        )
        sys.exit(set(reader.counts) != {"right"})


def prepared(folder: Path, data: Path | None) -> Settings:
    """A copy of the corpus, and a data folder with the vectors that there are."""
    settings = Settings()
    shutil.copytree(settings.corpus_dir, folder / "corpus")
    (folder / "data").mkdir()
    source = (data or settings.data_dir) / "embeddings.sqlite3"
    if source.exists():
        with (
            closing(sqlite3.connect(source)) as before,
            closing(sqlite3.connect(folder / "data" / source.name)) as after,
        ):
            before.backup(after)
    return settings.model_copy(update={"corpus_dir": folder / "corpus", "data_dir": folder / "data"})


def start(settings: Settings, number: int) -> subprocess.Popen[bytes]:
    """Change the corpus, and begin to build."""
    path = settings.corpus_dir / CHANGED
    body = path.read_text(encoding="utf-8").rpartition("\n\nSentence number")[0] or path.read_text(encoding="utf-8")
    path.write_text(
        f"{body.rstrip()}\n\nSentence number {number} was added to see whether builds survive.\n", encoding="utf-8"
    )
    environment = {
        **os.environ,
        "ASSISTANT_DATA_DIR": str(settings.data_dir),
        "ASSISTANT_CORPUS_DIR": str(settings.corpus_dir),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "assistant", "index"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def rebuilt(settings: Settings, number: int) -> float:
    """Seconds of a build that may end."""
    began = time.perf_counter()
    assert start(settings, number).wait() == 0, "a build that nobody killed failed"
    return time.perf_counter() - began


def killed(settings: Settings, number: int, after: float) -> str:
    """Kill a build after so many seconds; "killed", or "was done before"."""
    build = start(settings, number)
    try:
        build.wait(timeout=after)
    except subprocess.TimeoutExpired:
        build.send_signal(signal.SIGKILL)
        build.wait()
        return "killed"
    return "was done before"


if __name__ == "__main__":
    main()
