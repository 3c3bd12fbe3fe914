"""The vectors that come with the package are those of its texts."""

from pathlib import Path

import numpy as np
import pytest

from assistant import corpus, index, precomputed
from assistant.bootstrap.building import questions_to_embed
from assistant.cache import key
from assistant.embedding import LlamaIndexEmbedder

SAMPLE = 200  # every so many texts one is embedded again

Texts = dict[bytes, tuple[str, str]]
"""By key the kind of a text and the text."""


@pytest.fixture(scope="module")
def texts(real_corpus: Path, model: LlamaIndexEmbedder) -> Texts:
    documents = corpus.load(real_corpus)
    _, passages = index.plan(documents, "", model.name)
    kinds = {"passage": index.texts_to_embed(documents, passages), "query": questions_to_embed(documents, passages)}
    return {key(model.name, kind, text): (kind, text) for kind, own in kinds.items() for text in own}


def test_every_text_has_a_vector_and_no_other(texts: Texts) -> None:
    with np.load(Path(str(precomputed.data.FOLDER)) / precomputed.FILE) as kept:
        carried = {row.tobytes() for row in kept["keys"]}
    lacking = [text for name, (_, text) in texts.items() if name not in carried]
    assert (lacking[:3], len(carried - set(texts))) == ([], 0), (
        "run `python -m assistant_evals.precompute src/assistant/data`"
    )


def test_the_vectors_are_those_of_the_model(texts: Texts, model: LlamaIndexEmbedder) -> None:
    sample = dict(list(texts.items())[::SAMPLE])
    kept = {
        name: np.frombuffer(vector, dtype=np.float32) for name, vector in precomputed.load().read(list(sample)).items()
    }
    for name, (kind, text) in sample.items():
        embed = model.embed_passages if kind == "passage" else model.embed_queries
        assert float(embed([text])[0] @ kept[name]) > 0.999, text


def test_what_is_saved_is_loaded_whatever_its_order(tmp_path: Path) -> None:
    keys = [key("model", "query", str(number)) for number in range(3)]
    vectors = np.eye(3, dtype=np.float32)
    precomputed.save(keys, vectors, tmp_path)
    first = (tmp_path / precomputed.FILE).read_bytes()
    precomputed.save(keys[::-1], vectors[::-1], tmp_path)
    assert (tmp_path / precomputed.FILE).read_bytes() == first
    found = precomputed.load(tmp_path).read([keys[1], b"unknown"])
    assert {name: np.frombuffer(vector, dtype=np.float32).tolist() for name, vector in found.items()} == {
        keys[1]: [0.0, 1.0, 0.0]
    }
