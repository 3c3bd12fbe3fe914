"""Compares ways to read pages and PDFs on files whose right text is known; prints shares of what each got right.

python benchmarks/extraction.py [FOLDER_OF_OFFICIAL_PDFS]

The pages, and what is right about them, stand in benchmarks/extraction_pages. What is not installed is left out:
pip install trafilatura resiliparse pypdf
"""

import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pypdfium2
import yaml
from markdownify import markdownify
from readability import Document

from assistant.extraction import Reader

PAGES = Path(__file__).parent / "extraction_pages"
KINDS = ("kept", "left_out", "headings", "rows")

Read = Callable[[bytes], str]
"""A file to Markdown; pages of a PDF each begin with a page mark."""


def ours(name: str) -> Read:
    return lambda raw: Reader().read(raw, name).body


def readability(raw: bytes) -> str:
    return str(markdownify(Document(raw.decode()).summary(), heading_style="ATX"))


def trafilatura(raw: bytes) -> str:
    import trafilatura

    return trafilatura.extract(raw, output_format="markdown", include_tables=True, favor_recall=True) or ""


def resiliparse(raw: bytes) -> str:
    from resiliparse.extract.html2text import extract_plain_text

    html = extract_plain_text(raw.decode(), main_content=True, preserve_formatting="minimal_html")
    return str(markdownify(html, heading_style="ATX"))


def pdfium(raw: bytes) -> str:
    pages = pypdfium2.PdfDocument(raw)
    return "".join(f"\n<!-- page {n} -->\n{page.get_textpage().get_text_bounded()}" for n, page in enumerate(pages, 1))


def pypdf(raw: bytes) -> str:
    import io

    from pypdf import PdfReader

    pages = PdfReader(io.BytesIO(raw)).pages
    return "".join(f"\n<!-- page {n} -->\n{page.extract_text()}" for n, page in enumerate(pages, 1))


def main() -> None:
    right = yaml.safe_load((PAGES / "right.yaml").read_text(encoding="utf-8"))
    pdfs = right.pop("pdf")
    html = {"ours": ours("page.html"), "readability + markdownify": readability}
    html |= {
        name: read for name, read in (("trafilatura", trafilatura), ("resiliparse", resiliparse)) if find_spec(name)
    }
    table("HTML", html, [(PAGES / name, wanted) for name, wanted in right.items()])
    if len(sys.argv) > 1:
        folder = Path(sys.argv[1])
        readers = {"ours (pdfplumber)": ours("file.pdf"), "pypdfium2": pdfium} | (
            {"pypdf": pypdf} if find_spec("pypdf") else {}
        )
        table("PDF", readers, [(folder / name, wanted) for name, wanted in pdfs.items() if (folder / name).exists()])


def table(title: str, readers: dict[str, Read], files: Sequence[tuple[Path, dict[str, Any]]]) -> None:
    """One line a reader: the share of each kind that it got right, and milliseconds a file."""
    print(f"\n{title}: {len(files)} files\n{'':28}{'  '.join(f'{kind:>12}' for kind in KINDS)}  {'ms a file':>10}")
    for name, read in readers.items():
        hits: dict[str, list[bool]] = {kind: [] for kind in KINDS}
        start = time.perf_counter()
        texts = [read(path.read_bytes()) for path, _ in files]
        spent = (time.perf_counter() - start) * 1_000 / len(files)
        for text, (_, wanted) in zip(texts, files, strict=True):
            for kind in KINDS:
                hits[kind] += judged(kind, text, wanted.get(kind, []))
        shares = "  ".join(f"{sum(hits[kind]):>5} of {len(hits[kind]):>3}" for kind in KINDS)
        print(f"{name:28}{shares}  {spent:>10.0f}")


def judged(kind: str, text: str, wanted: Sequence[Any]) -> Iterator[bool]:
    """For each thing that is wanted of a text whether it is there as it should be."""
    lines = [plain(line) for line in text.splitlines()]
    headings = [plain(line.lstrip("# ")) for line in text.splitlines() if line.startswith("#")]
    for each in wanted:
        if kind == "kept":
            page, words = each if isinstance(each, list) else (None, each)
            yield any(words in plain(block) for block in blocks(text, page))
        elif kind == "left_out":
            yield not any(each in line for line in lines)
        elif kind == "headings":
            yield each in headings
        else:
            yield any(line.startswith("|") and all(cell in line for cell in each) for line in lines)


def blocks(text: str, page: int | None) -> list[str]:
    """The paragraphs of a text, or of one of its pages: a sentence that is broken apart is no sentence."""
    if page is not None:
        parts = re.split(r"<!-- page (\d+) -->", text)
        text = "".join(parts[at + 1] for at in range(1, len(parts), 2) if int(parts[at]) == page)
    return re.split(r"\n\s*\n", text)


def plain(text: str) -> str:
    return " ".join(re.sub(r"\\(?=[\W_])|\*\*", "", text).split())


if __name__ == "__main__":
    main()
