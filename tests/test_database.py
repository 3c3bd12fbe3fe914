"""Given answers, migrations and the audit log in real SQLite and PostgreSQL databases, which fail as real ones do."""

import datetime
import multiprocessing
import socket
import stat
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, func, inspect, select, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DatabaseError

import postgresql
from assistant.bootstrap import people
from assistant.database import Answers, Base, Database, accounts, audit, downgrade, now, tickets, upgrade
from assistant.errors import DataUnavailableError, InputError, NotFoundError
from assistant.people import SYSTEM
from assistant.settings import Settings
from assistant.types import Dropped, Feedback, Generation
from fakes import MakeUrl, make_answer

DAY = datetime.timedelta(days=1)
SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture
def answers(database: Database) -> Answers:
    return Answers(database)


def test_a_kept_answer_is_found_by_a_later_process(answers: Answers, database_url: str) -> None:
    answer = make_answer(question="ဘယ်မှာလဲ 🚢?")
    answers.record(answer)
    assert Answers(Database(database_url)).find(answer.id) == answer


def test_an_unknown_answer_is_none(answers: Answers) -> None:
    assert answers.find("nobody") is None
    assert answers.find("' OR 1=1 --") is None


def test_feedback_is_kept_in_order(answers: Answers) -> None:
    answers.record(make_answer())
    verdicts = [
        Feedback(answer_id="answer-1", helpful=False, reason="wrong", comment="No."),
        Feedback(answer_id="answer-1", helpful=True),
    ]
    for verdict in verdicts:
        answers.add_feedback(verdict)
    assert answers.feedback("answer-1") == verdicts
    assert answers.feedback("answer-2") == []


def test_feedback_on_an_answer_that_is_not_kept_is_refused(answers: Answers) -> None:
    with pytest.raises(NotFoundError, match="nobody"):
        answers.add_feedback(Feedback(answer_id="nobody", helpful=True))


def test_old_answers_are_forgotten_with_their_feedback(answers: Answers) -> None:
    answers.record(make_answer())
    answers.add_feedback(Feedback(answer_id="answer-1", helpful=True))
    assert answers.forget(DAY) == 0
    assert answers.find("answer-1") is not None
    assert answers.forget(-DAY) == 1
    assert answers.find("answer-1") is None
    assert answers.feedback("answer-1") == []


def test_many_threads_lose_nothing(answers: Answers) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: answers.record(make_answer(id=f"a{number}")), range(40)))
    assert all(answers.find(f"a{number}") for number in range(40))


def test_a_living_database_answers(answers: Answers) -> None:
    answers.ping()


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "nosuchdatabase://host/name",
        "mysql+nodriver://host/name",
        "postgresql+psycopg://host:abc/name",
        "postgresql+psycopg://127.0.0.1:99999/name",
        "postgresql+psycopg://127.0.0.1:0/name",
    ],
)
def test_an_address_that_cannot_be_understood_is_bad_input(url: str) -> None:
    with pytest.raises(InputError, match="ASSISTANT_DATABASE_URL"):
        Database(url)


def test_a_data_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataUnavailableError, match="ASSISTANT_DATA_DIR"):
        people.database(Settings(data_dir=tmp_path / "file" / "data"))


def test_the_data_folder_is_made_and_no_other(tmp_path: Path) -> None:
    people.database(Settings(data_dir=tmp_path / "new" / "data")).close()
    assert (tmp_path / "new" / "data" / "assistant.sqlite3").is_file()
    mistyped = f"sqlite:///{tmp_path / 'nope' / 'deep' / 'x.sqlite3'}"
    with pytest.raises(DataUnavailableError, match=r"nope/deep .*does not exist.*ASSISTANT_DATABASE_URL"):
        people.database(Settings(data_dir=tmp_path / "data", database_url=mistyped))
    assert not (tmp_path / "nope").exists()


def test_a_database_of_a_newer_version_is_left_as_it_is(database: Database, database_url: str) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DataUnavailableError, match="newer version") as raised:
        Database(database_url)
    assert "9999" in str(raised.value)
    with database.engine.connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "9999"


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "answers.sqlite3"
    path.write_bytes(b"this is no database " * 500)
    with pytest.raises(DataUnavailableError, match=r"answers\.sqlite3"):
        Database(f"sqlite:///{path}")


@pytest.fixture
def engine(empty_database_url: str) -> Iterator[Engine]:
    engine = create_engine(empty_database_url)
    yield engine
    engine.dispose()


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def differences(engine: Engine) -> list[object]:
    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))


def test_migrations_make_the_tables_that_the_code_uses(engine: Engine) -> None:
    upgrade(engine)
    assert tables(engine) == set(Base.metadata.tables)
    assert differences(engine) == []


def test_migrations_go_up_one_step_down_and_up_again(engine: Engine) -> None:
    upgrade(engine)
    downgrade(engine, "-1")
    assert differences(engine) != []
    upgrade(engine)
    assert differences(engine) == []


def test_migrations_go_all_the_way_down_and_up_again_with_lines_in_the_audit_log(engine: Engine) -> None:
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text(LINE), {"at": now()})
    downgrade(engine, "base")
    assert tables(engine) == set()
    upgrade(engine)
    assert differences(engine) == []


def test_what_is_kept_survives_steps_down_and_up(engine: Engine, empty_database_url: str) -> None:
    kept = Database(empty_database_url)
    Answers(kept).record(make_answer(id="old"))
    Answers(kept).add_feedback(Feedback(answer_id="old", helpful=True))
    kept.close()
    downgrade(engine, "0002")
    upgrade(engine)
    answers = Answers(Database(empty_database_url))
    assert answers.find("old") == make_answer(id="old")
    assert answers.feedback("old") == [Feedback(answer_id="old", helpful=True)]
    assert answers.citing(["sample.1"]) == ["old"]


def test_processes_that_start_at_once_on_an_empty_database_make_its_tables_once(empty_database_url: str) -> None:
    with ProcessPoolExecutor(PROCESSES, SPAWN) as pool:
        assert list(pool.map(count_users, [empty_database_url] * PROCESSES)) == [0] * PROCESSES


def count_users(url: str) -> int:
    database = Database(url)
    with database.reading() as session:
        found = session.scalar(select(func.count()).select_from(accounts.UserRow))
    database.close()
    return int(found or 0)


LINE = (
    "INSERT INTO events (at, actor, actor_name, action, detail) VALUES (:at, 'system', 'assistant', 'test.done', '{}')"
)


BOTH = ("sqlite", "postgresql")


@pytest.mark.parametrize(
    ("kinds", "statement"),
    [
        (BOTH, "UPDATE events SET actor = 'another'"),
        (BOTH, "UPDATE events SET actor = 'another' WHERE id = 1"),
        (BOTH, "DELETE FROM events"),
        (BOTH, "DELETE FROM events WHERE id = 1"),
        (BOTH, "INSERT INTO events SELECT * FROM events WHERE true ON CONFLICT (id) DO UPDATE SET actor = 'another'"),
        (["postgresql"], "TRUNCATE events"),
        (["postgresql"], "TRUNCATE events, users CASCADE"),
        (["sqlite"], "REPLACE INTO events SELECT id, at, 'another', actor_name, action, ticket_id, detail FROM events"),
        (["sqlite"], "UPDATE OR REPLACE events SET id = 2"),
    ],
)
def test_the_database_itself_refuses_to_change_the_audit_log(
    database: Database, database_kind: str, kinds: list[str], statement: str
) -> None:
    with database.writing() as session:
        audit.note(session, SYSTEM, "ticket.opened", 1)
        audit.note(session, SYSTEM, "ticket.closed", 1)
    before = audit.latest(database)
    refused = "append-only" if database_kind in kinds else "syntax error"
    with pytest.raises(DatabaseError, match=refused), database.engine.begin() as connection:
        connection.execute(text(statement))
    assert audit.latest(database) == before
    assert len(before) == 2


def test_a_moment_comes_back_in_utc_and_aware_of_it(database: Database) -> None:
    bangkok = datetime.timezone(datetime.timedelta(hours=7))
    moment = datetime.datetime(2026, 3, 1, 6, 30, 15, 123456, tzinfo=bangkok)
    with database.writing() as session:
        session.add(
            accounts.UserRow(id="u", email="a@b.sg", name="A", role="officer", created_at=moment, locked_until=None)
        )
    with database.reading() as session:
        row = session.get(accounts.UserRow, "u")
        assert row is not None
        assert row.created_at == moment
        assert row.created_at.utcoffset() == datetime.timedelta(0)
        assert row.locked_until is None
        later = select(accounts.UserRow.id).where(accounts.UserRow.created_at > moment.astimezone(datetime.UTC))
        assert session.scalars(later).all() == []


WRITERS, LINES = 6, 20
PROCESSES = 3


def add_lines(url: str) -> None:
    database = Database(url)
    write_lines(database)
    database.close()


def write_lines(database: Database) -> None:
    """Read, then write what was read plus one: what is lost where two may do so at once."""
    for _ in range(LINES):
        with database.writing() as session:
            row = session.get(accounts.UserRow, "counter", with_for_update=True)
            assert row is not None
            row.failures += 1
            audit.note(session, SYSTEM, "counter.raised", row.failures)


@pytest.mark.parametrize("kind", ["threads", "processes"])
def test_writers_at_once_lose_nothing(database: Database, database_url: str, kind: str) -> None:
    with database.writing() as session:
        session.add(accounts.UserRow(id="counter", email="a@b.sg", name="A", role="officer", created_at=now()))
    if kind == "threads":
        with ThreadPoolExecutor(WRITERS) as threads:
            list(threads.map(write_lines, [database] * WRITERS))
    else:
        with ProcessPoolExecutor(PROCESSES, SPAWN) as processes:
            list(processes.map(add_lines, [database_url] * WRITERS))
    with database.reading() as session:
        row = session.get(accounts.UserRow, "counter")
        assert row is not None
        assert row.failures == WRITERS * LINES
        numbers = session.scalars(select(audit.EventRow.ticket_id).order_by(audit.EventRow.id)).all()
        assert numbers == list(range(1, WRITERS * LINES + 1))


def test_after_a_restart_the_next_transaction_works_and_the_one_in_flight_is_said_to_have_failed(
    postgresql_server: postgresql.Server, make_database_url: MakeUrl
) -> None:
    database = Database(make_database_url("postgresql"))
    with database.writing() as session:
        audit.note(session, SYSTEM, "before")
    with pytest.raises(DataUnavailableError, match="ASSISTANT_DATABASE_URL"):
        write_over_a_restart(database, postgresql_server)
    with database.writing() as session:
        audit.note(session, SYSTEM, "after")
    assert [event.action for event in audit.latest(database)] == ["after", "before"]


def write_over_a_restart(database: Database, server: postgresql.Server) -> None:
    with database.writing() as session:
        audit.note(session, SYSTEM, "in.flight")
        session.flush()
        server.stop()
        server.start()
        audit.note(session, SYSTEM, "never")


def test_while_the_database_is_away_every_transaction_says_so_at_once(
    postgresql_server: postgresql.Server, make_database_url: MakeUrl
) -> None:
    database = Database(make_database_url("postgresql"))
    database.ping()
    postgresql_server.kill()
    try:
        start = time.monotonic()
        for _ in range(3):
            with pytest.raises(DataUnavailableError):
                database.ping()
        assert time.monotonic() - start < 3
    finally:
        postgresql_server.start()
    database.ping()


def test_a_server_that_takes_connections_and_says_nothing_is_given_up_within_seconds() -> None:
    with silent_server() as port:
        start = time.monotonic()
        with pytest.raises(DataUnavailableError, match="cannot be used"):
            Database(f"postgresql+psycopg://postgres:secret@127.0.0.1:{port}/desk")
        assert time.monotonic() - start < 15


def test_how_long_to_wait_may_be_said_in_the_address() -> None:
    with silent_server() as port:
        start = time.monotonic()
        with pytest.raises(DataUnavailableError) as raised:
            Database(f"postgresql+psycopg://postgres:secret@127.0.0.1:{port}/desk?connect_timeout=2")
        assert time.monotonic() - start < 4
    assert "secret" not in str(raised.value)


@contextmanager
def silent_server() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_statement_that_does_not_end_is_stopped_and_a_lock_that_is_not_given_is_not_waited_for(
    make_database_url: MakeUrl,
) -> None:
    url = make_database_url("postgresql")
    database = Database(f"{url}&options=-c%20statement_timeout%3D200ms")
    with pytest.raises(DataUnavailableError, match="statement timeout"), database.reading() as session:
        session.execute(text("SELECT pg_sleep(20)"))
    shown = Database(url)
    with shown.reading() as session:
        waits = [session.scalar(text(f"SHOW {name}")) for name in ("statement_timeout", "lock_timeout")]
    assert waits == ["30s", "10s"]


def test_a_snapshot_does_not_see_what_is_written_meanwhile(database: Database) -> None:
    count = select(func.count()).select_from(audit.EventRow)
    with database.snapshot() as connection:
        assert connection.scalar(count) == 0
        writer = threading.Thread(target=write_one, args=[database])
        writer.start()
        writer.join()
        assert connection.scalar(count) == 0
    assert len(audit.latest(database)) == 1


def write_one(database: Database) -> None:
    with database.writing() as session:
        audit.note(session, SYSTEM, "meanwhile")


def test_answers_are_found_by_the_passages_they_cite(answers: Answers) -> None:
    answers.record(make_answer(id="first"))
    answers.record(make_answer(id="second"))
    assert answers.citing(["sample.1", "other.2"]) == ["first", "second"]
    assert answers.citing(["other.2"]) == []
    assert answers.citing([]) == []


def test_what_a_model_wrote_is_kept_beside_its_answer(answers: Answers) -> None:
    dropped = Dropped(text="Fees are 15%.", passages=(1,), failing="number")
    generation = Generation(model="m", prompt="answer-1", kept=1, dropped=(dropped,), first_ms=3.0, total_ms=5.0)
    answers.record(make_answer(id="worded"), generation)
    answers.record(make_answer(id="quoted"))
    assert answers.generation("worded") == generation
    assert answers.generation("quoted") is None
    assert answers.generation("unknown") is None


def test_what_answers_cite_is_forgotten_with_them(answers: Answers) -> None:
    answers.record(make_answer())
    answers.forget(-DAY)
    assert answers.citing(["sample.1"]) == []


def test_citations_of_answers_from_before_are_read_once(engine: Engine, empty_database_url: str) -> None:
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
    assert Answers(Database(empty_database_url)).citing(["sample.1"]) == ["old"]


# -- a SQLite file ----------------------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "desk.db"


@pytest.fixture
def on_file(file: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{file}")
    yield database
    database.close()


def test_a_new_file_is_for_its_owner_alone(on_file: Database, file: Path) -> None:
    Answers(on_file).record(make_answer())
    for each in file.parent.iterdir():
        assert stat.S_IMODE(each.stat().st_mode) == 0o600, each.name


def test_a_file_that_was_moved_away_is_missed_and_not_made_anew(on_file: Database, file: Path) -> None:
    Answers(on_file).record(make_answer())
    away = file.rename(file.with_name("away.db"))
    with pytest.raises(DataUnavailableError):
        on_file.ping()
    with pytest.raises(DataUnavailableError):
        Answers(on_file).record(make_answer(id="answer-2"))
    assert not file.exists()
    away.rename(file)
    on_file.ping()
    assert Answers(on_file).find("answer-1") is not None


def test_another_file_in_its_place_is_the_one_that_is_read(on_file: Database, file: Path) -> None:
    Answers(on_file).record(make_answer())
    on_file.forget()
    copy = file.with_name("copy.db")
    copy.write_bytes(file.read_bytes())
    Answers(on_file).record(make_answer(id="answer-2"))
    on_file.close()
    copy.replace(file)
    assert Answers(on_file).find("answer-1") is not None
    assert Answers(on_file).find("answer-2") is None


def test_a_file_without_tables_is_not_ready(on_file: Database) -> None:
    with on_file.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE alembic_version")
    with pytest.raises(DataUnavailableError):
        on_file.ping()


def test_what_is_deleted_leaves_no_trace_on_the_disk(on_file: Database, file: Path) -> None:
    secret = "siti.rahma@example.com"
    Answers(on_file).record(make_answer(question=secret))
    assert any(secret.encode() in each.read_bytes() for each in file.parent.iterdir())
    Answers(on_file).forget(-DAY)
    on_file.forget()
    assert not any(secret.encode() in each.read_bytes() for each in file.parent.iterdir())


def test_what_no_database_keeps_is_bad_input_and_no_outage(database: Database) -> None:
    far = datetime.datetime.max.replace(tzinfo=datetime.timezone(-14 * datetime.timedelta(hours=1)))
    with pytest.raises(InputError, match="cannot be kept"), database.reading() as session:
        session.scalars(select(tickets.TicketRow).where(tickets.TicketRow.due_at < far)).all()


def test_a_text_that_postgresql_does_not_keep_is_bad_input(postgresql_server: postgresql.Server) -> None:
    database = Database(postgresql_server.create())
    with pytest.raises(InputError, match="cannot be kept"), database.reading() as session:
        session.execute(text("SELECT :value"), {"value": "with\x00NUL"})
    database.close()
