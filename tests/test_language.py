"""Which language a question is in."""

import pytest

from assistant import language

SAMPLES = {
    "en": "Where can I read about the rules of origin for my goods?",
    "id": "Bagaimana cara mengajukan keberatan atas bea masuk di kantor pabean?",
    "ms": "Bagaimanakah cara untuk mengimport barang melalui kastam dan membayar cukai?",
    "th": "กฎถิ่นกำเนิดสินค้าของประเทศไทยคืออะไร",
    "vi": "Quy tắc xuất xứ hàng hóa của Việt Nam là gì?",
    "tl": "Saan ko mababasa ang mga patakaran tungkol sa pinagmulan ng mga kalakal?",
    "km": "តើខ្ញុំអាចអានអំពីច្បាប់ដើមនៃទំនិញនៅឯណា?",
    "lo": "ຂ້ອຍສາມາດອ່ານກ່ຽວກັບກົດລະບຽບແຫຼ່ງກຳເນີດສິນຄ້າໄດ້ຢູ່ໃສ?",
    "my": "ကုန်ပစ္စည်းများ၏ မူလအစ စည်းမျဉ်းများကို ဘယ်မှာ ဖတ်နိုင်မလဲ။",
    "zh": "我在哪里可以查到货物的原产地规则？",
}


@pytest.mark.parametrize("code", SAMPLES)
def test_each_language_is_recognised(code: str) -> None:
    assert language.detect(SAMPLES[code], fallback="xx") == code


@pytest.mark.parametrize("code", ["th", "km", "lo", "my", "zh"])
def test_acronyms_do_not_hide_the_script(code: str) -> None:
    assert language.detect(f"ATIGA Form D HS {SAMPLES[code]} ASEAN") == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("kode HS untuk barang impor", "id"),
        ("kod HS untuk barang import", "ms"),
        ("bea masuk dan pajak di kantor pabean", "id"),
        ("duti import dan cukai di pejabat kastam", "ms"),
    ],
)
def test_words_tell_indonesian_from_malay(text: str, code: str) -> None:
    assert language.detect(text, fallback="xx") == code


@pytest.mark.parametrize("text", ["Form D là gì?", "form d co hieu luc bao lau", "phí bao nhieu de nop ho so"])
def test_vietnamese_is_recognised_with_its_marks_without_and_with_some(text: str) -> None:
    assert language.detect(text) == "vi"


@pytest.mark.parametrize("text", ["HS code?", "AEO", "8471.30.10", "???", ""])
def test_a_text_too_short_to_tell_takes_the_fallback(text: str) -> None:
    assert language.detect(text, fallback="th") == "th"
    assert language.detect(text) == "en"


@pytest.mark.parametrize(
    ("given", "code"), [("fil", "tl"), ("TL", "tl"), ("zh-CN", "zh"), ("en_US", "en"), (" th ", "th"), ("fil-PH", "tl")]
)
def test_codes_are_spelt_one_way(given: str, code: str) -> None:
    assert language.normal(given) == code
    assert language.detect("OK", fallback=given) == code
