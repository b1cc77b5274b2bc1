"""Who is calling? Bearer tokens: signed JWTs with roles and scope (architecture.md section 8)."""

from __future__ import annotations

import base64
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shared.access.claims import moment_in, names_in, person_in
from shared.clock import Clock
from shared.deciding import EVERYWHERE, Actor
from shared.errors import Rejected, Unauthenticated
from shared.sealed.sealer import derive, holds

ROLES = frozenset({"agent", "handler", "manager", "director", "auditor", "admin"})
_AUDIENCE = "kesu"
_CACHED = 2048
_SIGNING, _FORMER = "token-signing", "tokens"
"""Purposes of keys."""


class Issuer(Protocol):
    """Somebody else whose tokens are as good as ours."""

    def issued(self, token: str) -> bool:
        """Whether the token says that it is from there."""
        ...

    def read(self, token: str) -> tuple[Actor, float]:
        """Whose token it is, and until when."""
        ...

    @property
    def version(self) -> int:
        """Another one whenever its keys may have changed: a withdrawn key ends all its tokens."""
        ...


@dataclass(frozen=True, slots=True)
class _Known:
    """What a token said when its signature was checked; `version`: of the issuer's keys, None by ours."""

    actor: Actor
    expires: float
    version: int | None


class Tokens:
    """Issues and reads tokens; reading is cached, because verifying costs more than most requests do."""

    def __init__(
        self, secret: str, clock: Clock, other: Issuer | None = None, *, public_key: str = ""
    ) -> None:
        """`public_key` reads tokens where the secret cannot make them; empty: the secret's own.

        Raises Rejected('bad-public-key'), Rejected('key-missing').
        """
        self._secret = secret
        self._public = _public_key(public_key) if public_key else _private_key(secret).public_key()
        self._former = derive(secret, _FORMER) if holds(secret, _FORMER) and not public_key else None
        """Of releases that signed with a shared key: those who know it could make tokens."""
        self._clock = clock
        self._other = other
        self._cache: OrderedDict[str, _Known] = OrderedDict()

    def issue(
        self,
        person: str,
        *,
        roles: Iterable[str],
        sites: Iterable[str] = ("*",),
        departments: Iterable[str] = (),
        lifetime: timedelta = timedelta(hours=12),
    ) -> str:
        """A token for a person. Raises Rejected('unknown-role'), Rejected('key-missing')."""
        wanted = sorted(set(roles))
        unknown = [role for role in wanted if role not in ROLES]
        if unknown or not wanted:
            raise Rejected(
                "unknown-role",
                f"no role {', '.join(unknown) or '(none given)'}",
                field="role",
                remedy=f"Roles are: {', '.join(sorted(ROLES))}.",
            )
        now = self._clock.now()
        return jwt.encode(
            {
                "iss": "kesu",
                "aud": _AUDIENCE,
                "sub": person,
                "roles": wanted,
                "sites": sorted(set(sites)),
                "departments": sorted(set(departments)),
                "iat": now,
                "exp": now + lifetime,
            },
            _private_key(self._secret),
            algorithm="EdDSA",
        )

    @property
    def public_key(self) -> str:
        """What reads our tokens and makes none, in base64."""
        return base64.b64encode(self._public.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()

    def read(self, token: str) -> Actor:
        """Whose token it is. Raises Unauthenticated with what is wrong with it."""
        now = self._clock.now()
        known = self._cache.get(token)
        if known is not None and now.timestamp() < known.expires and known.version in {None, self._version}:
            return known.actor
        version = None
        if self._other is not None and self._other.issued(token):
            version = self._other.version
            actor, expires = self._other.read(token)
        else:
            actor, expires = self._verify(token, now)
        self._cache[token] = _Known(actor, expires, version)
        if len(self._cache) > _CACHED:
            self._cache.popitem(last=False)
        return actor

    @property
    def _version(self) -> int | None:
        return self._other.version if self._other is not None else None

    def _verify(self, token: str, now: datetime) -> tuple[Actor, float]:
        try:
            key, algorithm = self._key_of(token)
            claims = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience=_AUDIENCE,
                # Expiry is held against our own clock, so that a test's clock holds here too.
                options={"verify_exp": False, "verify_iat": False, "require": ["sub", "exp"]},
            )
            expires = moment_in(claims["exp"], "exp")
            actor = Actor(
                person=person_in(claims["sub"]),
                roles=names_in(claims.get("roles", []), "roles") & ROLES,
                sites=names_in(claims.get("sites", []), "sites"),
                # Without a department named `kesu token` issues one for all of them.
                departments=names_in(claims.get("departments", []), "departments") or EVERYWHERE,
            )
        except (jwt.PyJWTError, TypeError, ValueError, OverflowError) as error:
            raise Unauthenticated(
                "bad-token",
                f"the bearer token is not valid: {error}",
                field="Authorization",
                remedy="Get one with `kesu token`.",
            ) from error
        if now.timestamp() >= expires:
            raise Unauthenticated(
                "token-expired",
                "the bearer token has expired",
                field="Authorization",
                remedy="Get a new one with `kesu token`.",
            )
        return actor, expires

    def _key_of(self, token: str) -> tuple[Ed25519PublicKey | bytes, str]:
        """What must have signed it, and how; decided by us, the token only says which of two it is."""
        if self._former is not None and jwt.get_unverified_header(token).get("alg") == "HS256":
            return self._former, "HS256"
        return self._public, "EdDSA"


def _private_key(secret: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(derive(secret, _SIGNING))


def _public_key(text: str) -> Ed25519PublicKey:
    try:
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(text, validate=True))
    except ValueError as error:
        raise Rejected(
            "bad-public-key",
            f"it is no public key: {error}",
            field="KESU_TOKEN_PUBLIC_KEY",
            remedy="`kesu secret SERVICE` prints it.",
        ) from error
