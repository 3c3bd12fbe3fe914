"""What offers the helpdesk under an answer, as HTML: the button, the form that it opens, and the number it gives."""

from dataclasses import dataclass
from html import escape

from assistant.types import MAX_NAME_CHARACTERS, MAX_NOTE_CHARACTERS, REFUSALS, Receipt
from assistant_ui.exchange import Exchange
from assistant_ui.i18n import Wording

ADDRESS_CHARACTERS = 254  # RFC 3696, erratum 1690
TERMS = ("handover_sent_what", "handover_sent_to", "handover_kept", "handover_not_binding")
TERMS_UNMAILED = ("handover_by_link", "handover_sent_what_unmailed", *TERMS[1:])
LETTER = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M3 6h18v12H3zM3 7l9 7 9-7"/></svg>'


@dataclass(frozen=True)
class Helpdesk:
    """What a page says of the helpdesk: for how many days it keeps what it is sent, and whether it replies by mail."""

    days: int
    mails: bool = True


def tool(shown: Exchange, wording: Wording) -> str:
    """The button among an answer's tools; one that helps more stands under `section` with a reason to press it."""
    return "" if _helps_most(shown) or shown.handing_over.step == "sent" else _button(shown, wording)


def section(number: int, shown: Exchange, wording: Wording, helpdesk: Helpdesk) -> str:
    """The form while it is open, then what became of the question; before that, where it helps most, the offer."""
    handing_over = shown.handing_over
    if handing_over.receipt:
        return _handed(handing_over.receipt, wording, helpdesk)
    if handing_over.step != "closed":
        return _Form(number, shown, wording, helpdesk).html()
    if _helps_most(shown):
        return f'<div class="helpdesk"><p>{escape(wording.text("handover_offer"))}</p>{_button(shown, wording)}</div>'
    return ""


def _helps_most(shown: Exchange) -> bool:
    """Whether the sources left the reader with less than an answer."""
    return shown.answer is None or shown.answer.status in REFUSALS | {"partial"}


def _button(shown: Exchange, wording: Wording) -> str:
    opened = str(shown.handing_over.step != "closed").lower()
    return (
        f'<button type="button" class="hand-over" data-action="handOver" aria-expanded="{opened}">{LETTER}'
        f"<span>{escape(wording.text('handover'))}</span></button>"
    )


def said(receipt: Receipt, wording: Wording) -> str:
    """What is read out once the question is there."""
    return wording.text("handover_sent", number=str(receipt.number))


def _handed(receipt: Receipt, wording: Wording, helpdesk: Helpdesk) -> str:
    if receipt.link is None:
        reply = f"<p>{escape(wording.text('handover_reply'))}</p>"
    else:
        told = "handover_reply_link" if helpdesk.mails else "handover_reply_under_link"
        reply = (
            f"<p>{escape(wording.text(told))}</p>"
            f'<p class="visit"><a href="{escape(receipt.link)}" target="_blank" rel="noopener noreferrer">'
            f'{escape(wording.text("handover_status"))}<span class="visually-hidden"> '
            f"({escape(wording.text('new_tab'))})</span></a></p>"
        )
    return f'<section class="handed" tabindex="-1"><h3>{escape(said(receipt, wording))}</h3>{reply}</section>'


class _Form:
    """The form of one exchange. What is typed into it stays in the browser until it is sent."""

    def __init__(self, number: int, shown: Exchange, wording: Wording, helpdesk: Helpdesk) -> None:
        self._helpdesk = helpdesk
        self._name = f"handover-{number}"
        self._problems = shown.handing_over.problems
        self._attempts = shown.handing_over.attempts  # the page must change for a second failure to be told
        self._sending = shown.handing_over.step == "sending"
        self._wording = wording

    def html(self) -> str:
        """The fields, what is agreed to, and what went wrong."""
        return (
            f'<form class="handover" data-attempts="{self._attempts}" novalidate aria-labelledby="{self._name}-title">'
            f'<h3 id="{self._name}-title">{self._text("handover_title")}</h3>'
            f'<div class="fields">{self._address()}{self._reader()}</div>{self._note()}{self._consent()}'
            f"{self._failure()}{self._buttons()}</form>"
        )

    def _text(self, key: str, **values: str) -> str:
        return escape(self._wording.text(key, **values))

    def _field(self, field: str, control: str, label: str = "") -> str:
        label = f'<label for="{self._name}-{field}">{self._text(label or f"handover_{field}")}</label>'
        return f'<div class="field">{label}{control}{self._problem(field)}</div>'

    def _address(self) -> str:
        mails = self._helpdesk.mails
        return self._field(
            "address",
            f'<input type="email" {self._attributes("address")}{" required" if mails else ""} autocomplete="email" '
            f'maxlength="{ADDRESS_CHARACTERS}" dir="ltr">',
            "handover_address" if mails else "handover_address_optional",
        )

    def _reader(self) -> str:
        return self._field(
            "name",
            f'<input type="text" {self._attributes("name")} autocomplete="name" '
            f'maxlength="{MAX_NAME_CHARACTERS}" dir="auto">',
        )

    def _note(self) -> str:
        return self._field(
            "note",
            f'<textarea {self._attributes("note")} rows="3" maxlength="{MAX_NOTE_CHARACTERS}" dir="auto"></textarea>',
        )

    def _consent(self) -> str:
        told = TERMS if self._helpdesk.mails else TERMS_UNMAILED
        terms = "".join(f"<li>{self._text(key, days=str(self._helpdesk.days))}</li>" for key in told)
        box = f'<input type="checkbox" {self._attributes("consent", f"{self._name}-terms")} required>'
        return (
            f'<div class="field"><ul class="terms" id="{self._name}-terms">{terms}</ul>'
            f'<label class="consent">{box}<span>{self._text("handover_consent")}</span></label>'
            f"{self._problem('consent')}</div>"
        )

    def _attributes(self, field: str, *described: str) -> str:
        """Name and id of a control, and what is said about it."""
        wrong = field in self._problems
        about = " ".join([*described, *([f"{self._name}-{field}-problem"] if wrong else [])])
        return (
            f'name="{field}" id="{self._name}-{field}"'
            + (' aria-invalid="true"' if wrong else "")
            + (f' aria-describedby="{about}"' if about else "")
        )

    def _problem(self, field: str) -> str:
        if field not in self._problems:
            return ""
        message = self._text(f"handover_wrong_{field}")
        return f'<p class="problem" role="alert" id="{self._name}-{field}-problem">{message}</p>'

    def _failure(self) -> str:
        """What is wrong with the whole rather than with a field."""
        return "".join(
            f'<p class="problem whole" role="alert" tabindex="-1">{self._text(f"handover_{problem}")}</p>'
            for problem in self._problems
            if problem in ("refused", "failed")
        )

    def _buttons(self) -> str:
        sending, send = self._text("handover_sending"), self._text("send")
        return (
            f'<div class="buttons"><button type="submit" aria-disabled="{str(self._sending).lower()}" '
            f'data-busy="{sending}" data-ready="{send}">{sending if self._sending else send}</button>'
            f'<button type="button" data-action="cancel">{self._text("cancel")}</button></div>'
        )
