"""Signing in by OpenID Connect: authorization code with PKCE, and an identity token checked before it counts."""

import hashlib
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx2
from authlib.common.security import is_secure_transport
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import ValidationError

from assistant.errors import IdentityProviderError, UnknownCallerError
from assistant.people import Identity

WELL_KNOWN = "/.well-known/openid-configuration"
SCOPE = "openid email"
ALGORITHMS = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
)  # no shared secret
TIMEOUT = httpx2.Timeout(10.0, connect=5.0)
LEEWAY = 60  # seconds that two clocks may differ
READ_AGAIN = 600.0  # seconds that what the provider says of itself is kept
USUAL_WAY, OTHER_WAY = "client_secret_basic", "client_secret_post"  # to show the provider our secret
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class OpenIdProvider:
    """Serves the IdentityProvider port. Safe to share by threads."""

    def __init__(self, issuer: str, client_id: str, client_secret: str, redirect_uri: str) -> None:
        """`issuer` as the provider spells itself; `redirect_uri` is where it sends the browser back to."""
        self._issuer = issuer
        self._client_id = client_id
        self._client_secret = client_secret
        self._redirect_uri = redirect_uri
        self._lock = threading.Lock()
        self._read: tuple[float, Mapping[str, Any]] | None = None

    def address(self, state: str, nonce: str, verifier: str) -> str:
        """Where the browser is sent to sign in. Raises IdentityProviderError where the provider does not answer."""
        with self._client() as client:
            url, _ = client.create_authorization_url(
                self._metadata(client)["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
            )
        return str(url)

    def identify(self, code: str, nonce: str, verifier: str) -> Identity:
        """Who came back with that code.

        Raises:
            IdentityProviderError: the provider does not answer, or what it says cannot be believed.
            UnknownCallerError: it does not know the code, or has not verified an e-mail address of theirs.
        """
        with self._client() as client:
            metadata = self._metadata(client)
            granted = self._granted(client, metadata, code, verifier)
            claims = self._claims(client, metadata, granted, nonce)
            about = claims if "email" in claims else self._about(client, metadata, claims)
        return self._identity(claims, about)

    def _granted(self, client: OAuth2Client, metadata: Mapping[str, Any], code: str, verifier: str) -> dict[str, Any]:
        """What the provider gives for a code."""
        ways = metadata.get("token_endpoint_auth_methods_supported") or [USUAL_WAY]
        if USUAL_WAY not in ways and OTHER_WAY in ways:
            client.token_endpoint_auth_method = OTHER_WAY
        try:
            granted = client.fetch_token(metadata["token_endpoint"], code=code, code_verifier=verifier)
        except OAuthError as error:
            raise UnknownCallerError(
                f"the identity provider refuses the sign-in ({error.error}): begin again", code="begin-again"
            ) from None
        if not isinstance(granted.get("id_token"), str):
            raise IdentityProviderError("the identity provider gives no identity token: check how it is set up")
        return dict(granted)

    def _claims(
        self, client: OAuth2Client, metadata: Mapping[str, Any], granted: Mapping[str, Any], nonce: str
    ) -> CodeIDToken:
        """What the identity token says: signed by the provider, made for us, for this sign-in, and not too old."""
        keys: Any = _object(client, metadata["jwks_uri"])
        token = jwt.decode(granted["id_token"], KeySet.import_key_set(keys), algorithms=ALGORITHMS)
        claims = CodeIDToken(
            token.claims,
            token.header,
            {
                "iss": {"essential": True, "value": self._issuer},
                "aud": {"essential": True, "value": self._client_id},
            },
            {"nonce": nonce, "client_id": self._client_id, "access_token": granted.get("access_token")},
        )
        claims.validate(leeway=LEEWAY)
        return claims

    def _about(self, client: OAuth2Client, metadata: Mapping[str, Any], claims: CodeIDToken) -> Mapping[str, Any]:
        """What the provider says of a person apart from the token, where that does not name their e-mail address."""
        place = metadata.get("userinfo_endpoint")
        if not place:
            return {}
        about = _object(client, place, withhold_token=False)
        if about.get("sub") != claims["sub"]:
            raise IdentityProviderError("the identity provider speaks of two different people: nobody was let in")
        return about

    def _identity(self, claims: CodeIDToken, about: Mapping[str, Any]) -> Identity:
        if about.get("email_verified") is not True:
            raise UnknownCallerError(
                "the identity provider has not verified your e-mail address: verify it there first", code="unverified"
            )
        subject = hashlib.sha256(f"{self._issuer}\n{claims['sub']}".encode()).hexdigest()
        try:
            return Identity(subject=subject, email=about.get("email", ""))
        except ValidationError:
            raise UnknownCallerError(
                "the identity provider names no e-mail address of yours: add it there first", code="no-address"
            ) from None

    def _metadata(self, client: OAuth2Client) -> Mapping[str, Any]:
        """What the provider says of itself, read again now and then."""
        with self._lock:
            if self._read is None or time.monotonic() - self._read[0] > READ_AGAIN:
                found = _object(client, self._issuer.rstrip("/") + WELL_KNOWN)
                self._check(found)
                self._read = (time.monotonic(), found)
            return self._read[1]

    def _check(self, found: Mapping[str, Any]) -> None:
        if found.get("issuer") != self._issuer:
            raise IdentityProviderError(
                f"the identity provider calls itself {found.get('issuer')!r}: set ASSISTANT_OIDC_ISSUER to that"
            )
        for name in ENDPOINTS:
            if not is_secure_transport(found.get(name) or ""):
                raise IdentityProviderError(f"the identity provider's {name} is no https:// address")

    @contextmanager
    def _client(self) -> Iterator[OAuth2Client]:
        """A client for one sign-in; whatever goes wrong with it becomes one clear error."""
        try:
            with OAuth2Client(
                self._client_id,
                self._client_secret or None,
                scope=SCOPE,
                redirect_uri=self._redirect_uri,
                code_challenge_method="S256",
                timeout=TIMEOUT,
            ) as client:
                yield client
        except JoseError as error:
            raise IdentityProviderError(
                f"the identity provider's token cannot be believed ({error.error}): begin again"
            ) from None
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError, KeyError) as error:
            raise IdentityProviderError(
                f"the identity provider does not answer as it should ({type(error).__name__}): "
                "try again later, or sign in with a password"
            ) from None


def _object(client: OAuth2Client, url: str, *, withhold_token: bool = True) -> dict[str, Any]:
    """The JSON object at an address."""
    response = client.request("GET", url, withhold_token=withhold_token)
    response.raise_for_status()
    found = response.json()
    if not isinstance(found, dict):
        raise ValueError("no JSON object")
    return found
