"""One run of suites on one or two systems, and everything that can be made of it."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.bootstrap import Assistant
from assistant.ports import Embedder
from assistant_evals import confusion, export, gate, report, runner, suites
from assistant_evals.gate import Change
from assistant_evals.runner import Progress, Result, System


@dataclass(frozen=True)
class Evaluation:
    """Results by system, ours first, and what changed since the committed baseline."""

    index_version: str
    systems: Mapping[str, Sequence[Result]]
    changes: Sequence[Change]
    root: Path = suites.ROOT

    @property
    def ours(self) -> Sequence[Result]:
        """The assistant's results."""
        return next(iter(self.systems.values()))

    def lines(self) -> Iterator[str]:
        """The metrics as text."""
        return report.lines(self.systems)

    def fell(self, say: Callable[[str], None]) -> bool:
        """Whether a metric is below the baseline; says what changed, either way."""
        for change in self.changes:
            say(f"{'below the baseline' if change.fell else 'changed'}: {change}")
        return any(change.fell for change in self.changes)

    def write_json(self, path: Path) -> None:
        """Every figure."""
        figures = {name: report.figures(results) for name, results in self.systems.items()}
        text = json.dumps({"index_version": self.index_version, "systems": figures}, indent=2)
        path.write_text(f"{text}\n", encoding="utf-8")

    def write_report(self, folder: Path, embedder: Embedder) -> Path:
        """The HTML report; returns where. The embedder is for the router's confusion matrix."""
        matrix = confusion.cross_validated(embedder)
        return report.write(folder, self.systems, matrix, self.changes, self.index_version)

    def write_samples(self, folder: Path) -> None:
        """The assistant's replies in other tools' formats."""
        export.write(self.ours, folder)

    def write_baseline(self) -> None:
        """Make what was measured the committed baseline."""
        gate.write(self.ours, self.root)


def run(
    names: Sequence[str], assistant: Assistant, progress: Progress, *, compare: bool, root: Path = suites.ROOT
) -> Evaluation:
    """Ask the questions of the named suites below `root`, or of all; with `compare`, of the plain system as well.

    Raises:
        InputError: an unknown suite, a file that cannot be read, or no weights for the plain system.
    """
    chosen = suites.chosen(names, root)
    library = assistant.library
    systems: list[System] = [runner.Ours(assistant)]
    if compare:
        from assistant_evals.peer import Plain  # noqa: PLC0415 (brings torch)

        systems.append(Plain(library.documents.values()))
    total = len(systems) * sum(len(suite.dev) + len(suite.test) for suite in chosen)
    done = 0

    def advance(_done: int, _total: int) -> None:
        nonlocal done
        done += 1
        progress(done, total)

    found = {system.name: runner.run(system, chosen, library.documents.values(), advance) for system in systems}
    ours = next(iter(found.values()))
    return Evaluation(library.manifest.version, found, list(gate.changes(ours, root)), root)
