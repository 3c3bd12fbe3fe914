"""How quickly the review desk serves thousands of tickets, and whether fifty officers at once lose anything.

python benchmarks/desk.py [--tickets 5000] [--seconds 60] [--databases sqlite postgresql] [--pause 0.5]

A process of its own serves the API over real HTTP on this machine's loopback, on SQLite and on a PostgreSQL that is
started for this (with its usual durability). First, one officer lists, filters and opens (budget: p95 under 200 ms);
then 50 officers read and 10 write for a minute, and what was acknowledged is counted against what the database holds.
The load is made on the same cores. `--pause` is how long an officer looks at what came, on average.
"""

import argparse
import http.client
import json
import os
import random
import secrets
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, insert, select, text

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import postgresql
from assistant import bootstrap
from assistant.database import Database, now
from assistant.database.accounts import TokenRow
from assistant.database.audit import EventRow
from assistant.database.tickets import (
    ContactRow,
    DecisionRow,
    DraftRow,
    MessageRow,
    OriginalRow,
    ReplyRow,
    TicketCountryRow,
    TicketRow,
)
from assistant.helpdesk.work import hashed
from assistant.settings import Settings
from assistant.types import Answer, Question

SEED = 0
BUDGET = 200.0  # ms, p95
READERS, WRITERS = 50, 10
WARM, SAMPLES = 5, 100  # requests of each kind
AT_ONCE = 500
SMALL_CORPUS = Path(__file__).parents[1] / "tests" / "corpus"
ASKED = "When was the Sample Coordinating Committee on Customs established?"

QUESTIONS = {  # templates: what traders ask, a good's name and a code in it
    "en": "Do I need a permit to import {goods} (HS {code}) into {country}, and does Form D lower the duty?",
    "th": "นำเข้า {goods} พิกัด {code} เข้า {country} ต้องใช้ใบอนุญาตหรือไม่",
    "vi": "Nhập khẩu {goods} mã HS {code} vào {country} có cần giấy phép không?",
    "id": "Apakah impor {goods} kode HS {code} ke {country} memerlukan izin?",
    "ms": "Adakah import {goods} kod HS {code} ke {country} memerlukan permit?",
}
GOODS = ["frozen shrimp", "laptops", "cotton shirts", "palm oil", "ceramic tiles", "car tyres", "coffee", "medicines"]
COUNTRIES = ["SG", "MY", "ID", "TH", "VN", "PH", "BN", "KH", "LA", "MM"]
STATUSES = {"drafted": 25, "claimed": 10, "waiting": 5, "sent": 45, "rejected": 10, "escalated": 5}
CLOSED = ("sent", "rejected", "escalated")
Row = tuple[Any, dict[str, Any]]  # a table and what to put into it
OUTCOMES = {"sent": ("unedited", "edited"), "rejected": ("rejected",), "escalated": ("escalated",)}


# -- tickets -----------------------------------------------------------------------------------------------------


class Seeder:
    """Makes tickets as the desk leaves them: two to five messages, drafts, replies, decisions and audit lines."""

    def __init__(self, count: int, answer: Answer) -> None:
        self._chance = random.Random(SEED)
        self._answer = answer.model_dump(mode="json")
        self._reply = {
            "text": answer.text,
            "sentences": [{**each, "standing": "quoted"} for each in self._answer["sentences"]],
            "citations": self._answer["citations"],
            "draft_id": None,
        }
        self._messages = 0
        self._count = count

    def fill(self, database: Database) -> None:
        """Put all tickets into an empty database."""
        with database.engine.begin() as connection:
            for start in range(1, self._count + 1, AT_ONCE):
                rows: dict[Any, list[dict[str, Any]]] = {}
                for number in range(start, min(start + AT_ONCE, self._count + 1)):
                    for table, row in self._ticket(number):
                        rows.setdefault(table, []).append(row)
                for table in sorted(rows, key=ORDER.index):
                    connection.execute(insert(table), rows[table])
            _go_on(connection)

    def _ticket(self, number: int) -> Iterator[Row]:
        chance = self._chance
        moment = now() - timedelta(minutes=chance.randrange(120 * 24 * 60))
        status = chance.choices(list(STATUSES), list(STATUSES.values()))[0]
        language, country = chance.choice(list(QUESTIONS)), chance.choice(COUNTRIES)
        code = f"{chance.randrange(100, 9999):04d}.{chance.randrange(99):02d}.00"
        question = QUESTIONS[language].format(goods=chance.choice(GOODS), code=code, country=country)
        officer = None if status == "drafted" else f"officer-{chance.randrange(30)}"
        closed = moment + timedelta(hours=chance.randrange(1, 72)) if status in CLOSED else None
        yield (
            TicketRow,
            {
                "id": number, "version": 4, "created_at": moment, "updated_at": closed or moment,
                "due_at": now() + timedelta(hours=chance.randrange(-48, 96)), "status": status,
                "priority": chance.choices([0, 1, 2, 3], [1, 7, 2, 1])[0],
                "channel": chance.choice(["mail", "chat", "api"]),
                "language": language, "topic": "permit", "subject": f"Import {number}", "question": question,
                "searched": f"import {number} {question} {'background of the shipment ' * 20}".casefold(),
                "vector": chance.randbytes(384 * 4), "answer_id": None, "link": hashed(f"link {number}"),
                "officer_id": officer, "officer": officer,
                "draft": "ready", "lease": None, "attempts": 1, "stale": None,
                "confidence": chance.random(), "answered_at": closed if status == "sent" else None, "closed_at": closed,
                "erased": False,
            },
        )  # fmt: skip
        for other in {country, *chance.sample(COUNTRIES, chance.randrange(2))}:
            yield TicketCountryRow, {"ticket_id": number, "country": other}
        contact = {"name": f"Trader {number}", "address": f"trader{number % 900}@example.com", "consent": True}
        yield ContactRow, {"ticket_id": number, **contact}
        yield from self._talk(number, moment, question, officer)
        for _ in range(2):
            yield (
                DraftRow,
                {"ticket_id": number, "made_at": moment, "index_version": self._answer["index_version"],
                 "answer": {**self._answer, "question": question}, "reason": None, "similar": []},
            )  # fmt: skip
        if status == "sent":
            yield ReplyRow, {"ticket_id": number, "draft_id": None, "reply": self._reply, "user_id": officer,
                             "editor": officer, "saved_at": closed}  # fmt: skip
        if closed:
            yield from self._decided(number, closed, status, officer)
        for action in ("ticket.created", "draft.made", "ticket.seen", "ticket.claimed", "reply.saved", "ticket.seen"):
            yield EventRow, {"at": moment, "actor": officer or "system", "actor_name": officer or "assistant",
                             "action": action, "ticket_id": number, "detail": {"personal": True}}  # fmt: skip

    def _talk(self, number: int, moment: Any, question: str, officer: str | None) -> Iterator[Row]:
        for turn in range(self._chance.randrange(2, 6)):
            self._messages += 1
            incoming = turn % 2 == 0
            yield (
                MessageRow,
                {
                    "id": self._messages, "ticket_id": number, "direction": "in" if incoming else "out",
                    "at": moment + timedelta(hours=turn), "author_id": None if incoming else officer,
                    "author": None if incoming else officer or "assistant", "text": question * (turn + 1),
                    "attachments": [], "message_id": f"<{self._messages}@example.com>",
                    "delivery": None if incoming else "sent", "attempts": 0,
                },
            )  # fmt: skip
            if incoming:
                yield OriginalRow, {"message_id": self._messages, "text": f"I am Trader {number}. {question}"}

    def _decided(self, number: int, at: Any, status: str, officer: str | None) -> Iterator[Row]:
        outcome = self._chance.choice(OUTCOMES[status])
        yield (
            DecisionRow,
            {"ticket_id": number, "at": at, "user_id": officer, "officer": officer, "outcome": outcome,
             "reason": "spam" if status == "rejected" else None, "draft_text": self._answer["text"],
             "sent_text": self._answer["text"] if status == "sent" else None},
        )  # fmt: skip


ORDER = [TicketRow, TicketCountryRow, ContactRow, MessageRow, OriginalRow, DraftRow, ReplyRow, DecisionRow, EventRow]


def _go_on(connection: Connection) -> None:
    """What numbers its rows itself goes on after ours; the planner knows how many there are."""
    if connection.dialect.name == "postgresql":
        for table in ("tickets", "messages"):
            connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"))
    connection.execute(text("ANALYZE"))


def tokens(database: Database, count: int) -> list[str]:
    """API tokens of so many officers."""
    made = [secrets.token_urlsafe(32) for _ in range(count)]
    rows = [
        {
            "id": f"officer-{number}",
            "name": f"Officer {number}",
            "role": "officer",
            "hash": hashed(token),
            "created_at": now(),
        }
        for number, token in enumerate(made)
    ]
    with database.engine.begin() as connection:
        connection.execute(insert(TokenRow), rows)
    return made


# -- the service -------------------------------------------------------------------------------------------------


def serve(port: int) -> None:
    """What the process of its own does: the API with the desk, and the desk's own work beside it."""
    import uvicorn

    from assistant import api
    from assistant.helpdesk import Helpdesk, Worker

    settings = Settings()
    assistant = bootstrap.assistant(settings, print, lambda *_: None, recording=False)
    helpdesk = Helpdesk(Database(settings.database), assistant)
    application = api.create(assistant, helpdesk)
    with Worker(helpdesk):
        uvicorn.run(application, host="127.0.0.1", port=port, log_level="warning")


@contextmanager
def served(settings: Settings) -> Iterator[int]:
    """The port of a service on this database."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "ASSISTANT_DATA_DIR": str(settings.data_dir),
        "ASSISTANT_CORPUS_DIR": str(settings.corpus_dir),
        "ASSISTANT_DATABASE_URL": settings.database,
    }
    process = subprocess.Popen([sys.executable, __file__, "--serve", str(port)], env=environment)
    try:
        _wait(port, process)
        yield port
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 120
    while True:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/healthz")
            assert connection.getresponse().status == 200
        except OSError:
            assert process.poll() is None, "the service ended"
            assert time.monotonic() < end, "the service does not start"
            time.sleep(0.2)
        else:
            return


class Client:
    """An officer's connection."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def send(self, method: str, path: str, body: Mapping[str, object] | None = None) -> tuple[int, Any, float]:
        """Status, body and ms."""
        start = time.perf_counter()
        sent = json.dumps(body) if body is not None else None
        self._connection.request(method, f"/v1/helpdesk/tickets{path}", sent, self._headers)
        response = self._connection.getresponse()
        content = response.read()
        took = (time.perf_counter() - start) * 1_000
        return response.status, json.loads(content) if content else None, took


# -- (a) one officer ---------------------------------------------------------------------------------------------


LISTS = {
    "list": "",
    "status and country": "?status=drafted&country=SG",
    "language": "?language=th",
    "nobody's, open": "?officer=nobody&open=true",
    "one word": "?q=shrimp",
    "two words": "?q=palm+permit",
    "a word that is nowhere": "?q=zzzzzz",
    "overdue": "?overdue=true",
    "page 80": "?page=80",
    "200 a page": "?size=200",
    **{f"by {name}": f"?sort={name}" for name in ("due", "created", "updated", "priority", "confidence", "number")},
    "by confidence, falling": "?sort=confidence&descending=true",
}


def alone(port: int, token: str, count: int) -> bool:
    """Print what each kind of request takes one officer; whether all are within the budget."""
    client, chance, slowest = Client(port, token), random.Random(SEED), 0.0
    kinds: dict[str, Callable[[], str]] = {name: lambda path=path: path for name, path in LISTS.items()}
    kinds["open a ticket"] = lambda: f"/{chance.randrange(1, count + 1)}"
    for name, path in kinds.items():
        times, total = [], 0
        for _ in range(WARM + SAMPLES):
            status, body, took = client.send("GET", path())
            assert status == 200, (status, body)
            times.append(took)
            total = body.get("total", 1)
        p50, p95 = quantiles(times[WARM:])
        slowest = max(slowest, p95)
        print(f"  {name:24} {total:5} found   p50 {p50:6.1f} ms   p95 {p95:6.1f} ms")
    print(f"  slowest p95 {slowest:.1f} ms: {'within' if slowest < BUDGET else 'OVER'} {BUDGET:.0f} ms")
    return slowest < BUDGET


def quantiles(times: list[float]) -> tuple[float, float]:
    """p50 and p95."""
    cut = statistics.quantiles(times, n=20)
    return cut[9], cut[18]


# -- (b) sixty officers ------------------------------------------------------------------------------------------


class Officer(threading.Thread):
    """Works until it is told to stop; counts answers, and keeps what was acknowledged."""

    def __init__(self, port: int, token: str, number: int, pause: float, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self._client = Client(port, token)
        self._chance = random.Random(number)
        self._pause = pause
        self._ended = stop
        self.number = number
        self.times: dict[str, list[float]] = {}
        self.statuses: Counter[int] = Counter()
        self.failures: list[str] = []
        self.acknowledged: Counter[str] = Counter()

    def run(self) -> None:
        """Until stopped."""
        while not self._ended.is_set():
            try:
                self.work()
            except (OSError, http.client.HTTPException, ValueError) as error:
                self.failures.append(repr(error))
                time.sleep(0.5)

    def work(self) -> None:
        """One round."""
        raise NotImplementedError

    def ask(self, kind: str, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:
        """What was answered; None where it was refused."""
        status, content, took = self._client.send(method, path, body)
        self.times.setdefault(kind, []).append(took)
        self.statuses[status] += 1
        if status not in (200, 409):
            self.failures.append(f"{kind}: {status} {content}")
        if status == 200:
            self.acknowledged[kind] += 1
        self._ended.wait(self._chance.uniform(0, 2 * self._pause))
        return content if status == 200 else None


class Reader(Officer):
    """Lists, and opens something of the list."""

    def work(self) -> None:
        """A list and a ticket."""
        found = self.ask("list", "GET", self._chance.choice(list(LISTS.values())))
        if found and found["items"]:
            self.ask("open", "GET", f"/{self._chance.choice(found['items'])['number']}")


class Writer(Officer):
    """Claims one of the tickets that are due first, as others do, writes a reply and approves it."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.saved: dict[int, str] = {}
        self.versions: dict[int, int] = {}
        self.approved: set[int] = set()

    def work(self) -> None:
        """A few tickets of the list that all writers look at."""
        found = self.ask("list", "GET", "?officer=nobody&status=drafted&size=20")
        for item in self._chance.sample(found["items"], min(3, len(found["items"]))) if found else []:
            self._answer(item["number"], item["version"])

    def _answer(self, number: int, version: int) -> None:
        ticket = self.ask("claim", "POST", f"/{number}/claim", {"version": version})
        if ticket is None:
            return
        self.versions[number] = ticket["version"]
        for _ in range(2):
            written = f"Reply {secrets.token_hex(8)} of officer {self.number}."
            body = {"version": ticket["version"], "text": written, "draft_id": ticket["suggestion"]["id"]}
            ticket = self.ask("save", "PUT", f"/{number}/reply", body)
            if ticket is None:
                return
            self.saved[number], self.versions[number] = written, ticket["version"]
        if self.ask("approve", "POST", f"/{number}/approve", {"version": ticket["version"]}):
            self.approved.add(number)


def together(port: int, made: list[str], database: Database, seconds: float, pause: float) -> bool:
    """Print how it goes when all work at once; whether nothing failed and nothing was lost."""
    before = events(database)
    stop = threading.Event()
    officers: list[Officer] = [
        (Reader if number < READERS else Writer)(port, token, number, pause, stop) for number, token in enumerate(made)
    ]
    for officer in officers:
        officer.start()
    stop.wait(seconds)
    stop.set()
    for officer in officers:
        officer.join(90)
    statuses = sum((officer.statuses for officer in officers), Counter())
    failures = [failure for officer in officers for failure in officer.failures]
    print(f"  {statuses.total()} requests in {seconds:.0f} s, {statuses[409]} conflicts told, {len(failures)} errors")
    for failure in sorted(set(failures))[:5]:
        print(f"    {failure:.300}")
    for kind in ("list", "open", "claim", "save", "approve"):
        times = [took for officer in officers for took in officer.times.get(kind, [])]
        if len(times) > 1:
            p50, p95 = quantiles(times)
            print(f"  {kind:8} {len(times):6} requests   p50 {p50:6.1f} ms   p95 {p95:6.1f} ms")
    lost = differences(database, officers, before)
    print(f"  acknowledged and not found, or found and not acknowledged: {len(lost)} {lost[:5] or ''}")
    return not failures and not lost


LINES = {"open": "ticket.seen", "claim": "ticket.claimed", "save": "reply.saved", "approve": "ticket.approved"}


def events(database: Database) -> Counter[str]:
    """Lines of the audit log, by action."""
    with database.reading() as session:
        rows = session.execute(select(EventRow.action, func.count()).group_by(EventRow.action))
        return Counter({action: number for action, number in rows})  # noqa: C416 (rows are no pairs to mypy)


def differences(database: Database, officers: list[Officer], before: Counter[str]) -> list[str]:
    """What the officers were told and the database does not say, and the other way round."""
    acknowledged = sum((officer.acknowledged for officer in officers), Counter())
    written = events(database)
    found = [
        f"{action}: {acknowledged[kind]} acknowledged, {written[action] - before[action]} in the audit log"
        for kind, action in LINES.items()
        if acknowledged[kind] != written[action] - before[action]
    ]
    with database.reading() as session:
        for writer in (officer for officer in officers if isinstance(officer, Writer)):
            for number, version in writer.versions.items():
                ticket, reply = session.get_one(TicketRow, number), session.get(ReplyRow, number)
                sent = session.scalars(select(DecisionRow.sent_text).where(DecisionRow.ticket_id == number)).all()
                done = number in writer.approved
                text_now = reply.reply["text"] if reply else None
                if ticket.officer_id != f"officer-{writer.number}" or text_now != writer.saved.get(number):
                    found.append(f"ticket {number} is not as officer {writer.number} left it")
                if done != (ticket.status == "sent") or len(sent) != done:
                    found.append(f"ticket {number}: {ticket.status}, {len(sent)} decisions, approved: {done}")
                if ticket.version != version + 2 * done:  # approved, and sent
                    found.append(f"ticket {number} has version {ticket.version}, not {version + 2 * done}")
    return found


# -- all of it ---------------------------------------------------------------------------------------------------


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tickets", type=int, default=5_000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--pause", type=float, default=0.5)
    parser.add_argument("--databases", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite", "postgresql"])
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)  # what the process of its own is started with
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.serve)
        return
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        settings = Settings(data_dir=Path(folder) / "data", corpus_dir=SMALL_CORPUS)
        assistant = bootstrap.assistant(settings, print, lambda *_: None, recording=False)
        seeder = Seeder(arguments.tickets, assistant.answer(Question(text=ASKED)))
        fine = [measured(kind, settings, seeder, stack, arguments) for kind in arguments.databases]
    sys.exit(not all(fine))


def measured(kind: str, settings: Settings, seeder: Seeder, stack: ExitStack, arguments: argparse.Namespace) -> bool:
    """Measure on one kind of database; whether all is as it should be."""
    url = settings.database
    if kind == "postgresql":
        url = stack.enter_context(postgresql.running(options=())).create()
    database = Database(url)
    start = time.perf_counter()
    seeder.fill(database)
    made = tokens(database, READERS + WRITERS)
    load = os.getloadavg()[0]
    print(f"load before: {load:.1f} on {os.cpu_count()} cores")
    print(f"{kind}: {arguments.tickets} tickets made in {time.perf_counter() - start:.1f} s")
    with served(settings.model_copy(update={"database_url": type(settings.database_url)(url)})) as port:
        quick = alone(port, made[0], arguments.tickets)
        print(f"{kind}: {READERS} officers reading, {WRITERS} writing, {arguments.pause} s between requests")
        whole = together(port, made, database, arguments.seconds, arguments.pause)
    database.close()
    return quick and whole


if __name__ == "__main__":
    main()
