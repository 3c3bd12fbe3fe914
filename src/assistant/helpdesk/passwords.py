"""Passwords: which are good enough, and their Argon2id hashes."""

import re
import secrets
import threading
from collections.abc import Iterator

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from assistant import data
from assistant.errors import InputError
from assistant.people import LONGEST_PASSWORD, SHORTEST_PASSWORD

AT_ONCE = 4  # hashes being computed; each takes 64 MiB
LEAST_OWN = 6  # characters that must be left without what is easily guessed
LEAST_DIFFERENT = 6
RUN = 4  # neighbours on the keyboard or in the alphabet that make a run
SHORTEST_PART = 3  # letters of a name


class Passwords:
    """Hashes and checks passwords. Safe to share by threads."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        """`hasher` holds the parameters of new hashes; those of RFC 9106 for little memory unless given."""
        self._hasher = hasher or PasswordHasher()
        self._turn = threading.BoundedSemaphore(AT_ONCE)
        self._nobodys = self._hasher.hash(secrets.token_urlsafe())

    def hash(self, password: str) -> str:
        """What is kept of a password."""
        with self._turn:
            return self._hasher.hash(password)

    def fits(self, kept: str | None, password: str) -> bool:
        """Whether it is the password; where none is kept that takes as long to say."""
        with self._turn:
            try:
                return self._hasher.verify(kept or self._nobodys, password) and bool(kept)
            except (VerificationError, InvalidHashError):
                return False

    def is_outdated(self, kept: str) -> bool:
        """Whether the hash was made with other parameters than those of today."""
        return self._hasher.check_needs_rehash(kept)


def check(password: str, *about: str) -> None:
    """Raise InputError, saying why, for a password that is easily guessed; `about` is what is known of the person."""
    if len(password) < SHORTEST_PASSWORD:
        raise InputError(f"the password has {len(password)} characters: use at least {SHORTEST_PASSWORD}")
    if len(password) > LONGEST_PASSWORD:
        raise InputError(f"the password has {len(password)} characters: use at most {LONGEST_PASSWORD}")
    if len(set(password)) < LEAST_DIFFERENT:
        raise InputError(f"the password repeats few characters: use at least {LEAST_DIFFERENT} different ones")
    if len(_own(password, about)) < LEAST_OWN:
        raise InputError(
            "the password is easily guessed, made of a usual word, a run of keys or the person's own name: "
            "use some words that do not belong together"
        )


def _own(password: str, about: tuple[str, ...]) -> str:
    """The letters of a password without what is easily guessed; digits and signs around them count for nothing."""
    known = data.read("weak_passwords.yaml")
    folded = password.casefold()
    parts = [part for text in about for part in re.findall(r"\w+", text.casefold()) if len(part) >= SHORTEST_PART]
    for run in known["runs"]:
        for guess in _runs(run):
            folded = folded.replace(guess, " ")
    folded = folded.translate(str.maketrans(known["letters"]))
    for word in sorted([*known["words"], *parts], key=len, reverse=True):
        folded = folded.replace(word, " ")
    return "".join(character for character in folded if character.isalpha())


def _runs(run: str) -> Iterator[str]:
    """The pieces of a run of keys, the longest first."""
    for length in range(len(run), RUN - 1, -1):
        for start in range(len(run) - length + 1):
            yield run[start : start + length]
