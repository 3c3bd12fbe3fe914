"""What stands around the conversation as HTML: header, choices, welcome, portals of a country, disclaimer."""

from collections.abc import Mapping, Sequence
from html import escape

from assistant.policy import ASSIST_URL
from assistant.types import Portal
from assistant_ui import render
from assistant_ui.i18n import Wording

WELCOME_EXAMPLES = 6

EMBLEM = (
    '<svg class="emblem" viewBox="0 0 32 32" aria-hidden="true"><path d="M5 6h22v15H15l-7 6v-6H5z"/>'
    '<path class="tick" d="M11 13l4 4 7-8"/></svg>'
)


def header(wording: Wording) -> str:
    """Name, what this is not, and the way to ASSIST."""
    return (
        f'<a class="skip" href="#question" data-action="skip">{escape(wording.text("skip"))}</a>'
        f'<header><div class="wide">{EMBLEM}<div><h1>{escape(wording.text("title"))}</h1>'
        f"<p>{escape(wording.text('tagline'))}</p></div></div></header>"
    )


def choices(wording: Wording, country: str | None, language: str | None, languages: Mapping[str, str]) -> str:
    """The two selectors, each language under its own name."""
    countries = {code: wording.country(code) for code in wording.countries.codes}
    everywhere, same = {"": wording.text("any_country")}, {"": wording.text("same_language")}
    spoken = f'data-spoken="{escape(wording.language)}"'
    return _select("country", wording.text("country"), everywhere | countries, country) + _select(
        "language", wording.text("language_label"), same | dict(languages), language, spoken
    )


def _select(name: str, label: str, options: Mapping[str, str], chosen: str | None, attributes: str = "") -> str:
    rows = "".join(
        f'<option value="{escape(value)}"{" selected" if value == (chosen or "") else ""}>{escape(words)}</option>'
        for value, words in options.items()
    )
    return (
        f'<label class="choice"><span>{escape(label)}</span><select name="{name}" {attributes}>{rows}</select></label>'
    )


def welcome(wording: Wording, country: str | None, questions: Sequence[str]) -> str:
    """What to expect, and questions to start from."""
    promises = "".join(
        f"<li>{escape(wording.text(key))}</li>" for key in ("welcome_cited", "welcome_portals", "welcome_honest")
    )
    heading = wording.text("examples_in", country=wording.country(country)) if country else wording.text("examples")
    rows = "".join(render.suggestion(question) for question in questions[:WELCOME_EXAMPLES])
    examples = f'<h3>{escape(heading)}</h3><ul class="examples">{rows}</ul>' if rows else ""
    return (
        f'<section class="welcome"><h2>{escape(wording.text("welcome_title"))}</h2>'
        f'<ul class="promises">{promises}</ul>{examples}</section>'
    )


def portals(wording: Wording, country: str | None, shown: Sequence[Portal]) -> str:
    """The official portals of the chosen country."""
    if country is None:
        return f"<h2>{escape(wording.text('portals'))}</h2><p>{escape(wording.text('portals_choose'))}</p>"
    cards = "".join(render.portal(portal, wording) for portal in shown)
    body = f"<ul>{cards}</ul>" if cards else f"<p>{escape(wording.text('portals_none'))}</p>"
    heading = wording.text("portals_in", country=wording.country(country))
    return f"<h2>{escape(heading)}</h2>{body}"


def disclaimer(wording: Wording) -> str:
    """Always in view: what answers are not, and where to take a problem."""
    return (
        f'<p lang="{escape(wording.language)}"><span>{escape(wording.said("disclaimer"))}</span> '
        f'<a href="{ASSIST_URL}" target="_blank" rel="noopener noreferrer">{escape(wording.text("report"))}'
        f'<span class="visually-hidden"> ({escape(wording.text("new_tab"))})</span></a></p>'
    )
