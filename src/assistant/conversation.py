"""Turns a follow-up ("and in Thailand?", "is it binding?") into a question that stands alone, by rules."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Literal

from assistant import attributes, chunking, data, language, terms
from assistant.chunking import QUESTION_MARKS
from assistant.countries import Countries
from assistant.types import REFUSALS, Frozen, Question, Turn

SHORT = 8  # words; a longer question stands on its own whatever it refers to
MAY_FOLLOW = 12  # words; a longer question is not even tried as a follow-up
NAMELESS = 6  # words; a question of so few that names nothing is about what was named before
ENDED = 7  # letters of a word from which an ending may point back
BARE = 3  # words left beside a country's name that still make it a mere answer to "which country?"
BARE_FOLLOW_UP = 2  # words left beside it and beside "and in" that still make it a mere change of country
PART = 3  # words from which a part of a sentence may be a question by itself
JOINED = re.compile(
    r",?\s+(?:and|also|plus)\s+(?:also\s+)?(?=(?:how|what|when|who|where|which|why|do|does|is|are|can|may|must)\b)",
    re.IGNORECASE,
)
NAME = re.compile(r"\b(?:e-)?(?i:form) (?:[A-Z]{1,2}|d|e)\b|\b(?!ASEAN\b|HTTPS?\b)[A-Z][A-Z-]+[A-Z]\b")
INSTITUTION = re.compile(r"[A-Z-]{4,}")  # a country is told by; another country is not put in its place
NAMES = 2  # are carried on
LIKENED_WITHIN = 20  # characters before a name
ALONE = 3  # words that ask of the answer before even without a word that points back
NO_SPACES = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3400-\u9fff]")
CHARACTERS_A_WORD = 4  # in scripts that do not put spaces between words


OfSource = Literal["link", "binding"]
"""What may be asked of the source of an answer: where it is published, or whether it has the force of law."""


Sense = Literal["alone", "moved", "within", "about", "continued", "rewritten"]
"""What the words may mean: what they say by themselves; what was asked before, in another country; something about the
documents told of; something about what was named before; what was asked before and this; what a language model reads.
"""


class Told(Frozen):
    """What was told before: the answer just before, and the documents that the last answer to quote any quotes.

    `about` is the title of the first of them.
    """

    answer: str = ""
    documents: frozenset[str] = frozenset()
    about: str = ""


NOTHING = Told()


class Standalone(Frozen):
    """A question that needs no earlier turn, in one sense of its words.

    `own` is what the trader wrote last; `topic` what later follow-ups are about, and `base` the last question of the
    conversation that named its subject; `told` what was told before, where it follows on that.
    """

    text: str
    countries: tuple[str, ...]
    own: str
    topic: str
    base: str = ""
    sense: Sense = "alone"
    told: Told = NOTHING

    @property
    def carried(self) -> bool:
        """Whether earlier turns are used."""
        return self.sense != "alone"


def standalone(question: Question, countries: Countries, told: Told = NOTHING) -> list[Standalone]:
    """The question with what it leaves to the conversation filled in: its likeliest reading first.

    A short question may stand alone, be about what was named or told before, or continue what was asked before.
    """
    topic: Standalone | None = None
    for text, answered in _asked(question.history):
        if answered != "declined":
            topic = _kept_on(_resolve(text, topic, countries, clarified=answered == "clarify"), topic, countries)
    last = last_answer(question)
    resolved = _resolve(question.text, topic, countries, clarified=last is not None and last.status == "clarify")
    readings = [resolved]
    may_follow = _length(question.text) <= MAY_FOLLOW and not _names_itself(question.text)
    if topic and resolved.own == question.text and may_follow:
        places = resolved.countries or topic.countries
        names = named(topic.topic) or named(last.content if last and last.status in REFUSALS else "")
        names = [name for name in names or [told.about] if name and not attributes.is_of_another(question.text, name)]
        alone = [] if resolved.carried else [resolved]
        about = [_about(topic, question.text, names, places)] if names else []
        glued = [_glued(topic, question.text, places)]
        within = [_within(topic, question.text, places)] if told.documents else []
        readings = [*alone, *(glued + about if opens_follow_up(question.text) else about + glued), *within]
    following = [reading.model_copy(update={"told": told}) if reading.carried else reading for reading in readings]
    return [in_country(reading, question.country, countries) for reading in following]


def last_answer(question: Question) -> Turn | None:
    """What was answered just before the question, if anything was."""
    return next((turn for turn in reversed(question.history) if turn.role == "assistant"), None)


def separate(asked: Standalone, countries: Countries) -> list[Standalone]:
    """The questions of a text that asks several at once, each standing alone; none where it asks one."""
    telling = _parts(asked.text)
    if asked.carried or len(telling) < 2:
        return []
    first = Standalone(text=telling[0], countries=asked.countries, own=telling[0], topic=telling[0])
    return [first, *(_resolve(part, first, countries, clarified=False) for part in telling[1:])]


def asking(asked: Standalone) -> Standalone | None:
    """The one sentence that asks, of a text that tells a story around it, standing alone; none in other texts.

    It ends in a question mark, or else the text.
    """
    told = chunking.texts(asked.text)
    questions = _questions(asked.text) or told[-1:]
    if asked.carried or len(told) < 2 or len(questions) > 1 or _length(questions[0]) < PART:
        return None
    return asked.model_copy(update={"text": questions[0], "own": questions[0], "topic": questions[0]})


def _questions(text: str) -> list[str]:
    """The sentences that end in a question mark."""
    return [sentence for sentence in chunking.texts(text) if sentence.endswith(QUESTION_MARKS)]


def _parts(text: str) -> list[str]:
    """What a text asks, one by one; fragments that can be no question are left out."""
    parts = [part.strip() for sentence in _questions(text) or [text] for part in JOINED.split(sentence)]
    return [part for part in parts if _length(part) >= PART]


def in_country(reading: Standalone, country: str | None, countries: Countries) -> Standalone:
    """The reading about the selected country, where it names none itself."""
    if reading.countries or not country:
        return reading
    named = f"{reading.text} ({countries.name(country)})"
    return reading.model_copy(update={"text": named, "countries": (country,)})


def _asked(history: Sequence[Turn]) -> list[tuple[str, str | None]]:
    """The user's earlier questions, each with the status of the answer to it, if known."""
    asked: list[tuple[str, str | None]] = []
    for turn in history:
        if turn.role == "user":
            asked.append((turn.content, None))
        elif asked:
            asked[-1] = (asked[-1][0], turn.status)
    return asked


def _resolve(text: str, topic: Standalone | None, countries: Countries, *, clarified: bool) -> Standalone:
    """One question in the light of the topic before it."""
    named = asked_about(text, countries)
    alone = Standalone(text=text, countries=named, own=text, topic=text)
    if topic is None:
        return alone
    bare = BARE if clarified else BARE_FOLLOW_UP if opens_follow_up(text) else 1
    if named and words_beside_countries(text, countries) <= bare:
        moved = _moved(topic, named, countries)
        return Standalone(text=moved, countries=named, own=moved, topic=moved, sense="moved")
    back = opens_follow_up(text) or (refers_back(text) and not named and not _names_itself(text))
    if _length(text) > SHORT or not back:
        return alone
    return _glued(topic, text, named or topic.countries)


def _names_itself(text: str) -> bool:
    """Whether a text asks several things at once, the first of which names what the others are about."""
    first, *others = _parts(text) or [text]
    return bool(others and named(first)) and not refers_back(first)


def _kept_on(asked: Standalone, topic: Standalone | None, countries: Countries) -> Standalone:
    """A question with what later follow-ups to it are about.

    One that refers back ("how do I get one in Singapore?") or names nothing ("who decides?") is about the topic before
    it, and in its country.
    """
    if topic is None or asked.carried:
        return asked
    back = _length(asked.text) <= SHORT and refers_back(asked.text)
    if not back and not names_nothing(asked.text, countries):
        return asked
    names, base = [] if back else named(topic.topic), topic.base or topic.topic
    about = f"{asked.text} ({', '.join(names)})" if names else f"{base} {asked.text}"
    return asked.model_copy(update={"topic": about, "base": base, "countries": asked.countries or topic.countries})


def _glued(topic: Standalone, text: str, named: tuple[str, ...]) -> Standalone:
    """A follow-up beside the question that it is about."""
    whole = f"{topic.topic} {text}"
    return topic.model_copy(update={"text": whole, "countries": named, "own": text, "sense": "continued"})


def _about(topic: Standalone, text: str, names: Sequence[str], countries: tuple[str, ...]) -> Standalone:
    """A follow-up with the names of what it is about."""
    whole = f"{text} ({', '.join(names)})"
    return topic.model_copy(update={"text": whole, "countries": countries, "own": whole, "sense": "about"})


def _within(topic: Standalone, text: str, countries: tuple[str, ...]) -> Standalone:
    """A follow-up as it stands, about what was told before."""
    return topic.model_copy(update={"text": text, "countries": countries, "own": text, "sense": "within"})


def named(text: str) -> list[str]:
    """The first forms, acronyms and subjects that a text names; ASEAN, which everything is about, is none."""
    return list(dict.fromkeys(_names().findall(text)))[:NAMES]


def _moved(topic: Standalone, named: tuple[str, ...], countries: Countries) -> str:
    """The topic's question asked for other countries."""
    names = ", ".join(countries.name(code) for code in named)
    spans = [span for span in countries.spans(topic.topic) if not INSTITUTION.fullmatch(topic.topic[slice(*span[0])])]
    if not spans:
        return f"{topic.topic} ({names})"
    (start, end), _ = spans[0]
    rest = topic.topic[end:]
    for (later_start, later_end), _ in reversed(spans[1:]):
        if later_start >= end:
            rest = rest[: later_start - end] + rest[later_end - end :]
    return f"{topic.topic[:start]}{names}{rest}"


def asked_about(text: str, countries: Countries) -> tuple[str, ...]:
    """The countries a text asks about: those that it names, less those that another is likened to ("as in …")."""
    spans = countries.spans(text)
    own = [code for (start, _), code in spans if not _likened(text[:start])]
    return tuple(dict.fromkeys(own or [code for _, code in spans]))


def _likened(before: str) -> bool:
    """Whether what is said just before a name likens something to it."""
    sentence = before.lower().replace("?", ".").rpartition(".")[2]
    return any(len(sentence) - found.end() <= LIKENED_WITHIN for found in _likening().finditer(sentence))


def words_beside_countries(text: str, countries: Countries) -> int:
    """How many words a text has beside the names of countries and the words that open a follow-up."""
    rest = without_countries(text, countries)
    for phrase in _phrases("follow_up"):
        if rest.strip().lower().startswith(phrase):
            rest = rest.strip()[len(phrase) :]
            break
    return _length(rest)


def without_countries(text: str, countries: Countries) -> str:
    """A text without the names of countries, which say nothing of its language."""
    for (start, end), _ in reversed(countries.spans(text)):
        text = f"{text[:start]} {text[end:]}" if start < len(text) else text
    return text


def opens_follow_up(text: str) -> bool:
    """Whether a text opens the way follow-ups do ("and in …", "what about …")."""
    lowered = text.lower()
    return any(
        lowered.startswith(phrase) and not (phrase.isascii() and lowered[len(phrase) :][:1].isalpha())
        for phrase in _phrases("follow_up")
    )


def refers_back(text: str) -> bool:
    """Whether a text has a word that stands for something said before ("it", "that", "there")."""
    return _has(text, "anaphora")


def asks_for_link(text: str) -> bool:
    """Whether a text of a few words asks for the address of a page."""
    return _length(text) <= SHORT and _has(text, "link")


def names_nothing(text: str, countries: Countries) -> bool:
    """Whether a text is of a few words that tell nothing of what they are about ("how long is it valid?")."""
    return _length(text) <= NAMELESS and not names_something(text, countries)


def names_something(text: str, countries: Countries) -> bool:
    """Whether a text names a form, a subject, a topic or a country, in any language."""
    if countries.find(text) or named(text):
        return True
    plain = terms.english(text, language.detect(text)).text
    return bool(named(plain) or _topics().search(plain))


def speaks_of_a_country(text: str) -> bool:
    """Whether a text has a word for "country", so that it may be about another than the asker's own.

    Goods from abroad come into one's own.
    """
    return _has(_abroad().sub(" ", text.lower()), "country")


def speaks_of_binding(text: str) -> bool:
    """Whether a text says, or asks, whether something has the force of law."""
    return _has(text, "binding")


def asks_of_source(question: Question, countries: Countries) -> OfSource | None:
    """What a follow-up of a few words ("its link?", "is it binding?") asks of the source of the answer before it.

    None where it asks something else, names what it is about, or follows no answer.
    """
    text = question.text
    last = question.history[-1] if question.history else None
    if last is None or last.role != "assistant" or last.status in REFUSALS or named(text) or countries.find(text):
        return None
    if _length(text) > (SHORT if refers_back(text) else ALONE):
        return None
    return "link" if asks_for_link(text) else "binding" if speaks_of_binding(text) else None


def before(question: Question) -> Question:
    """The question that was asked before this one, with what had been said until then."""
    place = max(place for place, turn in enumerate(question.history) if turn.role == "user")
    asked = question.history[place].content
    return question.model_copy(update={"text": asked, "history": question.history[:place]})


def _has(text: str, kind: str) -> bool:
    lowered = text.lower()
    words = set(re.findall(r"\w+", lowered))
    endings = tuple(phrase[1:] for phrase in _phrases(kind) if phrase.startswith("-"))
    return any(phrase in words if phrase.isascii() else phrase in lowered for phrase in _phrases(kind)) or any(
        len(word) >= ENDED and word.endswith(endings) for word in words
    )


def _length(text: str) -> int:
    """Words, estimated from characters in scripts without spaces."""
    unspaced = len(NO_SPACES.findall(text))
    return len(re.findall(r"\w+", NO_SPACES.sub(" ", text))) + -(-unspaced // CHARACTERS_A_WORD)


@cache
def _names() -> re.Pattern[str]:
    return re.compile(rf"{NAME.pattern}|{_any_of('subjects')}")


@cache
def _topics() -> re.Pattern[str]:
    return re.compile(_any_of("topics"))


def _any_of(kind: str) -> str:
    """A pattern for the English words of a list."""
    return rf"\b(?i:{'|'.join(map(re.escape, data.read('words.yaml')[kind]))})s?\b"


@cache
def _abroad() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, _phrases("abroad"))))


@cache
def _likening() -> re.Pattern[str]:
    return re.compile("|".join(data.read("words.yaml")["likening"]))


@cache
def _phrases(kind: str) -> tuple[str, ...]:
    entries = data.read("words.yaml")[kind]
    phrases = (str(phrase).lower() for language in entries.values() for phrase in language)
    return tuple(sorted(set(phrases), key=len, reverse=True))
