"""Is this token from the company's own identity provider? OpenID Connect, beside the tokens we sign.

Reading never waits for the network: the issuer's keys are fetched in a thread, kept, and fetched again
every few minutes or when a token names a key that is not known yet (docs/decisions/0010).
"""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import jwt
import structlog

from shared.access.claims import Claims, found, moment_in
from shared.access.tokens import ROLES
from shared.clock import Clock
from shared.deciding import Actor
from shared.errors import Rejected, Unauthenticated, Unavailable

log = structlog.get_logger("kesu.openid")
# Only keys whose public half is published: with HS256 that half would be enough to forge a token.
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
_EVERY = timedelta(minutes=10)
_AGAIN = timedelta(seconds=30)
_CLOCKS_MAY_DIFFER = timedelta(seconds=30)
_SECONDS_TO_ANSWER = 10
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class OpenId:
    """One issuer whose tokens are as good as ours; roles that Kesu does not know count for nothing."""

    def __init__(self, issuer: str, audience: str, clock: Clock, claims: Claims | None = None) -> None:
        self.issuer = _safe(issuer)
        if not audience:
            raise Rejected(
                "setting-missing", "an issuer needs an audience", field="KESU_OIDC_AUDIENCE",
                remedy="Without it tokens that were issued for other programs would be taken.",
            )  # fmt: skip
        self._audience = audience
        self._clock = clock
        self._claims = claims or Claims()
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at: datetime | None = None
        self.version = 0
        """Another one after each look at the keys: what the last ones found genuine is checked anew."""
        self._wake = asyncio.Event()
        self._stopped = False

    async def run(self) -> None:
        """Keep the keys fresh until `stop`."""
        while not self._stopped:
            self._wake.clear()
            pause = _EVERY
            try:
                await self.refresh()
            except Unavailable as error:
                log.warning("openid.away", issuer=self.issuer, detail=error.detail)
                pause = _AGAIN
            try:
                async with asyncio.timeout(pause.total_seconds()):
                    await self._wake.wait()
            except TimeoutError:
                continue

    def stop(self) -> None:
        """Return from `run`."""
        self._stopped = True
        self._wake.set()

    async def refresh(self) -> int:
        """Fetch the keys now; how many there are.

        Raises Unavailable('issuer-away'); the keys so far stay good.
        """
        keys = await asyncio.to_thread(_fetch, self.issuer)
        self._keys, self._fetched_at = keys, self._clock.now()
        self.version += 1
        return len(keys)

    def issued(self, token: str) -> bool:
        """Whether the token says that this issuer made it; says nothing about its being genuine."""
        try:
            claims = jwt.decode(token, options={"verify_signature": False})
        except jwt.PyJWTError:
            return False
        return claims.get("iss") == self.issuer

    def read(self, token: str) -> tuple[Actor, float]:
        """Whose token it is, and until when (seconds since 1970).

        Raises Unauthenticated with what is wrong, Unavailable('issuer-away') before the first keys came.
        """
        now = self._clock.now()
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self._key_of(token, now),
                algorithms=_ALGORITHMS,
                audience=self._audience,
                issuer=self.issuer,
                # Moments are held against our own clock, so that a test's clock holds here too.
                options={"verify_exp": False, "verify_iat": False, "verify_nbf": False,
                         "require": ["sub", "exp", "iss", "aud"]},
            )  # fmt: skip
            expires = moment_in(claims["exp"], "exp")
            begins = moment_in(claims.get("nbf", 0), "nbf")
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError) as error:
            raise _bad(f"the token is not valid: {error}") from error
        if now.timestamp() >= expires:
            raise _bad("the token has expired", code="token-expired")
        if (now + _CLOCKS_MAY_DIFFER).timestamp() < begins:
            raise _bad("the token is not valid yet")
        return self._actor(claims), expires

    def _actor(self, claims: Mapping[str, Any]) -> Actor:
        person = found(claims, self._claims.person)
        if len(person) != 1:
            raise _bad(f"the token has no claim {self._claims.person} that names a person")
        return Actor(
            person=person[0],
            roles=frozenset(found(claims, self._claims.roles)) & ROLES,
            # Nothing said is nothing allowed: an identity provider knows all employees.
            sites=frozenset(found(claims, self._claims.sites)),
            departments=frozenset(found(claims, self._claims.departments)),
        )

    def _key_of(self, token: str, now: datetime) -> jwt.PyJWK:
        if self._fetched_at is None:
            raise Unavailable("the keys of the identity provider are not here yet", code="issuer-away")
        key = self._keys.get(str(jwt.get_unverified_header(token).get("kid")))
        if key is None:
            if now - self._fetched_at >= _AGAIN:
                self._wake.set()
            raise _bad("it is signed with a key that its issuer does not publish")
        return key


def _fetch(issuer: str) -> dict[str, jwt.PyJWK]:
    address = issuer.rstrip("/") + "/.well-known/openid-configuration"
    try:
        with urllib.request.urlopen(address, timeout=_SECONDS_TO_ANSWER) as answer:  # noqa: S310 - see _safe
            document = json.load(answer)
        if document.get("issuer") != issuer:
            raise Unavailable(f"{address} speaks for {document.get('issuer')}", code="issuer-away")
        client = jwt.PyJWKClient(
            _safe(str(document.get("jwks_uri"))), cache_jwk_set=False, timeout=_SECONDS_TO_ANSWER
        )
        published = client.fetch_data()
        if published["keys"] == []:
            return {}  # all are withdrawn
        signing = (
            key for key in jwt.PyJWKSet.from_dict(published).keys if key.public_key_use in {"sig", None}
        )
        return {str(key.key_id): key for key in signing if key.key_id}
    except (OSError, ValueError, AttributeError, LookupError, TypeError, jwt.PyJWTError, Rejected) as error:
        raise Unavailable(
            f"the identity provider {issuer} gives no keys: {type(error).__name__}", code="issuer-away",
            remedy="Check KESU_OIDC_ISSUER and the way to it.",
        ) from error  # fmt: skip


def _safe(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        return url
    raise Rejected(
        "bad-oidc-issuer",
        f"{url} is not https",
        field="KESU_OIDC_ISSUER",
        remedy="Keys that come over an open line could be anybody's.",
    )


def _bad(detail: str, *, code: str = "bad-token") -> Unauthenticated:
    return Unauthenticated(
        code, detail, field="Authorization", remedy="Sign in again at your identity provider."
    )
