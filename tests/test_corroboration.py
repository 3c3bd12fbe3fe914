"""The source's own words beside our restatement, found by the real model."""

import pytest

from assistant import index
from assistant.corroboration import Corroborator, quotable
from assistant.embedding import LlamaIndexEmbedder
from assistant.lexical import Bm25Index
from assistant.types import Extract, Hit, Passage
from fakes import MemoryStore, make_passage

OURS = "A Proof of Origin is valid for 12 months from the date it is issued, under Rule 14 of Annex 8."
THEIRS = "(a) The Proof of Origin shall be valid for a period of twelve (12) months from the date of issuance."
NEAR = "The Proof of Origin shall be submitted to the customs authority of the importing Member State."


def passage(text: str, wording: str = "verbatim", name: str = "guide") -> Passage:
    fields = {"id": f"{name}.1", "document_id": name, "wording": wording, "title": "Annex 8", "section": "Rule 14"}
    return make_passage(text, **fields)


def corroborator(model: LlamaIndexEmbedder, *passages: Passage) -> Corroborator:
    store = MemoryStore()
    manifest, _ = index.plan([], "hash", model.name)
    store.publish(manifest, [], passages, lambda batch: model.embed_passages([each.context for each in batch]))
    return Corroborator(model, store, Bm25Index(passages), {each.id: each for each in passages})


def extract(text: str, wording: str = "restated") -> Extract:
    return Extract(hit=Hit(passage=passage(text, wording, "ours"), score=1.0), start=0, end=len(text), score=0.9)


def test_the_sentence_that_says_the_same_is_found(model: LlamaIndexEmbedder) -> None:
    found = corroborator(model, passage(f"{NEAR} {THEIRS}"), passage(OURS, "restated", "ours")).find(extract(OURS))
    assert found is not None
    assert found.text == THEIRS
    assert found.hit.passage.document_id == "guide"


def test_a_sentence_on_the_same_matter_that_says_something_else_is_not(model: LlamaIndexEmbedder) -> None:
    assert corroborator(model, passage(NEAR)).find(extract(OURS)) is None


def test_without_ingested_sources_there_is_nothing(model: LlamaIndexEmbedder) -> None:
    assert corroborator(model, passage(THEIRS, "restated")).find(extract(OURS)) is None


def test_what_is_verbatim_already_needs_no_other(model: LlamaIndexEmbedder) -> None:
    assert corroborator(model, passage(THEIRS)).find(extract(OURS, "verbatim")) is None


def test_a_sentence_with_an_address_is_never_shown(model: LlamaIndexEmbedder) -> None:
    spoiled = f"{THEIRS[:-1]}, see https://elsewhere.example/rules."
    assert corroborator(model, passage(spoiled)).find(extract(OURS)) is None


@pytest.mark.parametrize(
    ("sentence", "may"),
    [("Write to customs@example.org.", True), ("See www.example.org.", False), ("See HTTPS://example.org/x.", False)],
)
def test_addresses_are_seen(sentence: str, may: bool) -> None:
    assert quotable(sentence) is may
