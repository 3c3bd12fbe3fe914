"""Verified answers, on the real model: the small corpus for what may be published, the real one for what is found."""

import datetime
import json
import shutil

import pytest
from sqlalchemy import select

from assistant import corpus
from assistant.bootstrap import Assistant, Builder
from assistant.database import Database
from assistant.database.audit import EventRow
from assistant.database.tickets import MessageRow, ReplyRow, TicketCountryRow, TicketRow, VerifiedRow
from assistant.errors import ConflictError, InputError, NotFoundError, RefusedError
from assistant.helpdesk.cases import FILE
from assistant.helpdesk.publishing import Publisher
from assistant.tickets import Checked
from assistant.types import Answer, Question
from assistant_evals import suites
from fakes import MakeSettings, ignore
from rows import LEAD, OFFICER, READER, answered

ASKED = "Who may file a complaint with ASSIST?"


def opened(settings: object) -> Assistant:
    builder = Builder(settings)  # type: ignore[arg-type]
    builder.build(ignore)
    return Assistant(builder, None, settings)  # type: ignore[arg-type]


@pytest.fixture
def assistant(make_settings: MakeSettings, small: Assistant) -> Assistant:
    """On a copy of the small corpus, so that the shelf is the test's own."""
    return opened(make_settings())


@pytest.fixture
def publisher(database: Database, assistant: Assistant) -> Publisher:
    return Publisher(database, assistant)


def said(text: str, standing: str, *markers: int) -> Checked:
    return Checked(text=text, citations=markers, supported=standing in ("quoted", "follows"), standing=standing)  # type: ignore[arg-type]


def test_only_what_is_supported_is_published(database: Database, assistant: Assistant, publisher: Publisher) -> None:
    own = [
        said("Dear trader!", "own words"),
        said("It costs 500 dollars.", "no source"),
        said("Its fee is low.", "not in source", 1),
    ]
    number = answered(database, assistant, ASKED, *own)
    verified = publisher.publish(number, 1, None, 180, LEAD)
    document = corpus.read(assistant.settings.sources_dir / f"{verified.id}.md")
    draft = assistant.draft(Question(text=ASKED))
    assert verified.text == " ".join(sentence.text for sentence in draft.sentences if sentence.citations)
    assert verified.state == "serving"
    assert verified.expires_on == verified.published_at.date() + datetime.timedelta(days=180)
    assert "500" not in document.body
    assert "Dear" not in document.body
    assert "fee" not in document.body
    assert (document.authority, document.binding, document.url) == ("helpdesk answer", False, None)
    assert (document.publisher, document.source) == ("Customs helpdesk", "Verified answer of the helpdesk")
    assert document.as_of == datetime.datetime.now(datetime.UTC).date().isoformat()
    assert document.expected[0].questions == (ASKED,)
    assert set(document.see_also) == {citation.document_id for citation in draft.citations}


def test_a_published_answer_is_given_first_with_its_source_and_gone_when_withdrawn(
    database: Database, assistant: Assistant, publisher: Publisher
) -> None:
    before = assistant.draft(Question(text=ASKED))
    verified = publisher.publish(answered(database, assistant, ASKED), 1, None, 180, LEAD)
    publisher.bring_up_to_date()
    after = opened(assistant.settings)
    given = after.draft(Question(text=ASKED))
    assert given.citations[0].document_id == verified.id
    assert given.citations[0].authority == "helpdesk answer"
    assert [s.text for s in given.sentences] == [s.text for s in before.sentences]
    assert {c.document_id for c in given.citations} > {c.document_id for c in before.citations}
    assert given.citations[0].quote == after.passage(given.citations[0].passage_id).text[: given.citations[0].end]
    publisher.withdraw(verified.id, LEAD)
    publisher.bring_up_to_date()
    again = opened(assistant.settings)
    assert again.draft(Question(text=ASKED)).text == before.text
    assert not list(assistant.settings.sources_dir.glob("verified*"))
    assert again.passage(given.citations[0].passage_id).text  # answers given then can still be looked up
    with pytest.raises(ConflictError, match="serves no more"):
        publisher.withdraw(verified.id, LEAD)


@pytest.mark.parametrize("database_kind", ["sqlite"])  # nothing here is the database's
@pytest.mark.parametrize("status", ["new", "drafted", "claimed", "rejected", "escalated"])
def test_what_was_not_approved_is_refused(
    status: str, database: Database, assistant: Assistant, publisher: Publisher
) -> None:
    number = answered(database, assistant, ASKED, status=status)
    with pytest.raises(InputError, match="only an approved reply"):
        publisher.publish(number, 1, None, 180, LEAD)
    with pytest.raises(InputError, match="only an approved reply"):
        publisher.case(number, 1, OFFICER)


def test_another_version_no_ticket_or_a_second_time_is_refused(
    database: Database, assistant: Assistant, publisher: Publisher
) -> None:
    number = answered(database, assistant, ASKED)
    with pytest.raises(ConflictError, match="open it again"):
        publisher.publish(number, 2, None, 180, LEAD)
    with pytest.raises(NotFoundError):
        publisher.publish(number + 1, 1, None, 180, LEAD)
    publisher.publish(number, 1, None, 180, LEAD)
    with pytest.raises(ConflictError, match="published already"):
        publisher.publish(number, 1, None, 180, LEAD)


def test_roles(database: Database, assistant: Assistant, publisher: Publisher) -> None:
    number = answered(database, assistant, ASKED)
    for caller in (OFFICER, READER):
        with pytest.raises(RefusedError):
            publisher.publish(number, 1, None, 180, caller)
        with pytest.raises(RefusedError):
            publisher.withdraw("verified-1", caller)
    with pytest.raises(RefusedError):
        publisher.case(number, 1, READER)
    assert publisher.verified(READER) == ()


def test_nothing_supported_is_refused(database: Database, assistant: Assistant, publisher: Publisher) -> None:
    number = answered(database, assistant, ASKED)
    with database.writing() as session:
        row = session.get(ReplyRow, number)
        assert row
        sentences = [{**s, "standing": "facts differ", "supported": False} for s in row.reply["sentences"]]  # type: ignore[attr-defined]
        row.reply = {**row.reply, "sentences": sentences}
    with pytest.raises(InputError, match="no sentence of the reply"):
        publisher.publish(number, 1, None, 180, LEAD)
    with pytest.raises(InputError, match="rests on no source"):
        publisher.case(number, 1, OFFICER)


def test_a_sentence_whose_source_is_gone_is_refused(
    database: Database, assistant: Assistant, publisher: Publisher
) -> None:
    number = answered(database, assistant, ASKED)
    with database.writing() as session:
        row = session.get(ReplyRow, number)
        assert row
        row.reply = json.loads(json.dumps(row.reply).replace('"passage_id": "', '"passage_id": "old-'))
    with pytest.raises(InputError, match="has changed since"):
        publisher.publish(number, 1, None, 180, LEAD)
    assert not list(assistant.settings.sources_dir.glob("verified*"))


@pytest.mark.parametrize("database_kind", ["sqlite"])  # nothing here is the database's
@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("Who may file? Write to me at ana@example.com", "personal data"),
        ("Who may file? My number is +65 6123 4567", "personal data"),
        ("Who may file? Asks [name]", "personal data"),
        ("x" * 301, "301 characters"),
        ("?!", "no words"),
    ],
)
def test_a_question_that_may_not_be_shown_is_refused(
    question: str, told: str, database: Database, assistant: Assistant, publisher: Publisher
) -> None:
    number = answered(database, assistant, ASKED)
    with pytest.raises(InputError, match=told):
        publisher.publish(number, 1, question, 180, LEAD)


def test_an_answer_with_personal_data_or_an_address_is_refused(
    database: Database, assistant: Assistant, publisher: Publisher
) -> None:
    number = answered(database, assistant, ASKED, said("Call Mr Tan on +65 6123 4567.", "follows", 1))
    with pytest.raises(InputError, match="personal data"):
        publisher.publish(number, 1, None, 180, LEAD)
    number = answered(database, assistant, ASKED, said("See https://evil.example for it.", "follows", 1))
    with pytest.raises(InputError, match="address"):
        publisher.publish(number, 1, None, 180, LEAD)


def test_several_countries_must_be_named(database: Database, assistant: Assistant, publisher: Publisher) -> None:
    number = answered(database, assistant, ASKED, countries=("MY", "TH"))
    with pytest.raises(InputError, match="names them"):
        publisher.publish(number, 1, None, 180, LEAD)
    named = publisher.publish(number, 1, "Who may file a complaint about Malaysia or Thailand?", 180, LEAD)
    assert named.countries == ("MY", "TH")


@pytest.mark.parametrize("database_kind", ["sqlite"])  # nothing here is the database's
@pytest.mark.parametrize(
    "text",
    [
        "# A fee of 5 % (five) is *not* charged [here], see _Form D_ & <b>more</b>.",
        "1. No fee is charged",
        "+ no fee ~~charged~~ `at all` | none",
        "ไม่มีค่าธรรมเนียม",
    ],
)
def test_sentences_are_kept_word_for_word_whatever_markdown_makes_of_them(
    text: str, database: Database, assistant: Assistant, publisher: Publisher
) -> None:
    verified = publisher.publish(answered(database, assistant, ASKED, said(text, "follows", 1)), 1, None, 180, LEAD)
    publisher.bring_up_to_date()
    given = opened(assistant.settings).draft(Question(text=ASKED))
    quoted = " ".join(c.quote for c in given.citations if c.document_id == verified.id)
    assert quoted == verified.text
    assert text in quoted


def test_what_is_past_its_day_expires(database: Database, assistant: Assistant, publisher: Publisher) -> None:
    verified = publisher.publish(answered(database, assistant, ASKED), 1, None, 7, LEAD)
    assert publisher.expire(verified.expires_on) == ()
    (gone,) = publisher.expire(verified.expires_on + datetime.timedelta(days=1))
    assert (gone.id, gone.state) == (verified.id, "expired")
    assert not list(assistant.settings.sources_dir.glob("verified*"))
    assert publisher.expire(verified.expires_on + datetime.timedelta(days=2)) == ()
    again = publisher.publish(gone.number, 1, None, 7, LEAD)
    assert again.id == f"{verified.id}-2"
    with database.reading() as session:
        actions = list(session.scalars(select(EventRow.action).order_by(EventRow.id)))
    assert actions == ["answer.published", "answer.expired", "answer.published"]


def test_a_changed_source_withdraws_the_answer_and_queues_its_question_again(
    database: Database, assistant: Assistant, publisher: Publisher
) -> None:
    number = answered(database, assistant, ASKED, language="th", countries=("SG",))
    verified = publisher.publish(number, 1, None, 180, LEAD)
    assert publisher.check_sources() == ()
    assert publisher.sources_changed(["another.passage"]) == ()
    with database.reading() as session:
        row = session.get(VerifiedRow, verified.id)
        assert row
        source = row.sources[0]
    (gone,) = publisher.sources_changed([source])
    assert gone.state == "source changed"
    assert publisher.sources_changed([source]) == ()  # once
    with database.reading() as session:
        ticket = session.scalar(select(TicketRow).where(TicketRow.id > number))
        assert ticket
        assert (ticket.question, ticket.language, ticket.channel) == (ASKED, "th", "desk")
        assert (ticket.status, ticket.draft) == ("new", "wanted")
        codes = session.scalars(select(TicketCountryRow.country).where(TicketCountryRow.ticket_id == ticket.id)).all()
        assert codes == ["SG"]
        notes = session.scalars(select(MessageRow).where(MessageRow.ticket_id == ticket.id).order_by(MessageRow.id))
        assert [(m.direction, f"ticket {number}" in m.text) for m in notes] == [("in", False), ("note", True)]


def test_a_source_that_the_index_lost_is_noticed(
    database: Database, assistant: Assistant, publisher: Publisher
) -> None:
    verified = publisher.publish(answered(database, assistant, ASKED), 1, None, 180, LEAD)
    cited = {c.document_id for c in assistant.draft(Question(text=ASKED)).citations}
    for path in corpus.files(assistant.settings.corpus_dir):
        if corpus.read(path).id in cited:
            path.write_text(path.read_text(encoding="utf-8").replace("enterprise", "company"), encoding="utf-8")
    later = Publisher(database, opened(assistant.settings))
    assert [row.id for row in later.check_sources()] == [verified.id]


def test_an_id_that_an_ingested_document_has_is_not_taken(
    database: Database, assistant: Assistant, publisher: Publisher
) -> None:
    number = answered(database, assistant, ASKED)
    other = assistant.document("assist") if "assist" in assistant.library.documents else None
    document = (other or next(iter(assistant.library.documents.values()))).model_copy(
        update={"id": f"verified-{number}", "expected": (), "portals": (), "see_also": ()}
    )
    corpus.write(document, assistant.settings.sources_dir / f"{document.id}.md")
    assert publisher.publish(number, 1, None, 180, LEAD).id == f"verified-{number}-2"


# -- eval cases --------------------------------------------------------------------------------------------------


def test_a_case_is_kept_once_and_reads_as_a_suite_does(
    database: Database, assistant: Assistant, publisher: Publisher
) -> None:
    number = answered(database, assistant, ASKED)
    assert publisher.case(number, 1, OFFICER) == {"id": f"desk-{number}"}
    assert publisher.case(number, 1, OFFICER) == {"id": f"desk-{number}"}
    path = assistant.settings.data_dir / FILE
    (case,) = suites.cases(path)
    assert case.question.text == ASKED
    assert case.gold
    suite = suites.Suite(name="desk", title="", about="", dev=(case,), test=())
    assert list(suites.findings([suite], assistant.library.documents)) == []
    with database.reading() as session:
        assert len(session.scalars(select(EventRow).where(EventRow.action == "case.kept")).all()) == 1


def test_a_case_has_the_conversation_without_personal_data(
    database: Database, assistant: Assistant, publisher: Publisher
) -> None:
    number = answered(database, assistant, ASKED, language="th")
    with database.writing() as session:
        row = session.scalar(select(MessageRow).where(MessageRow.ticket_id == number, MessageRow.direction == "in"))
        assert row
        row.text = f"I am ana@example.com. {ASKED}"
        session.add(MessageRow(ticket_id=number, direction="in", at=row.at, text="Any company?", attachments=[]))
    publisher.case(number, 1, OFFICER)
    text = (assistant.settings.data_dir / FILE).read_text(encoding="utf-8")
    row_ = json.loads(text)
    assert "ana@" not in text
    assert row_["question"] == "Any company?"
    assert [turn["role"] for turn in row_["history"]] == ["user", "assistant"]
    assert row_["language"] == row_["expect"]["language"] == "th"


# -- what is found, on the real corpus ---------------------------------------------------------------------------

ALIKE = [
    "For how long is a Form D valid?",
    "After how many months does Form D expire?",
    "form d validity period",
    "Berapa lama Form D berlaku?",
    "Form D có hiệu lực trong bao lâu?",
    "ฟอร์ม D มีอายุเท่าไร",
]
OTHER = [
    "For how long is a Form E valid?",
    "How long is Form D valid in Malaysia?",
    "Who may file a complaint with ASSIST?",
    "How long must a certified exporter keep the records?",
    "Where are the customs FAQs of Thailand?",
    "What is AWSC?",
    "What is the duty on laptops in Singapore?",
    "hello",
    "Where is my parcel EB418820033JP?",
]


@pytest.fixture(scope="module")
def taught(real: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    """The real corpus with two verified answers, one of them about one country."""
    folder = tmp_path_factory.mktemp("taught")
    shutil.copytree(real.settings.data_dir, folder, dirs_exist_ok=True)
    settings = real.settings.model_copy(update={"data_dir": folder})
    publisher = Publisher(Database(f"sqlite:///{folder / 'desk.sqlite3'}"), real)
    publisher._shelf = type(publisher._shelf)(settings.sources_dir)  # the shelf of the copy
    database = publisher._database
    for question, country in (
        ("How long is a Form D valid?", None),
        ("Where are the customs FAQs of Singapore?", "SG"),
    ):
        publisher.publish(answered(database, real, question, country=country), 1, None, 180, LEAD)
    return opened(settings)


def verified_of(answer: Answer) -> set[str]:
    return {c.document_id for c in answer.citations if c.authority == "helpdesk answer"}


def as_read(answer: Answer) -> object:
    """All that a reader sees; scores differ in the third decimal, as a search for more neighbours is more exact."""
    cited = [(c.passage_id, c.start, c.end, c.marker) for c in answer.citations]
    return answer.text, answer.status, answer.language, answer.countries, answer.portals, answer.follow_ups, cited


@pytest.mark.parametrize("question", ALIKE)
def test_the_like_in_other_words_and_languages_gets_the_verified_answer_first(taught: Assistant, question: str) -> None:
    given = taught.draft(Question(text=question))
    assert given.citations[0].document_id == "verified-1"


def test_a_country_s_answer_is_for_that_country_alone(taught: Assistant) -> None:
    asked = "Where do I find the customs FAQs?"
    assert verified_of(taught.draft(Question(text=asked, country="SG"))) == {"verified-2"}
    assert not verified_of(taught.draft(Question(text=asked, country="TH")))
    assert not verified_of(taught.draft(Question(text=asked)))


@pytest.mark.parametrize("question", OTHER)
def test_other_questions_are_answered_as_before(taught: Assistant, real: Assistant, question: str) -> None:
    assert as_read(taught.draft(Question(text=question))) == as_read(real.draft(Question(text=question)))


def test_nothing_is_verified_where_nothing_was_published(real: Assistant) -> None:
    assert not [d for d in real.library.documents.values() if d.authority == "helpdesk answer"]


def test_verified_answers_move_nothing_in_the_suites(taught: Assistant, real: Assistant) -> None:
    """Every fifteenth question of the dev halves, except those that ask what a verified answer answers."""
    asked = [c.question for suite in suites.load() for c in suite.dev][::15]
    given = [(taught.draft(question), real.draft(question)) for question in asked]
    others = [pair for pair in given if not verified_of(pair[0])]
    assert [as_read(after) for after, _ in others] == [as_read(before) for _, before in others]
    assert len(others) >= len(asked) - 1
