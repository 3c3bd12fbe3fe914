"""Checking, saving and deciding."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from pydantic import ValidationError
from sqlalchemy import update

from assistant.database import Database
from assistant.database.tickets import ContactRow, MessageRow
from assistant.errors import (
    ConflictError,
    InputError,
    MailRefusedError,
    MailUnavailableError,
    NotFoundError,
    RefusedError,
)
from assistant.helpdesk import Helpdesk
from assistant.tickets import Asked, Contact, Edited, Filter, Readdressed, Rejected, Seen, Ticket
from desks import ANA, BUDI, LEAD, READER, SENTENCE, TRADER, UNKNOWN, Post, drafted, edited, seen


def standings(helpdesk: Helpdesk, ticket: Ticket, text: str) -> list[str]:
    return [sentence.standing for sentence in helpdesk.review.check(ticket.number, edited(ticket, text), ANA).sentences]


def test_each_sentence_is_told_how_it_stands(helpdesk: Helpdesk) -> None:
    ticket = drafted(helpdesk)
    text = (
        "Dear Ms Rahma,\n\nThank you for your question.\n"
        f"{SENTENCE} [1] The committee was established in 1995. [1] Fees are payable on arrival. "
        "The committee was founded by Malaysia. [9]\n\nKind regards"
    )
    assert standings(helpdesk, ticket, text) == [
        "own words",
        "own words",
        "quoted",
        "facts differ",
        "no source",
        "no source",
        "own words",
    ]


def test_a_sentence_without_a_marker_finds_its_source(helpdesk: Helpdesk) -> None:
    ticket = drafted(helpdesk)
    checked = helpdesk.review.check(ticket.number, edited(ticket, SENTENCE), ANA).sentences[0]
    assert (checked.standing, checked.citations, checked.supported) == ("quoted", (1,), True)


def test_a_sentence_that_follows_its_source_is_supported(helpdesk: Helpdesk) -> None:
    ticket = drafted(helpdesk)
    text = "The Sample Coordinating Committee on Customs was thus established in 1992. [1]"
    checked = helpdesk.review.check(ticket.number, edited(ticket, text), ANA).sentences[0]
    assert (checked.standing, checked.supported) == ("follows", True)
    assert checked.score is not None
    assert checked.score >= 0.5


def test_what_denies_its_source_is_flagged(helpdesk: Helpdesk) -> None:
    ticket = drafted(helpdesk)
    text = "The Sample Coordinating Committee on Customs was not established in 1992. [1]"
    assert standings(helpdesk, ticket, text) == ["facts differ"]


def test_another_language_cannot_be_checked(helpdesk: Helpdesk) -> None:
    ticket = drafted(helpdesk)
    assert standings(helpdesk, ticket, "คณะกรรมการก่อตั้งขึ้นในปี 1992 [1]") == ["cannot be checked"]


def test_a_draft_that_is_not_the_tickets_is_refused(helpdesk: Helpdesk) -> None:
    ticket, other = drafted(helpdesk), drafted(helpdesk)
    assert other.suggestion is not None
    for draft_id in (other.suggestion.id, 2**31 - 1):
        written = Edited(version=ticket.version, text="x", draft_id=draft_id)
        for use in (helpdesk.review.check, helpdesk.review.save):
            with pytest.raises(InputError, match="no draft"):
                use(ticket.number, written, ANA)
    assert helpdesk.queue.open(ticket.number, ANA).version == ticket.version


def test_no_number_is_larger_than_the_database_gives() -> None:
    for numbers in ({"version": 2**31}, {"version": 1, "draft_id": 2**63}, {"version": 1, "draft_id": 0}):
        with pytest.raises(ValidationError):
            Edited.model_validate({"text": "x", **numbers})


def test_saving_claims_what_is_nobodys(helpdesk: Helpdesk) -> None:
    ticket = drafted(helpdesk)
    saved = helpdesk.review.save(ticket.number, edited(ticket, f"{SENTENCE} [1]"), ANA)
    assert (saved.status, saved.officer) == ("claimed", "Ana")
    assert saved.reply is not None
    assert (saved.reply.text, saved.reply.edited_by) == (f"{SENTENCE} [1]", "Ana")
    with pytest.raises(ConflictError, match="claimed by Ana"):
        helpdesk.review.save(ticket.number, edited(saved, "Mine."), BUDI)


def test_nobody_overwrites_silently(helpdesk: Helpdesk) -> None:
    ticket = drafted(helpdesk)
    helpdesk.review.save(ticket.number, edited(ticket, "First."), ANA)
    with pytest.raises(ConflictError, match=r"\(Ana saved a reply\)"):
        helpdesk.review.save(ticket.number, edited(ticket, "Second."), ANA)
    reply = helpdesk.queue.open(ticket.number, ANA).reply
    assert reply is not None
    assert reply.text == "First."


def test_an_approved_reply_goes_out_with_disclaimer_and_assist(mailing: Helpdesk, post: Post) -> None:
    ticket = drafted(mailing, contact=TRADER.model_dump(), subject="Committee")
    sent = mailing.review.approve(ticket.number, seen(ticket), ANA)
    assert sent.status == "sent"
    [mail] = post.sent
    assert (mail.to_address, mail.to_name, mail.subject) == (
        "siti@example.com",
        "Siti Rahma",
        f"Re: Committee [#{ticket.number}]",
    )
    assert SENTENCE in mail.text
    assert "non-binding" in mail.text
    assert "https://assist.asean.org" in mail.text
    assert "Sample Secretariat" in mail.text
    assert [decision.outcome for decision in sent.decisions] == ["unedited"]
    assert sent.messages[-1].delivery == "sent"


def test_a_letter_is_in_the_traders_language(mailing: Helpdesk, post: Post) -> None:
    ticket = drafted(mailing, language="th", contact=TRADER.model_dump())
    mailing.review.approve(ticket.number, seen(ticket), ANA)
    assert mailing.assistant.disclaimer("th") in post.sent[0].text


def test_without_mail_the_reply_lies_under_the_secret_link(helpdesk: Helpdesk) -> None:
    ticket = drafted(helpdesk, contact=TRADER.model_dump())
    sent = helpdesk.review.approve(ticket.number, seen(ticket), ANA)
    assert (sent.status, sent.messages[-1].delivery) == ("sent", "link")


def test_what_was_sent_is_compared_with_what_was_suggested(helpdesk: Helpdesk) -> None:
    ticket = drafted(helpdesk, contact=TRADER.model_dump())
    saved = helpdesk.review.save(ticket.number, edited(ticket, f"Dear Siti,\n{SENTENCE}"), ANA)
    [decision] = helpdesk.review.approve(ticket.number, seen(saved), ANA).decisions
    assert ticket.suggestion is not None
    assert ticket.suggestion.answer is not None
    assert decision.outcome == "edited"
    assert decision.draft == ticket.suggestion.answer.text
    assert decision.sent == f"Dear [name],\n{SENTENCE} [1]"


def test_what_no_draft_helped_with_was_written(helpdesk: Helpdesk) -> None:
    ticket = drafted(helpdesk, UNKNOWN)
    saved = helpdesk.review.save(ticket.number, edited(ticket, "Please see the tariff of Thai Customs."), ANA)
    [decision] = helpdesk.review.approve(ticket.number, seen(saved), ANA).decisions
    assert decision.outcome == "written"


@pytest.mark.parametrize("text", [None, "[1]", "\u200d\u200c [1] [2]"])
def test_an_empty_reply_is_not_sent(mailing: Helpdesk, post: Post, text: str | None) -> None:
    ticket = drafted(mailing, UNKNOWN, contact=TRADER.model_dump())
    if text is not None:
        ticket = mailing.review.save(ticket.number, edited(ticket, text), ANA)
    with pytest.raises(InputError, match="is empty"):
        mailing.review.approve(ticket.number, seen(ticket), ANA)
    assert mailing.queue.open(ticket.number, ANA).status == ticket.status
    assert post.sent == []


def test_of_two_approvals_in_the_same_instant_one_wins(mailing: Helpdesk, post: Post) -> None:
    ticket = drafted(mailing, contact=TRADER.model_dump())

    def approve(caller: object) -> str:
        try:
            return mailing.review.approve(ticket.number, seen(ticket), caller).status  # type: ignore[arg-type]
        except ConflictError as error:
            return str(error)

    with ThreadPoolExecutor(2) as pool:
        results = sorted(pool.map(approve, [ANA, BUDI]), key=len)
    assert results[0] == "sent"
    assert "closed already" in results[1] or "changed meanwhile" in results[1] or "claimed by" in results[1]
    assert len(post.sent) == 1


def test_a_stale_reply_of_an_officer_is_kept_and_not_sent(helpdesk: Helpdesk) -> None:
    ticket = drafted(helpdesk)
    helpdesk.review.save(ticket.number, edited(ticket, f"{SENTENCE} [1]"), ANA)
    helpdesk.intake.add(ticket.number, "How many working groups does it have?", LEAD)
    while helpdesk.drafter.next():
        pass
    stale = helpdesk.queue.open(ticket.number, ANA)
    assert stale.reply is not None
    assert stale.reply.text == f"{SENTENCE} [1]"
    with pytest.raises(ConflictError, match="the trader has written again"):
        helpdesk.review.approve(ticket.number, seen(stale), ANA)
    saved = helpdesk.review.save(ticket.number, edited(stale, f"{SENTENCE} It has three working groups."), ANA)
    assert saved.stale is None
    assert helpdesk.review.approve(ticket.number, seen(saved), ANA).status == "sent"


def test_a_mail_that_cannot_go_now_goes_later(mailing: Helpdesk, post: Post) -> None:
    post.fails = MailUnavailableError("the server is down")
    ticket = drafted(mailing, contact=TRADER.model_dump())
    assert mailing.review.approve(ticket.number, seen(ticket), ANA).status == "approved"
    post.fails = None
    mailing.outbox.deliver(ticket.number)
    assert mailing.queue.open(ticket.number, ANA).status == "sent"
    assert len(post.sent) == 1


def test_a_rejection_says_why(helpdesk: Helpdesk) -> None:
    ticket = drafted(helpdesk, contact=TRADER.model_dump())
    rejected = helpdesk.review.reject(
        ticket.number, Rejected(version=ticket.version, reason="duplicate", comment="Siti asked before"), ANA
    )
    assert rejected.status == "rejected"
    assert rejected.decisions[0].reason == "duplicate: [name] asked before"
    with pytest.raises(ConflictError, match="closed already"):
        helpdesk.review.approve(ticket.number, seen(rejected), ANA)


def test_a_question_back_waits_for_the_trader(mailing: Helpdesk, post: Post) -> None:
    ticket = drafted(mailing, contact=TRADER.model_dump())
    waiting = mailing.review.ask(ticket.number, Asked(version=ticket.version, text="Which goods are they?"), ANA)
    assert (waiting.status, waiting.officer) == ("waiting", "Ana")
    assert post.sent[0].text.startswith("Which goods are they?")
    assert "https://assist.asean.org" in post.sent[0].text
    mailing.intake.add(ticket.number, "Rice, by sea.", LEAD)
    assert mailing.queue.open(ticket.number, ANA).status == "claimed"


def test_the_case_for_assist_says_what_the_ticket_says_and_no_more(helpdesk: Helpdesk) -> None:
    question = "Customs in Indonesia holds our rice from Thailand. What can we do?"
    ticket = drafted(helpdesk, question, contact=TRADER.model_dump())
    summary = helpdesk.review.case_summary(ticket.number, ANA)
    assert summary.url == "https://assist.asean.org"
    assert {value for value in summary.fields.values() if value} == {"siti@example.com", question}
    assert len(summary.missing) == len(summary.fields) - 2
    assert "Indonesia, Thailand" in summary.text
    escalated = helpdesk.review.escalate(ticket.number, seen(ticket), ANA)
    assert escalated.status == "escalated"
    note = escalated.messages[-1]
    assert note.direction == "note"
    assert "siti" not in note.text
    assert note.original == summary.text


def test_a_translation_is_compared_with_its_source(helpdesk: Helpdesk) -> None:
    ticket = drafted(helpdesk)
    saved = helpdesk.review.save(ticket.number, edited(ticket, "คณะกรรมการก่อตั้งขึ้นในปี 1993 [1]"), ANA)
    [compared] = helpdesk.review.comparison(saved.number, ANA)
    assert compared.evidence == SENTENCE
    assert set(compared.differs) == {"number 1993 is not in the source", "number 1992 is left out"}
    assert compared.alike > 0.7


@pytest.mark.parametrize(
    ("text", "same", "differs"),
    [
        ("คณะกรรมการก่อตั้งขึ้นในปี๑๙๙๒", {"1992"}, set()),
        ("คณะกรรมการก่อตั้งในพ.ศ.2535", {"1992"}, set()),
        ("委员会成立于一九九二年。", {"1992"}, set()),
        ("委员会成立于1993年，有十二个成员。", set(), {"1993", "12", "1992"}),
        ("Komite itu didirikan pada tahun seribu sembilan ratus sembilan puluh tiga.", set(), {"1993", "1992"}),
    ],
)
def test_numbers_are_compared_however_they_are_written(
    helpdesk: Helpdesk, text: str, same: set[str], differs: set[str]
) -> None:
    ticket = drafted(helpdesk)
    saved = helpdesk.review.save(ticket.number, edited(ticket, f"{text} [1]"), ANA)
    compared = helpdesk.review.comparison(saved.number, ANA)[0]
    assert {fact.removeprefix("number ") for fact in compared.same} == same
    assert {fact.split()[1] for fact in compared.differs} == differs


def test_all_that_goes_out_is_shown_beside_its_sources_with_or_without(helpdesk: Helpdesk) -> None:
    ticket = drafted(helpdesk)
    text = f"Dear Sir,\n{SENTENCE} [1] Fees are 500 dollars."
    saved = helpdesk.review.save(ticket.number, edited(ticket, text), ANA)
    rows = helpdesk.review.comparison(saved.number, ANA)
    assert [(row.text, row.evidence, row.standing) for row in rows] == [
        ("Dear Sir,", "", "own words"),
        (SENTENCE, SENTENCE, "quoted"),
        ("Fees are 500 dollars.", "", "no source"),
    ]
    assert rows[2].differs == ()


def test_readers_decide_nothing(helpdesk: Helpdesk, database: Database) -> None:
    ticket = drafted(helpdesk)
    for decide in (
        lambda: helpdesk.review.approve(ticket.number, seen(ticket), READER),
        lambda: helpdesk.review.save(ticket.number, edited(ticket, "x"), READER),
        lambda: helpdesk.review.escalate(ticket.number, seen(ticket), READER),
        lambda: helpdesk.drafter.suggest(ticket.number, seen(ticket), READER),
    ):
        with pytest.raises(RefusedError, match="work"):
            decide()


def test_what_does_not_exist_is_not_decided(helpdesk: Helpdesk) -> None:
    with pytest.raises(NotFoundError):
        helpdesk.review.approve(99, Seen(version=1), ANA)


# -- letters that do not arrive ------------------------------------------------------------------------------------


def approved(desk: Helpdesk, **fields: object) -> Ticket:
    ticket = drafted(desk, contact=TRADER.model_dump(), **fields)
    kept = desk.review.save(ticket.number, edited(ticket, f"{SENTENCE} [1]"), ANA)
    return desk.review.approve(ticket.number, seen(kept), ANA)


def test_a_letter_refused_for_good_comes_back_to_its_officer(mailing: Helpdesk, post: Post) -> None:
    post.fails = MailRefusedError("the mail server refuses the recipient (550 no such user)")
    ticket = approved(mailing)
    assert (ticket.status, ticket.officer_id, ticket.undelivered) == ("claimed", ANA.id, True)
    assert "550" in str(ticket.history[-1].detail)
    assert [found.number for found in mailing.queue.find(Filter(undelivered=True), ANA).items] == [ticket.number]


def test_a_letter_goes_to_the_address_that_was_put_right(mailing: Helpdesk, post: Post) -> None:
    post.fails = MailRefusedError("550 no such user")
    ticket = approved(mailing)
    post.fails = None
    right = Contact(name="Siti Rahma", address="siti.rahma@example.com")
    ticket = mailing.queue.readdress(ticket.number, Readdressed(version=ticket.version, contact=right), ANA)
    ticket = mailing.review.approve(ticket.number, seen(ticket), ANA)
    assert (ticket.status, ticket.undelivered, post.sent[-1].to_address) == ("sent", False, right.address)
    assert "siti" not in str(ticket.history).casefold()


def test_a_letter_that_comes_back_later_opens_its_ticket_again(mailing: Helpdesk, post: Post) -> None:
    ticket = approved(mailing)
    assert ticket.status == "sent"
    assert mailing.outbox.came_back("<unknown@desk.example.org>") is None
    assert mailing.outbox.came_back(post.sent[0].message_id) == ticket.number
    again = mailing.queue.open(ticket.number, ANA)
    assert (again.status, again.undelivered) == ("claimed", True)
    assert mailing.outbox.came_back(post.sent[0].message_id) is None


def test_one_ticket_whose_letter_cannot_be_written_keeps_no_other_back(
    mailing: Helpdesk, post: Post, database: Database
) -> None:
    post.fails = MailUnavailableError("not now")
    broken, fine = approved(mailing, message_id="crm 4711"), approved(mailing)
    post.fails = None
    with database.writing() as session:
        session.execute(update(MessageRow).values(tried_at=None))
        session.execute(update(ContactRow).where(ContactRow.ticket_id == broken.number).values(address="no address"))
    mailing.outbox.deliver_pending()
    assert mailing.queue.open(fine.number, ANA).status == "sent"
    assert [found.number for found in mailing.queue.find(Filter(status=("approved",)), ANA).items] == [broken.number]


def test_what_a_program_calls_its_message_stands_in_no_letter(mailing: Helpdesk, post: Post) -> None:
    assert approved(mailing, message_id="crm 4711 <odd>").status == "sent"
    assert post.sent[0].references == ()
