"""Checks the suites against the corpus: python -m assistant_evals.lint [NAME...]; exit 1 where something is wrong."""

import sys

from assistant import corpus, settings
from assistant_evals import suites


def main(names: list[str]) -> int:
    """Print what is wrong; returns the exit status."""
    documents = {document.id: document for document in corpus.load(settings.load().corpus_dir)}
    chosen = suites.chosen(names)
    wrong = list(suites.findings(chosen, documents))
    for finding in wrong:
        print(finding)  # noqa: T201
    for suite in chosen:
        print(f"{suite.name}: {len(suite.dev)} dev, {len(suite.test)} test", file=sys.stderr)  # noqa: T201
    return int(bool(wrong))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
