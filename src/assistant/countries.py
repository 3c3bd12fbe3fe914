"""Which ASEAN countries a text is about, from names in any of the languages."""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import Any

from assistant import data
from assistant.errors import InputError


class Countries:
    """Names of the countries, and how texts refer to them."""

    def __init__(
        self,
        names: dict[str, dict[str, str]],
        aliases: dict[str, str],
        acronyms: dict[str, str],
        weak: frozenset[str] = frozenset(),
        elsewhere: frozenset[str] = frozenset(),
        elsewhere_acronyms: frozenset[str] = frozenset(),
        language_mentions: frozenset[str] = frozenset(),
        articles: dict[str, dict[str, str]] | None = None,
        homes: dict[str, str] | None = None,
    ) -> None:
        """Aliases and acronyms map to country codes; weak aliases count only where nothing else names a country.

        `homes` maps languages to the one country each is at home in. `elsewhere` names places outside ASEAN;
        `language_mentions` are phrases such as "in Thai" that name no place.
        """
        self._names = names
        self._articles = articles or {}
        self._homes = homes or {}
        self._weak = frozenset(_fold(alias) for alias in weak)
        self._aliases = {_fold(alias): code for alias, code in aliases.items()}
        self._patterns = _both(aliases)
        self._acronyms = acronyms
        self._upper = _pattern(list(acronyms), bounded=True)
        self._elsewhere_upper = _pattern(list(elsewhere_acronyms), bounded=True)
        self._elsewhere = _both(elsewhere)
        self._languages = _both(language_mentions)

    @property
    def codes(self) -> tuple[str, ...]:
        """ISO 3166 codes, by English name."""
        return tuple(sorted(self._names, key=lambda code: self._names[code]["en"]))

    @property
    def all_names(self) -> tuple[str, ...]:
        """Everything that a country is called, in every language."""
        return tuple(self._aliases)

    def require(self, *codes: str | None) -> None:
        """Raise InputError unless all of these are countries we know; None, where none is given, is left out."""
        unknown = [code for code in codes if code is not None and code not in self._names]
        if unknown:
            raise InputError(f"unknown country {', '.join(map(repr, unknown))}: use one of {', '.join(self.codes)}")

    def name(self, code: str, language: str = "en") -> str:
        """The country's name in that language, else in English."""
        names = self._names[code]
        return names.get(language, names["en"])

    def in_sentence(self, code: str, language: str = "en") -> str:
        """The name as it stands within a sentence of that language, with its article where it takes one."""
        article = self._articles.get(code, {}).get(language)
        name = self.name(code, language)
        return f"{article} {name}" if article else name

    def home(self, language: str) -> str | None:
        """The country whose own language it is, where that is one."""
        return self._homes.get(language)

    def language(self, code: str) -> str | None:
        """The country's own language, where no other country has it."""
        return next((language for language, home in self._homes.items() if home == code), None)

    def find(self, text: str) -> tuple[str, ...]:
        """Codes of the countries a text names, each once, in order of first mention."""
        return tuple(dict.fromkeys(code for _, code in self.spans(text)))

    def is_of_all(self, sentence: str) -> bool:
        """Whether a sentence names countries only to say whose office says so: what it says holds in all of them."""
        said = _attribution().sub("", sentence)
        return said != sentence and not self.find(said)

    def spans(self, text: str) -> list[tuple[tuple[int, int], str]]:
        """Where each country is named: ((start, end), code) in order."""
        text = self._without_languages(text)
        folded = _fold(text)
        found = [(match.span(), self._acronyms[match["name"]]) for match in self._upper.finditer(text)]
        weak: list[tuple[tuple[int, int], str]] = []
        for pattern in self._patterns:
            for match in pattern.finditer(folded):
                name = match["name"]
                (weak if name in self._weak else found).append((match.span(), self._aliases[name]))
        return sorted(found or weak)

    def outside(self, text: str) -> bool:
        """Whether a text names a place outside ASEAN. Only a hint: dialogue partners are in the corpus."""
        names = self.spans(text)
        rest = text
        for (start, end), _ in names:
            rest = f"{rest[:start]}{' ' * (end - start)}{rest[end:]}"
        rest = self._without_languages(rest)
        folded = _fold(rest)
        return any((self._elsewhere_upper.search(rest), *(p.search(folded) for p in self._elsewhere)))

    def _without_languages(self, text: str) -> str:
        """Blank out the names of languages, so that offsets stay."""
        for pattern in self._languages:
            for match in pattern.finditer(_fold(text)):
                text = f"{text[: match.start()]}{' ' * len(match.group())}{text[match.end() :]}"
        return text


def _both(words: Iterable[str]) -> list[re.Pattern[str]]:
    """Patterns for the Latin words, which are bounded, and for the rest."""
    folded = [_fold(word) for word in words]
    latin = [word for word in folded if _latin(word)]
    return [_pattern(latin, bounded=True), _pattern([word for word in folded if not _latin(word)], bounded=False)]


def _fold(text: str) -> str:
    """Lower case, so that offsets stay: a character whose lower case is longer is left as it is."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(character.lower() if len(character.lower()) == 1 else character for character in text)


def _latin(text: str) -> bool:
    return all("LATIN" in unicodedata.name(letter, "") for letter in text if letter.isalpha())


def _pattern(words: list[str], *, bounded: bool) -> re.Pattern[str]:
    """Of any of the words. Bounded ones may end in the s of an owner, as typed without its apostrophe ("malaysias")."""
    alternatives = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) or r"(?!)"
    named = rf"(?P<name>{alternatives})"
    return re.compile(rf"(?<!\w){named}(?:(?<=\w{{4}})s)?(?![\w$])" if bounded else named)


@cache
def load() -> Countries:
    """The countries that come with the package."""
    source = data.read("countries.yaml")
    entries = source["countries"]
    return Countries(
        names={entry["code"]: entry["name"] for entry in entries},
        aliases={str(alias): entry["code"] for entry in entries for alias in _all_names(entry)},
        acronyms={str(alias): entry["code"] for entry in entries for alias in entry.get("acronyms") or ()},
        weak=frozenset(str(alias) for entry in entries for alias in entry.get("weak") or ()),
        elsewhere=frozenset(map(str, source["other_regions"])),
        elsewhere_acronyms=frozenset(map(str, source["other_region_acronyms"])),
        language_mentions=frozenset(map(str, source["language_mentions"])),
        articles={entry["code"]: entry["article"] for entry in entries if "article" in entry},
        homes={entry["language"]: entry["code"] for entry in entries if "language" in entry},
    )


def _all_names(entry: dict[str, Any]) -> list[object]:
    return [*entry["name"].values(), *(entry.get("aliases") or ()), *(entry.get("weak") or ())]


@cache
def _attribution() -> re.Pattern[str]:
    return re.compile("|".join(data.read("words.yaml")["attribution"]))
