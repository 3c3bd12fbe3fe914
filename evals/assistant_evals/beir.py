"""Retrieval on any set in BEIR format: ways to search beside each other, with intervals and latency.

BM25; dense; the plain fusion of the two that others use ("rrf": by reciprocal ranks); ours ("fused": by scores, the
lexical list weighed by how much of the question the corpus's words cover); and ours read again by a cross-encoder
("reranked", as with `ASSISTANT_RERANKER`; for English questions).
"""

import csv
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import ir_measures
import numpy as np
from ir_measures import AP, RR, Measure, Qrel, R, ScoredDoc, nDCG
from pydantic import ValidationError

from assistant import countries
from assistant.conversation import standalone
from assistant.errors import InputError
from assistant.lexical import Bm25Index
from assistant.ports import Embedder, Reranker, Vectors
from assistant.retrieve import CANDIDATES, Query, Retriever, query
from assistant.types import MAX_HISTORY_TURNS, MAX_QUESTION_CHARACTERS, Frozen, Passage, Question
from assistant_evals import lines
from assistant_evals.runner import Progress, Value, mean, percentile

MEASURES: dict[str, Measure] = {
    "recall@5": R @ 5,
    "recall@10": R @ 10,
    "recall@20": R @ 20,
    "ndcg@5": nDCG @ 5,
    "ndcg@10": nDCG @ 10,
    "map@10": AP @ 10,
    "mrr@10": RR @ 10,
}
DEPTH = 20
RANK_CONSTANT = 60  # of reciprocal rank fusion, as in its paper
SCORE = re.compile(r"-?\d+")
BATCH = 32

Search = Callable[[str, Query], Sequence[str]]


class Set(Frozen):
    """Passages, questions that stand alone, and which passage answers which question (grade above 0)."""

    passages: tuple[Passage, ...]
    queries: dict[str, str]
    qrels: tuple[tuple[str, str, int], ...]


class Run(Frozen):
    """One way to search: its measures, and milliseconds a question including the embedding where it needs one."""

    measures: dict[str, Value]
    ms_p50: float
    ms_p95: float


class Exact:
    """The part of a PassageStore that searching needs, by comparing with every vector; for sets that fit in memory."""

    def __init__(self, ids: Sequence[str], vectors: Vectors) -> None:
        self._ids = ids
        self._vectors = vectors

    def search(self, vector: Vectors, limit: int) -> list[tuple[str, float]]:
        """Ids of the nearest passages with their cosine, best first."""
        cosines = self._vectors @ vector
        best = np.argsort(-cosines, kind="stable")[:limit]
        return [(self._ids[row], float(cosines[row])) for row in best]


def read(corpus: Path, queries: Path, qrels: Path) -> Set:
    """A BEIR set. Only queries that the qrels judge are kept.

    Raises:
        InputError: naming file and line.
    """
    passages = tuple(_passage(row) for _, row in _rows(corpus))
    judged = tuple(_qrels(qrels))
    wanted = {query_id for query_id, _, _ in judged}
    asked = {str(row["_id"]): _standalone(row, place) for place, row in _rows(queries) if str(row["_id"]) in wanted}
    if not passages or not asked:
        raise InputError(f"{corpus} and {queries} hold no passage or no query that {qrels} judges")
    return Set(passages=passages, queries=asked, qrels=tuple(row for row in judged if row[0] in asked))


def evaluate(found: Set, embedder: Embedder, reranker: Reranker | None, progress: Progress) -> dict[str, Run]:
    """Measures of each way to search. Passage vectors are kept in the embedder's cache, so a second run is fast."""
    vectors = _embedded(found.passages, embedder, progress)
    by_id = {passage.id: passage for passage in found.passages}
    lexical = Bm25Index(found.passages)
    store = Exact([passage.id for passage in found.passages], vectors)
    retriever = Retriever(store, lexical, by_id)
    ways: dict[str, Search] = {
        "bm25": lambda text, _: [name for name, _ in lexical.search(text, DEPTH)],
        "dense": lambda _, asked: [name for name, _ in store.search(asked.vector, DEPTH)],
        "rrf": lambda text, asked: by_ranks(lexical.search(text, CANDIDATES), store.search(asked.vector, CANDIDATES)),
        "fused": lambda _, asked: [hit.passage.id for hit in retriever.search(asked, limit=DEPTH)],
    }
    if reranker is not None:
        reading = Retriever(store, lexical, by_id, reranker=reranker)
        ways["reranked"] = lambda _, asked: [hit.passage.id for hit in reading.search(asked, limit=DEPTH)]
    lists: dict[str, dict[str, Sequence[str]]] = {way: {} for way in ways}
    spent: dict[str, list[float]] = {way: [] for way in ways}
    for query_id, text in found.queries.items():
        start = time.perf_counter()
        asked = query(text, embedder)
        embedding = time.perf_counter() - start
        for way, search in ways.items():
            start = time.perf_counter()
            lists[way][query_id] = search(text, asked)
            spent[way].append((time.perf_counter() - start + embedding * (way != "bm25")) * 1_000)
    return {
        way: Run(
            measures=_measured(found.qrels, lists[way]),
            ms_p50=round(percentile(spent[way], 0.5), 2),
            ms_p95=round(percentile(spent[way], 0.95), 2),
        )
        for way in ways
    }


def by_ranks(*lists: Sequence[tuple[str, float]]) -> list[str]:
    """Ids by the sum of their reciprocal ranks in the lists, best first."""
    scores: dict[str, float] = {}
    for hits in lists:
        for rank, (name, _) in enumerate(hits, start=1):
            scores[name] = scores.get(name, 0.0) + 1 / (RANK_CONSTANT + rank)
    return sorted(scores, key=lambda name: -scores[name])[:DEPTH]


def as_json(found: Set, runs: Mapping[str, Run]) -> dict[str, Any]:
    """What `assistant eval retrieval --json` prints."""
    return {
        "queries": len(found.queries),
        "passages": len(found.passages),
        "runs": {
            way: {
                **{name: value.model_dump(include={"value", "low", "high"}) for name, value in run.measures.items()},
                "ms_p50": run.ms_p50,
                "ms_p95": run.ms_p95,
            }
            for way, run in runs.items()
        },
    }


def _embedded(passages: Sequence[Passage], embedder: Embedder, progress: Progress) -> Vectors:
    batches = []
    for start in range(0, len(passages), BATCH):
        batches.append(embedder.embed_passages([passage.context for passage in passages[start : start + BATCH]]))
        progress(min(start + BATCH, len(passages)), len(passages))
    return np.concatenate(batches)


def _measured(qrels: Sequence[tuple[str, str, int]], lists: Mapping[str, Sequence[str]]) -> dict[str, Value]:
    """Each measure over all judged queries; one for which nothing is found scores 0."""
    judged = [Qrel(*row) for row in qrels]
    run = [
        ScoredDoc(query_id, name, float(DEPTH - rank))
        for query_id, names in lists.items()
        for rank, name in enumerate(names)
    ]
    values: dict[str, dict[str, float]] = {name: dict.fromkeys(lists, 0.0) for name in MEASURES}
    names = {str(measure): name for name, measure in MEASURES.items()}
    for metric in ir_measures.iter_calc(list(MEASURES.values()), judged, run):
        values[names[str(metric.measure)]][metric.query_id] = metric.value
    means = {name: mean(list(by_query.values())) for name, by_query in values.items()}
    return {name: value for name, value in means.items() if value is not None}


def _rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Rows of a JSON lines file that have an _id and a text, each with its place."""
    seen = set()
    for place, row in lines.read(path):
        if row.get("_id") is None or not isinstance(row.get("text"), str):
            raise InputError(f'{place}: a row holds "_id" and "text"')
        if row["_id"] in seen:
            raise InputError(f"{place}: the _id {row['_id']!r} is in a row before as well")
        seen.add(row["_id"])
        yield place, row


def _qrels(path: Path) -> Iterator[tuple[str, str, int]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            for number, row in enumerate(rows, start=1):
                if len(row) >= 3 and SCORE.fullmatch(row[2].strip()):
                    yield row[0], row[1], int(row[2])
                elif row and (number > 1 or len(row) < 3):  # the first may be a header
                    raise InputError(f"{path}:{number}: a row is query-id, corpus-id, score, parted by tabs")
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path} cannot be read: {error}") from None


def _passage(row: Mapping[str, Any]) -> Passage:
    """A row of the corpus; what a set does not tell of its sources is left open."""
    return Passage(
        id=str(row["_id"]),
        document_id=str(row["_id"]),
        title=str(row.get("title") or ""),
        section="",
        text=str(row["text"]),
        position=0,
        publisher="",
        source="",
        url=None,
        authority="guidance",
        binding=False,
        as_of=None,
        wording="verbatim",
        language="en",
    )


def _standalone(row: Mapping[str, Any], place: str) -> str:
    """A query, made to stand alone where it has a history: a short one is read as a follow-up."""
    text = str(row["text"])
    if not row.get("history"):
        return text
    history = row["history"][-MAX_HISTORY_TURNS:] if isinstance(row["history"], list) else row["history"]
    try:
        question = Question(text=text[:MAX_QUESTION_CHARACTERS], history=history)
    except ValidationError as error:
        raise InputError(f"{place}: {error.errors()[0]['msg']}") from None
    return standalone(question, countries.load())[-1].text
