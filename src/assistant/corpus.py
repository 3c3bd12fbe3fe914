"""Reads the corpus: Markdown files with YAML front matter become Documents; every broken rule gets file and line."""

import datetime
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from assistant.errors import CorpusError
from assistant.types import Authority, CountryCode, Document, Expected, PartialDate, Portal, Wording

FENCE = "---"
VERSIONS = "versions"  # the folder of earlier texts
QUESTIONS = ".questions.yaml"  # what the file beside a document ends in that lists the questions expected of it
URL_IN_BODY = re.compile(r"https?://|www\.[a-z]", re.IGNORECASE)
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*$")

NonEmpty = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
DocumentId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


class PortalEntry(BaseModel):
    """A portal as the front matter gives it; its description is the first paragraph of the section of its name."""

    model_config = ConfigDict(extra="forbid")

    name: NonEmpty
    url: str | None
    listed: bool
    country: CountryCode | None = None


class FrontMatter(BaseModel):
    """The keys a corpus file may and must have (corpus/README.md)."""

    model_config = ConfigDict(extra="forbid")

    id: DocumentId
    title: NonEmpty
    country: CountryCode | None = None
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
    publisher: NonEmpty
    source: NonEmpty
    url: str | None
    authority: Authority
    binding: bool
    as_of: PartialDate | None
    wording: Wording
    see_also: tuple[DocumentId, ...] = ()
    questions: tuple[NonEmpty, ...] = ()
    portals: tuple[PortalEntry, ...] = Field(default=())
    retrieved_on: PartialDate | None = None
    media_type: str | None = None
    original: str | None = None


def files(root: Path) -> list[Path]:
    """The Markdown files of a corpus folder, in a stable order, but READMEs and earlier versions."""
    return sorted(path for path in root.rglob("*.md") if path.name != "README.md" and VERSIONS not in path.parts)


def fingerprint(*roots: Path) -> str:
    """A hash of every file's path and content: equal if and only if the corpora are."""
    digest = hashlib.sha256()
    for root in roots:
        for path in sorted([*files(root), *root.rglob(f"*{QUESTIONS}")]):
            digest.update(f"{path.relative_to(root).as_posix()}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def load(*roots: Path) -> list[Document]:
    """All documents of some corpus folders; of those after the first any may be empty.

    Raises:
        CorpusError: at the first file that cannot be read, naming file and line.
    """
    found: dict[str, Path] = {}
    documents = []
    for root in roots:
        for path in files(root):
            document = read(path)
            if document.id in found:
                raise CorpusError(str(path), 1, f"id {document.id!r} is also in {found[document.id]}")
            found[document.id] = path
            documents.append(document)
        if not documents:
            raise CorpusError(str(root), 0, "no Markdown files here: point ASSISTANT_CORPUS_DIR at the corpus folder")
    return documents


def write(document: Document, path: Path) -> None:
    """Write a document so that `read` gives it back, in one step: a reader finds the old file or the new one.

    The questions expected of it, if any, are written beside it before that; without any, such a file stays as it is.
    """
    if document.expected:
        listed = {expected.words: list(expected.questions) for expected in document.expected}
        _replace(path.with_suffix(QUESTIONS), yaml.safe_dump(listed, sort_keys=False, allow_unicode=True, width=120))
    front = document.model_dump(mode="json", include=set(FrontMatter.model_fields), exclude_defaults=True)
    required = {
        name: getattr(document, name) for name, field in FrontMatter.model_fields.items() if field.is_required()
    }
    head = yaml.safe_dump({**required, **front}, sort_keys=False, allow_unicode=True, width=120)
    _replace(path, f"{FENCE}\n{head}{FENCE}\n\n{document.body}\n")


def _replace(path: Path, text: str) -> None:
    """Write a file in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, suffix=".tmp", delete=False) as file:
        temporary = Path(file.name)
        try:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


def version(body: str) -> str:
    """What tells one text of a document from another."""
    return hashlib.sha256(body.encode()).hexdigest()[:12]


def read(path: Path) -> Document:
    """One file as a Document.

    Raises:
        CorpusError: naming file and line.
    """
    front, lines, body, body_line = _split(path)
    try:
        entry = FrontMatter.model_validate(front)
    except ValidationError as error:
        first = error.errors()[0]
        location = [str(part) for part in first["loc"]]
        raise CorpusError(str(path), _line_of(lines, location), _explain(location, first["msg"])) from None
    sections = _sections(body)
    portals = tuple(_portal(path, entry, portal, sections, lines, body_line) for portal in entry.portals)
    fields = entry.model_dump(exclude={"portals"})
    return Document(
        **fields,
        body=body,
        version=version(body),
        portals=portals,
        expected=_expected(path.with_suffix(QUESTIONS), body),
    )


def lint(root: Path, today: datetime.date) -> list[CorpusError]:
    """Every rule that is broken, at most one per file for its front matter, all of them for the rest."""
    findings: list[CorpusError] = []
    documents: dict[str, tuple[Path, Document]] = {}
    for path in files(root):
        try:
            document = read(path)
        except CorpusError as error:
            findings.append(error)
            continue
        if document.id in documents:
            other = documents[document.id][0]
            findings.append(CorpusError(str(path), _find_line(path, "id:"), f"id {document.id!r} is also in {other}"))
        documents[document.id] = (path, document)
        findings.extend(_check(path, document, today))
    for path, document in documents.values():
        for reference in document.see_also:
            if reference not in documents:
                line = _find_line(path, "see_also")
                findings.append(CorpusError(str(path), line, f"see_also names {reference!r}, which no document has"))
    findings.extend(
        CorpusError(str(path), 1, f"there is no {path.name.removesuffix(QUESTIONS)}.md beside it")
        for path in root.rglob(f"*{QUESTIONS}")
        if not path.with_name(f"{path.name.removesuffix(QUESTIONS)}.md").exists()
    )
    if not documents and not findings:
        findings.append(CorpusError(str(root), 0, "no Markdown files here"))
    return findings


def _split(path: Path) -> tuple[dict[str, Any], dict[tuple[str, ...], int], str, int]:
    """Front matter, line of each of its keys, body, and the line the body starts on."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise CorpusError(str(path), line, "not UTF-8: save the file as UTF-8") from None
    except OSError as error:
        raise CorpusError(str(path), 0, f"cannot be read: {error.strerror}") from None
    lines = text.splitlines()
    if not lines or lines[0].strip() != FENCE:
        raise CorpusError(str(path), 1, "no front matter: the first line must be ---")
    try:
        end = lines.index(FENCE, 1)
    except ValueError:
        raise CorpusError(str(path), 1, "the front matter is not closed by a line ---") from None
    source = "\n".join(lines[1:end])
    try:
        node = yaml.compose(source, Loader=yaml.SafeLoader)
        front = yaml.safe_load(source)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 2
        raise CorpusError(str(path), line, f"broken YAML: {error.problem}") from None
    if not isinstance(front, dict):
        raise CorpusError(str(path), 2, "the front matter is not a list of 'key: value' lines")
    return front, dict(_key_lines(node, ())), "\n".join(lines[end + 1 :]).strip(), end + 2


def _expected(path: Path, body: str) -> tuple[Expected, ...]:
    """The questions expected of the sentences of a body, from the file beside it, if there is one."""
    if not path.exists():
        return ()
    text = path.read_text(encoding="utf-8")
    try:
        entries = yaml.safe_load(text)
        lines = dict(_key_lines(yaml.compose(text, Loader=yaml.SafeLoader), ()))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise CorpusError(str(path), line, f"broken YAML: {error.problem}") from None
    if not isinstance(entries, dict):
        raise CorpusError(str(path), 1, "not a list of 'words of a sentence: questions' entries")
    folded = " ".join(body.split()).casefold()
    for words, questions in entries.items():
        line = lines[str(words),] - 1
        if " ".join(str(words).split()).casefold() not in folded:
            raise CorpusError(str(path), line, f"the body has no sentence with the words {words!r}")
        if not isinstance(questions, list) or not all(isinstance(text, str) and text.strip() for text in questions):
            raise CorpusError(str(path), line, f"{words!r} needs a list of questions as text: put them in quotes")
    return tuple(Expected(words=str(words), questions=tuple(texts)) for words, texts in entries.items())


def _key_lines(node: yaml.Node | None, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield (*path, str(key.value)), key.start_mark.line + 2
            yield from _key_lines(value, (*path, str(key.value)))
    elif isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            yield (*path, str(number)), item.start_mark.line + 2
            yield from _key_lines(item, (*path, str(number)))


def _line_of(lines: dict[tuple[str, ...], int], location: list[str]) -> int:
    """The line of the nearest key that exists: of the file's start for a key that is missing."""
    for length in range(len(location), 0, -1):
        if tuple(location[:length]) in lines:
            return lines[tuple(location[:length])]
    return 1


def _explain(location: list[str], message: str) -> str:
    name = ".".join(location) or "front matter"
    known = {"Field required": "is missing", "Extra inputs are not permitted": "is not a known key"}
    return f"{name} {known.get(message, f': {message}')}".replace(" :", ":")


def _sections(body: str) -> dict[str, str]:
    """First paragraph under each heading."""
    sections: dict[str, str] = {}
    heading = None
    for block in re.split(r"\n\s*\n|\n(?=#)|(?<=\n)(?=#)", body):
        first, _, rest = block.strip().partition("\n")
        match = HEADING.match(first)
        if match:
            heading = match.group(1)
            sections.setdefault(heading, rest.strip())
        elif heading is not None and not sections[heading]:
            sections[heading] = block.strip()
    return sections


def _portal(
    path: Path,
    entry: FrontMatter,
    portal: PortalEntry,
    sections: dict[str, str],
    lines: dict[tuple[str, ...], int],
    body_line: int,
) -> Portal:
    line = lines.get(("portals", str(entry.portals.index(portal))), 1)
    if portal.name not in sections:
        raise CorpusError(str(path), line, f"portal {portal.name!r} has no section of that name in the body")
    description = " ".join(sections[portal.name].split())
    if not description:
        raise CorpusError(str(path), body_line, f"the section {portal.name!r} has no paragraph to describe the portal")
    return Portal(
        name=portal.name,
        description=description,
        url=portal.url,
        country=portal.country or entry.country,
        listed=portal.listed,
        publisher=entry.publisher,
        as_of=entry.as_of,
        document_id=entry.id,
    )


def _check(path: Path, document: Document, today: datetime.date) -> Iterator[CorpusError]:
    """Rules beyond the shape of the front matter."""
    if document.as_of and document.as_of > today.isoformat()[: len(document.as_of)]:
        yield CorpusError(str(path), _find_line(path, "as_of"), f"as_of {document.as_of} lies in the future")
    for url in (document.url, *(portal.url for portal in document.portals)):
        if url is not None and not well_formed(url):
            yield CorpusError(str(path), _find_line(path, url), f"malformed address {url!r}")
    if not document.body:
        yield CorpusError(str(path), _find_line(path, FENCE), "the body is empty")
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if (
            URL_IN_BODY.search(text)
            and text.strip() in document.body
            and not text.lstrip().startswith(("url:", "- url:"))
        ):
            yield CorpusError(str(path), number, "an address in the body: addresses belong in the front matter")


def well_formed(url: str) -> bool:
    """Whether the address is http(s), has a host with a dot, and holds no character that an address cannot hold."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    host = parts.hostname or ""
    return (
        parts.scheme in ("http", "https")
        and re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", host) is not None
        and re.search(r"[\s<>\"{}|\\^`]", url) is None
    )


def _find_line(path: Path, text: str) -> int:
    """The first line that holds the text, else the first."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if text in line:
            return number
    return 1
