"""Which passwords are good enough, and how they are hashed."""

import threading
import time
from typing import Literal

import pytest
from argon2 import PasswordHasher, Type, extract_parameters

from assistant.errors import InputError
from assistant.helpdesk.passwords import AT_ONCE, Passwords, check
from officers import QUICK

ABOUT = ("siti.rahman@customs.example.sg", "Siti Rahman")


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", "0 characters: use at least 12"),
        ("short", "5 characters"),
        ("x7#Kq9!vLm2", "11 characters"),
        ("ab" * 101, "at most 200"),
        ("aaaaaaaaaaaaaa", "different"),
        ("abababababab", "different"),
        ("password1234", "easily guessed"),
        ("P@ssw0rd!2026", "easily guessed"),
        ("qwertyuiop12", "easily guessed"),
        ("1234567890123", "easily guessed"),
        ("Customs-ASEAN-2026", "easily guessed"),
        ("Siti.Rahman-1987", "easily guessed"),
        ("example.sg-customs", "easily guessed"),
        ("WelcomeWelcome99", "easily guessed"),
    ],
)
def test_a_weak_password_is_refused_with_the_reason(password: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        check(password, *ABOUT)


@pytest.mark.parametrize(
    "password",
    [
        "green kettle moves slowly",
        "x7#Kq9!vLm2$",
        "กาน้ำสีเขียวเดินช้า",
        "Siti likes purple turnips",
        "8347 2917 5560 1938",
        "y" * 195 + "abcde",
    ],
)
def test_a_good_password_is_taken(password: str) -> None:
    check(password, *ABOUT)


def test_no_password_is_named_in_a_refusal() -> None:
    with pytest.raises(InputError) as refusal:
        check("Password-2026!", *ABOUT)
    assert "Password-2026!" not in str(refusal.value)


def test_hashes_are_argon2id_with_a_salt_of_their_own() -> None:
    passwords = Passwords()
    one, two = passwords.hash("green kettle moves"), passwords.hash("green kettle moves")
    assert one != two
    assert extract_parameters(one).type == Type.ID
    assert passwords.fits(one, "green kettle moves")
    assert not passwords.fits(one, "green kettle move")
    assert not passwords.is_outdated(one)
    assert Passwords(QUICK).is_outdated(one)


@pytest.mark.parametrize("kept", [None, "", "plain text", "$argon2id$v=19$broken"])
def test_nothing_fits_where_no_hash_is_kept(kept: str | None) -> None:
    passwords = Passwords(QUICK)
    assert not passwords.fits(kept, "nobody's password")
    assert not passwords.fits(kept, "")


class SlowHasher(PasswordHasher):
    """Counts how many hashes are being checked at once."""

    __slots__ = ("lock", "most", "running")

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.running, self.most = 0, 0
        self.lock = threading.Lock()

    def verify(self, *given: str | bytes) -> Literal[True]:
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
        time.sleep(0.02)
        with self.lock:
            self.running -= 1
        return super().verify(*given)


def test_few_passwords_are_checked_at_once() -> None:
    """Each takes 64 MiB: a crowd of strangers must not fill the memory."""
    hasher = SlowHasher()
    passwords = Passwords(hasher)
    kept = passwords.hash("green kettle moves")
    threads = [threading.Thread(target=passwords.fits, args=(kept, "wrong")) for _ in range(4 * AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert hasher.most == AT_ONCE
