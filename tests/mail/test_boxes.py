"""Mailboxes of files and of an IMAP server: every mail comes once it is there, and none is lost or taken twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.errors import InputError, MailUnavailableError
from assistant.mail.boxes import ImapMailbox, PathMailbox
from assistant.mail.reading import MAX_BYTES
from assistant.mail.servers import imap_folder
from assistant.ports import Mailbox
from mail.certificates import contexts
from mail.imap_server import ImapServer, running


def mail(subject: str, body: str = "Which form?") -> bytes:
    return f"From: tan@example.com\nSubject: {subject}\nMessage-ID: <{subject}@example.com>\n\n{body}\n".encode()


def ignore(done: int, total: int) -> None:
    """Progress nobody looks at."""


def subjects(box: Mailbox) -> list[str]:
    """Of the mails in it, each taken; "!" and what is wrong for those that cannot be read."""
    found = []
    for delivery in box:
        found.append(delivery.mail.subject if delivery.mail else f"! {delivery.problem}")
        delivery.done()
    return found


# -- files -------------------------------------------------------------------------------------------------------


def test_an_eml_file(tmp_path: Path) -> None:
    path = tmp_path / "one.eml"
    path.write_bytes(mail("One"))
    (delivery,) = PathMailbox(path, ignore)
    assert delivery.mail
    assert (delivery.name, delivery.problem, delivery.mail.subject) == (str(path), None, "One")


def test_an_mbox_file_is_read_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "box"
    raw = b"".join(
        b"From tan@example.com Mon Nov 24 10:00:00 2025\n" + mail(f"Mail {number}", "Hello\n>From here.") + b"\n"
        for number in range(3)
    )
    path.write_bytes(raw)
    progress: list[tuple[int, int]] = []
    found = list(PathMailbox(path, lambda done, total: progress.append((done, total))))
    assert [delivery.mail and delivery.mail.subject for delivery in found] == ["Mail 0", "Mail 1", "Mail 2"]
    assert [delivery.mail and delivery.mail.text for delivery in found] == ["Hello\nFrom here."] * 3
    assert progress == [(1, 3), (2, 3), (3, 3)]
    assert path.read_bytes() == raw


def test_a_folder_with_good_and_bad_mails(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "a.eml").write_bytes(mail("A"))
    (tmp_path / "b" / "bad.eml").write_bytes(b"hello")
    (tmp_path / "b" / "C.EML").write_bytes(mail("C"))
    (tmp_path / "d.mbox").write_bytes(b"From x\n" + mail("D") + b"\nFrom x\nhello\n\n\nFrom x\n" + mail("E"))
    (tmp_path / "large.eml").write_bytes(mail("Large", "x" * MAX_BYTES))
    (tmp_path / "lost.eml").symlink_to(tmp_path / "nowhere")
    (tmp_path / "notes.txt").write_bytes(b"no mail")
    progress: list[tuple[int, int]] = []
    found = subjects(PathMailbox(tmp_path, lambda done, total: progress.append((done, total))))
    assert [each for each in found if not each.startswith("!")] == ["A", "C", "D", "E"]
    assert [each.split(":")[0] for each in found if each.startswith("!")] == [
        "! is no mail",
        "! is no mail",
        "! has 25 MB, and 25 MB are read at most",
    ]
    assert progress[-1] == (5, 5)


def test_a_maildir(tmp_path: Path) -> None:
    for name in ("new", "cur", "tmp"):
        (tmp_path / name).mkdir()
    (tmp_path / "new" / "1700000002.host").write_bytes(mail("Second"))
    (tmp_path / "cur" / "1700000001.host:2,S").write_bytes(mail("First"))
    (tmp_path / "tmp" / "1700000003.host").write_bytes(mail("Half written"))
    assert subjects(PathMailbox(tmp_path, ignore)) == ["First", "Second"]


def test_where_there_is_nothing_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        list(PathMailbox(tmp_path / "nowhere", ignore))
    with pytest.raises(InputError, match="holds no mail"):
        list(PathMailbox(tmp_path, ignore))


def test_an_empty_mbox_or_mail_keeps_nothing_back(tmp_path: Path) -> None:
    (tmp_path / "empty.eml").write_bytes(b"")
    (tmp_path / "good.eml").write_bytes(mail("Good"))
    assert [each[:12] for each in subjects(PathMailbox(tmp_path, ignore))] == ["! is no mail", "Good"]


# -- IMAP --------------------------------------------------------------------------------------------------------


@pytest.fixture
def server() -> Iterator[ImapServer]:
    with running(ImapServer()) as found:
        yield found


def box(server: ImapServer, options: str = "", timeout: float = 10) -> ImapMailbox:
    return ImapMailbox(imap_folder(server.url + options), ignore, timeout=timeout)


def test_unseen_mails_come_once(server: ImapServer) -> None:
    server.put(mail("Old"), r"\Seen")
    server.put(mail("One"))
    server.put(mail("Two").replace(b"\n", b"\r\n"))
    assert subjects(box(server)) == ["One", "Two"]
    assert server.seen() == [True, True, True]
    assert subjects(box(server)) == []


def test_a_mail_is_flagged_only_after_it_was_taken(server: ImapServer) -> None:
    for name in ("One", "Two"):
        server.put(mail(name))
    deliveries = iter(box(server))
    first = next(deliveries)
    assert server.seen() == [False, False]
    first.done()
    assert server.seen() == [True, False]
    next(deliveries)
    deliveries.close()  # the caller dies before the second is safe
    assert server.seen() == [True, False]
    assert subjects(box(server)) == ["Two"]


def test_a_caller_that_fails_gets_the_mail_again(server: ImapServer) -> None:
    server.put(mail("One"))

    def take_all() -> None:
        for _ in box(server):
            raise ConnectionError("the database is gone")

    with pytest.raises(ConnectionError, match="database"):
        take_all()
    assert subjects(box(server)) == ["One"]


@pytest.mark.parametrize("capabilities", ["IMAP4rev1 MOVE", "IMAP4rev1"])
def test_taken_mails_are_moved_and_nothing_else_is_expunged(server: ImapServer, capabilities: str) -> None:
    server.capabilities = capabilities
    server.folders["Taken &DhcOMg-"] = []  # "Taken ทา", as IMAP encodes names
    server.put(mail("One"))
    server.put(mail("Marked as deleted by a person"), r"\Seen", r"\Deleted")
    taken = "?taken=Taken%20%E0%B8%97%E0%B8%B2"
    assert subjects(box(server, taken)) == ["One"]
    assert [stored.raw for stored in server.folders["Taken &DhcOMg-"]] == [mail("One")]
    assert server.folders["INBOX"][-1].raw == mail("Marked as deleted by a person")
    assert len(server.folders["INBOX"]) == (1 if "MOVE" in capabilities else 2)
    assert subjects(box(server, taken)) == []
    assert len(server.folders["Taken &DhcOMg-"]) == 1


def test_a_mail_that_cannot_be_read_keeps_none_back(server: ImapServer) -> None:
    server.put(b"hello")
    server.put(mail("Large", "x" * MAX_BYTES))
    server.put(mail("Good"))
    found = subjects(box(server))
    assert [each[:8] for each in found] == ["! is no ", "! has 25", "Good"]
    assert server.seen() == [True, True, True]
    assert [command for command in server.commands if "BODY" in command and " 2 " in command] == []  # never loaded


def test_a_mail_that_is_gone_meanwhile_is_passed_over(server: ImapServer) -> None:
    for name in ("One", "Two", "Three"):
        server.put(mail(name))
    deliveries = iter(box(server))
    first = next(deliveries)
    del server.folders["INBOX"][1]
    first.done()
    assert [delivery.mail and delivery.mail.subject for delivery in deliveries] == ["Three"]


def test_progress(server: ImapServer) -> None:
    for name in ("One", "Two"):
        server.put(mail(name))
    progress: list[tuple[int, int]] = []
    list(ImapMailbox(imap_folder(server.url), lambda done, total: progress.append((done, total))))
    assert progress == [(1, 2), (2, 2)]


def test_a_wrong_password_is_the_operators_to_put_right(server: ImapServer) -> None:
    wrong = imap_folder(server.url.replace("pass", "guess"))
    with pytest.raises(InputError, match="ASSISTANT_IMAP_URL: the server refuses the user or the password") as caught:
        list(ImapMailbox(wrong, ignore))
    assert "guess" not in str(caught.value)
    server.refuse_login = "[UNAVAILABLE] the user database is down"
    with pytest.raises(MailUnavailableError, match="try again later"):
        list(ImapMailbox(wrong, ignore))


def test_a_folder_that_is_missing_or_may_not_be_changed(server: ImapServer) -> None:
    with pytest.raises(InputError, match="no folder 'Nowhere'"):
        list(ImapMailbox(imap_folder(server.url.replace("INBOX", "Nowhere")), ignore))
    with pytest.raises(InputError, match="no folder 'Done'"):
        list(box(server, "?taken=Done"))
    server.readonly = True
    with pytest.raises(InputError, match="may only be read"):
        list(box(server))


def test_a_server_that_is_not_there(server: ImapServer) -> None:
    folder = imap_folder("imap://a:b@127.0.0.1:1/INBOX")
    with pytest.raises(MailUnavailableError, match=r"127.0.0.1:1 of ASSISTANT_IMAP_URL cannot be reached"):
        list(ImapMailbox(folder, ignore))
    with pytest.raises(MailUnavailableError, match="cannot be reached"):
        list(ImapMailbox(imap_folder("imaps://a:b@no-such-host.invalid/INBOX"), ignore))


@pytest.mark.parametrize("command", ["LOGIN", "SELECT", "UID SEARCH", "UID FETCH 1 (BODY"])
def test_a_server_that_breaks_off_or_falls_silent(server: ImapServer, command: str) -> None:
    server.put(mail("One"))
    server.break_off_at = command
    with pytest.raises(MailUnavailableError):
        list(box(server))
    server.break_off_at, server.silent_at = "", command
    with pytest.raises(MailUnavailableError, match="did not answer in time"):
        list(box(server, timeout=0.3))
    server.silent_at = ""
    assert subjects(box(server)) == ["One"]


def test_a_connection_lost_before_the_mark_brings_the_mail_again(server: ImapServer) -> None:
    server.put(mail("One"))
    server.break_off_at = "UID STORE"
    deliveries = iter(box(server))
    first = next(deliveries)
    with pytest.raises(MailUnavailableError):
        first.done()
    deliveries.close()
    server.break_off_at = ""
    (again,) = box(server)
    assert first.mail
    assert again.mail
    assert again.mail.message_id == first.mail.message_id


def test_encrypted_and_only_with_a_certificate_that_is_trusted(tmp_path: Path) -> None:
    secure, trusting = contexts(tmp_path)
    with running(ImapServer(), secure) as server:
        server.put(mail("One"))
        folder = imap_folder(server.url.replace("imap://", "imaps://"))
        with pytest.raises(MailUnavailableError, match="certificate that is not trusted"):
            list(ImapMailbox(folder, ignore))
        assert subjects(ImapMailbox(folder, ignore, context=trusting)) == ["One"]
        with pytest.raises(MailUnavailableError):  # a server that speaks TLS, asked in the clear
            list(ImapMailbox(imap_folder(server.url), ignore, timeout=1))


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("imaps://host/INBOX", "no user or no password"),
        ("imaps://user@host", "no user or no password"),
        ("pop3://user:password@host", "is not of the form"),
        ("imaps://user:pass#word@host/INBOX", "percent-encode"),
        ("imaps://user:password@host/INBOX#new", "has a #"),
        ("imaps://user:password@[host/INBOX", "percent-encode"),
        ("imaps://user:password@host:99999", "percent-encode"),
        ("imaps://user:password@host/INBOX?moved=x", "only .taken=FOLDER"),
        ("imaps://user:pass%0Aword@host/INBOX", "control characters"),
        ("imaps://user:password@host/IN%0D%0ABOX", "control characters"),
    ],
)
def test_addresses_that_are_wrong_say_what_is(url: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        imap_folder(url)
    assert "user:pass#" not in str(caught.value)


def test_addresses_are_read() -> None:
    folder = imap_folder("imaps://desk@example.org:p%40ss@mail.example.org/Help%20desk/New?taken=Help%20desk/Taken")
    assert (folder.name, folder.taken_to) == ("Help desk/New", "Help desk/Taken")
    assert (folder.server.host, folder.server.port, folder.server.encrypted) == ("mail.example.org", 993, True)
    assert (folder.server.user, folder.server.password) == ("desk@example.org", "p@ss")
    assert "p@ss" not in repr(folder)
    assert imap_folder("imap://a:b@localhost").server.loopback
    assert not imap_folder("imap://a:b@mail.example.org").server.loopback
