"""Word files to Markdown."""

import datetime
import io

import docx
import pytest

from assistant.errors import ExtractionError
from assistant.extraction import word


def made(title: str = "") -> bytes:
    document = docx.Document()
    document.core_properties.title = title
    document.core_properties.modified = datetime.datetime(2025, 6, 5, tzinfo=datetime.UTC)
    document.add_heading("Permits", level=1)
    document.add_heading("Is there a fee?", level=2)
    document.add_paragraph("No fee is charged.")
    document.add_paragraph("Invoice", style="List Bullet")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(table.rows[0].cells, ("Office", "Opens"), strict=True):
        cell.paragraphs[0].add_run(text).bold = True
    for cell, text in zip(table.rows[1].cells, ("Port", "08:00"), strict=True):
        cell.text = text
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def test_headings_lists_and_tables_are_kept() -> None:
    found = word.extract(made())
    assert "## Is there a fee?\n\nNo fee is charged." in found.body
    assert "- Invoice" in found.body
    assert "| Office | Opens |" in found.body
    assert "| Port | 08:00 |" in found.body


def test_the_file_says_its_date_and_may_say_its_title() -> None:
    assert word.extract(made("Guide to permits")).title == "Guide to permits"
    found = word.extract(made())
    assert (found.title, found.date) == ("Permits", "2025-06-05")


@pytest.mark.parametrize("raw", [b"PK\x03\x04 broken", b"no archive", made()[:2_000]])
def test_a_broken_file_is_told_to_be_one(raw: bytes) -> None:
    with pytest.raises(ExtractionError, match="damaged or no Word document"):
        word.extract(raw)


def test_a_file_without_text_is_told_to_be_one() -> None:
    file = io.BytesIO()
    docx.Document().save(file)
    with pytest.raises(ExtractionError, match="no text"):
        word.extract(file.getvalue())
