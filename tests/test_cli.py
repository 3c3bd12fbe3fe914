"""The commands: exit codes, JSON alone on stdout, and what goes wrong said clearly."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest
from fpdf import FPDF

from assistant import cli, corpus, grounding, routing, settings
from assistant.bootstrap import Assistant
from assistant.settings import Settings
from assistant.types import Answer, Portal
from fakes import MakeSettings
from places import SMALL_CORPUS, environment
from website import website

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
ESTABLISHED = "When was the Sample Coordinating Committee on Customs established?"


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str


class Command(Protocol):
    def __call__(self, *arguments: str, env: Settings | None = None) -> Result: ...


@pytest.fixture
def command(small_settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs a command in this process, on the small corpus unless told otherwise."""

    def run(*arguments: str, env: Settings | None = None) -> Result:
        for name, value in environment(env or small_settings).items():
            monkeypatch.setenv(name, value)
        settings.load.cache_clear()
        monkeypatch.setattr(sys, "argv", ["assistant", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capsys.readouterr()
        return Result(int(ended.value.code or 0), printed.out, printed.err)

    yield run
    settings.load.cache_clear()


def write_rows(path: Path, *rows: dict[str, object]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def test_an_answer_is_readable(command: Command) -> None:
    done = command("ask", ESTABLISHED)
    assert done.code == 0
    for part in ("1992", "[1]", "Our restatement of Sample page, as of 2025-06-05", "non-binding", "assist.asean.org"):
        assert part in done.out


def test_json_alone_is_on_stdout(small_settings: Settings) -> None:
    """In a process of its own, as a script would run it."""
    done = subprocess.run(
        [sys.executable, "-m", "assistant", "ask", ESTABLISHED, "--json"],
        env={**os.environ, **environment(small_settings), "ASSISTANT_PROT": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert Answer.model_validate_json(done.stdout).status == "answered"
    assert "did you mean ASSISTANT_PORT?" in done.stderr


def test_country_language_and_history_count(command: Command, tmp_path: Path) -> None:
    history = tmp_path / "turns.json"
    history.write_text(json.dumps([{"role": "user", "content": "Where are Singapore's customs FAQs?", "extra": 1}]))
    done = command("ask", "and in Malaysia?", "--history", str(history), "--language", "th", "--json")
    answer = Answer.model_validate_json(done.out)
    assert (answer.countries, answer.language) == (("MY",), "th")
    done = command("ask", "Where are the customs FAQs?", "--country", "id", "--json")
    assert Answer.model_validate_json(done.out).countries == ("ID",)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ask", ""], "empty"),
        (["ask", "🚢"], "no words"),
        (["ask", "a" * 10_000], "10,000 characters"),
        (["ask", "What?", "--country", "XX"], "unknown country 'XX'"),
        (["ask", "What?", "--country", "Singapore"], "country"),
        (["ask", "What?", "--language", "klingon"], "unknown language"),
        (["ask", "What?", "--history", "nowhere.json"], "nowhere.json cannot be read"),
        (["ask"], "Missing argument"),
        (["ask", "What?", "--colour", "red"], "--colour"),
        (["portals", "--country", "XX"], "unknown country 'XX'"),
        (["serve", "--port", "99999"], "65535"),
        (["nothing"], "nothing"),
        (["eval", "answers", "--questions", "nowhere.jsonl", "--out", "out.jsonl"], "nowhere.jsonl cannot be read"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_bad_usage_is_explained_with_exit_2(command: Command, arguments: list[str], said: str) -> None:
    done = command(*arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("content", ["{", "{}", '[{"role": "user"}]', '["words"]', "[1, 2", "\xff"])
def test_a_broken_history_file_is_explained(command: Command, tmp_path: Path, content: str) -> None:
    history = tmp_path / "turns.json"
    history.write_bytes(content.encode("latin-1"))
    done = command("ask", "What?", "--history", str(history))
    assert done.code == 2
    assert "turns.json is no history" in done.err
    assert '{"role", "content"}' in done.err


def test_portals_are_listed(command: Command) -> None:
    done = command("portals", "--country", "sg", "--json")
    assert {Portal(**row).country for row in json.loads(done.out)} == {"SG"}
    done = command("portals")
    assert "Indonesia Customs FAQs: no link in the source" in done.out
    assert "[not from the ASEAN list; Sample Secretariat]" in done.out


def test_a_clean_corpus_passes_lint(command: Command) -> None:
    done = command("corpus", "lint")
    assert (done.code, done.out) == (0, "")


def test_a_broken_corpus_fails_lint_with_exit_1(command: Command, make_settings: MakeSettings) -> None:
    broken = make_settings()
    path = broken.corpus_dir / "asean" / "assist.md"
    path.write_text(path.read_text().replace("language: en", "tongue: en"))
    done = command("corpus", "lint", env=broken)
    assert done.code == 1
    assert f"{path}:" in done.out
    assert "1 finding\n" in done.err


def test_a_corpus_folder_that_is_not_there_is_bad_input(command: Command, make_settings: MakeSettings) -> None:
    done = command("corpus", "lint", env=make_settings(corpus_dir=Path("/nowhere")))
    assert done.code == 2
    assert "ASSISTANT_CORPUS_DIR" in done.err


def test_indexing_twice_embeds_nothing_the_second_time(command: Command, make_settings: MakeSettings) -> None:
    fresh = make_settings()
    path = fresh.corpus_dir / "asean" / "assist.md"
    path.write_text(path.read_text() + "\nA sentence that no index has seen.\n")
    first, second = command("index", env=fresh), command("index", env=fresh)
    assert (first.code, first.out, second.code) == (0, "", 0)
    assert ", 0 texts embedded" not in first.err
    assert ", 0 texts embedded" in second.err


def test_a_data_folder_that_cannot_be_written_is_explained(
    command: Command, make_settings: MakeSettings, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    done = command("ask", "What?", env=make_settings(data_dir=tmp_path / "file"))
    assert done.code == 2
    assert "ASSISTANT_DATA_DIR" in done.err


def test_a_port_in_use_is_explained(command: Command) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = command("serve", "--port", str(taken.getsockname()[1]))
    assert done.code == 2
    assert "choose another with --port" in done.err


@pytest.mark.parametrize("line", ['{"id": "2"}', "{", '{"question": "What?"}', "[]", '{"id": "2", "question": ""}'])
def test_a_broken_question_row_is_named_with_its_line(command: Command, tmp_path: Path, line: str) -> None:
    questions = write_rows(tmp_path / "q.jsonl", {"id": "1", "question": "What is ASSIST?"})
    questions.write_text(questions.read_text() + line + "\n")
    done = command("eval", "answers", "--questions", str(questions), "--out", str(tmp_path / "a.jsonl"))
    assert done.code == 2
    assert "q.jsonl:2:" in done.err
    assert not (tmp_path / "a.jsonl").exists()


def test_answers_come_one_a_line_in_order_with_their_ids(command: Command, tmp_path: Path) -> None:
    rows = [
        {"id": "b", "question": ESTABLISHED, "country": "SG", "gold": "ignored"},
        {"id": 7, "question": "and in Malaysia?", "history": [{"role": "user", "content": "Singapore customs FAQs?"}]},
        {"id": "a", "question": "ASSIST คืออะไร", "language": "vi"},
    ]
    questions = write_rows(tmp_path / "q.jsonl", *rows)
    done = command("eval", "answers", "--questions", str(questions), "--out", str(tmp_path / "a.jsonl"))
    assert (done.code, done.out) == (0, "")
    answers = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert [answer["id"] for answer in answers] == ["b", "7", "a"]
    assert [answer["countries"] for answer in answers] == [["SG"], ["MY"], []]
    assert answers[2]["language"] == "vi"


def test_an_output_that_cannot_be_written_is_explained(command: Command, tmp_path: Path) -> None:
    questions = write_rows(tmp_path / "q.jsonl", {"id": "1", "question": "What is ASSIST?"})
    done = command("eval", "answers", "--questions", str(questions), "--out", str(tmp_path / "no" / "a.jsonl"))
    assert done.code == 2
    assert "a.jsonl" in done.err


def test_every_quote_is_exact_and_every_address_is_in_the_corpus(
    command: Command, real: Assistant, tmp_path: Path
) -> None:
    asked = [question for country in (None, "SG", "ID", "TH") for question in real.examples(country)][:40]
    asked += [text for text, _ in routing.examples()][::70]
    assert len(asked) >= 80
    rows = ({"id": str(number), "question": text} for number, text in enumerate(asked))
    questions = write_rows(tmp_path / "q.jsonl", *rows)
    done = command(
        "eval", "answers", "--questions", str(questions), "--out", str(tmp_path / "a.jsonl"), env=real.settings
    )
    assert done.code == 0, done.err
    lines = (tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()
    answers = [Answer.model_validate_json(line) for line in lines]
    assert [answer.question for answer in answers] == asked
    assert len([answer for answer in answers if answer.citations]) > 30
    for citation in (citation for answer in answers for citation in answer.citations):
        assert real.passage(citation.passage_id).text[citation.start : citation.end] == citation.quote
    documents = corpus.load(real.settings.corpus_dir)
    known = {document.url for document in documents} | {p.url for document in documents for p in document.portals}
    assert {url for answer in answers for url in addresses(answer)} <= known | {"https://assist.asean.org"}


def addresses(answer: Answer) -> list[str]:
    """Every address that a reader of an answer sees, but for those in their own question."""
    shown = [answer.text, answer.disclaimer, answer.escalation.text, *answer.follow_ups]
    linked = [answer.escalation.url, *(c.url for c in answer.citations), *(portal.url for portal in answer.portals)]
    return [*grounding.urls(" ".join(shown)), *(url for url in linked if url)]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_serving_ends_cleanly(small_settings: Settings, tmp_path: Path, how: signal.Signals) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (tmp_path / "log").open("w+") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "assistant", "serve", "--port", str(port)],
            env={
                **os.environ,
                **environment(small_settings),
                "ASSISTANT_DATABASE_URL": f"sqlite:///{tmp_path / 'desk.sqlite3'}",
            },
            stdout=subprocess.DEVNULL,
            stderr=log,
        )
        try:
            ready = wait_until_ready(server, f"http://127.0.0.1:{port}/readyz")
            with pytest.raises(urllib.error.HTTPError, match="404") as missing:
                OPENER.open(f"http://127.0.0.1:{port}/v1/nothing", timeout=10)
            problem = json.loads(missing.value.read())
            missing.value.close()
        finally:
            server.send_signal(how)
            code = server.wait(timeout=30)
        log.seek(0)
        said = log.read()
    assert ready, said
    assert problem["escalation"]["name"] == "ASSIST"
    assert code == 0, said
    assert "Traceback" not in said
    assert "left in the middle" not in said
    assert [path.name for path in tmp_path.glob("desk*")] == ["desk.sqlite3"]  # SQLite's log is in it


def wait_until_ready(server: subprocess.Popen[bytes], url: str) -> bool:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and server.poll() is None:
        try:
            OPENER.open(url, timeout=5).close()
        except OSError:
            time.sleep(0.2)
        else:
            return True
    return False


def test_the_small_corpus_is_the_one_served(command: Command) -> None:
    done = command("portals", "--json")
    names = {portal.name for document in corpus.load(SMALL_CORPUS) for portal in document.portals}
    assert {row["name"] for row in json.loads(done.out)} == names


def test_ingested_files_are_answered_from_with_their_page(
    command: Command, make_settings: MakeSettings, tmp_path: Path
) -> None:
    chosen = make_settings()
    folder = tmp_path / "notices"
    folder.mkdir()
    document = FPDF()
    document.set_font("Helvetica", size=11)
    for text in ("This page introduces the notice.", "Samples of ceramic tiles need no permit."):
        document.add_page()
        document.multi_cell(0, text=text)
    document.output(str(folder / "tiles.pdf"))
    (folder / "broken.pdf").write_bytes(b"%PDF-1.4 broken")
    result = command("ingest", str(folder), "--publisher", "Port Office", env=chosen)
    assert result.code == 1
    assert "new       " in result.out
    assert "damaged" in result.out
    answer = json.loads(command("ask", "Do samples of ceramic tiles need a permit?", "--json", env=chosen).out)
    assert [(c["document_id"], c["page"], c["publisher"]) for c in answer["citations"]] == [("tiles", 2, "Port Office")]


def test_a_dry_run_keeps_nothing(command: Command, make_settings: MakeSettings, tmp_path: Path) -> None:
    chosen = make_settings()
    path = tmp_path / "note.md"
    path.write_text("# Note\n\nSamples need no permit.", encoding="utf-8")
    result = command("ingest", str(path), "--dry-run", env=chosen)
    assert result.code == 0
    assert "dry run" in result.err
    assert not chosen.sources_dir.exists() or not list(chosen.sources_dir.glob("*.md"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("ingest", "nowhere.pdf"), "does not exist"),
        (("ingest", "a.md", "b.md", "--title", "T"), "describe one source"),
        (("ingest", "a.md", "--as-of", "yesterday"), "as_of"),
        (("ingest", "a.md", "--authority", "rumour"), "authority"),
        (("sources", "sync", "--country", "XX"), "unknown country"),
    ],
)
def test_bad_ingest_arguments_are_explained(command: Command, arguments: tuple[str, ...], said: str) -> None:
    result = command(*arguments)
    assert result.code == 2
    assert said in result.err


def test_a_site_is_followed_twice(
    command: Command, make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSISTANT_ALLOWED_HOSTS", "127.0.0.1")
    monkeypatch.setenv("ASSISTANT_FETCH_LOOPBACK", "true")
    monkeypatch.setenv("ASSISTANT_FETCH_PAUSE", "0")
    chosen = make_settings()
    with website() as site:
        site.put("/faq/", "Questions", "Every question has a page.", links=("/faq/1", "/faq/2"))
        site.put("/faq/1", "Ceramic tiles", "Samples of ceramic tiles need no permit.")
        site.put("/faq/2", "Bamboo", "Samples of bamboo need a permit.")
        first = command("sources", "sync", "--start", site / "faq/", env=chosen)
        site.put("/faq/2", "Bamboo", "Samples of bamboo need no permit any more.")
        second = command("sources", "sync", "--start", site / "faq/", env=chosen)
    assert first.code == second.code == 0
    assert "3 new" in first.err
    assert "1 changed, 2 same" in second.err
    assert [line.split()[0] for line in second.out.splitlines() if not line.startswith(" ")] == ["changed"]
    answer = json.loads(command("ask", "Do samples of bamboo need a permit?", "--json", env=chosen).out)
    assert "any more" in answer["text"]
