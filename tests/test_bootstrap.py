"""The wired assistant: keeps its index up to date, keeps answering, keeps answers."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from assistant import bootstrap, chunking
from assistant.bootstrap import Assistant, Builder
from assistant.errors import CorpusError, DataUnavailableError, IndexUnavailableError, InputError, NotFoundError
from assistant.settings import Settings
from assistant.types import Done, Feedback, Question
from fakes import DownLog, MakeSettings, MemoryLog, WordEmbedder, ignore

ESTABLISHED = "When was the Sample Coordinating Committee on Customs established?"
MINILM = "all-MiniLM-L6-v2"


def edit(settings: Settings, name: str, old: str, new: str) -> None:
    path = settings.corpus_dir / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def change_year(settings: Settings) -> None:
    edit(settings, "asean/committee.md", "1992", "1993")


def break_corpus(settings: Settings) -> None:
    edit(settings, "asean/committee.md", "language: en", "tongue: en")


def start(settings: Settings, *, recording: bool = False) -> tuple[Assistant, str]:
    """An assistant, and what it reported while it started."""
    said: list[str] = []
    return bootstrap.assistant(settings, said.append, ignore, recording=recording), "\n".join(said)


def test_the_first_start_builds_the_index_and_the_second_does_not(make_settings: MakeSettings) -> None:
    settings = make_settings()
    first, said = start(settings)
    assert "building" in said
    second, said = start(settings)
    assert said == ""
    assert second.ready() == first.ready()
    assert "1992" in second.answer(Question(text=ESTABLISHED)).text


def test_a_second_build_embeds_nothing(make_settings: MakeSettings) -> None:
    settings = make_settings()
    change_year(settings)
    manifest, embedded = Builder(settings).build(ignore)
    assert embedded > 0
    assert Builder(settings).build(ignore) == (manifest, 0)


def test_a_changed_document_alone_is_embedded_again(make_settings: MakeSettings) -> None:
    settings = make_settings()
    builder = Builder(settings)
    before, _ = builder.build(ignore)
    change_year(settings)
    assert not builder.is_current()
    after, embedded = builder.build(ignore)
    assert after.version != before.version
    assert embedded == 2  # the passage and the sentence
    assert builder.is_current()


def test_a_rebuild_embeds_everything_again(make_settings: MakeSettings) -> None:
    settings = make_settings()
    words = WordEmbedder()
    manifest, _ = Builder(settings, words).build(ignore)
    again, embedded = Builder(settings, words).build(ignore, rebuild=True)
    assert again == manifest
    assert embedded > manifest.passages
    assert Builder(settings, words).is_current()


def test_progress_reaches_its_total(make_settings: MakeSettings) -> None:
    told: list[tuple[int, int]] = []
    Builder(make_settings()).build(lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]


def test_an_index_of_another_model_is_never_served(make_settings: MakeSettings) -> None:
    Builder(make_settings()).build(ignore)
    other = Builder(make_settings(embedding_model=MINILM))
    assert other.readable() is None
    assert not other.is_current()


def test_an_index_of_an_older_chunker_is_rebuilt(make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = make_settings()
    with monkeypatch.context() as older:
        older.setattr(chunking, "VERSION", "older")
        Builder(settings).build(ignore)
    assistant, said = start(settings)
    assert "building" in said
    assert assistant.answer(Question(text=ESTABLISHED)).status == "answered"


def test_a_damaged_index_is_rebuilt_at_the_start(make_settings: MakeSettings) -> None:
    settings = make_settings()
    Builder(settings).build(ignore)
    moved = make_settings(data_dir=settings.data_dir.rename(settings.data_dir.with_name("moved")))
    (database,) = (moved.data_dir / "index").glob("*/chroma.sqlite3")
    database.write_bytes(b"garbage " * 10_000)
    assistant, said = start(moved)
    assert "building" in said
    assert assistant.answer(Question(text=ESTABLISHED)).status == "answered"


def test_a_broken_corpus_keeps_the_old_index_serving(make_settings: MakeSettings) -> None:
    settings = make_settings()
    first, _ = start(settings)
    break_corpus(settings)
    second, said = start(settings)
    assert "committee.md" in said
    assert "Serving the index built before" in said
    assert second.ready() == first.ready()
    assert "1992" in second.answer(Question(text=ESTABLISHED)).text


def test_a_broken_corpus_without_an_index_is_an_error(make_settings: MakeSettings) -> None:
    settings = make_settings()
    break_corpus(settings)
    with pytest.raises(CorpusError, match=r"committee\.md"):
        start(settings)


def test_a_second_build_at_the_same_time_is_refused(make_settings: MakeSettings) -> None:
    settings = make_settings()
    with Builder(settings).store.writing(), pytest.raises(IndexUnavailableError, match="wait"):
        Builder(settings).build(ignore)


def test_a_data_folder_that_cannot_be_written_is_named(make_settings: MakeSettings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataUnavailableError, match="ASSISTANT_DATA_DIR"):
        start(make_settings(data_dir=tmp_path / "file" / "data"))


def test_a_running_assistant_moves_on_to_a_new_index(make_settings: MakeSettings) -> None:
    settings = make_settings()
    assistant, _ = start(settings)
    before = assistant.ready()
    change_year(settings)
    Builder(settings).build(ignore)
    assert "1992" in assistant.answer(Question(text=ESTABLISHED)).text
    time.sleep(bootstrap.LOOK_AGAIN + 0.1)
    assert assistant.ready() != before
    assert "1993" in assistant.answer(Question(text=ESTABLISHED)).text
    for old, new in (("1993", "1994"), ("1994", "1993")):  # the same version again, in another build
        edit(settings, "asean/committee.md", old, new)
        Builder(settings).build(ignore)
    time.sleep(bootstrap.LOOK_AGAIN + 0.1)
    assert assistant.library.store.is_current
    assert "1993" in assistant.answer(Question(text=ESTABLISHED)).text


def test_answers_are_kept_without_personal_data(small_settings: Settings) -> None:
    log = MemoryLog()
    assistant = Assistant(Builder(small_settings), log, small_settings)
    answer = assistant.answer(Question(text="I am a@b.example.sg. What is ASSIST?"))
    assert assistant.recorded(answer.id).question == "I am [email]. What is ASSIST?"
    assistant.add_feedback(Feedback(answer_id=answer.id, helpful=False, comment="Call +65 6355 2000"))
    assert log.verdicts[0].comment == "Call [phone]"


def test_an_answer_is_kept_before_its_reader_has_it(small_settings: Settings) -> None:
    log = MemoryLog()
    assistant = Assistant(Builder(small_settings), log, small_settings)
    for event in assistant.stream(Question(text="What is ASSIST?")):
        if isinstance(event, Done):
            assert event.answer.id in log.answers
    assert len(log.answers) == 1


def test_a_log_that_is_down_keeps_nobody_from_the_answer(small_settings: Settings) -> None:
    assistant = Assistant(Builder(small_settings), DownLog(), small_settings)
    assert assistant.answer(Question(text=ESTABLISHED)).status == "answered"
    with pytest.raises(DataUnavailableError):
        assistant.ready()


def test_without_a_log_nothing_is_kept(small_settings: Settings) -> None:
    assistant = Assistant(Builder(small_settings), None, small_settings)
    answer = assistant.answer(Question(text="What is ASSIST?"))
    with pytest.raises(NotFoundError):
        assistant.recorded(answer.id)
    with pytest.raises(NotFoundError):
        assistant.add_feedback(Feedback(answer_id=answer.id, helpful=True))


def test_old_answers_are_forgotten_at_the_start(make_settings: MakeSettings) -> None:
    settings = make_settings(retention_days=1)
    assistant, _ = start(settings, recording=True)
    answer = assistant.answer(Question(text="What is ASSIST?"))
    again, _ = start(settings, recording=True)
    assert again.recorded(answer.id).id == answer.id
    with closing(sqlite3.connect(settings.data_dir / "assistant.sqlite3")) as tables, tables:
        tables.execute("UPDATE answers SET created_at = '2020-01-01 00:00:00.000000'")
    later, _ = start(settings, recording=True)
    with pytest.raises(NotFoundError):
        later.recorded(answer.id)


@pytest.mark.parametrize(
    ("fields", "said"), [({"country": "XX"}, "unknown country 'XX'"), ({"language": "klingon"}, "unknown language")]
)
def test_an_unknown_country_or_language_is_bad_input(small: Assistant, fields: dict[str, str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        small.answer(Question(text="What is ASSIST?", **fields))


@pytest.mark.parametrize(("given", "code"), [("fil", "tl"), ("th-TH", "th"), ("EN", "en")])
def test_a_language_may_be_spelt_in_other_ways(small: Assistant, given: str, code: str) -> None:
    assert small.answer(Question(text="What is ASSIST?", language=given)).language == code


def test_portals_of_a_country_come_listed_ones_first(small: Assistant) -> None:
    assert [portal.listed for portal in small.portals("SG")] == [True, True, False]
    assert {portal.country for portal in small.portals()} == {None, "SG", "MY", "ID"}
    with pytest.raises(InputError):
        small.portals("XX")


def test_example_questions_are_those_of_the_country(small: Assistant) -> None:
    assert small.examples("SG") == ["Where are the Singapore Customs FAQs?"]
    assert "What is ASSIST?" in small.examples()


def test_what_is_cited_can_be_opened(small: Assistant) -> None:
    (citation, *_) = small.answer(Question(text=ESTABLISHED)).citations
    passage = small.passage(citation.passage_id)
    assert passage.text[citation.start : citation.end] == citation.quote
    assert small.document(citation.document_id).title == citation.title


def test_what_is_not_there_is_not_found(small: Assistant) -> None:
    for look in (small.passage, small.document, small.recorded):
        with pytest.raises(NotFoundError, match="nothing"):
            look("nothing")
