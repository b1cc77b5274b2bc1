"""Who is calling? Bearer tokens: signed JWTs with roles and scope (architecture.md section 8)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

import jwt

from shared.clock import Clock
from shared.deciding import Actor
from shared.errors import Rejected, Unauthenticated
from shared.sealed.sealer import derive

ROLES = frozenset({"agent", "handler", "manager", "director", "auditor", "admin"})
_AUDIENCE = "kesu"
_CACHED = 2048


class Issuer(Protocol):
    """Somebody else whose tokens are as good as ours."""

    def issued(self, token: str) -> bool:
        """Whether the token says that it is from there."""
        ...

    def read(self, token: str) -> tuple[Actor, float]:
        """Whose token it is, and until when."""
        ...


class Tokens:
    """Issues and reads tokens; reading is cached, because verifying costs more than most requests do."""

    def __init__(self, secret: str, clock: Clock, other: Issuer | None = None) -> None:
        self._key = derive(secret, "tokens")
        self._clock = clock
        self._other = other
        self._cache: OrderedDict[str, tuple[Actor, float]] = OrderedDict()

    def issue(
        self,
        person: str,
        *,
        roles: Iterable[str],
        sites: Iterable[str] = ("*",),
        departments: Iterable[str] = (),
        lifetime: timedelta = timedelta(hours=12),
    ) -> str:
        """A token for a person. Raises Rejected('unknown-role')."""
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
            self._key,
            algorithm="HS256",
        )

    def read(self, token: str) -> Actor:
        """Whose token it is. Raises Unauthenticated with what is wrong with it."""
        now = self._clock.now()
        known = self._cache.get(token)
        if known is not None:
            actor, expires = known
            if now.timestamp() < expires:
                return actor
        if self._other is not None and self._other.issued(token):
            actor, expires = self._other.read(token)
        else:
            actor, expires = self._verify(token, now)
        self._cache[token] = (actor, expires)
        if len(self._cache) > _CACHED:
            self._cache.popitem(last=False)
        return actor

    def _verify(self, token: str, now: datetime) -> tuple[Actor, float]:
        try:
            claims = jwt.decode(
                token,
                self._key,
                algorithms=["HS256"],
                audience=_AUDIENCE,
                # Expiry is held against our own clock, so that a test's clock holds here too.
                options={"verify_exp": False, "verify_iat": False, "require": ["sub", "exp"]},
            )
            expires = float(claims["exp"])
        except (jwt.PyJWTError, TypeError, ValueError) as error:
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
        actor = Actor(
            person=str(claims["sub"]),
            roles=frozenset(claims.get("roles", ())),
            sites=frozenset(claims.get("sites", ())),
            departments=frozenset(claims.get("departments", ())),
        )
        return actor, expires
