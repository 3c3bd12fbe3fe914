"""Follow-ups become questions that stand alone."""

import pytest

from assistant import countries
from assistant.conversation import (
    Standalone,
    Told,
    asked_about,
    asking,
    asks_for_link,
    asks_of_source,
    before,
    named,
    names_nothing,
    separate,
    speaks_of_a_country,
    standalone,
    without_countries,
)
from assistant.types import Question, Turn

KNOWN = countries.load()
FAQS = "Where are Singapore's customs FAQs?"


def readings(*turns: tuple[str, str | None], text: str, country: str | None = None) -> list[Standalone]:
    """What a question may mean after earlier questions, each with the status of its answer."""
    history: list[Turn] = []
    for asked, status in turns:
        history += [Turn(role="user", content=asked), Turn(role="assistant", content="Answer.", status=status)]
    return standalone(Question(text=text, history=tuple(history), country=country), KNOWN, Told(answer="Answer."))


def after(*turns: tuple[str, str | None], text: str, country: str | None = None) -> Standalone:
    """What it likeliest means."""
    return readings(*turns, text=text, country=country)[0]


def alone(text: str, *countries: str) -> Standalone:
    return Standalone(text=text, countries=countries, own=text, topic=text)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Does Thailand have a collection of rulings like the one in Singapore?", ("TH",)),
        ("Apakah di Indonesia juga 9 hari seperti di Brunei?", ("ID",)),
        ("I would like to export from Thailand to Vietnam.", ("TH", "VN")),
        ("I'd like the rules of Singapore and Brunei.", ("SG", "BN")),
        ("What does a country like Malaysia ask for?", ("MY",)),
    ],
)
def test_a_country_that_another_is_likened_to_is_not_asked_about(text: str, codes: tuple[str, ...]) -> None:
    assert asked_about(text, KNOWN) == codes


def test_several_questions_of_which_the_first_names_their_subject_follow_nothing() -> None:
    text = "What is ASSIST and how does it work?"
    assert readings((FAQS, "answered"), text=text) == [alone(text)]
    assert after((FAQS, "answered"), text="How old is it and who runs it?").carried


def test_what_follows_on_an_answer_keeps_what_that_said() -> None:
    by_itself, *carried = readings((FAQS, "answered"), text="Are fees charged?")
    assert not by_itself.told.answer
    assert carried
    assert all(reading.told.answer == "Answer." for reading in carried)


def test_what_is_known_of_the_answer_before_may_be_what_is_meant() -> None:
    told = Told(answer="Answer.", documents=frozenset(["d"]), about="Customs FAQs of Singapore")
    turns = (Turn(role="user", content=FAQS), Turn(role="assistant", content="Answer.", status="answered"))
    found = standalone(Question(text="Are fees charged?", history=turns), KNOWN, told)
    assert [(reading.sense, reading.text) for reading in found] == [
        ("alone", "Are fees charged?"),
        ("about", "Are fees charged? (Customs FAQs of Singapore)"),
        ("continued", f"{FAQS} Are fees charged?"),
        ("within", "Are fees charged?"),
    ]
    assert {reading.countries for reading in found[1:]} == {("SG",)}


def test_a_conversation_keeps_its_subject_and_its_country() -> None:
    asked = (("How is an importer registered in Brunei?", "answered"), ("How long?", "routed"), ("And cost?", "routed"))
    last = readings(*asked, text="Who decides?")[-1]
    assert (last.text, last.countries) == ("How is an importer registered in Brunei? And cost? Who decides?", ("BN",))


def test_a_first_question_stays_as_it_is() -> None:
    assert after(text=FAQS) == alone(FAQS, "SG")


@pytest.mark.parametrize(
    "text",
    ["and in Malaysia?", "What about Malaysia?", "Malaysia?", "and Malaysia", "no I meant Malaysia", "sorry, Malaysia"],
)
def test_a_change_of_country_asks_the_same_for_the_other(text: str) -> None:
    resolved = after((FAQS, "answered"), text=text)
    assert resolved.countries == ("MY",)
    assert resolved.carried
    assert "Malaysia" in resolved.text
    assert "Singapore" not in resolved.text
    assert "customs FAQs" in resolved.text


@pytest.mark.parametrize(
    "text", ["Bagaimana dengan Malaysia?", "那马来西亚呢？", "แล้วมาเลเซียล่ะ", "Còn Malaysia thì sao?"]
)
def test_a_change_of_country_is_understood_in_other_languages(text: str) -> None:
    resolved = after((FAQS, "answered"), text=text)
    assert resolved.countries == ("MY",)
    assert "customs FAQs" in resolved.text


def test_a_country_given_after_a_clarification_completes_the_question() -> None:
    resolved = after(("Where are the customs FAQs?", "clarify"), text="Thailand please")
    assert resolved.countries == ("TH",)
    assert "Where are the customs FAQs?" in resolved.text
    assert "Thailand" in resolved.text


@pytest.mark.parametrize("text", ["Is it binding?", "Who publishes that?"])
def test_a_short_question_that_points_back_takes_the_topic_along(text: str) -> None:
    resolved = after((FAQS, "answered"), text=text)
    assert resolved.text == f"{FAQS} {text}"
    assert resolved.countries == ("SG",)


def test_a_new_topic_is_not_glued_to_the_old_one() -> None:
    text = "Who may file a complaint with ASSIST about a measure?"
    assert after((FAQS, "answered"), text=text) == alone(text)


def test_a_new_question_about_another_country_is_not_glued() -> None:
    text = "How do I become an AWSC certified exporter in Malaysia?"
    assert after((FAQS, "answered"), text=text) == alone(text, "MY")


def test_a_declined_question_is_no_topic() -> None:
    resolved = after((FAQS, "answered"), ("Tell me a joke about Laos", "declined"), text="and in Malaysia?")
    assert "customs FAQs" in resolved.text
    assert "joke" not in resolved.text
    assert "Laos" not in resolved.text


def test_follow_ups_follow_follow_ups() -> None:
    resolved = after((FAQS, "answered"), ("and in Malaysia?", "answered"), text="and in Thailand?")
    assert resolved.countries == ("TH",)
    assert "Malaysia" not in resolved.text
    assert "customs FAQs" in resolved.text


def test_the_selected_country_holds_where_the_question_names_none() -> None:
    assert after(text="Where are the FAQs?", country="TH").countries == ("TH",)
    assert after(text=FAQS, country="TH").countries == ("SG",)


def test_the_conversation_comes_before_the_selected_country() -> None:
    assert after((FAQS, "answered"), text="Is it binding?", country="TH").countries == ("SG",)


def test_a_history_of_assistant_turns_alone_changes_nothing() -> None:
    turns = (Turn(role="assistant", content="Hello!"), Turn(role="assistant", content="Ask me."))
    assert [reading.text for reading in standalone(Question(text="And in Malaysia?", history=turns), KNOWN)] == [
        "And in Malaysia?"
    ]


def test_a_short_question_may_mean_what_was_asked_before() -> None:
    by_itself, glued = readings((FAQS, "answered"), text="Are fees charged?")
    assert (by_itself.text, by_itself.carried) == ("Are fees charged?", False)
    assert glued.text == f"{FAQS} Are fees charged?"
    assert glued.countries == ("SG",)


def test_a_long_question_has_one_reading() -> None:
    text = "Who may file a complaint with ASSIST about a measure of another country?"
    assert len(readings((FAQS, "answered"), text=text)) == 1


def test_follow_ups_hang_on_the_question_that_opened_the_topic() -> None:
    resolved = after((FAQS, "answered"), ("Is it binding?", "answered"), text="Who publishes it?")
    assert resolved.topic == FAQS
    assert resolved.text == f"{FAQS} Who publishes it?"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "How many may sign for a company, and also how long are papers kept?",
            ["How many may sign for a company", "how long are papers kept?"],
        ),
        ("What is ASSIST and is it binding?", ["What is ASSIST", "What is ASSIST is it binding?"]),
        (
            "We export rice. Who issues the form? Where do we ask for the form?",
            ["Who issues the form?", "Where do we ask for the form?"],
        ),
        ("Who may sign and stamp the form?", []),
        ("Is it free? Thanks and regards", []),
    ],
)
def test_several_questions_at_once_are_told_apart(text: str, parts: list[str]) -> None:
    assert [part.text for part in separate(after(text=text), KNOWN)] == parts


@pytest.mark.parametrize(
    "text", ["its link?", "link please", "ada tautannya? tautan apa", "ขอลิงก์หน่อย", "cho xin link", "有网址吗？"]
)
def test_a_few_words_ask_for_a_link(text: str) -> None:
    assert asks_for_link(text)


SAID = (Turn(role="user", content=FAQS), Turn(role="assistant", content="There.", status="answered"))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("its link?", "link"),
        ("what is its website?", "link"),
        ("link pls", "link"),
        ("tautannya?", "link"),
        ("它的网址是什么？", "link"),
        ("is it binding?", "binding"),
        ("apakah itu mengikat?", "binding"),
        ("มันมีผลผูกพันไหม", "binding"),
        ("nó có ràng buộc không?", "binding"),
        ("who publishes it?", None),
        ("Is ASSIST binding?", None),
        ("its link for Thailand?", None),
        ("Are the decisions of a panel of customs heads binding for it?", None),
    ],
)
def test_a_few_words_after_an_answer_ask_of_its_source(text: str, wanted: str | None) -> None:
    assert asks_of_source(Question(text=text, history=SAID), KNOWN) == wanted


@pytest.mark.parametrize("status", ["routed", "declined", "clarify"])
def test_without_an_answer_before_nothing_is_asked_of_its_source(status: str) -> None:
    refused = (SAID[0], Turn(role="assistant", content="No.", status=status))
    assert asks_of_source(Question(text="its link?", history=refused), KNOWN) is None
    assert asks_of_source(Question(text="its link?"), KNOWN) is None


def test_the_question_before_is_the_last_one_with_what_was_said_until_then() -> None:
    history = (*SAID, Turn(role="user", content="And Malaysia?"), Turn(role="assistant", content="Here."))
    asked = before(Question(text="its link?", history=history, country="SG"))
    assert asked == Question(text="And Malaysia?", history=SAID, country="SG")


def test_a_question_about_links_asks_for_none() -> None:
    assert not asks_for_link("For which of the countries does the list of ASEAN give no link?")


def test_a_follow_up_is_one_question() -> None:
    assert separate(after((FAQS, "answered"), text="Is it binding, and who publishes it?"), KNOWN) == []


def test_a_follow_up_takes_along_what_was_named() -> None:
    about, glued = readings(("When was the CCC established?", "answered"), text="who does it report to?")
    assert about.text == "who does it report to? (CCC)"
    assert glued.text == "When was the CCC established? who does it report to?"


def test_a_few_words_that_name_nothing_keep_what_was_named() -> None:
    resolved = after(
        ("How is a complaint filed with ASSIST?", None), ("Who decides?", None), text="and if they reject it?"
    )
    assert resolved.text == "Who decides? (ASSIST) and if they reject it?"


def test_a_question_that_refers_back_hands_on_what_it_refers_to() -> None:
    asked = (("What is an advance ruling?", None), ("How do I get one in Singapore?", None))
    resolved = after(*asked, text="and in Brunei?")
    assert resolved.text == "What is an advance ruling? How do I get one in Brunei Darussalam?"


@pytest.mark.parametrize("text", ["berapa biayanya?", "apa sanksinya kalau salah?"])
def test_an_ending_points_back(text: str) -> None:
    assert after(("Apa itu Origin Declaration?", None), text=text).carried


def test_a_short_word_with_that_ending_does_not() -> None:
    assert not after(("Apa itu ASEAN?", None), text="hanya Form D").carried


def test_a_refusals_words_name_what_a_follow_up_may_be_about() -> None:
    turns = (
        Turn(role="user", content="They keep refusing our papers, what can we do?"),
        Turn(role="assistant", content="Go to “ASSIST” (ASEAN): https://assist.asean.org", status="routed"),
    )
    first, *_ = standalone(Question(text="how do I file it?", history=turns), KNOWN)
    assert first.text == "how do I file it? (ASSIST)"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Is Form D or e-Form D accepted under ATIGA?", ["Form D", "e-Form D"]),
        ("Where are the FAQs of ASEAN?", []),
        ("what is AHTN, and what is AHTN for?", ["AHTN"]),
        ("what is the ATIGA form d", ["ATIGA", "form d"]),
        ("which form do I use", []),
    ],
)
def test_forms_and_acronyms_are_names(text: str, names: list[str]) -> None:
    assert named(text) == names


def test_what_was_named_before_is_not_carried_to_another_form() -> None:
    found = readings(("How long is Form D valid?", "answered"), text="how about Form E?")
    assert [reading.text for reading in found if reading.sense == "about"] == []
    carried = readings(("How long is Form D valid?", "answered"), text="who signs?")
    assert "who signs? (Form D)" in [reading.text for reading in carried]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "My uncle left me boxes of papers. How long must origin records be kept?",
            "How long must origin records be kept?",
        ),
        ("我们的货在海关。原产地记录要保存几年？", "原产地记录要保存几年？"),
        ("Our clerk is new. Tell me how long origin records are kept.", "Tell me how long origin records are kept."),
        ("How long must origin records be kept?", None),  # nothing stands around it
        ("Is it binding? Who signs it? We wonder.", None),  # asks more than one thing
        ("We wait since May. Why?", None),  # too short to say what it asks
    ],
)
def test_the_sentence_that_asks_stands_alone_without_the_story_around_it(text: str, sentence: str | None) -> None:
    told = Standalone(text=text, countries=("BN",), own=text, topic=text)
    found = asking(told)
    assert (found and (found.text, found.countries)) == (sentence and (sentence, ("BN",)))


def test_a_follow_up_tells_no_story() -> None:
    carried = alone("I see. How long is it kept?").model_copy(update={"sense": "continued"})
    assert asking(carried) is None


@pytest.mark.parametrize(
    ("text", "tells_nothing"),
    [
        ("how long is it valid?", True),
        ("有效期多长?", True),
        ("how long is an advance ruling valid?", False),
        ("预裁定有效期多长?", False),
        ("ใบรับรองถิ่นกำเนิด Form D", False),
        ("in Laos?", False),
    ],
)
def test_few_words_tell_what_they_are_about_in_any_language(text: str, tells_nothing: bool) -> None:
    assert names_nothing(text, KNOWN) is tells_nothing


@pytest.mark.parametrize(
    ("text", "speaks"),
    [
        ("สินค้าที่นำเข้าจากต่างประเทศต้องสำแดงเมื่อไร", False),
        ("ประเทศปลายทางยอมรับหรือไม่", True),
        ("ສິນຄ້າຈາກຕ່າງປະເທດ", False),
        ("hàng mua từ nước ngoài", False),
        ("barang dari luar negara", False),
        ("apakah negara tujuan menerimanya?", True),
    ],
)
def test_abroad_is_no_country(text: str, speaks: bool) -> None:
    assert speaks_of_a_country(text) is speaks


def test_the_names_of_countries_say_nothing_of_a_texts_language() -> None:
    assert without_countries("And Viet Nam?", KNOWN).split() == ["And", "?"]
