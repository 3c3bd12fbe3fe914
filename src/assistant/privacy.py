"""Takes personal data out of what is stored; form numbers, HS codes and permit numbers stay."""

import re

from phonenumbers import Leniency, PhoneNumberMatcher

from assistant.types import Answer, Generation

EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
SHAPED_LIKE_A_CODE = re.compile(r"\d{4}[.\s]\d{2}(?:[.\s]\d{2,4}){0,2}")  # an HS or AHTN code


def redact(text: str, country: str | None = None) -> str:
    """The text with e-mail addresses and telephone numbers replaced by [email] and [phone].

    A number without a country prefix counts as a telephone number only if `country` (ISO code) uses such numbers.
    """
    text = EMAIL.sub("[email]", text)
    matches = PhoneNumberMatcher(text, country, leniency=Leniency.VALID)
    for match in reversed(list(matches)):
        if not SHAPED_LIKE_A_CODE.fullmatch(match.raw_string):
            text = f"{text[: match.start]}[phone]{text[match.end :]}"
    return text


def redacted(answer: Answer) -> Answer:
    """The answer as it may be stored: its question redacted."""
    country = answer.countries[0] if answer.countries else None
    return answer.model_copy(update={"question": redact(answer.question, country)})


def cleaned(generation: Generation) -> Generation:
    """What a model wrote as it may be stored: a question's personal data may come back in it."""
    dropped = tuple(each.model_copy(update={"text": redact(each.text)}) for each in generation.dropped)
    return generation.model_copy(update={"dropped": dropped})
