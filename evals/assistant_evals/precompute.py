"""Writes what comes with the package so that the first start need not compute it.

The vectors of the corpus and of the questions that those asked are compared with, and the router's weights.

python -m assistant_evals.precompute src/assistant/data

What the package holds already, or the data folder, is not computed again.
"""

import sys
from pathlib import Path

import numpy as np

from assistant import cache, corpus, countries, index, precomputed, routing, settings
from assistant.bootstrap import Builder
from assistant.bootstrap.building import questions_to_embed
from assistant.embedding import CachedEmbedder
from assistant.settings import Settings


def main(folder: Path, chosen: Settings) -> None:
    """Embed what is new of the corpus of the settings and write all into a folder."""
    embedder = Builder(chosen).embedder
    documents = corpus.load(chosen.corpus_dir)
    _, passages = index.plan(documents, "", embedder.name)
    texts = list(dict.fromkeys(index.texts_to_embed(documents, passages)))
    questions = list(dict.fromkeys(questions_to_embed(documents, passages)))
    kinds = (("passage", texts), ("query", questions))
    keys = [cache.key(embedder.name, kind, text) for kind, own in kinds for text in own]
    vectors = np.concatenate([embedder.embed_passages(texts), embedder.embed_queries(questions, keep=True)])
    precomputed.save(keys, vectors, folder)
    rounded = CachedEmbedder(embedder, cache.Cache(chosen.data_dir / cache.FILE), precomputed.load(folder))
    routing.save(*routing.to_learn(rounded, countries.load()), folder)
    sys.stderr.write(f"{len(keys)} vectors of {embedder.name}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), settings.load())
