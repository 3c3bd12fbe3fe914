"""Questions come in, and personal data stays apart."""

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from assistant.correspondence import IncomingMail
from assistant.database import Database, audit
from assistant.database.tickets import ContactRow, MessageRow, OriginalRow, TicketRow
from assistant.errors import InputError, NotFoundError, RefusedError
from assistant.helpdesk import Helpdesk
from assistant.tickets import Asked, Attachment, Edited, Filter, NewCanned, NewTicket, Seen, Triage
from assistant.types import Frozen, HandOverRequest, Turn
from desks import ANA, FOUNDED, PROGRAM, READER, TRADER, Post, ask, drafted, edited, seen


def link_of(helpdesk: Helpdesk, **fields: object) -> tuple[int, str]:
    receipt = ask(helpdesk, **fields)
    assert receipt.link is not None
    return receipt.number, receipt.link.rsplit("/", 1)[1]


def mail(**fields: object) -> IncomingMail:
    return IncomingMail.model_validate(
        {
            "message_id": "<1@example.com>",
            "sender_name": "Siti Rahma",
            "sender_address": "siti@example.com",
            "subject": "Committee",
            "text": FOUNDED,
            **fields,
        }
    )


def test_language_and_countries_are_found_out(helpdesk: Helpdesk) -> None:
    number = ask(helpdesk, "Di manakah saya boleh membaca panduan kastam Malaysia tentang import barang?").number
    ticket = helpdesk.queue.open(number, ANA)
    assert (ticket.language, ticket.countries, ticket.status) == ("ms", ("MY",), "new")


def test_what_is_given_counts_more(helpdesk: Helpdesk) -> None:
    ticket = helpdesk.queue.open(ask(helpdesk, language="TH", countries=["SG"]).number, ANA)
    assert (ticket.language, ticket.countries) == ("th", ("SG",))


@pytest.mark.parametrize("fields", [{"countries": ["XX"]}, {"language": "klingon"}])
def test_what_nobody_knows_is_refused(helpdesk: Helpdesk, fields: dict[str, object]) -> None:
    with pytest.raises(InputError, match="use one of"):
        ask(helpdesk, **fields)


@pytest.mark.parametrize("question", ["", "   ", "x" * 20_001])
def test_questions_have_words_and_an_end(question: str) -> None:
    with pytest.raises(ValidationError):
        NewTicket(question=question)


def test_readers_make_no_tickets(helpdesk: Helpdesk) -> None:
    with pytest.raises(RefusedError, match="intake"):
        helpdesk.intake.create(NewTicket(question=FOUNDED), READER)


def test_personal_data_stands_apart(helpdesk: Helpdesk, database: Database) -> None:
    text = "Siti Rahma here (siti@example.com, +60 3-8888 5555), form K1, HS 8471.30.10: when was it established?"
    ask(helpdesk, text, subject="From Siti", contact=TRADER.model_dump())
    with database.reading() as session:
        row = session.scalars(select(TicketRow)).one()
        message = session.scalars(select(MessageRow)).one()
        kept = " ".join([row.question, row.searched, row.subject, message.text]).casefold()
        assert not any(part in kept for part in ("siti", "rahma", "8888", "@example"))
        assert "form k1" in kept
        assert "8471.30.10" in kept
        assert session.scalars(select(OriginalRow.text)).one() == text
        assert session.get_one(ContactRow, row.id).address == "siti@example.com"
    told = str([event.model_dump() for event in audit.latest(database)]).casefold()
    assert "siti" not in told


def test_an_address_from_the_chat_needs_consent() -> None:
    with pytest.raises(ValidationError, match="consent is missing"):
        NewTicket(question=FOUNDED, channel="chat", contact=TRADER)


def test_a_chat_is_handed_over_with_what_was_said(helpdesk: Helpdesk) -> None:
    request = HandOverRequest(
        question="and is it binding?",
        history=(Turn(role="user", content="What is ASSIST?"), Turn(role="assistant", content="An online service.")),
        language="en",
        countries=("MY",),
        address="siti@example.com",
        note="We export rice.",
        consent=True,
    )
    ticket = helpdesk.queue.open(helpdesk.hand_over(request).number, ANA)
    assert [message.author for message in ticket.messages] == ["trader", "assistant", "trader"]
    assert ticket.messages[-1].text == "and is it binding?\n\nWe export rice."
    assert (ticket.channel, ticket.countries) == ("chat", ("MY",))


def test_the_secret_link_shows_the_trader_how_far_it_is(helpdesk: Helpdesk) -> None:
    number, link = link_of(helpdesk, contact={"name": "Siti"}, question=f"Siti asks: {FOUNDED}")
    while helpdesk.drafter.next():
        pass
    before = helpdesk.intake.progress(link)
    assert (before.answer, before.status) == (None, "drafted")
    assert before.messages[0].text.startswith("Siti asks")
    ticket = helpdesk.queue.open(number, ANA)
    helpdesk.queue.note(number, "internal", ANA)
    helpdesk.review.approve(number, seen(ticket), ANA)
    after = helpdesk.intake.progress(link)
    assert after.status == "sent"
    assert after.answer is not None
    assert "1992" in after.answer
    assert after.disclaimer in after.answer
    assert "https://assist.asean.org" in after.answer
    assert "Ana" not in after.model_dump_json()
    assert "internal" not in after.model_dump_json()


def test_a_wrong_link_shows_nothing(helpdesk: Helpdesk) -> None:
    link_of(helpdesk)
    with pytest.raises(NotFoundError, match="mistyped"):
        helpdesk.intake.progress("x" * 32)


def test_a_further_message_makes_the_draft_stale_and_the_next_one(helpdesk: Helpdesk) -> None:
    number, link = link_of(helpdesk)
    while helpdesk.drafter.next():
        pass
    before = helpdesk.queue.open(number, ANA)
    helpdesk.intake.write_again(link, "How many working groups does the committee have?")
    stale = helpdesk.queue.open(number, ANA)
    assert (stale.stale, stale.draft) == ("message", "wanted")
    assert stale.suggestion is not None
    assert stale.suggestion.stale == "message"
    while helpdesk.drafter.next():
        pass
    remade = helpdesk.queue.open(number, ANA)
    assert remade.suggestion is not None
    assert before.suggestion is not None
    assert remade.suggestion.id != before.suggestion.id
    assert (remade.stale, remade.suggestion.stale) == (None, None)
    assert remade.reply is not None
    assert "three working groups" in remade.reply.text


def test_a_further_message_opens_a_sent_ticket_again(helpdesk: Helpdesk) -> None:
    number, link = link_of(helpdesk)
    while helpdesk.drafter.next():
        pass
    helpdesk.review.approve(number, seen(helpdesk.queue.open(number, ANA)), ANA)
    helpdesk.intake.write_again(link, "Thank you. And how often does the committee meet?")
    ticket = helpdesk.queue.open(number, ANA)
    assert (ticket.status, ticket.officer) == ("claimed", "Ana")


def test_a_mail_becomes_one_ticket_however_often_it_comes(helpdesk: Helpdesk) -> None:
    first, again = helpdesk.intake.take_mail(mail()), helpdesk.intake.take_mail(mail())
    assert first is not None
    assert again is not None
    assert (again.number, again.created) == (first.number, False)
    ticket = helpdesk.queue.open(first.number, ANA)
    assert (ticket.channel, ticket.subject, ticket.contact) == ("mail", "Committee", TRADER)


def test_automatic_mails_are_ignored_and_noted(helpdesk: Helpdesk, database: Database) -> None:
    assert helpdesk.intake.take_mail(mail(automatic=True)) is None
    assert audit.latest(database)[0].action == "mail.ignored"


def test_a_mail_without_text_is_its_subject(helpdesk: Helpdesk) -> None:
    receipt = helpdesk.intake.take_mail(mail(text=""))
    assert receipt is not None
    assert helpdesk.queue.open(receipt.number, ANA).question == "Committee"


def test_a_reply_joins_its_ticket_if_it_comes_from_where_the_letter_went(mailing: Helpdesk) -> None:
    ticket = drafted(mailing, contact=TRADER.model_dump())
    mailing.review.approve(ticket.number, seen(ticket), ANA)
    answered = {"in_reply_to": "<1@desk.example.org>", "text": "And how often does it meet?"}
    other = mailing.intake.take_mail(mail(message_id="<2@x.org>", sender_address="mallory@x.org", **answered))
    reply = mailing.intake.take_mail(mail(message_id="<3@example.com>", **answered))
    assert other is not None
    assert reply is not None
    assert other.number != ticket.number
    assert (reply.number, reply.created) == (ticket.number, False)
    assert mailing.queue.open(ticket.number, ANA).status == "claimed"


def test_what_is_erased_stays_erased_when_its_trader_writes_again(helpdesk: Helpdesk, database: Database) -> None:
    number, link = link_of(helpdesk)
    with database.writing() as session:
        session.get_one(TicketRow, number).erased = True
    helpdesk.intake.write_again(link, "My number is +66 2 555 0199, call me.")
    assert helpdesk.queue.open(number, ANA).messages[-1].original is None


def test_html_is_only_text(helpdesk: Helpdesk) -> None:
    ticket = drafted(helpdesk, f"<script>alert(1)</script> {FOUNDED}")
    assert ticket.question.startswith("<script>")
    assert edited(ticket, "x").version == ticket.version


def test_programs_get_a_link_for_the_trader(helpdesk: Helpdesk) -> None:
    assert ask(helpdesk).link != ask(helpdesk).link
    assert PROGRAM.may("intake")


@pytest.mark.parametrize("text", ["", "\u200b", "\x00", " \u200d\n", "\ufeff"])
def test_a_text_of_which_nothing_is_seen_is_empty(text: str) -> None:
    for model, field in ((NewTicket, "question"), (Asked, "text"), (NewCanned, "text")):
        with pytest.raises(ValidationError, match="is empty"):
            model.model_validate({field: text, "version": 1, "title": "A title"})


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Seen, {"version": 2**63}),
        (Edited, {"version": 1, "text": "", "draft_id": 2**31}),
        (Attachment, {"name": "a.pdf", "size": 2**63}),
        (NewTicket, {"question": FOUNDED, "message_id": "a\x00b"}),
        (NewTicket, {"question": FOUNDED, "answer_id": "a\x00b"}),
        (NewTicket, {"question": FOUNDED, "language": "e\x00"}),
        (Filter, {"officer": "\x00"}),
        (Filter, {"language": "\x00"}),
        (Triage, {"version": 1, "due_at": "1900-01-01T00:00:00Z"}),
        (Triage, {"version": 1, "due_at": "9999-12-31T23:59:59-14:00"}),
    ],
)
def test_values_that_no_database_keeps_are_refused(model: type[Frozen], values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        model.model_validate(values)


def test_a_mail_of_our_own_makes_no_ticket(mailing: Helpdesk, post: Post, database: Database) -> None:
    assert mailing.intake.take_mail(mail(sender_address=post.address.upper())) is None
    assert [event.detail for event in audit.latest(database)] == [{"reason": "our own"}]


def test_the_answer_goes_where_the_sender_wants_it(mailing: Helpdesk) -> None:
    receipt = mailing.intake.take_mail(mail(reply_to="office@example.com"))
    assert receipt is not None
    contact = mailing.queue.open(receipt.number, ANA).contact
    assert contact is not None
    assert contact.address == "office@example.com"


def test_what_could_not_be_read_of_a_mail_is_told_to_officers(helpdesk: Helpdesk) -> None:
    receipt = helpdesk.intake.take_mail(mail(findings=("has no text", "its base64 is broken")))
    assert receipt is not None
    note = helpdesk.queue.open(receipt.number, ANA).messages[-1]
    assert (note.direction, note.text) == ("note", "This mail has no text; its base64 is broken.")


def test_notes_and_replies_show_readers_nothing_personal(helpdesk: Helpdesk) -> None:
    ticket = drafted(helpdesk, contact=TRADER.model_dump())
    helpdesk.review.save(ticket.number, edited(ticket, "Dear Siti Rahma, call us at +66 2 555 0199."), ANA)
    helpdesk.queue.note(ticket.number, "Siti Rahma wrote from siti@example.com.", ANA)
    shown = helpdesk.queue.open(ticket.number, READER).model_dump_json()
    assert "Siti" not in shown
    assert "555 0199" not in shown
    assert "Siti Rahma wrote" in helpdesk.queue.open(ticket.number, ANA).model_dump_json()
