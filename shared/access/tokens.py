"""Who is calling? Bearer tokens: signed JWTs with roles and scope (architecture.md section 8)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import jwt

from shared.access.claims import moment_in, names_in, person_in
from shared.clock import Clock
from shared.deciding import EVERYWHERE, Actor
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

    def __init__(self, secret: str, clock: Clock, other: Issuer | None = None) -> None:
        self._key = derive(secret, "tokens")
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
            claims = jwt.decode(
                token,
                self._key,
                algorithms=["HS256"],
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
