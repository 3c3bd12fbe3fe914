"""Sets in BEIR format: how they are read, and measures on a ranking that is known."""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.errors import InputError
from assistant_evals import beir
from assistant_evals.beir import Exact, Run, Set
from fakes import WordEmbedder, WordReranker, ignore, make_passage

CORPUS = {"p1": "Rules of origin.", "p2": "Rules of transit.", "p3": "Refund of duty."}
QUERIES = {"q1": "rules of origin", "q2": "refund of duty"}
SECOND = 1 / math.log2(3)  # the gain of what stands second
TIMES = {"ms_p50", "ms_p95"}
WAYS = {"bm25", "dense", "rrf", "fused", "reranked"}


def rows(texts: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"_id": name, "text": text} for name, text in texts.items()]


def write(
    folder: Path,
    corpus: Sequence[Any] = (),
    queries: Sequence[Any] = (),
    qrels: Sequence[str] = ("q1\tp2\t1", "q2\tp3\t1"),
) -> tuple[Path, Path, Path]:
    """The three files of a set; a line that is a string is written as it is."""
    for name, lines in (("corpus", corpus or rows(CORPUS)), ("queries", queries or rows(QUERIES))):
        text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
        (folder / f"{name}.jsonl").write_text(f"{text}\n", encoding="utf-8")
    (folder / "qrels.tsv").write_text("\n".join(["query-id\tcorpus-id\tscore", *qrels]) + "\n", encoding="utf-8")
    return folder / "corpus.jsonl", folder / "queries.jsonl", folder / "qrels.tsv"


def make_set(qrels: Sequence[tuple[str, str, int]], queries: Mapping[str, str] = QUERIES) -> Set:
    passages = tuple(make_passage(text, id=name, title="", section="") for name, text in CORPUS.items())
    return Set(passages=passages, queries=dict(queries), qrels=tuple(qrels))


def runs(found: Set) -> dict[str, Run]:
    return beir.evaluate(found, WordEmbedder(), WordReranker(), ignore)


def values(run: Run) -> dict[str, float]:
    return {name: value.value for name, value in run.measures.items()}


# -- reading ---------------------------------------------------------------------------------------------------------


def test_a_set_is_read_from_its_three_files(tmp_path: Path) -> None:
    corpus = [{"_id": "p1", "title": "Origin", "text": "Rules of origin."}, "", *rows({"p2": "Rules of transit."})]
    found = beir.read(*write(tmp_path, corpus=corpus, qrels=["q1\tp1\t2", "", "q1\tp2\t0"]))
    assert [(passage.id, passage.title, passage.text) for passage in found.passages] == [
        ("p1", "Origin", "Rules of origin."),
        ("p2", "", "Rules of transit."),
    ]
    assert found.queries == {"q1": "rules of origin"}
    assert found.qrels == (("q1", "p1", 2), ("q1", "p2", 0))


def test_ids_may_be_numbers(tmp_path: Path) -> None:
    files = write(tmp_path, [{"_id": 1, "text": "Origin."}], [{"_id": 7, "text": "origin"}], ["7\t1\t1"])
    found = beir.read(*files)
    assert (found.passages[0].id, found.queries, found.qrels) == ("1", {"7": "origin"}, (("7", "1", 1),))


def test_judgements_of_queries_that_are_not_there_are_dropped(tmp_path: Path) -> None:
    found = beir.read(*write(tmp_path, qrels=["q1\tp1\t1", "q9\tp1\t1"]))
    assert found.qrels == (("q1", "p1", 1),)


def test_a_quotation_mark_in_the_judgements_is_a_letter_like_others(tmp_path: Path) -> None:
    queries = rows({'"q': "rules of origin", "q2": "refund of duty"})
    found = beir.read(*write(tmp_path, queries=queries, qrels=['"q\tp1\t1', "q2\tp3\t1"]))
    assert set(found.queries) == {'"q', "q2"}


def test_a_query_with_a_history_is_made_to_stand_alone(tmp_path: Path) -> None:
    history = [{"role": "user", "content": "Who issues a certificate of origin?"}]
    files = write(tmp_path, queries=[{"_id": "q1", "text": "And in Singapore?", "history": history}])
    (text,) = beir.read(*files).queries.values()
    assert "certificate of origin" in text
    assert "Singapore" in text


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "Expecting"),
        ("[1]", "JSON object"),
        ({"_id": "p2"}, 'a row holds "_id" and "text"'),
        ({"text": "Rules."}, 'a row holds "_id" and "text"'),
        ({"_id": "p2", "text": None}, 'a row holds "_id" and "text"'),
    ],
)
@pytest.mark.parametrize("name", ["corpus", "queries"])
def test_a_malformed_line_is_named_with_its_number(tmp_path: Path, name: str, line: object, reason: str) -> None:
    good = rows(CORPUS if name == "corpus" else QUERIES)[:1]
    lines: dict[str, Any] = {name: [*good, line]}
    files = write(tmp_path, **lines)
    with pytest.raises(InputError, match=rf"{name}\.jsonl:2: .*{reason}"):
        beir.read(*files)


def test_a_malformed_history_is_named_with_its_number(tmp_path: Path) -> None:
    files = write(tmp_path, queries=[{"_id": "q1", "text": "And now?", "history": [{"role": "judge"}]}])
    with pytest.raises(InputError, match=r"queries\.jsonl:1: "):
        beir.read(*files)


@pytest.mark.parametrize("line", ["q1\tp1", "q1 p1 1", "q1\tp1\tyes"])
def test_a_malformed_judgement_is_named_with_its_number(tmp_path: Path, line: str) -> None:
    with pytest.raises(InputError, match=r"qrels\.tsv:3: .*parted by tabs"):
        beir.read(*write(tmp_path, qrels=["q1\tp1\t1", line]))


def test_an_id_given_twice_is_named_with_its_number(tmp_path: Path) -> None:
    twice = rows(CORPUS)[:1] * 2
    with pytest.raises(InputError, match=r"corpus\.jsonl:2: .*before"):
        beir.read(*write(tmp_path, corpus=twice))


@pytest.mark.parametrize("name", ["corpus.jsonl", "queries.jsonl", "qrels.tsv"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    files = write(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(InputError, match=f"{name} cannot be read"):
        beir.read(*files)


def test_a_set_of_which_nothing_is_judged_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no query that .* judges"):
        beir.read(*write(tmp_path, qrels=["q9\tp1\t1"]))


# -- measures --------------------------------------------------------------------------------------------------------


def test_what_stands_first_for_every_query_scores_1() -> None:
    found = runs(make_set([("q1", "p1", 1), ("q2", "p3", 1)]))
    assert set(found) == WAYS
    for run in found.values():
        assert values(run) == pytest.approx(dict.fromkeys(beir.MEASURES, 1.0))


def test_what_stands_second_scores_by_its_rank() -> None:
    measured = values(runs(make_set([("q1", "p2", 1)], {"q1": QUERIES["q1"]}))["dense"])
    assert measured["recall@5"] == 1.0
    assert measured["mrr@10"] == measured["map@10"] == 0.5
    assert measured["ndcg@10"] == measured["ndcg@5"] == pytest.approx(SECOND)


def test_a_measure_is_the_mean_over_the_queries() -> None:
    found = runs(make_set([("q1", "p2", 1), ("q2", "p3", 1)]))["dense"].measures["mrr@10"]
    assert (found.value, found.count) == (0.75, 2)
    assert found.low <= found.value <= found.high


def test_a_query_for_which_nothing_is_found_scores_0() -> None:
    queries = {"q1": QUERIES["q1"], "q2": "xylophone"}
    found = runs(make_set([("q1", "p1", 1), ("q2", "p3", 1)], queries))["bm25"].measures["recall@10"]
    assert (found.value, found.count) == (0.5, 2)


def test_a_passage_judged_0_is_not_wanted() -> None:
    queries = {"q1": QUERIES["q1"]}
    measured = values(runs(make_set([("q1", "p1", 0), ("q1", "p2", 1)], queries))["dense"])
    assert measured["mrr@10"] == 0.5


def test_progress_is_told_in_batches_up_to_all_passages() -> None:
    told: list[tuple[int, int]] = []
    passages = tuple(make_passage(f"Passage {n}.", id=f"p{n}", position=n) for n in range(beir.BATCH + 1))
    found = Set(passages=passages, queries={"q1": "passage"}, qrels=(("q1", "p1", 1),))
    beir.evaluate(found, WordEmbedder(), None, lambda done, total: told.append((done, total)))
    assert told == [(beir.BATCH, beir.BATCH + 1), (beir.BATCH + 1, beir.BATCH + 1)]


def test_ranks_are_fused_by_their_reciprocals() -> None:
    assert beir.by_ranks([("a", 9.0), ("b", 8.0), ("c", 7.0)], [("b", 0.2), ("d", 0.1)]) == ["b", "a", "d", "c"]


def test_without_a_reranker_there_is_no_reranked_list() -> None:
    found = beir.evaluate(make_set([("q1", "p1", 1)]), WordEmbedder(), None, ignore)
    assert set(found) == WAYS - {"reranked"}


def test_the_exact_search_gives_the_nearest_with_their_cosine() -> None:
    vectors = np.array([[0.0, 1.0], [1.0, 0.0], [0.6, 0.8]], dtype=np.float32)
    found = Exact(["a", "b", "c"], vectors).search(np.array([1.0, 0.0], dtype=np.float32), 2)
    assert found == [("b", 1.0), ("c", pytest.approx(0.6))]


def test_the_figures_are_plain_json_with_intervals_and_times() -> None:
    found = make_set([("q1", "p1", 1), ("q2", "p3", 1)])
    figures = json.loads(json.dumps(beir.as_json(found, runs(found))))
    assert (figures["queries"], figures["passages"]) == (2, 3)
    assert set(figures["runs"]) == WAYS
    fused = figures["runs"]["fused"]
    assert set(fused) == {*beir.MEASURES, *TIMES}
    assert set(fused["ndcg@10"]) == {"value", "low", "high"}
    assert 0 <= fused["ms_p50"] <= fused["ms_p95"]
