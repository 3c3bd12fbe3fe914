"""Bytes to text, whatever their encoding says or does not say."""

import pytest

from assistant.decoding import decode, to_line
from assistant.errors import ExtractionError

THAI = "ผู้นำเข้าต้องแสดงใบกำกับสินค้าและใบตราส่งสินค้า ไม่มีค่าธรรมเนียมสำหรับการลงทะเบียน"
CHINESE = "进口商必须在十五天内申报货物。没有登记费用。"


@pytest.mark.parametrize("text", ["Plain text.", THAI, CHINESE, "tiếng Việt", ""])
def test_utf_8_needs_no_telling(text: str) -> None:
    assert decode(text.encode()) == (text, ())


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_mark_of_byte_order_decides(encoding: str) -> None:
    assert decode(THAI.encode(encoding), "iso-8859-1") == (THAI, ())


@pytest.mark.parametrize(
    ("text", "encoding"), [(THAI, "tis-620"), (THAI, "windows-874"), (CHINESE, "gb18030"), (CHINESE, "gb2312")]
)
def test_a_declared_encoding_is_believed(text: str, encoding: str) -> None:
    assert decode(text.encode("cp874" if encoding == "windows-874" else encoding), encoding) == (text, ())


@pytest.mark.parametrize(("text", "encoding"), [(THAI, "tis-620"), (CHINESE, "gb18030")])
def test_a_page_may_declare_it_itself(text: str, encoding: str) -> None:
    page = f'<html><head><meta charset="{encoding}"></head><body>{text}</body></html>'
    assert decode(page.encode(encoding)) == (page, ())


@pytest.mark.parametrize(("text", "encoding"), [(THAI, "tis-620"), (CHINESE * 2, "gb18030")])
@pytest.mark.parametrize("declared", [None, "utf-8", "no-such-encoding"])
def test_without_it_or_with_a_wrong_one_the_bytes_tell(text: str, encoding: str, declared: str | None) -> None:
    found, findings = decode(text.encode(encoding), declared)
    assert found == text
    assert "read as" in findings[0]


def test_what_cannot_be_read_is_counted() -> None:
    found, (finding,) = decode(b"Fee: \xff\xfe\xfd ten " + "é".encode() * 40)
    assert "Fee:" in found
    assert "declared no encoding" in finding


@pytest.mark.parametrize("declared", ["punycode", "idna", "undefined", "unicode_escape", "utf-8\0", "base64"])
def test_what_is_no_encoding_of_text_is_not_believed(declared: str) -> None:
    assert decode(THAI.encode(), declared) == (THAI, ())


@pytest.mark.parametrize("declared", ["utf-8", "us-ascii", "nonsense", "undefined"])
def test_a_few_words_are_not_guessed_at(declared: str) -> None:
    assert to_line(THAI.encode(), declared) == THAI
    assert to_line(b"\xe0\xb8", declared).strip("\ufffd") == ""


def test_binary_data_is_no_text() -> None:
    with pytest.raises(ExtractionError, match="binary"):
        decode(b"text\0text")


def test_burmese_in_zawgyi_is_refused() -> None:
    with pytest.raises(ExtractionError, match="Zawgyi"):
        decode("ျမန္မာႏိုင္ငံ အေကာက္ခြန္ဦးစီးဌာန".encode())


def test_burmese_in_unicode_is_read() -> None:
    assert decode("မြန်မာနိုင်ငံ အကောက်ခွန်ဦးစီးဌာန".encode())[1] == ()
