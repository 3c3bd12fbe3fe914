"""PDF to Markdown with page marks: paragraphs from the lines' places, headings from their type, tables as tables."""

import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

import pdfplumber
from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect
from pdfplumber.utils.exceptions import PdfminerException

from assistant.errors import ExtractionError
from assistant.extraction import markdown
from assistant.types import Extracted

PAGES = 2_000
MARGIN = 0.1  # share of the page's height, at its top and its bottom, where running lines stand
RUNNING = 3  # pages on which a line of the margin stands before it is a running one
NEW_PARAGRAPH = 1.35  # of the usual distance of two lines
LARGER = 1.08  # of the usual size of letters; a line so large is a heading
NEARLY = 0.95  # of it; a heading of bold letters or capitals is at least so large
NOTE_MARK = 0.75  # of the letter before; raised digits smaller than this point to a note
LETTERS = 3  # that a heading has at least
LONGEST_HEADING = 200  # characters
HEADING_LINES = 4
CAPITALS = 0.9  # share of a heading's letters
TITLE_SIZE = 0.85  # of the largest letters on the first page; a letterhead may be a little larger than the title
FILLED = 0.5  # share of a table's cells; up to it the lines only draw a form or a box
CONTENTS = 0.4  # share of a page's lines that end in dots and a number: a table of contents
MARKER = re.compile(r"^(?:\(?(?:[a-z]{1,2}|[ivx]{1,5}|\d{1,2})\)|\d{1,2}\.(?:\d{1,2}\.?)*(?=\s)|[•●▪‣◦–-](?=\s))")
BULLET = re.compile(r"^[•●▪‣◦–-]\s+")
LABEL = re.compile(
    r"^(?:rule|article|annex|appendix|attachment|chapter|section|part|schedule)\s+\S{1,5}(?:\s\w)?$", re.IGNORECASE
)
CUT = re.compile(r"\w-$")
ENDED = re.compile(r"[.!?:;。။]['\"”’)\]]*$")
PAGE_NUMBER = re.compile(r"^(?:page\s*)?[|–-]?\s*(?:\d{1,4}|[ivxl]{1,6})\s*(?:of\s*\d+)?\s*[|–-]?$", re.IGNORECASE)
DOTS = re.compile(r"\.{5,}\s*\d*$")  # of a table of contents
DATE_LINE = re.compile(r"^(?:[A-Z][A-Za-z ]{2,30},\s*)?(\d{1,2})\s+([A-Z][a-z]{2})[a-z]*\.?,?\s+(\d{4})$")
MONTHS = {
    name: number
    for number, name in enumerate(
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], 1
    )
}
METADATA_DATE = re.compile(r"^D:(\d{4})(\d{2})(\d{2})")
TOOL_TITLE = re.compile(
    r"^(microsoft (word|powerpoint|excel)|untitled|.*\.(docx?|indd|pptx?|xlsx?|pdf)$)", re.IGNORECASE
)


@dataclass(frozen=True)
class Line:
    """A line of a page, in points from the top left."""

    text: str
    left: float
    top: float
    bottom: float
    size: float
    bold: bool
    page: int
    cells: tuple[tuple[str, ...], ...] = ()  # of a table, which stands here as one line; its first row is the header

    @property
    def style(self) -> tuple[float, bool]:
        """What lines of one heading have in common."""
        return round(self.size, 1), self.bold


@dataclass
class Paragraph:
    """Lines that belong together."""

    lines: list[Line]
    heading: bool = False

    @property
    def text(self) -> str:
        """The lines as one. A hyphen at the end of a line stays: whether it belongs there, nobody says."""
        text = ""
        for line in self.lines:
            text = f"{text}{line.text}" if CUT.search(text) else f"{text} {line.text}"
        return " ".join(text.split())

    def judged(self) -> "Paragraph":
        """Itself; no heading any more where it has become too long for one, or breaks off."""
        short = len(self.text) <= LONGEST_HEADING and len(self.lines) <= HEADING_LINES
        return Paragraph(self.lines, self.heading and short and not self.text.endswith(","))


def extract(raw: bytes) -> Extracted:
    """The text of a PDF.

    Raises:
        ExtractionError: damaged, locked, too long, or without any text.
    """
    try:
        with pdfplumber.open(io.BytesIO(raw)) as pdf:
            if len(pdf.pages) > PAGES:
                raise ExtractionError(f"has {len(pdf.pages):,} pages: split it, {PAGES:,} are taken at most")
            pages = [_lines(page) for page in pdf.pages]
            metadata = {key: _plain(value) for key, value in (pdf.metadata or {}).items()}
    except (PDFEncryptionError, PDFPasswordIncorrect):
        raise ExtractionError("is locked with a password: save it without one") from None
    except PdfminerException as error:
        locked = isinstance(error.args[0] if error.args else None, PDFEncryptionError | PDFPasswordIncorrect)
        reason = "is locked with a password: save it without one" if locked else "is damaged or cut off: get it again"
        raise ExtractionError(reason) from None
    if not pages:
        raise ExtractionError("has no pages: it is damaged or cut off, get it again")
    empty = [number for number, lines in enumerate(pages, start=1) if not lines]
    if len(empty) == len(pages):
        which = "its page is an image" if len(pages) == 1 else f"all its {len(pages)} pages are images"
        raise ExtractionError(f"has no text, {which}: run it through OCR first (e.g. ocrmypdf)")
    lines = _without_running(pages)
    paragraphs = _named(list(_paragraphs(lines)))
    title = _title(metadata, paragraphs)
    date, findings = _date(metadata, lines)
    if empty:
        findings += (f"no text on {_pages(empty)}: empty or scanned, left out",)
    return Extracted(
        title=title, body=markdown.document(_blocks(paragraphs, title)), date=date, pages=len(pages), findings=findings
    )


def _lines(page: Any) -> list[Line]:
    """The lines of a page from top to bottom, a table as one line where it stands."""
    inside = _without_note_marks(page.crop(page.bbox, strict=False))
    found = [table for table in inside.find_tables() if _is_table(table)]
    kept = inside
    for table in found:
        kept = kept.outside_bbox(_within(table.bbox, page.bbox))
    lines = [_line(line, page.page_number) for line in kept.extract_text_lines(strip=True)]
    for table in found:
        cells = tuple(map(tuple, _columns(table.extract())))
        if not _has_header(inside, table):
            cells = (("",) * len(cells[0]), *cells)
        left, top, _, bottom = table.bbox
        lines.append(Line("", left, top, bottom, 0, False, page.page_number, cells))
    page.close()
    return sorted((line for line in lines if line.text or line.cells), key=lambda line: line.top)


def _without_note_marks(page: Any) -> Any:
    """The page without the small raised digits that point to its notes."""
    marks = {
        (char["x0"], char["top"])
        for before, char in pairwise(page.chars)
        if char["text"].isdigit() and char["size"] < NOTE_MARK * before["size"] and char["bottom"] < before["bottom"]
    }
    return page.filter(lambda thing: thing["object_type"] != "char" or (thing["x0"], thing["top"]) not in marks)


def _is_table(table: Any) -> bool:
    rows = _columns(table.extract())
    cells = [cell for row in rows for cell in row]
    return len(rows) > 1 and len(rows[0]) > 1 and sum(map(bool, cells)) / len(cells) > FILLED


def _has_header(page: Any, table: Any) -> bool:
    """Whether the first row is set in another type than the second."""

    def type_of(row: Any) -> tuple[str, float, str] | None:
        letters = [char for char in page.crop(row.bbox, strict=False).chars if char["text"].strip()]
        kinds = Counter((c["fontname"], round(c["size"], 1), str(c.get("non_stroking_color"))) for c in letters)
        return kinds.most_common(1)[0][0] if kinds else None

    first, second = (type_of(row) for row in table.rows[:2])
    return first is not None and first != second


def _columns(rows: Sequence[Sequence[str | None]]) -> list[list[str]]:
    """The cells as text. Columns of which no row uses both are one: a merged cell stands in either."""
    filled = [[_plain(re.sub(r"(?<=\w-)\n", "", cell or "")) for cell in row] for row in rows]
    kept: list[list[str]] = []
    for column in zip(*filled, strict=True):
        if kept and not any(here and before for here, before in zip(column, kept[-1], strict=True)):
            kept[-1] = [here or before for here, before in zip(column, kept[-1], strict=True)]
        else:
            kept.append(list(column))
    return [list(row) for row in zip(*kept, strict=True) if any(row)] or [[]]


def _within(box: tuple[float, ...], page: tuple[float, ...]) -> tuple[float, ...]:
    return (*(max(a, b) for a, b in zip(box[:2], page[:2], strict=True)),
            *(min(a, b) for a, b in zip(box[2:], page[2:], strict=True)))  # fmt: skip


def _line(line: dict[str, Any], page: int) -> Line:
    letters = [char for char in line["chars"] if char["text"].strip()] or line["chars"]
    bold = sum("bold" in char["fontname"].lower() or char["fontname"].endswith("-Bd") for char in letters)
    return Line(
        text=_plain(line["text"]),
        left=line["x0"],
        top=line["top"],
        bottom=line["bottom"],
        size=median(char["size"] for char in letters),
        bold=bold > len(letters) / 2,
        page=page,
    )


def _without_running(pages: Sequence[Sequence[Line]]) -> list[Line]:
    """All lines but page numbers, tables of contents, and what stands in the margin of many pages."""
    usual = _usual_size([line for lines in pages for line in lines])

    def alike(line: Line) -> str:
        """Numbers count as one another, but in letters as large as headings have them: "Chapter 1", "Chapter 2"."""
        text = line.text.casefold()
        return text if line.size > LARGER * usual else re.sub(r"\d+", "0", text)

    pages = [lines for lines in pages if not _is_contents(lines)]
    margins = [{id(line) for line in _margin(lines)} for lines in pages]
    often = Counter(
        text
        for lines, margin in zip(pages, margins, strict=True)
        for text in {alike(line) for line in lines if id(line) in margin}
    )
    return [
        line
        for lines, margin in zip(pages, margins, strict=True)
        for line in lines
        if not (
            id(line) in margin
            and (PAGE_NUMBER.match(line.text) or often[alike(line)] >= min(RUNNING, max(2, len(pages))))
        )
        and not DOTS.search(line.text)
    ]


def _is_contents(lines: Sequence[Line]) -> bool:
    return sum(1 for line in lines if DOTS.search(line.text)) >= CONTENTS * max(len(lines), 1)


def _margin(lines: Sequence[Line]) -> list[Line]:
    if not lines:
        return []
    top, bottom = min(line.top for line in lines), max(line.bottom for line in lines)
    reach = (bottom - top) * MARGIN
    return [line for line in lines if not line.cells and (line.top < top + reach or line.bottom > bottom - reach)]


def _paragraphs(lines: Sequence[Line]) -> Iterator[Paragraph]:
    """Lines gathered; a paragraph that runs on over the end of a page is one, and stays with its first page."""
    texts = [line for line in lines if not line.cells]
    usual = _usual_size(texts)
    distance = _usual_distance(texts) or 1.2
    gathered: Paragraph | None = None
    for line in lines:
        heading = _is_heading(line, usual)
        if gathered is not None and gathered.heading and not heading and line.text[:1].islower():
            gathered = Paragraph(gathered.lines)  # a sentence that begins in bold letters is no heading
        if gathered is not None and not line.cells and _goes_on(gathered, line, distance, heading=heading):
            gathered.lines.append(line)
            continue
        if gathered is not None:
            yield gathered.judged()
        gathered = Paragraph([line], heading)
    if gathered is not None:
        yield gathered.judged()


def _named(paragraphs: Sequence[Paragraph]) -> list[Paragraph]:
    """A heading that only numbers, as "RULE 17", takes the heading after it along, which says what it is about."""
    kept: list[Paragraph] = []
    for paragraph in paragraphs:
        if paragraph.heading and kept and kept[-1].heading and LABEL.match(kept[-1].text):
            kept[-1] = Paragraph([*kept[-1].lines, *paragraph.lines], heading=True)
        else:
            kept.append(paragraph)
    return kept


def _goes_on(paragraph: Paragraph, line: Line, distance: float, *, heading: bool) -> bool:
    last = paragraph.lines[-1]
    if last.cells or heading != paragraph.heading or MARKER.match(line.text):
        return False
    if heading:
        return line.style == last.style and line.page == last.page and line.top - last.top < 2 * line.size
    if line.page != last.page:
        return not ENDED.search(last.text) and (line.text[:1].islower() or line.text[:1].isdigit())
    return line.top - last.top <= NEW_PARAGRAPH * distance * max(line.size, last.size)


def _is_heading(line: Line, usual: float) -> bool:
    letters = [letter for letter in line.text if letter.isalpha()]
    if line.cells or not LETTERS <= len(letters) <= LONGEST_HEADING or line.text.endswith((".", ";")):
        return False
    capitals = sum(map(str.isupper, letters)) / len(letters) >= CAPITALS and len(letters) > LETTERS
    return line.size > LARGER * usual or (line.size > NEARLY * usual and (line.bold or capitals))


def _usual_size(lines: Sequence[Line]) -> float:
    """The size in which most letters are set."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.size * 2) / 2] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _usual_distance(lines: Sequence[Line]) -> float:
    """From the top of a line to that of the next, in sizes of letters: the most frequent, 0 where there is none."""
    steps = Counter(
        round((after.top - line.top) / line.size, 1)
        for line, after in pairwise(lines)
        if line.page == after.page and line.style == after.style and 0 < after.top - line.top < 3 * line.size
    )
    return steps.most_common(1)[0][0] if steps else 0.0


def _blocks(paragraphs: Sequence[Paragraph], title: str | None) -> Iterator[str]:
    sizes = sorted({round(p.lines[0].size) for p in paragraphs if p.heading}, reverse=True)[:4]
    page = 0
    header: tuple[str, ...] = ()
    for paragraph in paragraphs:
        first = paragraph.lines[0]
        goes_on = first.page != page and len(first.cells[:1]) and not any(first.cells[0])
        if paragraph.heading and paragraph.text == title and not page:
            continue
        if first.page != page:
            page = first.page
            yield markdown.page(page)
        if first.cells:
            same = goes_on and len(header) == len(first.cells[0])  # a table that runs on over the end of a page
            yield markdown.table([header if same else first.cells[0], *first.cells[1:]])
            header = header if same else first.cells[0]
            continue
        header = ()
        if paragraph.heading:
            level = sizes.index(round(first.size)) if round(first.size) in sizes else len(sizes)
            yield markdown.heading(paragraph.text, 2 + level)
        elif BULLET.match(paragraph.text):
            yield markdown.item(BULLET.sub("", paragraph.text))
        else:
            yield markdown.escaped(paragraph.text)


def _title(metadata: dict[str, str], paragraphs: Sequence[Paragraph]) -> str | None:
    """What the file calls itself, unless a program did; else the longest of its first page's largest headings."""
    said = metadata.get("Title", "")
    if said and not TOOL_TITLE.match(said):
        return said
    first = paragraphs[0].lines[0].page if paragraphs else 0
    headings = [p for p in paragraphs if p.heading and p.lines[0].page == first]
    size = max((p.lines[0].size for p in headings), default=0.0)
    largest = [p.text for p in headings if p.lines[0].size >= TITLE_SIZE * size and len(p.text) <= LONGEST_HEADING]
    return max(largest, key=len, default=None)


def _date(metadata: dict[str, str], lines: Sequence[Line]) -> tuple[str | None, tuple[str, ...]]:
    """A date that stands by itself on the first page with text, else when the file was made."""
    first = lines[0].page if lines else 0
    for line in lines:
        match = DATE_LINE.match(line.text) if line.page == first else None
        if match and match[2] in MONTHS and 1 <= int(match[1]) <= 31:
            return f"{match[3]}-{MONTHS[match[2]]:02}-{int(match[1]):02}", ()
    made = METADATA_DATE.match(metadata.get("CreationDate", ""))
    if made:
        return "-".join(made.groups()), ("names no date: took the one on which the file was made",)
    return None, ()


def _pages(numbers: Sequence[int]) -> str:
    return f"page{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"


def _plain(value: object) -> str:
    """Text without control characters and without what a font has no letters for."""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value or "")
    spaced = " ".join(re.sub(r"\(cid:\d+\)", " ", text).split())
    return "".join(letter for letter in spaced if letter.isprintable())
