"""What is written for the package to carry is what an index of the corpus would embed."""

from pathlib import Path

from assistant import cache, corpus, countries, index, precomputed, routing
from assistant.bootstrap.building import questions_to_embed
from assistant.embedding import CachedEmbedder, LlamaIndexEmbedder
from assistant.settings import Settings
from assistant_evals import precompute


def test_every_text_of_the_corpus_is_written(small_settings: Settings, tmp_path: Path) -> None:
    precompute.main(tmp_path, small_settings)
    documents = corpus.load(small_settings.corpus_dir)
    _, passages = index.plan(documents, "", small_settings.embedding_model)
    texts = {"passage": index.texts_to_embed(documents, passages), "query": questions_to_embed(documents, passages)}
    keys = {cache.key(small_settings.embedding_model, kind, text) for kind, own in texts.items() for text in own}
    assert set(precomputed.load(tmp_path).read(list(keys))) == keys


def test_the_router_is_fitted_to_vectors_as_they_are_read_again(small_settings: Settings, tmp_path: Path) -> None:
    precompute.main(tmp_path, small_settings)
    model = LlamaIndexEmbedder(small_settings.embedding_model)
    again = CachedEmbedder(model, cache.Cache(tmp_path / cache.FILE), precomputed.load(tmp_path))
    assert routing.load(*routing.to_learn(again, countries.load()), tmp_path) is not None
