"""Given answers and feedback in a real SQLite database."""

import datetime
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import Engine

from assistant.database import Answers, Base, Database, downgrade, upgrade
from assistant.errors import DataUnavailableError, InputError, NotFoundError
from assistant.types import Dropped, Feedback, Generation
from fakes import make_answer

DAY = datetime.timedelta(days=1)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'new folder' / 'answers.sqlite3'}"


@pytest.fixture
def database(url: str) -> Answers:
    return Answers(Database(url))


def test_a_kept_answer_is_found_by_a_later_process(database: Answers, url: str) -> None:
    answer = make_answer(question="ဘယ်မှာလဲ 🚢?")
    database.record(answer)
    assert Answers(Database(url)).find(answer.id) == answer


def test_an_unknown_answer_is_none(database: Answers) -> None:
    assert database.find("nobody") is None
    assert database.find("' OR 1=1 --") is None


def test_feedback_is_kept_in_order(database: Answers) -> None:
    database.record(make_answer())
    verdicts = [
        Feedback(answer_id="answer-1", helpful=False, reason="wrong", comment="No."),
        Feedback(answer_id="answer-1", helpful=True),
    ]
    for verdict in verdicts:
        database.add_feedback(verdict)
    assert database.feedback("answer-1") == verdicts
    assert database.feedback("answer-2") == []


def test_feedback_on_an_answer_that_is_not_kept_is_refused(database: Answers) -> None:
    with pytest.raises(NotFoundError, match="nobody"):
        database.add_feedback(Feedback(answer_id="nobody", helpful=True))


def test_old_answers_are_forgotten_with_their_feedback(database: Answers) -> None:
    database.record(make_answer())
    database.add_feedback(Feedback(answer_id="answer-1", helpful=True))
    assert database.forget(DAY) == 0
    assert database.find("answer-1") is not None
    assert database.forget(-DAY) == 1
    assert database.find("answer-1") is None
    assert database.feedback("answer-1") == []


def test_many_threads_lose_nothing(database: Answers) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: database.record(make_answer(id=f"a{number}")), range(40)))
    assert all(database.find(f"a{number}") for number in range(40))


def test_a_living_database_answers(database: Answers) -> None:
    database.ping()


@pytest.mark.parametrize("url", ["nonsense", "nosuchdatabase://host/name", "mysql+nodriver://host/name"])
def test_an_address_that_cannot_be_understood_is_bad_input(url: str) -> None:
    with pytest.raises(InputError, match="ASSISTANT_DATABASE_URL"):
        Database(url)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataUnavailableError, match="ASSISTANT_DATA_DIR"):
        Database(f"sqlite:///{tmp_path / 'file' / 'answers.sqlite3'}")


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "answers.sqlite3"
    path.write_bytes(b"this is no database " * 500)
    with pytest.raises(DataUnavailableError, match=r"answers\.sqlite3"):
        Database(f"sqlite:///{path}")


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return create_engine(f"sqlite:///{tmp_path / 'migrated.sqlite3'}")


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_migrations_go_up_one_step_down_and_up_again(engine: Engine) -> None:
    upgrade(engine)
    newest = tables(engine)
    assert newest == set(Base.metadata.tables)
    downgrade(engine, "-1")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) != []
    upgrade(engine)
    assert tables(engine) == newest


def test_migrations_make_the_tables_that_the_code_uses(engine: Engine) -> None:
    upgrade(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_answers_are_found_by_the_passages_they_cite(database: Answers) -> None:
    database.record(make_answer(id="first"))
    database.record(make_answer(id="second"))
    assert database.citing(["sample.1", "other.2"]) == ["first", "second"]
    assert database.citing(["other.2"]) == []
    assert database.citing([]) == []


def test_what_a_model_wrote_is_kept_beside_its_answer(database: Answers) -> None:
    dropped = Dropped(text="Fees are 15%.", passages=(1,), failing="number")
    generation = Generation(model="m", prompt="answer-1", kept=1, dropped=(dropped,), first_ms=3.0, total_ms=5.0)
    database.record(make_answer(id="worded"), generation)
    database.record(make_answer(id="quoted"))
    assert database.generation("worded") == generation
    assert database.generation("quoted") is None
    assert database.generation("unknown") is None


def test_what_answers_cite_is_forgotten_with_them(database: Answers) -> None:
    database.record(make_answer())
    database.forget(-DAY)
    assert database.citing(["sample.1"]) == []


def test_citations_of_answers_from_before_are_read_once(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'old.sqlite3'}")
    upgrade(engine, "0001")
    row = {
        "id": "old",
        "status": "answered",
        "language": "en",
        "index_version": "v",
        "created_at": "2026-01-01 00:00:00",
    }
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO answers VALUES (:id, :created_at, :status, :language, :index_version, :answer)"),
            {**row, "answer": make_answer().model_dump_json()},
        )
    assert Answers(Database(f"sqlite:///{tmp_path / 'old.sqlite3'}")).citing(["sample.1"]) == ["old"]
