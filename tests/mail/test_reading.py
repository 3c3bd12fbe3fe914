"""One mail read: its text, its headers, its attachments, and whatever hostile or broken mails come up with."""

import base64
import datetime
import time
import tracemalloc
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.correspondence import MAX_FULL_TEXT, MAX_TEXT, IncomingMail
from assistant.errors import InputError
from assistant.mail.reading import MAX_BYTES, read
from assistant.tickets import Attachment

THAI = "ต้องใช้แบบฟอร์มใดสำหรับใบรับรองถิ่นกำเนิดสินค้า"
QUESTION = "Which form do I need for a certificate of origin?"


def mail(body: str | bytes = QUESTION, **headers: str) -> bytes:
    """A plain mail; a header whose value is empty is left out."""
    given_names = {"from": "Tan <tan@example.com>", "subject": "Form D", "message_id": "<1@example.com>", **headers}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in given_names.items() if value]
    raw = body if isinstance(body, bytes) else body.encode()
    return "\n".join(lines).encode() + b"\n\n" + raw


def html(text: str, **headers: str) -> IncomingMail:
    return read(mail(text, content_type="text/html; charset=utf-8", **headers))


# -- what every mail has -----------------------------------------------------------------------------------------


def test_an_ordinary_mail() -> None:
    message = EmailMessage(policy=SMTP)
    message["From"] = '"Tan, Mei Ling" <Mei.Ling@Example.com>'
    message["To"] = "help@example.org"
    message["Subject"] = f"Form D {THAI}"
    message["Date"] = "Mon, 24 Nov 2025 10:00:00 +0700"
    message["Message-ID"] = "<b@example.com>"
    message["In-Reply-To"] = "<a@example.org>"
    message["References"] = "<z@example.org> <a@example.org>"
    message.set_content(f"{QUESTION}\n\n{THAI}\n")
    message.add_attachment(b"%PDF-1.7 abc", maintype="application", subtype="pdf", filename="hóa đơn.pdf")
    found = read(message.as_bytes())
    assert found == IncomingMail(
        message_id="<b@example.com>",
        in_reply_to="<a@example.org>",
        references=("<z@example.org>", "<a@example.org>"),
        sender_name="Tan Mei Ling",
        sender_address="mei.ling@example.com",
        subject=f"Form D {THAI}",
        text=f"{QUESTION}\n\n{THAI}",
        full_text=f"{QUESTION}\n\n{THAI}",
        attachments=(Attachment(name="hóa đơn.pdf", media_type="application/pdf", size=12),),
        sent_at=datetime.datetime(2025, 11, 24, 3, 0, tzinfo=datetime.UTC),
    )


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_lines_may_end_in_any_way(ends: str) -> None:
    found = read(mail("One.\n\nTwo.").replace(b"\n", ends.encode()))
    assert (found.subject, found.text) == ("Form D", "One.\n\nTwo.")


def test_an_mbox_line_before_it_is_none_of_it() -> None:
    assert read(b"From tan@example.com Mon Nov 24 10:00:00 2025\n" + mail()).text == QUESTION


@pytest.mark.parametrize("raw", [b"", b"\n\n", b"\0" * 100, b"hello world", b"%PDF-1.7\n1 0 obj", QUESTION.encode()])
def test_what_is_no_mail_is_refused(raw: bytes) -> None:
    with pytest.raises(InputError, match="is no mail"):
        read(raw)


def test_without_a_body_it_says_so() -> None:
    found = read(b"From: tan@example.com\nSubject: Form D")
    assert (found.text, found.full_text, found.findings) == ("", "", ("has no text",))


# -- headers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "name", "address"),
    [
        ("tan@example.com", "", "tan@example.com"),
        ("=?utf-8?B?" + base64.b64encode("สมชาย".encode()).decode() + "?= <s@example.com>", "สมชาย", "s@example.com"),
        ("=?windows-874?Q?=CA=C1?= <s@example.com>", "สม", "s@example.com"),
        ('"=?utf-8?Q?Nguy=E1=BB=85n=2C_An?=" <an@example.com>', "Nguyễn An", "an@example.com"),
        ("Nguyễn An <an@example.com>", "Nguyễn An", "an@example.com"),
        ("=?utf-8?Q?=0D=0ABcc=3A_x@y.z?= <a@example.com>", "Bcc x y.z", "a@example.com"),
        ("=?utf-8?Q?<boss@customs.example>?= <a@example.com>", "boss customs.example", "a@example.com"),
        ("=?nonsense?B?!!!?= <a@example.com>", "", "a@example.com"),
        ("Tan <>", "Tan", None),
        ("Tan <tan>", "Tan", None),
        ("<tan@example.com> <x@example.com", "", "tan@example.com"),
        ("(" * 1_500 + " <a@example.com>", None, "a@example.com"),
        ("undisclosed-recipients:;", None, None),
    ],
)
def test_senders(value: str, name: str | None, address: str | None) -> None:
    found = read(mail(**{"from": value}))
    assert found.sender_address == address
    assert name is None or found.sender_name == name
    assert ("has no sender's address that could be answered" in found.findings) == (address is None)


def test_without_from_the_sender_counts() -> None:
    assert read(mail(**{"from": "", "sender": "Tan <t@example.com>"})).sender_address == "t@example.com"


@pytest.mark.parametrize(
    ("value", "subject"),
    [
        ("=?utf-8?Q?Caf=C3?=\n =?utf-8?Q?=A9?= now", "Café now"),  # one letter in two words
        ("=?gb2312?B?" + base64.b64encode("原产地证书".encode("gb18030")).decode() + "?=", "原产地证书"),
        ("=?punycode?Q?a-b?= x", "a-b x"),
        ("=?utf-8?B?4Li04LiX4Li?= cut off", "ิท� cut off"),
        ("a\n b\n\tc", "a b c"),
        ("a\x07b\x1b[31m\u202e", "ab[31m"),
        ("", ""),
        ("x" * 5_000, "x" * 300),
    ],
)
def test_subjects(value: str, subject: str) -> None:
    assert read(mail(subject=value)).subject == subject


def test_headers_in_no_declared_encoding_are_read_as_the_text_is() -> None:
    raw = mail(THAI.encode("cp874"), subject=THAI, content_type="text/plain; charset=tis-620")
    found = read(raw.replace(THAI.encode(), THAI.encode("cp874")))
    assert (found.subject, found.text) == (THAI, THAI)


@pytest.mark.parametrize("odd", [b"\0\0\x80", b"\xff\xfe\0", b"X: \x80\x81\xfe\n", b"\xfe\xff"])
def test_odd_bytes_among_headers_do_not_spoil_the_others(odd: bytes) -> None:
    found = read(b"From: tan@example.com\nSubject: Form D\n" + odd)
    assert (found.sender_address, found.subject[:6]) == ("tan@example.com", "Form D")


@pytest.mark.parametrize(
    ("value", "sent_at"),
    [
        ("24 Nov 2025 10:00", "2025-11-24T10:00:00+00:00"),
        ("Mon, 24 Nov 2025 10:00:00 +0800 (SGT)", "2025-11-24T02:00:00+00:00"),
        ("yesterday", None),
        ("Mon, 99 Nov 2025 99:00:00 +9999", None),
        ("Fri, 31 Dec 9999 23:59:59 -2300", None),
        ("", None),
    ],
)
def test_dates(value: str, sent_at: str | None) -> None:
    found = read(mail(date=value)).sent_at
    assert (found and found.isoformat()) == sent_at


@pytest.mark.parametrize("value", ["", "nothing", "<>", "<a b>", f"<{'x' * 400}@example.com>", "<a@é.example>"])
def test_without_a_usable_id_the_same_mail_has_the_same_made_one(value: str) -> None:
    first, again, other = (read(mail(body, message_id=value)).message_id for body in ("One", "One", "Two"))
    assert first == again != other
    assert first.endswith("@no-message-id.invalid>")


def test_many_references_keep_the_first_and_the_latest() -> None:
    found = read(mail(references=" ".join(f"<{number}@example.org>" for number in range(100))))
    assert len(found.references) == 20
    assert (found.references[0], found.references[-1]) == ("<0@example.org>", "<99@example.org>")
    assert found.in_reply_to == "<99@example.org>"


@pytest.mark.parametrize(
    ("headers", "automatic"),
    [
        ({}, False),
        ({"auto_submitted": "no"}, False),
        ({"auto_submitted": "auto-replied"}, True),
        ({"precedence": "bulk"}, True),
        ({"precedence": "first-class"}, False),
        ({"return_path": "<>"}, True),
        ({"return_path": "<tan@example.com>"}, False),
        ({"list_id": "<traders.example.org>"}, True),
        ({"from": "MAILER-DAEMON@example.com (Mail Delivery System)"}, True),
        ({"from": "Tan Post <postman@example.com>"}, False),
        ({"content_type": "multipart/report; report-type=delivery-status; boundary=b"}, True),
    ],
)
def test_what_no_person_wrote_for_us(headers: dict[str, str], automatic: bool) -> None:
    assert read(mail(**headers)).automatic is automatic


# -- text --------------------------------------------------------------------------------------------------------


def test_html_becomes_readable_text() -> None:
    found = html(
        "<html><head><title>t</title><style>p{color:red}</style></head><body><!-- c --><script>x()</script>"
        '<div style="display:none">preview</div><span style="mso-hide:all;font-size:1px">hidden</span>'
        "<p>Dear <b>officer</b>,</p><p>which form&nbsp;do I&#32;need?<br>And where?</p><ul><li>tea<li>coffee</ul>"
        "<table><tr><th>HS</th><th>Goods</th></tr><tr><td>0902</td><td>tea</td></tr></table>"
        f'<img src="https://track.example/x.gif" alt="pixel"><p>{THAI}</p></body></html>'
    )
    assert found.text == (
        "Dear officer,\n\nwhich form do I need?\nAnd where?\n\n- tea\n- coffee\nHS | Goods\n0902 | tea\n\n" + THAI
    )


def test_quoted_mail_in_html_is_cut_off() -> None:
    found = html(
        '<div dir="ltr">Thank you. And for tea?</div><br><div class="gmail_quote"><div class="gmail_attr">'
        "On Mon, Nov 24, 2025 at 10:00 AM Desk &lt;<a href='mailto:help@example.org'>help@example.org</a>&gt; "
        "wrote:<br>"
        '</div><blockquote class="gmail_quote"><div>Form D.</div><p>Best</p></blockquote></div>'
    )
    assert found.text == "Thank you. And for tea?"
    assert "> Form D." in found.full_text


def test_outlook_in_html_is_cut_off() -> None:
    found = html(
        "<p>And for tea?</p><div style='border:none;border-top:solid #E1E1E1 1.0pt'><p><b>From:</b> Desk<br>"
        "<b>Sent:</b> Monday, 24 November 2025 10:00<br><b>To:</b> Tan<br><b>Subject:</b> RE: Form D</p></div>"
        "<p>Form D.</p>"
    )
    assert found.text == "And for tea?"


@pytest.mark.parametrize("plain", ["", "   \n\n", "\u200b"])
def test_an_empty_plain_version_gives_way_to_html(plain: str) -> None:
    found = read(
        mail(
            f"--b\nContent-Type: text/plain; charset=utf-8\n\n{plain}\n"
            "--b\nContent-Type: text/html\n\n<p>Form D?</p>\n--b--",
            content_type="multipart/alternative; boundary=b",
        )
    )
    assert found.text == "Form D?"


def test_text_around_attachments_belongs_together() -> None:
    body = (
        "--b\nContent-Type: multipart/alternative; boundary=c\n\n"
        "--c\n\nFirst.\n--c\nContent-Type: text/html\n\nFirst!\n--c--"
        "\n--b\nContent-Type: text/csv; name=goods.csv\n\na,b\n--b\n\nSecond.\n--b--\nepilogue"
    )
    found = read(mail(body, content_type='multipart/mixed; boundary="b"'))
    assert found.text == "First.\n\nSecond."
    assert found.attachments == (Attachment(name="goods.csv", media_type="text/csv", size=3),)


@pytest.mark.parametrize(
    ("charset", "body"),
    [
        ("tis-620", THAI.encode("cp874")),
        ("windows-874", THAI.encode("cp874")),
        ("nonsense", THAI.encode()),
        ("us-ascii", THAI.encode()),
        ("punycode", THAI.encode()),
        ("undefined", THAI.encode()),
        ("utf-8\0", THAI.encode()),
        ("", (THAI * 3).encode("cp874")),
        ("utf-8", (THAI * 3).encode("cp874")),
    ],
)
def test_encodings_declared_rightly_wrongly_and_not_at_all(charset: str, body: bytes) -> None:
    found = read(mail(body, content_type=f"text/plain; charset={charset}" if charset else ""))
    assert found.text.startswith(THAI)


def test_what_cannot_be_decoded_is_told() -> None:
    found = read(mail(b"Fee: \xff\xfe\xfd ten " + "é".encode() * 40, content_type="text/plain; charset=nonsense"))
    assert "declared nonsense" in found.findings[0]


@pytest.mark.parametrize(
    "spoil", [lambda text: text[:-3], lambda text: "!" + text, lambda text: text[:8] + "?#" + text[8:]]
)
def test_broken_base64_is_read_as_far_as_it_goes(spoil: object) -> None:
    assert callable(spoil)
    packed = base64.b64encode((QUESTION + "  ").encode()).decode().rstrip("=")
    found = read(mail(spoil(packed), content_transfer_encoding="base64"))
    assert found.text.startswith("Which form do I")
    assert any("base64" in finding for finding in found.findings) or not set("!#?") & set(spoil(packed))


def test_an_encrypted_mail_says_what_to_ask_for() -> None:
    found = read(
        mail("MIIB", content_type="application/pkcs7-mime; name=smime.p7m", content_transfer_encoding="base64")
    )
    assert found.findings == ("is encrypted: ask the sender to send it as it is",)
    assert [attachment.name for attachment in found.attachments] == ["smime.p7m"]


def test_a_mail_within_the_mail_is_attached_not_read() -> None:
    body = f"--b\n\nSee below.\n--b\nContent-Type: message/rfc822\n\n{mail('Inner text').decode()}\n--b--"
    found = read(mail(body, content_type="multipart/mixed; boundary=b"))
    assert (found.text, found.full_text) == ("See below.", "See below.")
    assert [(each.name, each.media_type) for each in found.attachments] == [("attachment-1.eml", "message/rfc822")]


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ('attachment; filename="C:\\\\temp\\\\permit.pdf"', "permit.pdf"),
        ("attachment; filename*=utf-8''%E0%B9%83%E0%B8%9A.pdf", "ใบ.pdf"),
        ("attachment; filename*0=cert; filename*1=ificate.pdf", "certificate.pdf"),
        ("attachment; filename*=nonsense''%FF%00.pdf", None),
        ("attachment; filename*1*=x; filename*9=y", None),
        ('attachment; filename="=?utf-8?Q?ho=C3=A1_=0D=0A=0D=0A=E2=80=AEfdp.exe?="', "hoá fdp.exe"),
        ('attachment; filename="a\x00b\x08.pdf"', "ab.pdf"),
        ('attachment; filename="..."', "attachment-1.pdf"),
        ("attachment", "attachment-1.pdf"),
    ],
)
def test_names_of_attachments_are_harmless(disposition: str, name: str | None) -> None:
    found = read(mail("x", content_type="application/pdf", content_disposition=disposition))
    (attachment,) = found.attachments
    assert name is None or attachment.name == name
    assert attachment.name.isprintable()
    assert not set(attachment.name) & set("/\\")


def test_the_size_of_an_attachment_is_of_its_content() -> None:
    packed = base64.encodebytes(b"x" * 10_000).decode()
    (attachment,) = read(mail(packed, content_type="image/png", content_transfer_encoding="base64")).attachments
    assert attachment.size == 10_000


# -- history and signatures --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "introduction",
    [
        "On Mon, Nov 24, 2025 at 10:00 AM Desk <help@example.org> wrote:",
        "On Mon, Nov 24, 2025 at 10:00 AM Customs helpdesk of the region\n<help@example.org> wrote:",
        'At 2025-11-24 10:00:00, "Desk" <help@example.org> wrote:',
        "Pada tanggal Sen, 24 Nov 2025 pukul 10.00 Desk <help@example.org> menulis:",
        "Pada Isn, 24 Nov 2025 pada 10:00 PG Desk <help@example.org> menulis:",
        "ในวันที่ จ. 24 พ.ย. 2025 เวลา 10:00 Desk <help@example.org> เขียนว่า:",
        "เมื่อ จ. 24 พ.ย. 2568 10:00 Desk <help@example.org> เขียนว่า:",
        "Vào Th 2, 24 thg 11, 2025 vào lúc 10:00 Desk <help@example.org> đã viết:",
        "Noong Lun, Nob 24, 2025 nang 10:00 AM, sinulat ni Desk <help@example.org>:",
        "Desk <help@example.org> 于2025年11月24日周一 10:00写道：",
        "Desk <help@example.org> 於 2025年11月24日 週一 上午10:00寫道：",
        "នៅថ្ងៃច័ន្ទ 24 វិច្ឆិកា 2025 ម៉ោង 10:00 Desk <help@example.org> បានសរសេរ៖",
        "ໃນວັນທີ 24 ພ.ຈ. 2025 ເວລາ 10:00 Desk <help@example.org> ຂຽນວ່າ:",
        "၂၀၂၅ နိုဝင်ဘာ 24 10:00 Desk <help@example.org> ရေးခဲ့သည်-",
    ],
)
@pytest.mark.parametrize("mark", ["> ", ">", ""])
def test_what_is_quoted_below_an_introduction_is_cut_off(introduction: str, mark: str) -> None:
    found = read(mail(f"{QUESTION}\n\n{introduction}\n\n{mark}Form D it is.\n{mark}Regards\n"))
    assert found.text == QUESTION
    assert "Form D it is." in found.full_text


@pytest.mark.parametrize(
    "header",
    [
        "From: Desk <help@example.org>\nSent: Monday, 24 November 2025 10:00\nTo: Tan\nSubject: RE: Form D",
        "*From:* Desk\n*Date:* Monday, 24 November 2025 at 10:00\n*To:* Tan\n*Subject:* RE: Form D",
        "________________________________\nFrom: Desk\n\nSent: Monday\n\nTo: Tan\n\nSubject: RE: Form D",
        "Dari: Desk\nDikirim: Senin, 24 November 2025 10.00\nKepada: Tan\nSubjek: RE: Form D",
        "Daripada: Desk\nDihantar: Isnin, 24 November 2025\nKepada: Tan\nSubjek: RE: Form D",
        "จาก: Desk\nส่ง: วันจันทร์ที่ 24 พฤศจิกายน 2568 10:00\nถึง: Tan\nเรื่อง: RE: Form D",
        "Từ: Desk\nĐã gửi: Thứ Hai, 24 Tháng Mười Một 2025\nĐến: Tan\nChủ đề: RE: Form D",
        "Mula sa: Desk\nIpinadala: Lunes\nPara kay: Tan\nPaksa: RE: Form D",
        "发件人: Desk\n发送时间: 2025年11月24日 10:00\n收件人: Tan\n主题: 回复: Form D",
        "寄件者： Desk\n寄件日期： 2025年11月24日\n收件者： Tan\n主旨： RE: Form D",
        "-----Original Message-----\nForm D",
        "----- Pesan Asli -----\nForm D",
        "------------------ 原始邮件 ------------------",
        "-------- Thư gốc --------",
    ],
)
def test_what_stands_below_an_unmarked_header_is_cut_off(header: str) -> None:
    found = read(mail(f"{QUESTION}\n\n{header}\n\nForm D it is.\nSee you."))
    assert found.text == QUESTION


@pytest.mark.parametrize(
    "text",
    [
        "On Monday the officer at the port wrote:\nYour goods are held.\nWhy?",
        "From: Port Klang\nTo: Jakarta\nDate: 24 November 2025\nWhich form?",
        "I need:\n- form D\n- an invoice\n\n- and what else?",
        "The officer wrote: pay 10 dollars. Why?",
        "Thank you\n\nfor the answer. But is the fee 10 dollars?",
        "Sent from my warehouse, the goods are late. What now?",
        "Thanks,\nis form D right?",
        "Regards the fee: how much?",
        "Is this right: 3 > 2?\nAnd 5 < 6?",
    ],
)
def test_what_only_looks_like_history_or_signature_stays(text: str) -> None:
    assert read(mail(text)).text == text


def test_answers_between_quoted_lines_stay() -> None:
    found = read(
        mail(
            "On Mon, 24 Nov 2025, at 10:00, Desk <help@example.org> wrote:\n> Which goods?\n\nTea.\n\n"
            "> From which country?\n\nViet Nam.\n"
        )
    )
    assert found.text == "Tea.\n\nViet Nam."


def test_a_mail_that_is_passed_on_is_read_to_its_end() -> None:
    below = "From: Lim <lim@example.com>\nSent: Monday, 24 November 2025\nTo: Tan\nSubject: tea\n\nWhich form for tea?"
    assert "Which form for tea?" in read(mail(f"Please help.\n\n{below}", subject="FW: tea")).text
    assert "Which form for tea?" in read(mail(f"Please help.\n\n---------- Forwarded message ---------\n{below}")).text
    assert read(mail(f"Please help.\n\n{below}", subject="RE: tea")).text == "Please help."


def test_where_nothing_would_be_left_all_of_it_is_new() -> None:
    assert read(mail("> Which form for tea?")).text == "> Which form for tea?"
    assert "Which form" in read(mail("-----Original Message-----\nWhich form?")).text


@pytest.mark.parametrize(
    "closing",
    [
        "Best regards,\nTan Mei Ling\nLogistics manager\nTel. +65 6123 4567",
        "Thanks & regards\nTan",
        "Thank you!",
        "-- \nTan\nLogistics",
        "Hormat kami,\nTan",
        "Terima kasih.\nTan",
        "Sekian, terima kasih.\nTan",
        "ขอแสดงความนับถือ\nสมชาย",
        "ขอบคุณครับ",
        "Trân trọng,\nNguyễn An",
        "Xin cảm ơn.",
        "Maraming salamat po.\nJose",
        "此致\n敬礼\n陈",
        "谢谢！",
        "សូមអរគុណ",
        "ຂໍຂອບໃຈ\nສົມ",
        "ကျေးဇူးတင်ပါသည်။",
        "Sent from my iPhone",
        "Get Outlook for Android<https://example.org>",
        "Dikirim dari iPhone saya",
        "Được gửi từ iPhone của tôi",
        "发自我的iPhone",
        "CONFIDENTIALITY NOTICE: this message is only for whom it is meant. " + "If you are not, delete it. " * 20,
        "Regards\nTan\n\nThis e-mail and any attachments are confidential and intended for its recipient. Did you?",
    ],
)
def test_signatures_are_cut_off(closing: str) -> None:
    found = read(mail(f"{QUESTION}\n\n{closing}\n"))
    assert found.text == QUESTION
    assert found.full_text.endswith(closing.strip())


# -- hostile mails -----------------------------------------------------------------------------------------------

SIZE = 20 * 10**6
HEAD = b"From: a@example.com\n"
MIXED = HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n"
HTML = HEAD + b"Content-Type: text/html\n\n"


def nested(levels: int) -> bytes:
    return HEAD + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level) for level in range(levels)
    )


BOMBS = {
    "parts": MIXED + b"--b\n\n" * (SIZE // 5),
    "parts of one boundary": MIXED + b"--b\nContent-Type: multipart/mixed; boundary=b\n\n" * (SIZE // 50),
    "deep": nested(300_000),
    "mails within mails": HEAD + b"Content-Type: message/rfc822\n\n" * (SIZE // 30),
    "delivery status": HEAD + b"Content-Type: message/delivery-status\n\n" + b"\n" * SIZE,
    "headers": HEAD + b"X: y\n" * (SIZE // 5) + b"\ntext",
    "one header": HEAD + b"X: " + b"y" * SIZE,
    "comments": b"From: " + b"(" * SIZE,
    "encoded words": b"From: " + b"=?utf-8?q?a?= " * (SIZE // 15),
    "parameters": HEAD + b"Content-Type: multipart/mixed" + b"; a=b" * (SIZE // 5) + b"\n\ntext",
    "one line": HEAD + b"\n" + b"On " * (SIZE // 3),
    "lines": HEAD + b"\n" + b"On \n" * (SIZE // 4),
    "from lines": HEAD + b"\n" + b"From: \n" * (SIZE // 7),
    "spaces": HEAD + b"\n" + b" " * SIZE,
    "bytes": HEAD + b"\n" + bytes(range(256)) * (SIZE // 256),
    "punycode": HEAD + b"Content-Type: text/plain; charset=punycode\n\n" + b"a-bcdefgh" * (SIZE // 9),
    "base64": HEAD + b"Content-Type: a/b\nContent-Transfer-Encoding: base64\n\n" + b"QUJD" * (SIZE // 4),
    "deep html": HTML + b"<div><b>" * (SIZE // 8),
    "paragraphs": HTML + b"<p>a</p>" * (SIZE // 8),
    "picture": HTML + b"<img src='data:image/png;base64," + b"QUJD" * (SIZE // 4) + b"'>",
    "brackets": HTML + b"<" * SIZE,
}


@pytest.mark.parametrize("name", sorted(BOMBS))
def test_a_mail_of_20_mb_is_read_in_bounded_time_and_memory(name: str) -> None:
    started = time.process_time()
    tracemalloc.start()
    try:
        found = read(BOMBS[name])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(found.text) <= MAX_TEXT
    assert len(found.full_text) <= MAX_FULL_TEXT
    assert time.process_time() - started < 30  # 3 without tracing memory; what it guards against takes hours
    assert peak < 8 * SIZE


def test_text_behind_a_large_picture_is_read() -> None:
    picture = base64.b64encode(bytes(2_000_000)).decode()
    assert html(f"<p>Before</p><img src='data:image/png;base64,{picture}'><p>Behind</p>").text == "Before\n\nBehind"


@pytest.mark.parametrize("name", ["parts", "deep"])
def test_parts_that_are_not_read_are_told(name: str) -> None:
    assert "has more than 200 parts" in read(BOMBS[name]).findings[0]


def test_a_larger_mail_is_refused_with_what_to_do() -> None:
    with pytest.raises(InputError, match="25 MB are read at most: take its text into a ticket by hand"):
        read(mail("x" * MAX_BYTES))


PIECES = st.sampled_from(
    r"""

--b
--b--
Content-Type: |multipart/mixed; boundary=b|multipart/digest; boundary=b|message/rfc822
text/html|; charset=|utf-7|undefined|Content-Transfer-Encoding: |base64|quoted-printable
Content-Disposition: attachment; |filename*0*=|%FF|''
From: |Date: |Subject: |References: |In-Reply-To: |Return-Path: |<a@b.co>|<>|=?utf-8?B?|?=|"|(|\|>|&#0;|<p>|<!--
On 10:00 a@b wrote:|Regards|--""".replace("\n", "|\n|").split("|")
).map(str.encode)


@given(st.lists(st.one_of(PIECES, st.binary(max_size=12))).map(b"".join))
def test_whatever_comes_is_read_or_refused(tail: bytes) -> None:
    found = read(b"To: help@example.org\n" + tail)
    assert found == IncomingMail.model_validate(found.model_dump())
    assert found.subject.isprintable()
    assert found.sender_name.isprintable()
    assert all(each.name.isprintable() and not set(each.name) & set("/\\") for each in found.attachments)
    assert not {"\0", "\r", "\x1b"} & set(found.text + found.full_text)


@given(st.text(), st.text(), st.text())
def test_what_is_written_rightly_is_read_as_it_was_meant(subject: str, text: str, name: str) -> None:
    plain = " ".join(c for c in subject.split() if c.isprintable())[:200]
    message = EmailMessage(policy=SMTP)
    message["From"] = "a@example.com"
    message["Subject"] = plain
    message.set_content("x" + "".join(c for c in text if c.isalnum()), charset="utf-8")
    message.add_attachment(b"1", maintype="a", subtype="b", filename="f" + "".join(c for c in name if c.isalnum())[:90])
    found = read(message.as_bytes())
    assert found.subject == plain.strip()
    assert found.text == "x" + "".join(c for c in text if c.isalnum())[: MAX_TEXT - 1]
    assert found.attachments[0].name == "f" + "".join(c for c in name if c.isalnum())[:90]


REPORT = b"""From: MAILER-DAEMON@mx.example.org
To: help@desk.example.org
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I could not deliver it.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; siti@example.com
Action: %s
Status: 5.1.1
--b
Content-Type: %s

From: help@desk.example.org
Message-ID: <7@desk.example.org>
Subject: Re: Committee

Message-ID: <not-this@desk.example.org>
--b--
"""


@pytest.mark.parametrize(
    ("action", "kind", "returned"),
    [
        (b"failed", b"message/rfc822", "<7@desk.example.org>"),
        (b"FAILED", b"text/rfc822-headers", "<7@desk.example.org>"),
        (b"delayed", b"message/rfc822", None),
        (b"failed", b"text/plain", None),
    ],
)
def test_a_report_of_delivery_names_the_letter_that_came_back(action: bytes, kind: bytes, returned: str | None) -> None:
    found = read(REPORT % (action, kind))
    assert (found.returned, found.automatic) == (returned, True)


def test_where_the_answer_is_to_go() -> None:
    assert read(mail(**{"Reply-To": "Office <Office@Example.com>"})).reply_to == "office@example.com"
    assert read(mail(**{"Reply-To": "nonsense"})).reply_to is None
