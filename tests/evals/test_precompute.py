"""What is written for the package to carry is what an index of the corpus would embed."""

from pathlib import Path

from assistant import corpus, index, precomputed
from assistant.bootstrap.building import questions_to_embed
from assistant.cache import key
from assistant.settings import Settings
from assistant_evals import precompute


def test_every_text_of_the_corpus_is_written(small_settings: Settings, tmp_path: Path) -> None:
    precompute.main(tmp_path, small_settings)
    documents = corpus.load(small_settings.corpus_dir)
    _, passages = index.plan(documents, "", small_settings.embedding_model)
    texts = {"passage": index.texts_to_embed(documents, passages), "query": questions_to_embed(documents, passages)}
    keys = {key(small_settings.embedding_model, kind, text) for kind, own in texts.items() for text in own}
    assert set(precomputed.load(tmp_path).read(list(keys))) == keys
