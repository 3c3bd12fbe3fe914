"""Prints time and memory of what a reader waits for: cold ask, serve to ready, warm answers by stage, index build.

python benchmarks/run.py [--questions 200]
"""

import argparse
import os
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from assistant import bootstrap, data
from assistant.settings import Settings
from assistant.types import Question, Timings

STAGES = tuple(name for name in Timings.model_fields if name != "total")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=200)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "ASSISTANT_DATA_DIR": folder}
        print(f"cores: {os.cpu_count()}, Python {sys.version.split()[0]}")
        build(environment)
        cold_ask(environment)
        serve(environment)
        warm(Path(folder), arguments.questions)


def build(environment: dict[str, str]) -> None:
    seconds, peak, output = measured([sys.executable, "-m", "assistant", "index"], environment)
    embedded = int(output.rsplit(",", 1)[1].split()[0])
    print(f"index from nothing: {seconds:.1f} s, {embedded / seconds:.1f} texts/s, peak {peak:.0f} MB")
    print(f"  {output.strip().splitlines()[-1]}")
    seconds, _, _ = measured([sys.executable, "-m", "assistant", "index"], environment)
    print(f"index again, nothing changed: {seconds:.1f} s")


def cold_ask(environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "assistant", "ask", "What is ASSIST?", "--json"]
    runs = [measured(command, environment) for _ in range(5)]
    times = sorted(seconds for seconds, _, _ in runs)
    print(f"cold ask: median {times[2]:.2f} s, slowest {times[-1]:.2f} s of 5, peak {max(r[1] for r in runs):.0f} MB")


def measured(command: list[str], environment: dict[str, str]) -> tuple[float, float, str]:
    """Seconds, peak MB of the process, and what it said on stderr."""
    start = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{command} failed:\n{said}")
    return time.perf_counter() - start, usage.ru_maxrss / 1_000, said


def serve(environment: dict[str, str]) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    start = time.perf_counter()
    command = [sys.executable, "-m", "assistant", "serve", "--port", str(port)]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        while not ready(port):
            if process.poll() is not None or time.perf_counter() - start > 120:
                sys.exit("serve did not become ready")
            time.sleep(0.05)
        print(f"serve to ready: {time.perf_counter() - start:.1f} s, {resident(process.pid):.0f} MB")
        for question in questions(50):
            ask(port, question.text)
        print(f"serving after 50 answers: {resident(process.pid):.0f} MB")
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1):
            return True
    except OSError:
        return False


def ask(port: int, text: str) -> None:
    body = Question(text=text).model_dump_json(by_alias=True).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/v1/answers", body, {"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=30):
        pass


def resident(pid: int) -> float:
    """Memory of a process in MB, as Linux counts it."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1_000


def questions(count: int) -> list[Question]:
    """A fixed mix of the package's labelled examples, in ten languages, of every kind."""
    texts = [text for examples in zip(*data.read("intents.yaml").values(), strict=False) for text in examples]
    return [Question(text=text) for text in texts[:count]]


def warm(folder: Path, count: int) -> None:
    settings = Settings(data_dir=folder)
    assistant = bootstrap.assistant(settings, print, lambda _done, _total: None, recording=False)
    asked = questions(count)
    for question in asked[:10]:
        assistant.answer(question)
    timings = [assistant.answer(question).timings_ms for question in asked]
    print(f"warm answers over {len(asked)} questions, ms:")
    for stage in (*STAGES, "total"):
        values = [getattr(timing, stage) for timing in timings]
        print(f"  {stage:9} p50 {statistics.median(values):6.1f}   p95 {percentile(values, 95):6.1f}")
    embed = statistics.median(timing.embed for timing in timings)
    core = statistics.median(timing.embed + timing.retrieve + timing.compose for timing in timings)
    print(f"  embed + retrieve + compose is {core / embed:.2f} times embedding alone (p50)")
    print(f"peak of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000:.0f} MB")


def percentile(values: list[float], share: int) -> float:
    return statistics.quantiles(values, n=100)[share - 1]


if __name__ == "__main__":
    main()
