"""Signing in through the identity provider: what is kept of a sign-in between leaving for it and coming back."""

import datetime
import hmac
import secrets

import limits
from sqlalchemy import delete

from assistant.database import Database, now
from assistant.database.accounts import SignInRow
from assistant.errors import TooOftenError, UnknownCallerError
from assistant.helpdesk.accounts import Accounts, network_of
from assistant.helpdesk.tokens import SECRET_BYTES, Clock
from assistant.helpdesk.work import hashed
from assistant.people import Session
from assistant.ports import IdentityProvider

WITHIN = datetime.timedelta(minutes=10)  # somebody who signs in at the provider comes back by then
BEGUN_BY_ADDRESS = limits.parse("30/minute")  # sign-ins begun from one network; each is a row in the database
VERIFIER_BYTES = 64
BEGIN_AGAIN = "this sign-in has been used, has expired or was begun in another browser: begin again"


class SignOn:
    """Sends people to the identity provider and takes them back, each once. Safe to share by threads."""

    def __init__(self, database: Database, accounts: Accounts, provider: IdentityProvider, clock: Clock = now) -> None:
        self._database = database
        self._accounts = accounts
        self._provider = provider
        self._now = clock
        self._begun = limits.strategies.MovingWindowRateLimiter(limits.storage.MemoryStorage())

    def begin(self, address: str = "") -> tuple[str, str]:
        """Where the browser is to go, and the cookie that shows, when it comes back, that it is the same one.

        Raises:
            IdentityProviderError: the provider does not answer.
            TooOftenError: too many sign-ins were begun from that network address.
        """
        if not self._begun.hit(BEGUN_BY_ADDRESS, network_of(address)):
            raise TooOftenError("too many sign-ins were begun from this address: wait a minute")
        state, nonce, browser = (secrets.token_urlsafe(SECRET_BYTES) for _ in range(3))
        verifier = secrets.token_urlsafe(VERIFIER_BYTES)
        place = self._provider.address(state, nonce, verifier)
        begun = self._now()
        row = SignInRow(
            state=hashed(state), nonce=nonce, verifier=verifier, browser=hashed(browser), expires_at=begun + WITHIN
        )
        with self._database.writing() as session:
            session.execute(delete(SignInRow).where(SignInRow.expires_at <= begun))
            session.add(row)
        return place, browser

    def finish(self, state: str, code: str, browser: str) -> tuple[str, Session]:
        """A new session of whoever comes back from the provider, and the value of its cookie.

        Raises:
            UnknownCallerError: the sign-in is not one of this browser, or not any more; or nobody here is who came.
            IdentityProviderError: the provider does not answer, or what it says cannot be believed.
        """
        nonce, verifier = self._take(state, browser)
        return self._accounts.sign_in_as(self._provider.identify(code, nonce, verifier))

    def _take(self, state: str, browser: str) -> tuple[str, str]:
        """Nonce and verifier of a sign-in that was begun; it is gone then, whoever asked for it."""
        with self._database.writing() as session:
            row = session.execute(
                delete(SignInRow)
                .where(SignInRow.state == hashed(state))
                .returning(SignInRow.nonce, SignInRow.verifier, SignInRow.browser, SignInRow.expires_at)
            ).first()
        if row is None or row.expires_at <= self._now() or not hmac.compare_digest(row.browser, hashed(browser)):
            raise UnknownCallerError(BEGIN_AGAIN, code="begin-again")
        return row.nonce, row.verifier
