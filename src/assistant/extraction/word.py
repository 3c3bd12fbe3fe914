"""Word documents to Markdown, by way of the HTML that mammoth makes of their styles."""

import io
import zipfile
from typing import Any
from xml.etree.ElementTree import ParseError

import mammoth

from assistant.errors import ExtractionError
from assistant.extraction import html
from assistant.types import Extracted

PROPERTIES = "docProps/core.xml"


def extract(raw: bytes) -> Extracted:
    """The text of a .docx file.

    Raises:
        ExtractionError: damaged, or without text.
    """
    try:
        page = mammoth.convert_to_html(io.BytesIO(raw), convert_image=mammoth.images.img_element(lambda _: {})).value
        said = _properties(raw)
    except (zipfile.BadZipFile, KeyError, ParseError, ValueError, OSError) as error:
        raise ExtractionError("is damaged or no Word document (.docx): save it again from Word") from error
    if not page.strip():
        raise ExtractionError("has no text")
    found = html.extract(f"<html><body><main>{page}</main></body></html>")
    changes: dict[str, Any] = {"title": said.get("title") or found.title, "date": said.get("modified", "")[:10] or None}
    return found.model_copy(update=changes)


def _properties(raw: bytes) -> dict[str, str]:
    """The document's own title and date, by their Dublin Core names."""
    import defusedxml.ElementTree  # noqa: PLC0415

    with zipfile.ZipFile(io.BytesIO(raw)) as package:
        if PROPERTIES not in package.namelist():
            return {}
        root = defusedxml.ElementTree.fromstring(package.read(PROPERTIES))
    return {element.tag.rpartition("}")[2]: (element.text or "").strip() for element in root}
