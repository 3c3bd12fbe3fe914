"""An answer as text, for whoever shows no more than that: a terminal, a chat front end, another assistant."""

from assistant.citations import link
from assistant.countries import Countries
from assistant.messages import Messages
from assistant.types import Answer


def text(answer: Answer, messages: Messages, countries: Countries) -> str:
    """The answer's own text first, then its sources, portals and options, the disclaimer and ASSIST."""
    code = answer.language
    lines = [answer.text, ""]
    for citation in answer.citations:
        quote = f"“{citation.quote}”" if citation.wording == "verbatim" else citation.quote
        origin = messages.attribution(citation, code)
        standing = messages.standing(citation, code)
        where = " > ".join(part for part in (citation.title, citation.section) if part)
        lines += [f"[{citation.marker}] {where}", f"    {quote}", f"    {origin}; {citation.publisher}; {standing}"]
        lines += [f"    {link(citation)}"] if citation.url else []
    for portal in answer.portals:
        country = countries.name(portal.country, code) if portal.country else "ASEAN"
        lines.append(f"→ {country}: {portal.name}: {portal.url or '—'}")
    if answer.clarification and answer.clarification.options:
        lines.append(" · ".join(countries.name(option, code) for option in answer.clarification.options))
    lines += ["", answer.disclaimer, f"{answer.escalation.text} {answer.escalation.url}"]
    return "\n".join(lines)
