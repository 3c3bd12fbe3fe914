"""Which countries a text names."""

import pytest

from assistant import countries

KNOWN = countries.load()
LANGUAGES = ("en", "id", "ms", "th", "vi", "tl", "km", "lo", "my", "zh")


def test_there_are_eleven_member_states_by_english_name() -> None:
    assert KNOWN.codes == ("BN", "KH", "ID", "LA", "MY", "MM", "PH", "SG", "TH", "TL", "VN")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", KNOWN.codes)
def test_each_country_is_found_by_its_name_in_each_language(code: str, language: str) -> None:
    assert KNOWN.find(f"HS ({KNOWN.name(code, language)})?") == (code,)


def test_a_country_without_a_name_in_a_language_has_its_english_name() -> None:
    assert KNOWN.name("SG", "pt") == "Singapore"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("a Malaysian exporter and a Thai importer", ("MY", "TH")),
        ("Vietnamese coffee", ("VN",)),
        ("from Singapore to Thailand and back to Singapore", ("SG", "TH")),
        ("SINGAPORE", ("SG",)),
        ("Burma", ("MM",)),
        ("thailandia songs", ()),
        ("malaysias portal and singapores", ("MY", "SG")),
        ("mitis online and SGS", ("MY",)),
        ("email of lao e-CO", ("LA",)),
        ("luật lao động Việt Nam", ("VN",)),
        ("luật lao động", ()),
        ("nothing here", ()),
        ("", ()),
    ],
)
def test_names_and_demonyms_are_found_once_in_order(text: str, codes: tuple[str, ...]) -> None:
    assert KNOWN.find(text) == codes


def test_acronyms_count_in_upper_case_only() -> None:
    assert KNOWN.find("permits in SG and VN") == ("SG", "VN")
    assert KNOWN.find("permits in th, kh or id") == ()
    assert KNOWN.find("my id is in la") == ()


def test_a_weak_alias_counts_only_where_no_country_is_named() -> None:
    assert KNOWN.find("Di mana kantor bea cukai?") == ("ID",)
    assert KNOWN.find("Di mana bea cukai Malaysia?") == ("MY",)


def test_the_longest_name_wins() -> None:
    assert KNOWN.find("印度尼西亚海关") == ("ID",)
    assert not KNOWN.outside("印度尼西亚海关")


@pytest.mark.parametrize("text", ["ไทย กับ Singapore", "İ in Singapore, ẞ Thailand", "🚢 Lao PDR"])
def test_offsets_point_at_the_names(text: str) -> None:
    spans = KNOWN.spans(text)
    assert spans
    for (start, end), code in spans:
        assert KNOWN.find(text[start:end]) == (code,)


@pytest.mark.parametrize("text", ["customs in Japan", "export to the EU", "关税 印度", "from Thailand to Germany"])
def test_places_outside_the_region_are_noticed(text: str) -> None:
    assert KNOWN.outside(text)


@pytest.mark.parametrize("text", ["customs in Singapore", "tell us about eu", "What is ASSIST?"])
def test_other_words_name_no_place_outside(text: str) -> None:
    assert not KNOWN.outside(text)


def test_the_name_of_a_language_is_no_country() -> None:
    assert KNOWN.find("please answer in Thai") == ()
    assert KNOWN.find("answer in Thai about Malaysia") == ("MY",)


def test_a_name_takes_its_article_within_a_sentence() -> None:
    assert KNOWN.in_sentence("PH") == "the Philippines"
    assert KNOWN.in_sentence("PH", "tl") == "Pilipinas"
    assert KNOWN.in_sentence("SG") == "Singapore"


def test_a_language_is_at_home_where_it_is_the_only_country_with_it() -> None:
    assert [KNOWN.home(code) for code in ("th", "lo", "tl", "ms")] == ["TH", "LA", "PH", "MY"]
    assert [KNOWN.home(code) for code in ("en", "zh", "ta", "xx")] == [None] * 4


@pytest.mark.parametrize(
    ("sentence", "of_all"),
    [
        ("ATIGA covers all products except arms, according to the Ministry (MITI) of Malaysia.", True),
        ("Under ACTS, Malaysian customs explains, operators move goods across borders.", True),
        ("ATIGA covers all products except arms.", False),  # names nobody: of the country that its source is of
        ("A Form D from Malaysia guarantees no duty, according to MITI of Malaysia.", False),
        ("Exporters in Malaysia should ask customs, the Ministry (MITI) advises.", False),
    ],
)
def test_what_a_country_only_says_of_all_is_told_from_what_is_about_it(sentence: str, of_all: bool) -> None:
    assert KNOWN.is_of_all(sentence) is of_all
