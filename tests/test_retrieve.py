"""Dense and lexical lists, fused and filtered by country."""

import numpy as np
import pytest

from assistant import retrieve
from assistant.expected import ExpectedQuestions
from assistant.retrieve import Query, Ranked, Retriever, fuse, lexical_weight, lowest, query, reranked
from assistant.terms import Words
from assistant.types import Expected, Hit, Manifest
from fakes import FixedLexicon, MemoryStore, WordEmbedder, WordReranker, make_document, make_passage

EMBEDDER = WordEmbedder()
TEXTS = {"a": "rules of origin", "b": "rules of transit", "c": "refund of duty"}


def search(
    text: str,
    lexicon: FixedLexicon,
    places: dict[str, str] | None = None,
    countries: tuple[str, ...] = (),
    limit: int = 10,
    share: float = 1.0,
    within: tuple[str, ...] = (),
) -> list[Hit]:
    store = MemoryStore()
    passages = [
        make_passage(text, id=name, document_id=name, position=n, country=(places or {}).get(name))
        for n, (name, text) in enumerate(TEXTS.items())
    ]
    manifest = Manifest(version="1", corpus_hash="1", model="1", chunker="1", documents=1, passages=len(passages))
    store.publish(manifest, [], passages, lambda _: EMBEDDER.embed_passages(list(TEXTS.values())))
    retriever = Retriever(store, lexicon, {passage.id: passage for passage in passages})
    vector = EMBEDDER.embed_queries([text])[0]
    asked = Query(text, text, Words(text=text, share=share), vector, vector)
    return retriever.search(asked, countries, limit, within)


def ids(hits: list[Hit]) -> list[str]:
    return [hit.passage.id for hit in hits]


def both(dense: list[tuple[str, float]], lexical: list[tuple[str, float]], weight: float) -> dict[str, float]:
    return fuse(Ranked(dense, 1.0, floor=lowest(dense)), Ranked(lexical, weight, floor=0.0))


def test_what_leads_both_lists_scores_1() -> None:
    scores = both([("a", 0.9), ("b", 0.5)], [("a", 7.0), ("b", 2.0)], 0.5)
    assert scores["a"] == pytest.approx(1.0)
    assert max(scores, key=lambda name: scores[name]) == "a"


def test_a_list_of_weight_0_decides_nothing() -> None:
    dense = [("a", 0.9), ("b", 0.8), ("c", 0.1)]
    noise = [("z", 9.0), ("c", 8.0)]
    fused = both(dense, noise, 0.0)
    assert sorted("abc", key=lambda name: -fused[name]) == ["a", "b", "c"]
    assert fused["z"] == 0.0


def test_both_lists_count_where_both_have_weight() -> None:
    fused = both([("a", 0.9), ("b", 0.89), ("c", 0.1)], [("b", 9.0)], 1.0)
    assert max(fused, key=lambda name: fused[name]) == "b"


def test_fusing_nothing_gives_nothing() -> None:
    assert both([], [], 1.0) == {}


def test_scores_lie_between_0_and_1() -> None:
    fused = both([("a", 0.9), ("b", -0.3)], [("b", 3.0), ("d", 1.0)], 0.7)
    assert np.all((np.array(list(fused.values())) >= 0) & (np.array(list(fused.values())) <= 1))


def test_the_lexical_list_weighs_more_the_more_words_are_known() -> None:
    weights = [lexical_weight(coverage) for coverage in (0.0, 0.3, 0.6, 0.8, 1.0)]
    assert weights[0] == 0.0
    assert weights == sorted(weights)
    assert weights[-1] > 0


def test_lexical_noise_does_not_hurt_a_question_in_another_language() -> None:
    noise = FixedLexicon([("c", 50.0)], coverage=0.05)
    assert ids(search("rules origin", noise)) == ids(search("rules origin", FixedLexicon()))


def test_words_that_stand_for_little_of_the_question_count_little() -> None:
    noise = FixedLexicon([("c", 50.0)])
    assert ids(search("rules origin", noise, share=0.0)) == ids(search("rules origin", FixedLexicon()))


def test_hits_carry_both_scores() -> None:
    hits = {hit.passage.id: hit for hit in search("rules of origin", FixedLexicon([("a", 4.0)]))}
    assert hits["a"].dense == pytest.approx(1.0, abs=1e-5)
    assert hits["a"].lexical == 4.0
    assert hits["b"].lexical is None


def test_hits_come_best_first_and_no_more_than_asked() -> None:
    hits = search("rules of origin", FixedLexicon([("a", 4.0)]), limit=2)
    assert ids(hits) == ["a", "b"]


def test_passages_about_other_countries_are_left_out() -> None:
    places = {"a": "SG", "b": "MY"}
    found = ids(search("rules of origin", FixedLexicon([("a", 4.0), ("c", 1.0)]), places, ("MY",)))
    assert "a" not in found
    assert set(found) <= {"b", "c"}


def test_a_passage_about_one_country_counts_less_where_none_is_asked_about() -> None:
    regional = search("rules of", FixedLexicon())
    with_country = search("rules of", FixedLexicon(), {"a": "SG"})
    assert {"a", "b"} == set(ids(regional)[:2])
    assert ids(with_country)[0] == "b"
    assert "a" in ids(with_country)


def test_within_documents_all_their_passages_are_found_and_no_others() -> None:
    assert ids(search("rules of transit", FixedLexicon(), within=("a", "b"), limit=1)) == ["b", "a"]
    found = search("rules of transit", FixedLexicon(), within=("a", "b"), places={"a": "SG"}, countries=("TH",))
    assert ids(found) == ["b"], "what is about another country stays out"


def test_the_like_of_an_expected_question_finds_its_sentence() -> None:
    text, asked = "Ships sail. Trucks drive at night.", "when may lorries move at night"
    document = make_document(text, expected=(Expected(words="trucks DRIVE", questions=(asked,)),))
    texts = {"other": "Lorries may move goods.", "wanted": text, "far": "Duty."}
    passages = [make_passage(text, id=name, position=n) for n, (name, text) in enumerate(texts.items())]
    store = MemoryStore()
    manifest = Manifest(version="1", corpus_hash="1", model="1", chunker="1", documents=1, passages=len(passages))
    store.publish(manifest, [], passages, lambda _: EMBEDDER.embed_passages(list(texts.values())))
    by_id = {passage.id: passage for passage in passages}
    assert Retriever(store, FixedLexicon(), by_id).search(query(asked, EMBEDDER))[0].passage.id == "other"
    expected = ExpectedQuestions(EMBEDDER, [document], passages)
    best, *_ = Retriever(store, FixedLexicon(), by_id, expected).search(query(asked, EMBEDDER))
    assert best.passage.id == "wanted"
    assert best.expected == {text.index("Trucks"): pytest.approx(1.0)}


def read_again(text: str, hits: list[Hit], language: str = "en") -> list[str]:
    vector = EMBEDDER.embed_queries([text])[0]
    asked = Query(text, text, Words(text=text, share=1.0), vector, vector, language)
    return ids(reranked(asked, hits, WordReranker()))


def hit(name: str, score: float) -> Hit:
    return Hit(passage=make_passage(TEXTS[name], id=name, title="", section=""), score=score)


def test_reading_puts_what_answers_before_what_stood_little_higher() -> None:
    hits = [hit("b", 1.0), hit("a", 0.9), hit("c", 0.2)]
    assert read_again("rules of origin", hits) == ["a", "b", "c"]
    assert read_again("xylophone", hits) == ["b", "a", "c"]


def test_a_question_in_another_language_is_not_read_again() -> None:
    hits = [hit("b", 1.0), hit("a", 0.9)]
    assert read_again("rules of origin", hits, language="ms") == ["b", "a"]
    assert read_again("rules of origin", []) == []


def test_hits_beyond_the_first_keep_their_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrieve, "READ", 2)
    hits = [hit("b", 1.0), hit("c", 1.0), hit("a", 0.8)]
    assert read_again("refund of duty origin", hits) == ["c", "b", "a"]


def test_vietnamese_without_its_marks_is_read_in_english() -> None:
    asked = query("form d co hieu luc bao lau", EMBEDDER)
    assert not asked.translated
    assert "Form D" in asked.text
    assert "valid" in asked.text
    assert query("Form D có hiệu lực bao lâu?", EMBEDDER).translated
