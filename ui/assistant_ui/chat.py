"""The chat page: a trader asks, reads the answer as it comes, opens its sources and goes on."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
from fastapi import FastAPI
from pydantic import ValidationError

from assistant.errors import NotFoundError
from assistant.language import normal
from assistant.ports import HandOver
from assistant.types import FALLBACK, Feedback, HandOverRequest, MailedHandOverRequest, Passage, Question
from assistant_ui import frame, handover_form, i18n, render, theme
from assistant_ui.exchange import Exchange, Verdict, history
from assistant_ui.handover_form import Helpdesk
from assistant_ui.i18n import Wording

if TYPE_CHECKING:  # the page is handed an assistant; it need not load what one is made of
    from assistant.bootstrap import Assistant

log = logging.getLogger(__name__)

SCRIPTS = Path(__file__).with_name("scripts")
ANSWERS_AT_ONCE = 8
WAITING_AT_MOST = 200
NO_UPLOADS = 1  # byte; the page takes no files, so Gradio's upload route has nothing to receive

Updates = dict[Any, Any]
"""New values of the components that change."""


@dataclass(frozen=True)
class Choice:
    """What the reader selected; `browser` is the page's language until then."""

    country: str | None = None
    language: str | None = None
    browser: str = FALLBACK


def mount(app: FastAPI, assistant: "Assistant", handover: HandOver | None = None) -> FastAPI:
    """Put the page at "/". Routes of the application that are already there come first."""
    mounted: FastAPI = gr.mount_gradio_app(
        app,
        build(assistant, handover),
        path="/",
        theme=theme.build(),
        css_paths=[theme.STYLESHEET],
        favicon_path=str(theme.FAVICON),
        footer_links=[],
        run_history=False,
        enable_monitoring=False,
        max_file_size=NO_UPLOADS,
        show_error=False,
        ssr_mode=False,
        mcp_server=False,
    )
    return mounted


def build(assistant: "Assistant", handover: HandOver | None = None) -> gr.Blocks:
    """The page over a ready assistant; where there is a helpdesk, questions can be handed over to it."""
    return Chat(assistant, handover).page


class Chat:
    """The components of the page and what happens on each event. Conversations live in the session's state."""

    def __init__(self, assistant: "Assistant", handover: HandOver | None = None) -> None:
        self._assistant = assistant
        self._handover = handover
        kept, mails = assistant.settings.retention_days, bool(assistant.settings.smtp_url.get_secret_value())
        self._helpdesk = Helpdesk(kept, mails) if handover else None
        self._texts = i18n.load()
        self.page: gr.Blocks = gr.Blocks(
            title=self._texts.text(FALLBACK, "title"), analytics_enabled=False, fill_width=True
        )
        with self.page:
            self._lay_out(self._wording(FALLBACK))
            self._listen()
        self.page.queue(default_concurrency_limit=ANSWERS_AT_ONCE, max_size=WAITING_AT_MOST, api_open=False)

    def _lay_out(self, wording: Wording) -> None:
        self.choice, self.exchanges = gr.State(Choice()), gr.State(())
        self.header = _html(frame.header(wording), "header", script="header.js")
        with gr.Column(elem_id="page"):
            with gr.Row(elem_id="toolbar"):
                self.choices = _html("", "choices", script="choices.js")
                self.restart = gr.Button(elem_id="restart", size="sm")
            with gr.Row(elem_id="columns"):
                self.conversation = _html("", "conversation", script="conversation.js")
                self.portals = _html("", "portals", template="<aside>${value}</aside>")
            with gr.Column(elem_id="composer"):
                self.problem = _html("", "problem", template='<div role="alert">${value}</div>')
                with gr.Row(elem_id="asking"):
                    self.question = gr.Textbox(
                        label=wording.text("question"),
                        elem_id="question",
                        lines=1,
                        max_lines=6,
                        container=False,
                        scale=1,
                        html_attributes=gr.InputHTMLAttributes(enterkeyhint="send", autocomplete="off"),
                    )
                    self.ask = gr.Button(elem_id="ask", variant="primary", scale=0, min_width=96)
                self.disclaimer = _html(frame.disclaimer(wording), "disclaimer")
        self.spoken = _html("", "spoken", template='<div role="status" aria-live="polite">${value}</div>')
        _html("", "source", template='<dialog aria-labelledby="source-heading"></dialog>')

    def _listen(self) -> None:
        asking: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        quiet = {**asking, "queue": False}  # small steps need not wait behind questions
        state = [self.choice, self.exchanges]
        frame_parts = [self.header, self.choices, self.restart, self.portals, self.question, self.ask, self.disclaimer]
        whole = [*state, *frame_parts, self.conversation]
        told = [self.exchanges, self.conversation, self.question, self.problem, self.disclaimer, self.spoken]
        self.page.load(self.on_load, None, whole, **quiet)
        self.choices.choose(self.on_choose, state, whole, trigger_mode="always_last", **quiet)
        self.restart.click(self.on_restart, self.choice, told, **quiet)
        gr.on([self.question.submit, self.ask.click], self.on_ask, [self.question, *state], told, **asking)
        self.conversation.suggest(self.on_suggest, state, told, **asking)
        self.conversation.rate(self.on_rate, state, [self.exchanges, self.conversation], **quiet)
        if self._handover:
            self.conversation.toggle(self.on_toggle, state, self.conversation, **quiet)
            # Handing over may take a while, in which another answer may end: what is shown then is as of then.
            handed = self.conversation.hand_over(self.on_hand_over, state, self.spoken, **quiet)
            handed.then(self.on_handed, state, self.conversation, **quiet)

    # -- events --------------------------------------------------------------------------------------------------

    def on_load(self, request: gr.Request) -> Updates:
        """The page in the browser's own language, where it is one of ours."""
        accepted = [normal(part.split(";")[0]) for part in request.headers.get("accept-language", "").split(",")]
        browser = next((code for code in accepted if code in self._assistant.messages.languages), FALLBACK)
        return self._framed(Choice(browser=browser), ())

    def on_choose(self, choice: Choice, exchanges: tuple[Exchange, ...], event: gr.EventData) -> Updates:
        """Another country or language."""
        country, language = str(event.country), str(event.language)
        chosen = replace(
            choice,
            country=country if country in self._assistant.countries.codes else None,
            language=language if language in self._assistant.messages.languages else None,
        )
        return self._framed(chosen, exchanges)

    def on_restart(self, choice: Choice) -> Updates:
        """A new conversation with the same choices."""
        return {
            self.exchanges: (),
            self.conversation: self._conversation(choice, ()),
            self.question: "",
            self.problem: "",
            self.disclaimer: frame.disclaimer(self._frame_wording(choice)),
            self.spoken: "",
        }

    def on_ask(self, text: str, choice: Choice, exchanges: tuple[Exchange, ...]) -> Iterator[Updates]:
        """A question from the box, which keeps one that cannot be asked."""
        yield from self._exchange(text, choice.country, choice, exchanges, begun={self.question: ""})

    def on_suggest(self, choice: Choice, exchanges: tuple[Exchange, ...], event: gr.EventData) -> Iterator[Updates]:
        """A question from a button: an example, a related one, or the country asked for."""
        country = str(event.country)
        known = country in self._assistant.countries.codes
        asked = country if known else choice.country
        yield from self._exchange(str(event.text), asked, choice, exchanges, begun={})

    def on_rate(self, choice: Choice, exchanges: tuple[Exchange, ...], event: gr.EventData) -> Updates:
        """A thumb; one that points down asks for the reason first."""
        number = int(event.exchange)
        if not 0 <= number < len(exchanges) or (answer := exchanges[number].answer) is None:
            return {self.exchanges: exchanges}
        if not event.helpful and event.reason is None:
            given: Verdict = "open" if exchanges[number].feedback == "asking" else "asking"
        else:
            reason = event.reason if event.reason in render.REASONS else None
            comment = str(event.comment or "").strip()[: render.COMMENT_CHARACTERS] or None
            feedback = Feedback(answer_id=answer.id, helpful=bool(event.helpful), reason=reason, comment=comment)
            given = self._given(feedback)
        rated = (*exchanges[:number], replace(exchanges[number], feedback=given), *exchanges[number + 1 :])
        return {self.exchanges: rated, self.conversation: self._conversation(choice, rated)}

    def on_toggle(self, choice: Choice, exchanges: tuple[Exchange, ...], event: gr.EventData) -> str:
        """Open or close the form under an answer."""
        if 0 <= int(event.exchange) < len(exchanges):
            exchanges[int(event.exchange)].handing_over.toggle()
        return self._conversation(choice, exchanges)

    def on_hand_over(self, choice: Choice, exchanges: tuple[Exchange, ...], event: gr.EventData) -> str:
        """Send a question to the helpdesk; says so once it is there."""
        number = int(event.exchange)
        if self._handover is None or not 0 <= number < len(exchanges):
            return ""
        shown = exchanges[number]

        def request() -> HandOverRequest:
            country = (choice.country,) if choice.country else ()
            mailed = self._helpdesk is not None and self._helpdesk.mails
            return (MailedHandOverRequest if mailed else HandOverRequest)(
                question=shown.question,
                history=history(exchanges[:number]),
                language=shown.language,
                countries=shown.answer.countries if shown.answer else country,
                answer_id=shown.answer.id if shown.answer else None,
                name=event.name,
                address=event.address,
                note=event.note,
                consent=event.consent,
            )

        shown.handing_over.send(self._handover, request)
        receipt = shown.handing_over.receipt
        return escape(handover_form.said(receipt, self._wording(shown.language))) if receipt else ""

    def on_handed(self, choice: Choice, exchanges: tuple[Exchange, ...]) -> str:
        """What became of it, in the conversation as it is by now."""
        return self._conversation(choice, exchanges)

    # -- steps ---------------------------------------------------------------------------------------------------

    def _exchange(
        self, text: str, country: str | None, choice: Choice, exchanges: tuple[Exchange, ...], *, begun: Updates
    ) -> Iterator[Updates]:
        """One question and its answer; `begun` happens once the question has been accepted."""
        before = tuple(exchange for exchange in exchanges if exchange.stays)
        try:
            question = Question(text=text, country=country, language=choice.language, history=history(before))
        except ValidationError as error:
            yield {self.problem: render.problem(error.errors()[0]["msg"])}
            return
        now = Exchange(question.text, self._page_language(choice, before))
        yield {**begun, self.problem: "", self.conversation: self._conversation(choice, (*before, now))}
        try:
            for event in self._assistant.stream(question):
                now = now.after(event, self._passage)
                yield {self.conversation: self._conversation(choice, (*before, now))}
        except Exception:  # whatever happens, the reader keeps the question, the disclaimer and ASSIST
            log.exception("no answer")
            yield {self.question: text, **self._told(choice, (*before, replace(now, failed=True)))}
            return
        yield self._told(choice, (*before, now))

    def _told(self, choice: Choice, exchanges: tuple[Exchange, ...]) -> Updates:
        """The end of an exchange."""
        language = self._page_language(choice, exchanges)
        return {
            self.exchanges: exchanges,
            self.conversation: self._conversation(choice, exchanges),
            self.disclaimer: frame.disclaimer(self._wording(language)),
            self.spoken: render.spoken(exchanges[-1], self._wording(language)),
        }

    def _passage(self, passage_id: str) -> Passage | None:
        try:
            return self._assistant.passage(passage_id)
        except NotFoundError:
            return None

    def _given(self, feedback: Feedback) -> Verdict:
        try:
            self._assistant.add_feedback(feedback)
        except Exception:  # a verdict that is lost must not take the conversation with it
            log.exception("feedback was not kept")
            return "failed"
        return "given"

    # -- rendering -----------------------------------------------------------------------------------------------

    def _framed(self, choice: Choice, exchanges: tuple[Exchange, ...]) -> Updates:
        """Every part of the page in the chosen language."""
        wording = self._frame_wording(choice)
        languages = self._assistant.messages.languages
        portals = self._assistant.portals(choice.country) if choice.country else []
        return {
            self.choice: choice,
            self.exchanges: exchanges,
            self.header: frame.header(wording),
            self.choices: frame.choices(wording, choice.country, choice.language, languages),
            self.restart: gr.Button(value=wording.text("new_conversation")),
            self.portals: frame.portals(wording, choice.country, portals),
            self.question: gr.Textbox(label=wording.text("question"), placeholder=wording.text("placeholder")),
            self.ask: gr.Button(value=wording.text("ask")),
            self.disclaimer: frame.disclaimer(self._wording(self._page_language(choice, exchanges))),
            self.conversation: self._conversation(choice, exchanges),
        }

    def _conversation(self, choice: Choice, exchanges: tuple[Exchange, ...]) -> str:
        if not exchanges:
            return frame.welcome(self._frame_wording(choice), choice.country, self._assistant.examples(choice.country))
        last = len(exchanges) - 1
        return "".join(
            render.exchange(
                number, exchange, self._wording(exchange.language), latest=number == last, helpdesk=self._helpdesk
            )
            for number, exchange in enumerate(exchanges)
        )

    def _page_language(self, choice: Choice, exchanges: tuple[Exchange, ...]) -> str:
        """The chosen language, else the latest answer's, else the browser's."""
        return choice.language or (exchanges[-1].language if exchanges else choice.browser)

    def _frame_wording(self, choice: Choice) -> Wording:
        return self._wording(choice.language or choice.browser)

    def _wording(self, language: str) -> Wording:
        return Wording(language, self._texts, self._assistant.messages, self._assistant.countries)


def _html(value: str, name: str, *, template: str = "${value}", script: str | None = None) -> gr.HTML:
    """A part of the page without Gradio's styles; `script` runs once, when it is shown first."""
    return gr.HTML(
        value,
        html_template=template,
        elem_id=name,
        apply_default_css=False,
        js_on_load=(SCRIPTS / script).read_text(encoding="utf-8") if script else None,
    )
