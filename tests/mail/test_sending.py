"""Mails sent to a real SMTP server: as they were meant, to nobody else, or with the right error."""

import socket
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from hypothesis import given
from hypothesis import strategies as st

from assistant.correspondence import OutgoingMail
from assistant.errors import InputError, MailRefusedError, MailUnavailableError
from assistant.mail.reading import read
from assistant.mail.sending import SmtpSender, written
from assistant.mail.servers import Server, address, smtp_server
from mail.certificates import contexts

DESK = address("Customs helpdesk <help@example.org>")
TEXT = "ต้องใช้แบบฟอร์ม D\n.\nFrom now on.\n\nThis is non-binding."


def mail(**fields: object) -> OutgoingMail:
    given_fields = {
        "to_address": "tan@example.com",
        "to_name": "Tan Mei Ling",
        "subject": "Re: Form D",
        "text": TEXT,
        "message_id": "<2@example.org>",
    }
    return OutgoingMail.model_validate({**given_fields, **fields})


class Inbox:
    """What the server took, and what it answers."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.recipient = "250 OK"
        self.content = "250 OK"
        self.sender = "250 OK"

    async def handle_MAIL(self, _: SMTP, __: Session, envelope: Envelope, sender: str, options: list[str]) -> str:
        envelope.mail_from = sender
        return self.sender

    async def handle_RCPT(self, _: SMTP, __: Session, envelope: Envelope, recipient: str, options: list[str]) -> str:
        if self.recipient.startswith("250"):
            envelope.rcpt_tos.append(recipient)
        return self.recipient

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:
        if self.content.startswith("250"):
            self.taken.append(envelope)
        return self.content

    def message(self) -> EmailMessage:
        (envelope,) = self.taken
        assert isinstance(envelope.content, bytes)
        found = message_from_bytes(envelope.content, policy=default)
        assert isinstance(found, EmailMessage)
        return found


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def server(inbox: Inbox) -> Iterator[Server]:
    controller = Controller(inbox, hostname="127.0.0.1", port=_free_port(), enable_SMTPUTF8=False)
    controller.start()
    yield smtp_server(f"smtp://127.0.0.1:{controller.port}")
    controller.stop()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def test_a_mail_arrives_as_it_was_meant(server: Server, inbox: Inbox) -> None:
    SmtpSender(server, DESK).send(
        mail(in_reply_to="<1@example.com>", references=("<0@example.com>", "<1@example.com>"))
    )
    found = inbox.message()
    assert (inbox.taken[0].mail_from, inbox.taken[0].rcpt_tos) == ("help@example.org", ["tan@example.com"])
    assert (found["From"], found["To"]) == ("Customs helpdesk <help@example.org>", "Tan Mei Ling <tan@example.com>")
    assert (found["Subject"], found["Message-ID"]) == ("Re: Form D", "<2@example.org>")
    assert (found["In-Reply-To"], found["References"]) == ("<1@example.com>", "<0@example.com> <1@example.com>")
    assert (found.get_content_type(), found.get_content_charset()) == ("text/plain", "utf-8")
    assert found.get_content().replace("\r\n", "\n").rstrip("\n") == TEXT
    assert found["Date"]
    assert "Auto-Submitted" not in found


def test_what_was_sent_is_read_again_as_a_mail_of_a_person(server: Server, inbox: Inbox) -> None:
    SmtpSender(server, DESK).send(mail())
    assert isinstance(inbox.taken[0].content, bytes)
    found = read(inbox.taken[0].content)
    assert (found.message_id, found.sender_address, found.automatic) == ("<2@example.org>", "help@example.org", False)
    assert found.full_text == TEXT


def test_ids_are_of_the_senders_domain_and_never_the_same() -> None:
    sender = SmtpSender(smtp_server("smtp://mail.example.org"), address("Desk <help@bücher.example>"))
    first, second = sender.new_message_id(), sender.new_message_id()
    assert first != second
    assert first.endswith("@xn--bcher-kva.example>")
    assert mail(message_id=first).message_id == first


def test_long_ids_are_not_encoded(server: Server, inbox: Inbox) -> None:
    long = tuple(f"<{'x' * 150}{number}@example.com>" for number in range(20))
    SmtpSender(server, DESK).send(mail(references=long, in_reply_to=long[-1]))
    assert isinstance(inbox.taken[0].content, bytes)
    assert read(inbox.taken[0].content).references == long


def test_a_domain_in_another_script_is_put_into_ascii(server: Server, inbox: Inbox) -> None:
    SmtpSender(server, DESK).send(mail(to_address="tan@bücher.example"))
    assert inbox.taken[0].rcpt_tos == ["tan@xn--bcher-kva.example"]


HEADERS = sorted(
    ["From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"]
)
NASTY = [
    "\r\nBcc: spy@example.net",
    "\nBcc: spy@example.net\n\nbody",
    "\x0bBcc: x",
    "\u2028Bcc: x",
    "\0",
    "a\rb",
    "\ud800",
]


@pytest.mark.parametrize("nasty", NASTY)
def test_no_header_can_be_slipped_in(server: Server, inbox: Inbox, nasty: str) -> None:
    SmtpSender(server, DESK).send(mail(subject=f"Form{nasty}", to_name=f"Tan{nasty}", text=f"Hello{nasty}"))
    assert inbox.taken[0].rcpt_tos == ["tan@example.com"]
    assert sorted(inbox.message().keys()) == HEADERS


@pytest.mark.parametrize(
    "fields",
    [
        {"to_address": "tan@example.com\r\nRCPT TO:<spy@example.net>"},
        {"to_address": "tan@example.com, spy@example.net"},
        {"to_address": "tan@example.com>"},
        {"to_address": ""},
        {"message_id": "<a@b>\r\nBcc: x@y.z"},
        {"message_id": "a@b"},
        {"in_reply_to": "<a@b>\n"},
        {"references": ("<a@b> <c@d>",)},
        {"subject": "\n"},
        {"text": ""},
    ],
)
def test_what_cannot_be_sent_cannot_be_made(fields: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        mail(**fields)


@given(name=st.text(), subject=st.text(min_size=1), text=st.text(min_size=1))
def test_whatever_is_in_it_has_one_recipient_and_one_of_each_header(name: str, subject: str, text: str) -> None:
    raw = written(mail(to_name=f"x{name}", subject=f"x{subject}"[:300], text=f"x{text}"), DESK).as_bytes()
    found = message_from_bytes(raw, policy=default)
    assert [each.addr_spec for each in found["To"].addresses] == ["tan@example.com"]
    assert len(found.keys()) == len(set(found.keys())) == 8
    assert read(raw).full_text.startswith("x")


@pytest.mark.parametrize("answer", ["550 5.1.1 <tan@example.com> no such user", "553 not allowed"])
def test_a_refused_recipient_is_refused_for_good(server: Server, inbox: Inbox, answer: str) -> None:
    inbox.recipient = answer
    with pytest.raises(MailRefusedError, match=rf"refuses the recipient \({answer[:3]} ") as caught:
        SmtpSender(server, DESK).send(mail())
    assert "tan@example.com" not in str(caught.value)


def test_a_refused_text_is_refused_for_good(server: Server, inbox: Inbox) -> None:
    inbox.content = "554 5.7.1 looks like spam"
    with pytest.raises(MailRefusedError, match=r"554 5\.7\.1 looks like spam"):
        SmtpSender(server, DESK).send(mail())


@pytest.mark.parametrize(
    ("at", "answer"),
    [
        ("recipient", "450 4.2.0 greylisted"),
        ("content", "452 4.3.1 disk full"),
        ("sender", "451 4.3.0 busy"),
        ("sender", "550 5.7.1 this sender may not"),
    ],
)
def test_passing_trouble_is_told_apart(server: Server, inbox: Inbox, at: str, answer: str) -> None:
    setattr(inbox, at, answer)
    with pytest.raises(MailUnavailableError, match=r"ASSISTANT_(SMTP_URL|MAIL_FROM)"):
        SmtpSender(server, DESK).send(mail())
    setattr(inbox, at, "250 OK")
    SmtpSender(server, DESK).send(mail())
    assert len(inbox.taken) == 1


def test_letters_beyond_ascii_need_a_server_that_takes_them(server: Server, inbox: Inbox) -> None:
    with pytest.raises(MailRefusedError, match="letters beyond ASCII"):
        SmtpSender(server, DESK).send(mail(to_address="สมชาย@example.com"))
    assert inbox.taken == []
    controller = Controller(inbox, hostname="127.0.0.1", port=_free_port(), enable_SMTPUTF8=True)
    controller.start()
    try:
        taking = smtp_server(f"smtp://127.0.0.1:{controller.port}")
        SmtpSender(taking, DESK).send(mail(to_address="สมชาย@example.com"))
    finally:
        controller.stop()
    assert inbox.taken[0].rcpt_tos == ["สมชาย@example.com"]


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(MailUnavailableError, match=r"127\.0\.0\.1:1 of ASSISTANT_SMTP_URL cannot be reached"):
        SmtpSender(smtp_server("smtp://127.0.0.1:1"), DESK).send(mail())


def test_a_server_that_says_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = smtp_server(f"smtp://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(MailUnavailableError, match="did not answer in time"):
            SmtpSender(server, DESK, timeout=0.3).send(mail())


def _signs_in(_: SMTP, __: Session, ___: Envelope, ____: str, given_data: LoginPassword) -> AuthResult:
    return AuthResult(
        success=(given_data.login, given_data.password) == (b"desk@example.org", b"pass word"), handled=False
    )


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")  # the whole connection is TLS
def test_encrypted_from_the_first_byte_and_signed_in(inbox: Inbox, tmp_path: Path) -> None:
    secure, trusting = contexts(tmp_path)
    controller = Controller(
        inbox, hostname="127.0.0.1", port=_free_port(), ssl_context=secure, authenticator=_signs_in, auth_required=True,
        auth_require_tls=False,
    )  # fmt: skip
    controller.start()
    try:
        url = f"smtps://desk%40example.org:pass%20word@127.0.0.1:{controller.port}"
        SmtpSender(smtp_server(url), DESK, context=trusting).send(mail())
        with pytest.raises(MailUnavailableError, match="certificate that is not trusted"):
            SmtpSender(smtp_server(url), DESK).send(mail())
        with pytest.raises(MailUnavailableError, match="refuses the user or the password") as caught:
            SmtpSender(smtp_server(url.replace("word@", "guess@")), DESK, context=trusting).send(mail())
    finally:
        controller.stop()
    assert "guess" not in str(caught.value)
    assert len(inbox.taken) == 1


@pytest.mark.parametrize("offered", [True, False])
def test_other_machines_are_spoken_to_by_starttls_or_not_at_all(inbox: Inbox, tmp_path: Path, offered: bool) -> None:
    secure, trusting = contexts(tmp_path)
    controller = Controller(inbox, hostname="127.0.0.1", port=_free_port(), tls_context=secure if offered else None)
    controller.start()
    # an address that leads to this machine and does not look so
    server = smtp_server(f"smtp://127.1:{controller.port}")
    assert not server.loopback
    trusting.check_hostname = False
    try:
        if offered:
            SmtpSender(server, DESK, context=trusting).send(mail())
            assert inbox.taken
        else:
            with pytest.raises(MailUnavailableError, match="offers no STARTTLS"):
                SmtpSender(server, DESK, context=trusting).send(mail())
            assert not inbox.taken
    finally:
        controller.stop()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mail.example.org", "is not of the form"),
        ("http://mail.example.org", "is not of the form"),
        ("smtp://", "is not of the form"),
        ("smtp://user@host", "needs both or neither"),
        ("smtp://host:0", "no number from 1 to 65535"),
        ("smtp://host:99999", "no number from 1 to 65535"),
        ("smtp://host:smtp", "percent-encode"),
        ("smtp://host/path", "goes on after the host"),
        ("smtp://us%0Der:pw@host", "control characters"),
    ],
)
def test_addresses_of_servers_that_are_wrong_say_what_is(url: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        smtp_server(url)


def test_ports_are_the_usual_ones() -> None:
    assert (smtp_server("smtp://host").port, smtp_server("smtps://host").port) == (587, 465)
    assert smtp_server("smtp://[::1]:25").loopback


@pytest.mark.parametrize("text", ["help", "help@", "Desk <>", "Desk <help@example.org>\nBcc: x@y.z"])
def test_senders_that_are_none(text: str) -> None:
    with pytest.raises(InputError):
        address(text)
