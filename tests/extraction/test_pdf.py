"""PDFs made here, and the official ones where they are at hand: paragraphs, headings, tables and pages."""

import io
import re

import pytest
from fpdf import FPDF
from PIL import Image

from assistant.errors import ExtractionError
from assistant.extraction import pdf
from places import SHARED

LONG = "The exporter shall keep the records of every origin declaration for at least three years from the date of it. "
WORDS = ("All", "Many", "Some", "Few")


class Paper(FPDF):
    """With a running header and page numbers, as official papers have them."""

    def header(self) -> None:
        self.set_font("Helvetica", size=8)
        self.cell(0, 10, "Handbook of the Port Office", new_x="LMARGIN", new_y="NEXT")

    def footer(self) -> None:
        self.set_y(-15)
        self.cell(0, 10, f"Page {self.page_no()} of 4", align="C")

    def heading(self, text: str) -> None:
        self.set_font("Helvetica", "B", 14)
        self.cell(0, 12, text, new_x="LMARGIN", new_y="NEXT")

    def paragraph(self, text: str) -> None:
        self.set_font("Helvetica", size=11)
        self.multi_cell(0, 6, text, new_x="LMARGIN", new_y="NEXT")
        self.ln(6)


def made(paper: FPDF) -> bytes:
    return bytes(paper.output())


def of_page(number: int) -> str:
    return " ".join(f"{WORDS[number - 1]} declarations of part {part} are kept for three years." for part in range(9))


def four_pages() -> bytes:
    paper = Paper()
    for number in range(1, 5):
        paper.add_page()
        paper.heading(f"Chapter {number}")
        paper.paragraph(of_page(number))
        paper.paragraph(f"Paragraph number {number} stands by itself.")
    return made(paper)


def page_of(body: str, number: int) -> str:
    return re.split(r"<!-- page \d+ -->", body)[number]


def test_paragraphs_headings_and_pages_are_found() -> None:
    found = pdf.extract(four_pages())
    assert found.pages == 4
    assert "## Chapter 2\n\n" in page_of(found.body, 2)
    assert of_page(2) in page_of(found.body, 2)
    assert page_of(found.body, 3).strip().endswith("Paragraph number 3 stands by itself.")


def test_what_runs_through_the_pages_is_left_out() -> None:
    found = pdf.extract(four_pages())
    assert "Port Office" not in found.body
    assert "of 4" not in found.body


def test_a_paragraph_that_runs_over_the_end_of_a_page_stays_one() -> None:
    paper = Paper()
    paper.add_page()
    for _ in range(9):
        paper.paragraph(LONG * 3)
    paper.paragraph("word " * 150 + "end.")
    paper.paragraph("The last paragraph.")
    body = pdf.extract(made(paper)).body
    [block] = [block for block in body.split("\n\n") if block.startswith("word word")]
    assert block.endswith("end.")
    assert "<!-- page 2 -->\n\nThe last paragraph." in body


def with_table(*rows: tuple[str, ...]) -> bytes:
    paper = FPDF()
    paper.add_page()
    paper.set_font("Helvetica", size=11)
    paper.multi_cell(0, 6, "The offices open as follows.", new_x="LMARGIN", new_y="NEXT")
    with paper.table() as table:
        for row in rows:
            table.row(row)
    return made(paper)


def test_a_table_stays_one_with_its_header() -> None:
    body = pdf.extract(with_table(("Office", "Opens"), ("Port", "08:00"), ("Airport", "09:00"))).body
    assert "| Office | Opens |\n| --- | --- |\n| Port | 08:00 |\n| Airport | 09:00 |" in body


def test_pages_without_text_are_named() -> None:
    paper = FPDF()
    paper.add_page()
    paper.image(Image.new("RGB", (200, 200), "grey"), w=100)
    paper.add_page()
    paper.set_font("Helvetica", size=11)
    paper.multi_cell(0, 6, "Only this page has text.")
    found = pdf.extract(made(paper))
    assert any("no text on page 1" in finding for finding in found.findings)
    assert "<!-- page 2 -->" in found.body


@pytest.mark.parametrize(("pages", "said"), [(1, "its page is an image"), (3, "all its 3 pages are images")])
def test_a_scan_is_told_to_be_one(pages: int, said: str) -> None:
    paper = FPDF()
    for _ in range(pages):
        paper.add_page()
        paper.image(Image.new("RGB", (200, 200), "grey"), w=100)
    with pytest.raises(ExtractionError, match=f"{said}.*OCR"):
        pdf.extract(made(paper))


def test_a_locked_file_is_told_to_be_one() -> None:
    paper = FPDF()
    paper.set_encryption(owner_password="owner", user_password="user")
    paper.add_page()
    with pytest.raises(ExtractionError, match="password"):
        pdf.extract(made(paper))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_file_that_is_cut_off_is_told_to_be_damaged_or_read_as_far_as_it_goes(share: float) -> None:
    try:
        said = pdf.extract(four_pages()[: int(share * len(four_pages()))]).body
    except ExtractionError as error:
        said = str(error)
    assert re.search("declarations|damaged|no text", said)


def test_garbage_is_told_to_be_damaged() -> None:
    with pytest.raises(ExtractionError, match="damaged"):
        pdf.extract(b"%PDF-1.4\n" + bytes(range(256)) * 20)


@pytest.mark.parametrize(
    ("line", "date"),
    [("26 Jul 2024", "2024-07-26"), ("Jakarta, 1 January 2024", "2024-01-01"), ("5 September, 2023", "2023-09-05")],
)
def test_a_date_that_stands_by_itself_is_the_papers(line: str, date: str) -> None:
    paper = Paper()
    paper.add_page()
    paper.paragraph(line)
    paper.paragraph(LONG * 3)
    assert pdf.extract(made(paper)).date == date


def test_without_one_it_is_when_the_file_was_made_and_that_is_said() -> None:
    found = pdf.extract(four_pages())
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", found.date or "")
    assert any("names no date" in finding for finding in found.findings)


@pytest.mark.parametrize(
    ("said", "title"),
    [("Rules of the port", "Rules of the port"), ("Microsoft Word - x.doc", "Chapter 1"), ("", "Chapter 1")],
)
def test_the_title_is_what_the_file_says_unless_a_program_says_it(said: str, title: str) -> None:
    paper = Paper()
    paper.set_title(said)
    paper.add_page()
    paper.heading("Chapter 1")
    paper.paragraph(LONG * 3)
    assert pdf.extract(made(paper)).title == title


def test_text_that_looks_like_markup_stays_text() -> None:
    paper = Paper()
    paper.add_page()
    paper.paragraph("1. The first clause of *this* paper applies to all goods of the port, whatever they are.")
    stream = io.StringIO(pdf.extract(made(paper)).body)
    assert "1\\. The first clause of \\*this\\* paper" in stream.read()


@pytest.mark.skipif(not (SHARED / "sources").is_dir(), reason="the official PDFs are not at hand")
@pytest.mark.parametrize(
    ("name", "number", "words"),
    [
        ("awsc_guidebook_english", 51, "the production of a Proof of Origin shall be waived"),
        ("awsc_guidebook_english", 31, "| Thailand | Department of Foreign Trade |"),
        ("sg_customs_asean_aeo_mra", 1, "(AMS) – Brunei Darussalam, Malaysia and Singapore."),
        ("minor_discrepancies_proof_of_origin", 1, "| 5 | Minor differences in A4 paper size"),
    ],
)
def test_official_papers_are_read_page_by_page(name: str, number: int, words: str) -> None:
    body = pdf.extract((SHARED / "sources" / f"{name}.pdf").read_bytes()).body
    page = re.search(rf"<!-- page {number} -->(.*?)(<!-- page|\Z)", body, re.DOTALL)
    assert page is not None
    assert words in page[1]
