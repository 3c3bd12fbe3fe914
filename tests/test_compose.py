"""The extractive composer picks whole sentences and orders them readably."""

from collections.abc import Sequence

import numpy as np
import pytest

from assistant import chunking, countries
from assistant.classifier import Chances, Classifier, Said
from assistant.compose import AT_LEAST, PLAIN, SENTENCES, TOGETHER, Extractor, Readers, chosen, together
from assistant.lexical import Bm25Index
from assistant.ports import Vectors
from assistant.retrieve import query
from assistant.sufficiency import Calibration, Sufficiency, Weights
from assistant.types import Extract, Hit
from fakes import CALIBRATION, WordEmbedder, WordReranker, make_hit

EMBEDDER = WordEmbedder()


class Says:
    """Reranker: the same of every text."""

    def __init__(self, relevance: float) -> None:
        self._relevance = relevance

    def relevances(self, _question: str, texts: Sequence[str]) -> list[float]:
        return [self._relevance] * len(texts)


READERS = Readers(WordReranker(), WordReranker())
KNOWN = countries.load()


def rank(
    question: str,
    *hits: Hit,
    calibration: Calibration = CALIBRATION,
    readers: Readers = READERS,
    asked_about: tuple[str, ...] = (),
) -> list[Extract]:
    lexical = Bm25Index([hit.passage for hit in hits])
    extractor = Extractor(EMBEDDER, lexical, Sufficiency(calibration), readers, KNOWN)
    return extractor.rank(query(question, EMBEDDER), hits, asked_about)


def extract(text: str, score: float, passage: str = "p", start: int = 0, **fields: object) -> Extract:
    country = fields.pop("country", None)
    hit = make_hit(" " * start + text, id=passage, country=country)
    span = {"start": start, "end": start + len(text), "score": score}
    return Extract(**{"hit": hit, **span, **fields})


def texts(*ranked: Extract, countries: tuple[str, ...] = ()) -> list[str]:
    """What is chosen of these."""
    return [found.text for found in chosen(ranked, countries)]


def test_the_nearest_sentences_of_the_hits_are_ranked_best_first() -> None:
    hits = [make_hit("Ships sail. Duty is refunded on request.", id="a"), make_hit("Trucks drive.", id="b")]
    ranked = rank("How is duty refunded?", *hits)
    assert len(ranked) == AT_LEAST
    assert ranked[0].text == "Duty is refunded on request."
    assert [found.score for found in ranked] == sorted((found.score for found in ranked), reverse=True)


def test_close_reading_tells_sentences_apart() -> None:
    hits = [make_hit("Ships sail. Duty is refunded on request.", id="a")]
    reading = CALIBRATION.model_copy(update={"sentence": Weights(bias=-1.0, features={"relevance": 4.0})})
    first, second = rank("How is duty refunded?", *hits, calibration=reading)
    assert (first.text, second.text) == ("Duty is refunded on request.", "Ships sail.")
    assert first.score > 0.5 > second.score


@pytest.mark.parametrize(
    ("question", "in_english"),
    [
        ("How is duty refunded?", {"Duty is refunded."}),
        ("Bagaimana cara pengembalian bea masuk?", set()),
        ("Form D có hiệu lực bao lâu?", set()),  # every word of it has its English
    ],
)
def test_what_reads_english_reads_it_beside_english_alone(question: str, in_english: set[str]) -> None:
    hits = [make_hit("Duty is refunded.", id="a"), make_hit("Bea dikembalikan.", id="b", language="id")]
    reading = CALIBRATION.model_copy(update={"sentence": Weights(bias=0.0, features={"relevance": 1.0})})
    ranked = rank(question, *hits, calibration=reading, readers=Readers(english=Says(4.0), any=Says(-4.0)))
    assert {found.text for found in ranked if found.score > 0.1} == in_english


def test_a_ranked_sentence_is_one_of_its_passage() -> None:
    ranked = rank("duty", make_hit("Ships sail. Duty is refunded (e.g. on request). Done"))
    for found in ranked:
        assert (found.start, found.end) in chunking.sentences(found.hit.passage.text)


def test_of_equal_sentences_the_one_of_the_better_passage_leads() -> None:
    ranked = rank("duty", make_hit("Duty is due.", score=0.2, id="low"), make_hit("Duty is due.", score=0.9, id="high"))
    assert ranked[0].hit.passage.id == "high"


class Told(Classifier):
    """Classifier: the same log-probability, by meaning, for every sentence."""

    def __init__(self, meaning: float) -> None:
        self._meaning = meaning

    def chances(
        self, _text: str, _vector: Vectors, sentences: Sequence[Said], _countries: Sequence[str] = ()
    ) -> Chances:
        found = np.full(len(sentences), self._meaning, dtype=np.float32)
        return Chances(found, found)


@pytest.mark.parametrize(("meaning", "gives"), [(PLAIN, True), (PLAIN - 0.1, False)])
def test_a_sentence_that_is_plainly_asked_for_puts_right_what_it_lacks(meaning: float, gives: bool) -> None:
    hits = [make_hit("ASSIST is free of charge."), make_hit("Cambodia joined.", id="b")]
    extractor = Extractor(
        EMBEDDER,
        Bm25Index([hit.passage for hit in hits]),
        Sufficiency(CALIBRATION),
        READERS,
        KNOWN,
        classifier=Told(meaning),
    )
    for text in ("When is ASSIST paid?", "What did ASSIST charge in 2007?"):
        ranked = extractor.rank(query(text, EMBEDDER), hits, ("TH",))
        told = {extract.text: extract.gives for extract in ranked}
        assert told["ASSIST is free of charge."] is gives, text
    ranked = extractor.rank(query("When did Thailand join?", EMBEDDER), hits, ("TH",))
    assert {extract.text: extract.gives for extract in ranked}["Cambodia joined."] is False, "it is of another country"


def test_without_hits_nothing_is_ranked_or_chosen() -> None:
    assert rank("duty") == []
    assert texts() == []


def test_what_a_regional_source_says_of_other_countries_lacks_what_is_asked() -> None:
    hits = [make_hit("Cambodia exchanges declarations since 2020.", id="a"), make_hit("Ships sail.", id="b")]
    for asked_about, gives in ((("TH",), False), (("KH", "TH"), True), ((), True)):
        ranked = rank("Since when are declarations exchanged?", *hits, asked_about=asked_about)
        assert {found.text: found.gives for found in ranked}["Cambodia exchanges declarations since 2020."] is gives
    whether = rank("Does Thailand exchange declarations?", *hits, asked_about=("TH",))
    assert whether[0].gives, "a list without it answers whether it does"


def test_a_sentence_that_gives_what_was_asked_for_leads() -> None:
    hits = [
        make_hit("The committee was founded by ministers.", id="a"),
        make_hit("The committee dates from 1992.", id="b"),
    ]
    ranked = rank("When was the committee founded?", *hits)
    assert {found.text: found.gives for found in ranked} == {
        "The committee dates from 1992.": True,
        "The committee was founded by ministers.": False,
    }


def test_only_sentences_close_to_the_best_are_chosen() -> None:
    assert texts(extract("Best.", 0.95), extract("Far.", 0.3, start=9)) == ["Best."]


def test_the_best_passage_comes_first_and_each_in_its_own_order() -> None:
    late, other = extract("Late best.", 0.95, "a", start=20), extract("Other.", 0.949, "b")
    assert texts(late, other, extract("Early.", 0.948, "a", start=3)) == ["Early.", "Late best.", "Other."]


def test_the_same_words_are_said_once() -> None:
    assert texts(extract("Duty is due.", 0.9, "a"), extract("duty  is due.", 0.9, "b")) == ["Duty is due."]


def test_an_answer_stays_short() -> None:
    assert len(texts(*(extract(f"Sentence {n}.", 0.9, f"p{n}") for n in range(20)))) == SENTENCES


def test_countries_are_not_mixed_unless_the_question_names_some() -> None:
    ranked = (extract("Of Laos.", 0.9, "a", country="LA"), extract("Of all.", 0.9, "b"))
    assert texts(*ranked) == ["Of Laos."]
    assert texts(*ranked, countries=("LA",)) == ["Of Laos.", "Of all."]


def test_what_does_not_give_what_was_asked_for_does_not_join_what_does() -> None:
    assert texts(extract("In 1992.", 0.9, "a"), extract("By ministers.", 0.9, "b", gives=False)) == ["In 1992."]


def test_answers_to_several_questions_come_in_turn_and_each_sentence_once() -> None:
    first = [extract("One.", 0.9, "a"), extract("Two.", 0.8, "b")]
    second = [extract("Three.", 0.9, "c"), extract("one.", 0.8, "d")]
    assert [found.text for found in together([first, second])] == ["One.", "Three.", "Two."]
    assert len(together([[extract(f"Sentence {n}.", 0.9) for n in range(9)]])) == TOGETHER


def test_another_document_joins_only_where_it_is_as_likely() -> None:
    best = extract("In 180 days.", 0.9, "a")
    rival, other = (extract(f"In {n} months.", score, f"p{n}") for n, score in ((6, 0.895), (7, 0.7)))
    foreign = [
        found.model_copy(
            update={
                "hit": found.hit.model_copy(
                    update={"passage": found.hit.passage.model_copy(update={"document_id": "x"})}
                )
            }
        )
        for found in (rival, other)
    ]
    assert texts(best, *foreign) == ["In 180 days.", "In 6 months."]
    assert texts(best, rival, other) == ["In 180 days.", "In 6 months.", "In 7 months."]
