"""`assistant eval …`: answers question files, scores suites, measures retrieval and grounding on outside data."""

import json
from pathlib import Path
from typing import Annotated

import typer

from assistant import settings
from assistant.bootstrap import Builder
from assistant.cli.console import Bar, JsonOption, counted, ready, say

app = typer.Typer(no_args_is_help=True, help="Answer and score question files.")


@app.command()
def answers(
    questions: Annotated[Path, typer.Option(help="JSON lines: id, question, country?, language?, history?")],
    out: Annotated[Path, typer.Option(help="Where the answers go: one JSON answer a line, same order.")],
) -> None:
    """Answer every question of a file."""
    from assistant_evals import answers as files  # noqa: PLC0415

    rows = files.read(questions)
    assistant = ready(recording=False)
    with Bar("questions") as bar:
        counts = files.write(rows, assistant, out, bar.show)
    say(", ".join(f"{count} {status}" for status, count in sorted(counts.items())) or f"no questions in {questions}")


@app.command()
def run(
    names: Annotated[list[str] | None, typer.Argument(metavar="[SUITE]...", help="Suites; left out: all.")] = None,
    json_out: Annotated[Path | None, typer.Option("--json", help="Write every figure to this file.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write an HTML report into this folder.")] = None,
    export: Annotated[Path | None, typer.Option(help="Write ragas and Inspect samples into this folder.")] = None,
    suites: Annotated[
        Path | None, typer.Option(help="Folder of suites; left out: those that come with the package.")
    ] = None,
    *,
    baseline: Annotated[bool, typer.Option("--baseline", help="Exit 1 when below the committed baseline.")] = False,
    write_baseline: Annotated[bool, typer.Option("--write-baseline", help="Commit to what is measured now.")] = False,
    compare: Annotated[
        bool, typer.Option("--compare", help="Run plain LlamaIndex + Chroma on the same suites.")
    ] = False,
) -> None:
    """Ask every question of the suites and score the answers."""
    from assistant_evals import evaluation  # noqa: PLC0415

    assistant = ready(recording=False)
    with Bar("questions") as bar:
        root = {"root": suites} if suites else {}
        done = evaluation.run(names or [], assistant, bar.show, compare=compare, **root)
    for line in done.lines():
        print(line)  # noqa: T201
    if json_out:
        done.write_json(json_out)
    if report:
        say(f"Report: {done.write_report(report, Builder(settings.load()).embedder)}")
    if export:
        done.write_samples(export)
    if write_baseline:
        done.write_baseline()
    elif baseline and done.fell(say):
        raise typer.Exit(1)


@app.command()
def retrieval(
    corpus: Annotated[Path, typer.Option(help='JSON lines: "_id", "title", "text".')],
    queries: Annotated[Path, typer.Option(help='JSON lines: "_id", "text", "history"?.')],
    qrels: Annotated[Path, typer.Option(help="Tab-separated with a header: query-id, corpus-id, score.")],
    as_json: JsonOption = False,
) -> None:
    """Measure BM25, dense and fused retrieval, and reranked with ASSISTANT_RERANKER, on a set in BEIR format."""
    from assistant_evals import beir  # noqa: PLC0415

    found = beir.read(corpus, queries, qrels)
    builder = Builder(settings.load())
    with Bar("passages") as bar:
        runs = beir.evaluate(found, builder.embedder, builder.reranker, bar.show)
    if as_json:
        print(json.dumps(beir.as_json(found, runs), indent=2))  # noqa: T201
        return
    print(f"{counted(len(found.queries), 'query', 'queries')}, {counted(len(found.passages), 'passage')}")  # noqa: T201
    for way, measured in runs.items():
        values = "  ".join(f"{name} {v.value:.3f} [{v.low:.3f}, {v.high:.3f}]" for name, v in measured.measures.items())
        print(f"{way:8} {values}  ms p50 {measured.ms_p50} p95 {measured.ms_p95}")  # noqa: T201


@app.command()
def grounding(
    pairs: Annotated[Path, typer.Option(help='JSON lines: "id", "claim", "evidence", "label"?.')],
    as_json: JsonOption = False,
) -> None:
    """Score claims by whether their evidence supports them; with labels, say how often that is right."""
    from assistant_evals import pairs as claims  # noqa: PLC0415

    rows = claims.read(pairs)
    with Bar("claims") as bar:
        found = claims.verdicts(rows, Builder.verifier(), bar.show)
    if as_json:
        print(json.dumps([verdict.model_dump() for verdict in found], indent=2))  # noqa: T201
    else:
        for verdict in found:
            print(f"{verdict.id}\t{verdict.score:.3f}\t{'supported' if verdict.supported else 'not supported'}")  # noqa: T201
    agreed = claims.agreement(rows, found)
    if agreed:
        say(
            f"balanced accuracy {agreed.balanced_accuracy:.3f} "
            f"(supported {agreed.supported}, not supported {agreed.unsupported}), AUC {agreed.auc:.3f}"
        )
