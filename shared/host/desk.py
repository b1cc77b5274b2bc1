"""What may a door use? Everything that `api` and `pages` get handed, and nothing more."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Header, Request, Security
from fastapi.security import HTTPBearer

from shared.access.links import Links
from shared.access.tokens import Tokens
from shared.clock import Clock
from shared.deciding import Actor, Decision
from shared.errors import Forbidden, Rejected, Unauthenticated
from shared.messaging.shell import Shell
from shared.observability.tracing import trace_of
from shared.outbox.writing import Idempotency
from shared.policy.model import Attendance, Rulebook, Workload
from shared.sealed.sealer import Sealer

Q = TypeVar("Q")


def _nobody_counts(_found: Workload | Attendance) -> None:
    """Neither load nor presence is kept here: everybody is free, and where the file says."""


_LONGEST_KEY = 200
KEY_IN_WORDS = "1 to 200 printable characters, best a UUID: the same request again changes nothing."
KEY_PARAMETER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": KEY_IN_WORDS,
    "schema": {"type": "string"},
}
"""The same for a door that is documented by hand."""
_TOKEN = HTTPBearer(
    scheme_name="token",
    bearerFormat="JWT",
    description="Issued by `kesu token`, or by the OpenID Connect provider of the installation.",
    auto_error=False,  # The refusal is ours to word.
)
TOKEN_REQUIRED = [{"token": list[str]()}]
"""The same for a door that is documented by hand."""
Bearer = Annotated[object, Security(_TOKEN)]
"""Tells the OpenAPI that a door needs a token; `Desk.caller` is who reads it."""
IdempotencyKey = Annotated[str | None, Header(alias="Idempotency-Key", description=KEY_IN_WORDS)]


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends a request with a command, and under which Idempotency-Key."""

    actor: Actor
    give: Callable[[Any], Awaitable[Decision[Any]]]
    """Has a command decided and committed, once for the key. Raises KesuError, as the handler did."""


@dataclass(frozen=True, slots=True)
class Desk(Generic[Q]):
    """The counter between a door and the service behind it."""

    shell: Shell[Any]
    queries: Q
    rules: Callable[[], Rulebook]
    sealer: Sealer
    links: Links
    tokens: Tokens
    clock: Clock
    public_url: str
    carry: Callable[[Workload | Attendance], None] = _nobody_counts
    """Gives every rulebook from now on this count of open cases, or these switches of presence."""

    async def submit(
        self,
        command: Any,
        *,
        request: Request | None = None,
        idempotency: Idempotency | None = None,
    ) -> Decision[Any]:
        """Have a command decided and committed. Raises KesuError, as the handler did."""
        trace = trace_of(request.headers.get("traceparent")) if request is not None else None
        return await self.shell.command(command, trace=trace, idempotency=idempotency)

    def actor(self, *roles: str) -> Callable[..., Awaitable[Actor]]:
        """A dependency: the caller, who must hold one of the roles; admin always may.

        Raises Unauthenticated (401) or Forbidden('role-missing') (403).
        """
        wanted = frozenset(roles)

        async def dependency(request: Request, _: Bearer) -> Actor:
            return self.caller(request, wanted)

        return dependency

    def sender(self, *roles: str) -> Callable[..., Awaitable[Sender]]:
        """A dependency of doors that take commands: the caller, as `actor`, and the key.

        Raises what `actor` and `idempotency` raise.
        """
        wanted = frozenset(roles)

        async def dependency(request: Request, _: Bearer, key: IdempotencyKey = None) -> Sender:
            actor = self.caller(request, wanted)
            give = partial(self.submit, request=request, idempotency=await self.idempotency(request, key))
            return Sender(actor, give)

        return dependency

    def caller(self, request: Request, wanted: frozenset[str]) -> Actor:
        """The caller, without the machinery of dependencies."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise Unauthenticated(
                "no-token",
                "this door needs a bearer token",
                field="Authorization",
                remedy="Send `Authorization: Bearer ...`; `kesu token` issues one.",
            )
        actor = self.tokens.read(token.strip())
        if wanted and "admin" not in actor.roles and wanted.isdisjoint(actor.roles):
            raise Forbidden(
                "role-missing",
                f"this needs one of the roles {', '.join(sorted(wanted))}",
                field="Authorization",
                remedy="Ask for a token with that role.",
            )
        return actor

    async def idempotency(self, request: Request, key: IdempotencyKey = None) -> Idempotency | None:
        """A dependency: the Idempotency-Key of the request, if it has one.

        The key belongs to caller, method and path; the fingerprint is the hash of the body.
        Raises Rejected('bad-idempotency-key').
        """
        if key is None:
            return None
        return idempotency_of(key, request, await request.body(), caller=self._caller_name(request))

    def _caller_name(self, request: Request) -> str:
        """The person behind the token, however often it was renewed; empty at the customers' doors."""
        given = request.headers.get("authorization", "")
        try:
            return self.tokens.read(given.partition(" ")[2].strip()).person
        except Unauthenticated:
            return given


def idempotency_of(key: str, request: Request, body: bytes, *, caller: str) -> Idempotency:
    """The key made unique for caller, method and path, with the body's fingerprint."""
    if not 1 <= len(key) <= _LONGEST_KEY or not key.isprintable():
        raise Rejected(
            "bad-idempotency-key",
            f"must be 1 to {_LONGEST_KEY} printable characters",
            field="Idempotency-Key",
            remedy="A UUID is a good choice.",
        )
    whose = hashlib.sha256(caller.encode()).hexdigest()[:16]
    return Idempotency(
        key=f"{whose} {request.method} {request.url.path} {key}",
        fingerprint=hashlib.sha256(body).hexdigest(),
    )
