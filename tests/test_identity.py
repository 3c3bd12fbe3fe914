"""Signing in through a real OpenID Connect provider on this machine, and whatever can go wrong with it."""

import datetime
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from sqlalchemy import select

from assistant.bootstrap.people import identity_provider
from assistant.database import Database
from assistant.database.accounts import SignInRow
from assistant.errors import IdentityProviderError, TooOftenError, UnknownCallerError
from assistant.helpdesk.accounts import Accounts
from assistant.helpdesk.sign_on import WITHIN, SignOn
from assistant.identity import OpenIdProvider
from assistant.people import Identity
from assistant.settings import Settings
from officers import Clock, accounts_on, add, database_in
from provider import Provider, running

BACK = "https://help.example.org/v1/helpdesk/oidc/callback"
OFFICER = "officer@desk.example.org"
TOKEN = "/oauth2/token"
WELL_KNOWN = "/.well-known/openid-configuration"


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running(require_nonce=True) as provider:
        provider.knows("siti", email=OFFICER, email_verified=True)
        yield provider


@pytest.fixture
def adapter(provider: Provider) -> OpenIdProvider:
    return OpenIdProvider(provider.issuer, "desk", "desk-secret", BACK)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return database_in(tmp_path)


@pytest.fixture
def accounts(database: Database, clock: Clock) -> Accounts:
    accounts = accounts_on(database, clock)
    add(accounts, password=None)
    return accounts


@pytest.fixture
def sign_on(database: Database, accounts: Accounts, adapter: OpenIdProvider, clock: Clock) -> SignOn:
    return SignOn(database, accounts, adapter, clock)


def identified(adapter: OpenIdProvider, provider: Provider, subject: str = "siti", **changed: str) -> Identity:
    """Who signs in there, by the adapter alone."""
    address = adapter.address("state", "nonce", "v" * 64)
    return adapter.identify(provider.sign_in(address, subject, **changed)["code"], "nonce", "v" * 64)


def claims_of(provider: Provider, **changed: Any) -> dict[str, Any]:
    now = int(time.time())
    usual = {"iss": provider.issuer, "aud": "desk", "sub": "siti", "iat": now, "exp": now + 600, "nonce": "nonce"}
    claims = {**usual, "email": OFFICER, "email_verified": True, **changed}
    return {name: value for name, value in claims.items() if value is not None}


def signs(provider: Provider, key: Any, claims: dict[str, Any], algorithm: str = "RS256") -> None:
    """Let the provider give a token of our making."""
    token = jwt.encode({"alg": algorithm, "kid": "ours"}, claims, key, algorithms=[algorithm])
    provider.altered[TOKEN] = lambda said: {**said, "id_token": token}


@pytest.fixture(scope="module")
def key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "ours"})


def has_key(provider: Provider, key: RSAKey) -> None:
    """Let the provider name a key of ours as its own."""
    provider.altered["/jwks"] = lambda said: {"keys": [*said["keys"], key.as_dict(private=False)]}


# -- a whole sign-in


def test_an_officer_signs_in(sign_on: SignOn, accounts: Accounts, provider: Provider) -> None:
    address, browser = sign_on.begin()
    back = provider.sign_in(address, "siti")
    cookie, session = sign_on.finish(back["state"], back["code"], browser)
    assert session.user.email == OFFICER
    assert accounts.session(cookie) == session


def test_the_address_names_this_sign_in_and_keeps_its_secret(sign_on: SignOn, database: Database) -> None:
    address, browser = sign_on.begin()
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert query["response_type"] == "code"
    assert query["client_id"] == "desk"
    assert query["redirect_uri"] == BACK
    assert set(query["scope"].split()) == {"openid", "email"}
    assert query["code_challenge_method"] == "S256"
    with database.reading() as session:
        row = session.scalars(select(SignInRow)).one()
        assert query["nonce"] == row.nonce
        assert row.verifier not in address
        assert query["code_challenge"] != row.verifier
        assert query["state"] != row.state
        assert browser != row.browser


def test_a_state_is_good_once(sign_on: SignOn, provider: Provider) -> None:
    address, browser = sign_on.begin()
    back = provider.sign_in(address, "siti")
    sign_on.finish(back["state"], back["code"], browser)
    with pytest.raises(UnknownCallerError, match="begin again"):
        sign_on.finish(back["state"], back["code"], browser)
    again = provider.sign_in(address, "siti")
    with pytest.raises(UnknownCallerError, match="begin again"):
        sign_on.finish(again["state"], again["code"], browser)


def test_the_state_of_another_browser_is_refused(sign_on: SignOn, provider: Provider) -> None:
    address, _ = sign_on.begin()
    _, others = sign_on.begin()
    back = provider.sign_in(address, "siti")
    for browser in (others, ""):
        with pytest.raises(UnknownCallerError, match="another browser"):
            sign_on.finish(back["state"], back["code"], browser)


@pytest.mark.parametrize("state", ["", "forged", "x" * 4_000])
def test_a_forged_state_is_refused(sign_on: SignOn, provider: Provider, state: str) -> None:
    address, browser = sign_on.begin()
    with pytest.raises(UnknownCallerError, match="begin again"):
        sign_on.finish(state, provider.sign_in(address, "siti")["code"], browser)


def test_a_sign_in_that_took_too_long_is_refused(sign_on: SignOn, provider: Provider, clock: Clock) -> None:
    address, browser = sign_on.begin()
    back = provider.sign_in(address, "siti")
    clock.passes(seconds=WITHIN.total_seconds())
    with pytest.raises(UnknownCallerError, match="expired"):
        sign_on.finish(back["state"], back["code"], browser)


def test_sign_ins_that_nobody_finished_are_cleared_away(sign_on: SignOn, database: Database, clock: Clock) -> None:
    for _ in range(3):
        sign_on.begin()
    clock.passes(seconds=WITHIN.total_seconds())
    sign_on.begin()
    with database.reading() as session:
        assert len(session.scalars(select(SignInRow)).all()) == 1


def test_one_address_cannot_begin_sign_ins_without_end(sign_on: SignOn) -> None:
    for _ in range(30):
        sign_on.begin("192.0.2.7")
    with pytest.raises(TooOftenError, match="wait"):
        sign_on.begin("192.0.2.7")
    sign_on.begin("192.0.2.8")


@pytest.mark.parametrize(
    ("email", "said"), [("stranger@desk.example.org", "no active account"), ("", "names no e-mail address")]
)
def test_whoever_has_no_account_stays_out(sign_on: SignOn, provider: Provider, email: str, said: str) -> None:
    provider.knows("stranger", email=email, email_verified=True)
    address, browser = sign_on.begin()
    back = provider.sign_in(address, "stranger")
    with pytest.raises(UnknownCallerError, match=said):
        sign_on.finish(back["state"], back["code"], browser)


# -- what the provider says is not simply believed


@pytest.mark.parametrize("verified", [False, None, "true", 1])
def test_an_address_that_the_provider_has_not_verified_does_not_count(
    adapter: OpenIdProvider, provider: Provider, verified: object
) -> None:
    provider.knows("siti", email=OFFICER, **({} if verified is None else {"email_verified": verified}))
    with pytest.raises(UnknownCallerError, match="verif"):
        identified(adapter, provider)


def test_a_token_of_another_sign_in_is_refused(adapter: OpenIdProvider, provider: Provider) -> None:
    with pytest.raises(IdentityProviderError, match="cannot be believed"):
        identified(adapter, provider, nonce="another")


def test_a_token_that_has_expired_is_refused() -> None:
    with running(access_token_max_age=datetime.timedelta(hours=-1)) as provider:
        provider.knows("siti", email=OFFICER, email_verified=True)
        with pytest.raises(IdentityProviderError, match="expired_token"):
            identified(OpenIdProvider(provider.issuer, "desk", "desk-secret", BACK), provider)


def test_our_own_token_passes_where_the_provider_names_its_key(
    adapter: OpenIdProvider, provider: Provider, key: RSAKey
) -> None:
    """Else the next tests would prove nothing."""
    has_key(provider, key)
    signs(provider, key, claims_of(provider))
    assert identified(adapter, provider).email == OFFICER


def test_a_token_signed_by_somebody_else_is_refused(adapter: OpenIdProvider, provider: Provider, key: RSAKey) -> None:
    signs(provider, key, claims_of(provider))
    with pytest.raises(IdentityProviderError, match="cannot be believed"):
        identified(adapter, provider)


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://elsewhere.example.org"},
        {"iss": None},
        {"aud": "another-service"},
        {"aud": None},
        {"aud": ["desk", "another-service"], "azp": "another-service"},
        {"exp": None},
        {"exp": 1_000_000_000},
        {"nonce": None},
        {"nonce": "another"},
        {"sub": None},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(
    adapter: OpenIdProvider, provider: Provider, key: RSAKey, changed: dict[str, Any]
) -> None:
    has_key(provider, key)
    signs(provider, key, claims_of(provider, **changed))
    with pytest.raises(IdentityProviderError, match="cannot be believed"):
        identified(adapter, provider)


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")  # of our making such a token
def test_a_token_signed_with_a_secret_or_not_at_all_is_refused(adapter: OpenIdProvider, provider: Provider) -> None:
    secret = OctKey.import_key("desk-secret-that-is-long-enough-for-this")
    signs(provider, secret, claims_of(provider), "HS256")
    with pytest.raises(IdentityProviderError, match="cannot be believed"):
        identified(adapter, provider)
    signs(provider, secret, claims_of(provider), "none")
    with pytest.raises(IdentityProviderError, match="cannot be believed"):
        identified(adapter, provider)


def test_an_address_that_is_not_in_the_token_is_asked_for(
    adapter: OpenIdProvider, provider: Provider, key: RSAKey
) -> None:
    has_key(provider, key)
    signs(provider, key, claims_of(provider, email=None, email_verified=None))
    assert identified(adapter, provider).email == OFFICER
    assert "/userinfo" in provider.asked
    provider.altered["/userinfo"] = lambda said: {**said, "sub": "somebody-else"}
    with pytest.raises(IdentityProviderError, match="two different people"):
        identified(adapter, provider)


def test_people_are_told_apart_by_provider_and_subject(adapter: OpenIdProvider, provider: Provider) -> None:
    provider.knows("namesake", email=OFFICER, email_verified=True)
    one, two = identified(adapter, provider), identified(adapter, provider, "namesake")
    assert one == identified(adapter, provider)
    assert (one.email, two.email) == (OFFICER, OFFICER)
    assert one.subject != two.subject


def test_a_code_is_good_once(adapter: OpenIdProvider, provider: Provider) -> None:
    address = adapter.address("state", "nonce", "v" * 64)
    code = provider.sign_in(address, "siti")["code"]
    adapter.identify(code, "nonce", "v" * 64)
    with pytest.raises(UnknownCallerError, match="invalid_grant"):
        adapter.identify(code, "nonce", "v" * 64)


# -- the provider is ill


def test_a_provider_that_is_gone_is_said_to_be() -> None:
    with running() as provider:
        adapter = OpenIdProvider(provider.issuer, "desk", "desk-secret", BACK)
        address = adapter.address("state", "nonce", "v" * 64)
        code = provider.sign_in(address, "siti")["code"]
    with pytest.raises(IdentityProviderError, match="does not answer"):
        adapter.identify(code, "nonce", "v" * 64)
    with pytest.raises(IdentityProviderError, match="sign in with a password"):
        OpenIdProvider(provider.issuer, "desk", "desk-secret", BACK).address("state", "nonce", "v" * 64)


def test_a_provider_that_fails_for_a_while_is_asked_again(sign_on: SignOn, provider: Provider) -> None:
    provider.failing = True
    with pytest.raises(IdentityProviderError):
        sign_on.begin()
    provider.failing = False
    address, browser = sign_on.begin()
    provider.failing = True
    with pytest.raises(IdentityProviderError):
        sign_on.finish(*_returned(provider, address), browser)
    provider.failing = False
    address, browser = sign_on.begin()
    sign_on.finish(*_returned(provider, address), browser)


def _returned(provider: Provider, address: str) -> tuple[str, str]:
    """State and code, also while the provider fails otherwise."""
    failing, provider.failing = provider.failing, False
    back = provider.sign_in(address, "siti")
    provider.failing = failing
    return back["state"], back["code"]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (WELL_KNOWN, []),
        (WELL_KNOWN, {}),
        (WELL_KNOWN, {"issuer": "https://elsewhere.example.org"}),
        ("/jwks", {}),
        ("/jwks", {"keys": [{}]}),
        ("/jwks", "nonsense"),
        (TOKEN, {}),
        (TOKEN, []),
        (TOKEN, {"id_token": 7}),
        (TOKEN, {"id_token": "a.b.c"}),
    ],
    ids=str,
)
def test_nonsense_of_a_provider_is_one_clear_error(
    adapter: OpenIdProvider, provider: Provider, path: str, said: object
) -> None:
    provider.altered[path] = lambda _: said
    with pytest.raises(IdentityProviderError, match="identity provider"):
        identified(adapter, provider)


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
@pytest.mark.parametrize("place", ["http://elsewhere.example.org/x", "", None])
def test_nothing_is_sent_in_the_clear(
    adapter: OpenIdProvider, provider: Provider, name: str, place: str | None
) -> None:
    provider.altered[WELL_KNOWN] = lambda said: {**said, name: place}
    with pytest.raises(IdentityProviderError, match=f"{name} is no https:// address"):
        adapter.address("state", "nonce", "v" * 64)


def test_a_provider_that_wants_the_secret_in_the_form_gets_it_there(
    adapter: OpenIdProvider, provider: Provider
) -> None:
    provider.altered[WELL_KNOWN] = lambda said: {
        **said,
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
    }
    assert identified(adapter, provider).email == OFFICER


def test_what_the_provider_says_of_itself_is_not_asked_each_time(adapter: OpenIdProvider, provider: Provider) -> None:
    for _ in range(3):
        identified(adapter, provider)
    assert provider.asked.count(WELL_KNOWN) == 1


# -- as the settings say


def test_there_is_none_unless_it_is_set() -> None:
    assert identity_provider(Settings()) is None


def test_it_is_made_of_the_settings(provider: Provider) -> None:
    chosen = Settings(
        public_url="https://help.example.org",
        oidc_issuer=provider.issuer,
        oidc_client_id="desk",
        oidc_client_secret="s",
    )
    made = identity_provider(chosen)
    assert made is not None
    (back,) = parse_qs(urlsplit(made.address("state", "nonce", "v" * 64)).query)["redirect_uri"]
    assert back == BACK
