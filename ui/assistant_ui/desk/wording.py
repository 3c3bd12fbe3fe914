"""Wording of the traders' status page in each language, from status/*.yaml, and of the desk, which is in English."""

from functools import cache
from pathlib import Path

import yaml

from assistant import data
from assistant.types import FALLBACK

FOLDER = Path(__file__).with_name("status")


@cache
def load() -> dict[str, dict[str, str]]:
    """Texts by language."""
    read = (yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.yaml")))
    return {texts["language"]: texts for texts in read}


def texts(language: str) -> dict[str, str]:
    """Every text in that language; what is missing there is in English."""
    return load()[FALLBACK] | load().get(language, {})


def sign_in_problem(code: str) -> str:
    """What the sign-in page says for a code; nothing for none. An address may hold any text, which is not repeated."""
    said: dict[str, str] = data.read("desk.yaml")["sign_in"]
    return said.get(code, said["unknown"]) if code else ""


def actions() -> dict[str, dict[str, str]]:
    """What the actions of the audit log are called, and what their author did, by their names."""
    found: dict[str, dict[str, str]] = data.read("desk.yaml")["actions"]
    return found


def details() -> dict[str, str]:
    """What the details of a line of the audit log are called, by their keys."""
    found: dict[str, str] = data.read("desk.yaml")["details"]
    return found


def preferred(accepted: str) -> str:
    """The first language of an Accept-Language header that there is wording in, else English."""
    codes = (part.partition(";")[0].strip().casefold().partition("-")[0] for part in accepted.split(","))
    return next((_ours(code) for code in codes if _ours(code) in load()), FALLBACK)


def _ours(code: str) -> str:
    """Browsers say "fil" where we say "tl"."""
    return "tl" if code == "fil" else code
