"""Sources over HTTP: passages, documents, originals and portals for everybody, ingesting for an administrator."""

import logging
import secrets
from typing import Annotated

from fastapi import BackgroundTasks, Depends, FastAPI, Form, Header, HTTPException, Query, Request, Response, UploadFile
from pydantic import ValidationError

from assistant.bootstrap import Assistant, Builder, Change, Sources
from assistant.errors import AssistantError, ExtractionError, InputError
from assistant.sources import Given
from assistant.types import Document, Passage, Portal

log = logging.getLogger(__name__)

SHOWN_IN_THE_BROWSER = "application/pdf"
BEARER = "Bearer "

CountryQuery = Annotated[
    str | None, Query(pattern="^[A-Za-z]{2}$", description="ISO 3166 code, e.g. SG.", examples=["SG"])
]


def assistant_of(request: Request) -> Assistant:
    """The assistant of the application a request came to."""
    return request.app.state.assistant  # type: ignore[no-any-return]


TheAssistant = Annotated[Assistant, Depends(assistant_of)]


def administrator(assistant: TheAssistant, authorization: Annotated[str, Header()] = "") -> None:
    """Let nobody pass but who sends the token of the settings."""
    token = assistant.settings.admin_token.get_secret_value()
    if not token:
        raise HTTPException(403, "ingesting over HTTP is off: set ASSISTANT_ADMIN_TOKEN to allow it")
    if not secrets.compare_digest(authorization.encode(), f"{BEARER}{token}".encode()):
        raise HTTPException(401, "this needs the administrator's token: send it as Authorization: Bearer …")


def add(app: FastAPI) -> None:
    """Put the routes on an application."""
    _add_reading(app)
    _add_ingesting(app)


def _add_reading(app: FastAPI) -> None:
    @app.get("/v1/passages/{passage_id}", tags=["sources"])
    def passage(passage_id: str, assistant: TheAssistant) -> Passage:
        """The passage a citation quotes from; also of an earlier version, for answers given then."""
        return assistant.passage(passage_id)

    @app.get("/v1/documents/{document_id}", tags=["sources"])
    def document(document_id: str, assistant: TheAssistant) -> Document:
        """A source document, with its provenance."""
        return assistant.document(document_id)

    @app.get("/v1/documents/{document_id}/original", tags=["sources"], response_class=Response)
    def original(document_id: str, assistant: TheAssistant, version: str | None = None) -> Response:
        """The file or page that an ingested document was made of, as it was fetched."""
        raw, kind = assistant.original(document_id, version)
        shown = kind == SHOWN_IN_THE_BROWSER
        headers = {"Content-Disposition": "inline" if shown else "attachment"}
        return Response(raw, media_type=kind if shown else "application/octet-stream", headers=headers)

    @app.get("/v1/portals", tags=["sources"])
    def portals(assistant: TheAssistant, country: CountryQuery = None) -> list[Portal]:
        """Official sites, those on ASEAN's Informed Compliance list first."""
        return assistant.portals(country.upper() if country else None)


def _add_ingesting(app: FastAPI) -> None:
    @app.post("/v1/sources", tags=["sources"], dependencies=[Depends(administrator)])
    def ingest(
        assistant: TheAssistant,
        background: BackgroundTasks,
        file: UploadFile | None = None,
        url: Annotated[str | None, Form(description="The page to fetch, or where the file is from.")] = None,
        given: Annotated[str, Form(description="JSON: id, title, publisher, country, authority, as_of …")] = "{}",
    ) -> Change:
        """Bring a file or page into the index, which is brought up to date after the answer."""
        with Sources(assistant.settings) as sources:
            change = _taken(sources, file, url, _given(given, url))
        if change.outcome.kind == "failed":
            raise ExtractionError(f"{change.outcome.name} {'; '.join(change.outcome.findings)}")
        background.add_task(_bring_up_to_date, assistant)
        return change


def _taken(sources: Sources, file: UploadFile | None, url: str | None, given: Given) -> Change:
    if file is not None:
        return sources.upload(file.file.read(), file.filename or "file", given, file.content_type)
    if url:
        return next(iter(sources.ingest([url], given)))
    raise InputError("send a file, or the url of a page")


def _given(text: str, url: str | None) -> Given:
    try:
        return Given.model_validate_json(text).model_copy(update={"url": url})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise InputError(f"given {place}: {first['msg']}".replace(" :", ":")) from None


def _bring_up_to_date(assistant: Assistant) -> None:
    try:
        manifest, embedded = Builder(assistant.settings).build(lambda *_: None)
        log.info("index %s, %d texts embedded", manifest.version, embedded)
    except AssistantError as error:
        log.warning("the index was not brought up to date: %s", error)
