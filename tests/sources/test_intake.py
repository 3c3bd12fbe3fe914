"""What becomes of a file: new, changed, the same, a duplicate, kept as it was, not taken; how it is described."""

import datetime
from pathlib import Path

import pytest

from assistant import countries
from assistant.extraction import Reader
from assistant.sources import Given, Intake, Outcome, Publishers, Shelf
from assistant.sources.intake import NOT_STATED, identifier
from assistant.types import Portal
from fakes import make_document

TODAY = datetime.date(2026, 11, 23)
TEXT = b"# Notice 7\n\nNo fee is charged for a permit.\n\n## Time\n\nA permit is given within three days."
OURS = make_document(
    "Body.",
    publisher="Singapore Customs",
    url="https://www.customs.gov.sg/start",
    portals=(
        Portal(
            name="Port", description="D", url="https://port.example/", country="SG", listed=True,
            publisher="ASEAN Secretariat", as_of=None, document_id="sample",
        ),
    ),
)  # fmt: skip


class Desk:
    def __init__(self, folder: Path) -> None:
        self.shelf = Shelf(folder / "sources")

    def take(
        self, raw: bytes = TEXT, name: str = "folder/Notice 7.md", dry_run: bool = False, **given: object
    ) -> Outcome:
        intake = Intake(self.shelf, Reader(), Publishers([OURS]), countries.load(), taken={"taken"})
        return intake.take(raw, name, Given(**given), TODAY, dry_run=dry_run)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_file_becomes_a_document(desk: Desk) -> None:
    outcome = desk.take(publisher="Port Office", country="SG", authority="law", binding=True, as_of="2025-06")
    assert (outcome.kind, outcome.document_id, len(outcome.added)) == ("new", "notice-7", 2)
    document = desk.shelf.find("notice-7")
    assert (document.title, document.publisher, document.country) == ("Notice 7", "Port Office", "SG")
    assert (document.authority, document.binding, document.as_of) == ("law", True, "2025-06")
    assert (document.wording, document.language, document.retrieved_on) == ("verbatim", "en", "2026-11-23")


def test_the_same_text_again_changes_nothing(desk: Desk) -> None:
    desk.take()
    assert desk.take().kind == "same"
    assert desk.shelf.versions("notice-7") == []


def test_of_a_changed_text_the_passages_that_changed_are_told(desk: Desk) -> None:
    first = desk.take()
    second = desk.take(TEXT.replace(b"three", b"five"))
    assert second.kind == "changed"
    assert len(second.added) == len(second.removed) == 1
    assert second.removed[0] in first.added


def test_another_description_is_a_change(desk: Desk) -> None:
    desk.take(publisher="Port Office")
    outcome = desk.take(publisher="Customs Office")
    assert (outcome.kind, outcome.added, outcome.removed) == ("changed", (), ())


def test_what_an_operator_wrote_by_hand_stays(desk: Desk) -> None:
    desk.take()
    path = desk.shelf.path("notice-7")
    edited = path.read_text().replace(NOT_STATED, "Port Office").replace("authority: guidance", "authority: law")
    path.write_text(edited, encoding="utf-8")
    assert desk.take(TEXT.replace(b"three", b"five")).kind == "changed"
    document = desk.shelf.find("notice-7")
    assert (document.publisher, document.authority) == ("Port Office", "law")


def test_a_text_that_shrinks_to_nothing_is_kept_as_it_was(desk: Desk) -> None:
    desk.take(TEXT * 20)
    outcome = desk.take(b"# Notice 7\n\nComing soon.")
    assert outcome.kind == "kept"
    assert "kept the text from before" in outcome.findings[-1]
    assert "three days" in desk.shelf.find("notice-7").body


def test_the_same_text_under_another_name_is_kept_once(desk: Desk) -> None:
    desk.take()
    outcome = desk.take(name="copy.md")
    assert (outcome.kind, outcome.document_id) == ("duplicate", "notice-7")
    assert len(desk.shelf.documents()) == 1


def test_what_cannot_be_read_is_told(desk: Desk) -> None:
    outcome = desk.take(b"MZ", name="tool.exe")
    assert (outcome.kind, outcome.document_id) == ("failed", None)
    assert "kind that is not read" in outcome.findings[0]


def test_a_dry_run_keeps_nothing(desk: Desk) -> None:
    assert desk.take(dry_run=True).kind == "new"
    assert desk.shelf.documents() == []


def test_an_id_of_the_corpus_is_not_taken(desk: Desk) -> None:
    assert desk.take(name="taken.md").document_id == "taken-source"
    assert desk.take(TEXT.replace(b"three", b"five"), name="taken.md").kind == "changed"


@pytest.mark.parametrize(
    ("given", "text", "publisher"),
    [
        ({"url": "https://customs.gov.sg/notice"}, TEXT, "Singapore Customs"),
        ({}, TEXT + b"\n\nIssued by the ASEAN Secretariat and Singapore Customs.", "ASEAN Secretariat"),
        ({}, TEXT, NOT_STATED),
        ({"publisher": "Given"}, TEXT + b"\n\nSingapore Customs", "Given"),
    ],
)
def test_a_publisher_is_given_or_known_by_host_or_by_name(
    desk: Desk, given: dict[str, str], text: bytes, publisher: str
) -> None:
    outcome = desk.take(text, **given)
    assert desk.shelf.find("notice-7" if not given.get("url") else str(outcome.document_id)).publisher == publisher
    assert any("names no publisher" in finding for finding in outcome.findings) is (publisher == NOT_STATED)


@pytest.mark.parametrize(
    ("url", "country"),
    [("https://customs.gov.sg/x", "SG"), ("https://dft.go.th/", "TH"), ("https://asean.org/x", None)],
)
def test_the_country_of_an_address_is_its_domains(desk: Desk, url: str, country: str | None) -> None:
    outcome = desk.take(url=url)
    assert desk.shelf.find(str(outcome.document_id)).country == country


def test_the_language_is_found(desk: Desk) -> None:
    desk.take("# ประกาศ\n\nไม่มีค่าธรรมเนียมสำหรับการลงทะเบียน".encode(), name="thai.md")
    assert desk.shelf.find("thai").language == "th"


def test_a_document_whose_source_is_gone_is_let_go(desk: Desk) -> None:
    added = desk.take().added
    intake = Intake(desk.shelf, Reader(), Publishers([]), countries.load())
    outcome = intake.drop("notice-7", "https://port.example/notice")
    assert (outcome.kind, outcome.removed) == ("gone", added)
    assert desk.shelf.documents() == []


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("folder/AWSC Guidebook (2020).pdf", "awsc-guidebook-2020"),
        ("C:\\papers\\Notice.docx", "notice"),
        ("https://www.customs.gov.sg/faq/page.aspx?id=3", "customs-gov-sg-faq-page-aspx-id-3"),
        ("Quyết định.md", "quyet-dinh"),
        ("noextension", "noextension"),
    ],
)
def test_names_make_ids(name: str, made: str) -> None:
    assert identifier(name) == made


@pytest.mark.parametrize("name", ["ประกาศ.md", "通知.pdf", "—.txt"])
def test_names_without_latin_letters_make_ids_too(name: str) -> None:
    assert identifier(name).startswith("source-")
    assert identifier(name) != identifier(f"x{name}")


def test_long_names_make_ids_of_a_bounded_length() -> None:
    assert len(identifier(f"https://port.example/{'long/' * 60}end")) <= 80
