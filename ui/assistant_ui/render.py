"""Answers as HTML. Everything that comes from outside is escaped, and only http(s) addresses become links."""

import re
from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby

from assistant.citations import link as link_of
from assistant.policy import ASSIST_URL
from assistant.types import Answer, Citation, Passage, Portal, Sentence
from assistant_ui import handover_form
from assistant_ui.exchange import Exchange
from assistant_ui.handover_form import Helpdesk
from assistant_ui.i18n import Wording

REASONS = ("wrong_source", "wrong_country", "incomplete", "outdated", "unclear", "other")
COMMENT_CHARACTERS = 2_000
OWN = "/v1/documents/"  # where originals are kept that have no address of their own

THUMB = (
    '<svg viewBox="0 0 24 24" aria-hidden="true"{turn}><path d="M7 10v10H4V10z'
    'M7 11l4-8c1.5 0 2.5 1 2.5 2.5V9H19a2 2 0 0 1 2 2.4l-1.4 7A2 2 0 0 1 17.6 20H7"/></svg>'
)
UP, DOWN = THUMB.format(turn=""), THUMB.format(turn=' class="down"')
COPY = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M9 9h11v11H9zM5 15H4V4h11v1"/></svg>'


def exchange(number: int, shown: Exchange, wording: Wording, *, latest: bool, helpdesk: Helpdesk | None = None) -> str:
    """A question with what is known of its answer. Only the latest offers ways to go on; each the helpdesk, if any."""
    handing_over = handover_form.section(number, shown, wording, helpdesk) if helpdesk and shown.finished else ""
    tool = handover_form.tool(shown, wording) if helpdesk else ""
    return (
        f'<article class="exchange" data-exchange="{number}" tabindex="-1">'
        f'<h2 class="asked"><span class="visually-hidden">{escape(wording.text("you_asked"))}: </span>'
        f'<span class="question" dir="auto">{escape(shown.question)}</span></h2>'
        f'<div class="answer" lang="{escape(shown.language)}">'
        f"{_answer(shown, wording, latest, tool, handing_over)}</div></article>"
    )


def _answer(shown: Exchange, wording: Wording, latest: bool, tool: str, handing_over: str) -> str:
    """`tool` goes among the answer's tools, `handing_over` under them."""
    if shown.failed:
        return failure(wording) + handing_over
    answer = shown.answer
    parts = [
        _status(answer.status if answer else None, wording),
        text(shown, wording),
        "".join(source(citation, shown.passages.get(citation.passage_id), wording) for citation in shown.citations),
        _sources(shown.citations, wording),
    ]
    if answer:
        parts += [
            _options(answer, wording) if latest else "",
            portals(answer.portals, wording),
            _escalation(answer.escalation.text, answer.escalation.url, wording),
            _tools(answer, wording, shown.feedback, tool),
            handing_over,
            _follow_ups(answer.follow_ups, wording) if latest else "",
        ]
    return "".join(parts)


def failure(wording: Wording) -> str:
    """What is shown where no answer could be had: still with the disclaimer and ASSIST."""
    return (
        f'<p class="status status-failed">{escape(wording.text("status_failed"))}</p>'
        f"<p>{escape(wording.text('unavailable'))}</p>"
        f'<p class="own">{escape(wording.said("disclaimer"))}</p>'
        + _escalation(wording.said("assist_general"), ASSIST_URL, wording)
    )


def problem(message: str) -> str:
    """What is wrong with a question, from the words of a validation error."""
    words = message.removeprefix("Value error, ")
    return f"<p>{escape(words[:1].upper() + words[1:])}.</p>"


def spoken(shown: Exchange, wording: Wording) -> str:
    """What a screen reader says once an answer is there."""
    if shown.answer is None:
        return escape(wording.text("unavailable"))
    said = " ".join(sentence.text for sentence in shown.sentences)
    return escape(f"{wording.text(f'status_{shown.answer.status}')}. {said}")


def _status(status: str | None, wording: Wording) -> str:
    if status is None:
        return f'<p class="status status-searching">{escape(wording.text("searching"))}</p>'
    return f'<p class="status status-{status}">{escape(wording.text(f"status_{status}"))}</p>'


# -- text and sources --------------------------------------------------------------------------------------------


def text(shown: Exchange, wording: Wording) -> str:
    """The sentences, ours set apart from those that rest on a source."""
    citations = {citation.marker: citation for citation in shown.citations}
    urls = _addresses(shown)
    paragraphs = []
    for cited, run in groupby(shown.sentences, key=lambda sentence: bool(sentence.citations)):
        inner = " ".join(_sentence(sentence, citations, urls, shown.language, wording) for sentence in run)
        paragraphs.append(f'<p class="{"cited" if cited else "own"}" dir="auto">{inner}</p>')
    return f'<div class="text">{"".join(paragraphs)}</div>'


def _sentence(
    sentence: Sentence, citations: dict[int, Citation], urls: set[str], language: str, wording: Wording
) -> str:
    evidence = [citations[marker] for marker in sentence.citations if marker in citations]
    markers = "".join(
        f'<button type="button" class="marker" data-action="open" data-source="{citation.marker}" '
        f'aria-haspopup="dialog" '
        f'aria-label="{escape(wording.text("open_source", marker=str(citation.marker), title=citation.title))}">'
        f"[{citation.marker}]</button>"
        for citation in evidence
    )
    spoken = evidence[0].language if evidence and sentence.text in evidence[0].quote else language
    return f'<span class="sentence" lang="{escape(spoken)}">{linked(sentence.text, urls)}{markers}</span>'


def _addresses(shown: Exchange) -> set[str]:
    """The addresses an answer may link to: of its portals, its sources and ASSIST."""
    if shown.answer is None:
        return set()
    answer = shown.answer
    known = [*(portal.url for portal in answer.portals), *(citation.url for citation in answer.citations)]
    return {url for url in [*known, answer.escalation.url] if url and _safe(url)}


def linked(words: str, urls: Iterable[str]) -> str:
    """Escaped text in which exactly these addresses are links."""
    alternatives = sorted(map(re.escape, urls), key=len, reverse=True)
    if not alternatives:
        return escape(words)
    pieces = re.split(f"({'|'.join(alternatives)})", words)
    return "".join(_anchor(piece, piece) if position % 2 else escape(piece) for position, piece in enumerate(pieces))


def _anchor(url: str, label: str, note: str = "") -> str:
    hidden = f'<span class="visually-hidden"> ({escape(note)})</span>' if note else ""
    return f'<a href="{escape(url)}" target="_blank" rel="noopener noreferrer">{escape(label)}{hidden}</a>'


def _safe(url: str) -> bool:
    return url.startswith(("https://", "http://"))


def source(citation: Citation, passage: Passage | None, wording: Wording) -> str:
    """What opens behind a marker: the passage with the quoted words marked, and where it comes from."""
    facts = {
        "section": citation.section,
        "publisher": citation.publisher,
        "standing": wording.standing(citation),
        "as_of": citation.as_of or wording.text("undated"),
    }
    rows = "".join(
        f'<div><dt>{escape(wording.text(key))}</dt><dd dir="auto">{escape(value)}</dd></div>'
        for key, value in facts.items()
        if value
    )
    address = link_of(citation)
    if address and (_safe(address) or address.startswith(OWN)):
        link = _anchor(address, wording.text("visit_source"), wording.text("new_tab"))
    else:
        link = escape(wording.text("no_source_link"))
    return (
        f'<div hidden class="source" data-source="{citation.marker}" '
        f'data-heading="{escape(wording.text("source", marker=str(citation.marker)))}" '
        f'data-close="{escape(wording.text("close"))}">'
        f'<h3 dir="auto">{escape(citation.title)}</h3>'
        f'<p class="attribution">{escape(wording.attribution(citation))}</p>'
        f'<p class="label">{escape(wording.text("passage"))}</p>'
        f'<blockquote lang="{escape(citation.language)}" dir="auto">{_highlighted(citation, passage)}</blockquote>'
        f'<dl>{rows}</dl><p class="visit">{link}</p></div>'
    )


def _highlighted(citation: Citation, passage: Passage | None) -> str:
    """The passage with the quote marked; quotation marks belong to verbatim wording only."""
    before, after = ("", "") if passage is None else (passage.text[: citation.start], passage.text[citation.end :])
    opening, closing = ("“", "”") if citation.wording == "verbatim" else ("", "")
    return f"{escape(before)}{opening}<mark>{escape(citation.quote)}</mark>{closing}{escape(after)}"


def _sources(citations: Sequence[Citation], wording: Wording) -> str:
    if not citations:
        return ""
    rows = "".join(
        f'<li><button type="button" data-action="open" data-source="{citation.marker}" aria-haspopup="dialog">'
        f'<span class="number">{citation.marker}</span><span dir="auto">{escape(citation.title)}'
        f'<span class="attribution">{escape(_origin(citation, wording))}</span></span></button></li>'
        for citation in citations
    )
    return f'<section class="sources"><h3>{escape(wording.text("sources"))}</h3><ol>{rows}</ol></section>'


def _origin(citation: Citation, wording: Wording) -> str:
    parts = (citation.section, wording.attribution(citation), wording.standing(citation))
    return " · ".join(part for part in parts if part)


# -- portals and ASSIST ------------------------------------------------------------------------------------------


def portals(shown: Sequence[Portal], wording: Wording) -> str:
    """Cards of official portals."""
    if not shown:
        return ""
    cards = "".join(portal(each, wording) for each in shown)
    return f'<section class="portals"><h3>{escape(wording.text("portals"))}</h3><ul>{cards}</ul></section>'


def portal(shown: Portal, wording: Wording) -> str:
    """One portal; one that ASEAN does not list says so, and who does."""
    country = f'<p class="label">{escape(wording.country(shown.country))}</p>' if shown.country else ""
    if shown.url and _safe(shown.url):
        link = _anchor(shown.url, wording.text("visit_portal"), f"{shown.name}, {wording.text('new_tab')}")
        link += f' <span class="address">{escape(shown.url)}</span>'
    else:
        link = escape(wording.text("no_portal_link"))
    unlisted = ""
    if shown.country and not shown.listed:
        origin = f"{shown.publisher}, {wording.dated(shown.as_of)}"
        unlisted = f'<p class="unlisted">{escape(wording.text("not_listed"))}: {escape(origin)}</p>'
    return (
        f'<li class="portal{" not-listed" if unlisted else ""}">{country}<h4 dir="auto">{escape(shown.name)}</h4>'
        f'<p dir="auto">{escape(shown.description)}</p>{unlisted}<p class="visit">{link}</p></li>'
    )


def _escalation(words: str, url: str, wording: Wording) -> str:
    return (
        f'<section class="further"><h3>{escape(wording.text("further"))}</h3><p>{linked(words, {url})} '
        f"{_anchor(url, wording.text('report'), wording.text('new_tab'))}</p></section>"
    )


# -- going on ----------------------------------------------------------------------------------------------------


def suggestion(words: str, label: str | None = None, country: str = "") -> str:
    """A button that asks `words`, for a country where one is given."""
    return (
        f'<li><button type="button" class="suggestion" data-action="ask" data-text="{escape(words)}" '
        f'data-country="{escape(country)}" dir="auto">{escape(label or words)}</button></li>'
    )


def _options(answer: Answer, wording: Wording) -> str:
    if answer.clarification is None:
        return ""
    options = "".join(
        suggestion(wording.country(option), country=option if option in wording.countries.codes else "")
        for option in answer.clarification.options
    )
    return f'<ul class="options" aria-label="{escape(answer.clarification.question)}">{options}</ul>'


def _follow_ups(questions: Sequence[str], wording: Wording) -> str:
    if not questions:
        return ""
    rows = "".join(map(suggestion, questions))
    return f'<section class="follow-ups"><h3>{escape(wording.text("follow_ups"))}</h3><ul>{rows}</ul></section>'


def _tools(answer: Answer, wording: Wording, feedback: str, tool: str) -> str:
    copied = escape(wording.text("copied"))
    copy = (
        f'<button type="button" data-action="copy" data-done="{copied}">{COPY}'
        f"<span>{escape(wording.text('copy'))}</span></button>"
        f'<span hidden class="plain">{escape(plain(answer, wording))}</span>'
    )
    if feedback == "given":
        return f'<div class="tools"><p class="thanks">{escape(wording.text("thanks"))}</p>{copy}{tool}</div>'
    asking = str(feedback == "asking").lower()
    failed = f'<p role="alert">{escape(wording.text("feedback_failed"))}</p>' if feedback == "failed" else ""
    return (
        f'<div class="tools"><button type="button" data-action="helpful">{UP}<span>{escape(wording.text("helpful"))}'
        f'</span></button><button type="button" data-action="unhelpful" aria-expanded="{asking}">{DOWN}'
        f"<span>{escape(wording.text('not_helpful'))}</span></button>{copy}{tool}{failed}</div>"
        + (_reasons(answer, wording) if feedback == "asking" else "")
    )


def _reasons(answer: Answer, wording: Wording) -> str:
    choices = "".join(
        f'<label><input type="radio" name="reason" value="{reason}"{" checked" if not position else ""}> '
        f"{escape(wording.text(f'reason_{reason}'))}</label>"
        for position, reason in enumerate(REASONS)
    )
    return (
        f'<form class="reasons" data-answer="{escape(answer.id)}"><fieldset><legend>{escape(wording.text("reason"))}'
        f'</legend>{choices}</fieldset><label class="comment">{escape(wording.text("comment"))}'
        f'<textarea name="comment" rows="2" maxlength="{COMMENT_CHARACTERS}" dir="auto"></textarea></label>'
        f'<button type="submit">{escape(wording.text("send"))}</button></form>'
    )


def plain(answer: Answer, wording: Wording) -> str:
    """The answer for the clipboard: text, sources, disclaimer and ASSIST."""
    sources = [
        f"[{citation.marker}] {citation.title}. {wording.attribution(citation)}. {citation.url or ''}".rstrip()
        for citation in answer.citations
    ]
    links = [f"{portal.name}: {portal.url or wording.text('no_portal_link')}" for portal in answer.portals]
    closing = [answer.disclaimer, f"{answer.escalation.name}: {answer.escalation.url}"]
    return "\n".join([answer.question, "", answer.text, "", *sources, *links, "", *closing])
