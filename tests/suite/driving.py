"""How does a test lead a complaint through the suite? Through the doors, waiting for what it needs."""

from __future__ import annotations

from typing import Any

import asyncpg

from tests.suite.conftest import Suite
from tests.support.waiting import eventually

_TAKEN = range(200, 300)


def a_complaint(**changes: Any) -> dict[str, Any]:
    return {
        "site": "sh01",
        "kind": "complaint",
        "category": "product-quality",
        "type": "defect",
        "channel": "web",
        "customer": {"name": "Fang Wang", "email": "fang.wang@customer.example", "phone": "+86 21 0000 1234"},
        "narrative": "The surface is scratched along the whole coil.",
    } | changes


async def register(suite: Suite, **changes: Any) -> dict[str, Any]:
    reply = await suite.client("intake", "agent").request("POST", "/complaints", json=a_complaint(**changes))
    assert reply.status == 201, reply.body
    return reply.json()


async def step(
    suite: Suite, complaint: str, name: str, body: dict[str, Any] | None = None, **who: Any
) -> Any:
    """Take a step as soon as the case allows it."""
    client = suite.client(
        "routing", *who.get("roles", ("handler", "manager")), person=who.get("person", "li.na")
    )
    last: list[Any] = []

    async def taken() -> bool:
        reply = await client.request("POST", f"/cases/{complaint}/{name}", json=body or {})
        last[:] = [reply.status, reply.body]
        return reply.status in _TAKEN

    await eventually(taken, 20, what=f"{name}: {last}")
    return last[1]


async def reply(suite: Suite, complaint: dict[str, Any], *, accepts: bool, number: int = 1) -> None:
    """The customer answers through the link of the case."""
    secret = complaint["links"]["customer"].rsplit("/", 1)[-1]
    client = suite.client("intake")
    body = {"accepts": accepts, "round": number, "secret": secret}

    async def taken() -> bool:
        answer = await client.request("POST", f"/complaints/{complaint['id']}/replies", json=body)
        return answer.status in _TAKEN

    await eventually(taken, 20)


async def answered(suite: Suite, complaint: str) -> None:
    await step(suite, complaint, "accept")
    await step(suite, complaint, "investigation", {"liability": "own", "valid": True, "cause_code": "roller"})
    await step(suite, complaint, "proposals", {"remedies": ["replace"]})
    await step(suite, complaint, "answer")


async def status_of(suite: Suite, complaint: str) -> str:
    answer = await suite.client("intake", "auditor").request("GET", f"/complaints/{complaint}")
    return answer.json()["status"] if answer.status == 200 else f"http {answer.status}"


async def until_status(suite: Suite, complaint: str, wanted: str, seconds: float = 20) -> None:
    async def there() -> bool:
        return await status_of(suite, complaint) == wanted

    await eventually(there, seconds, what=f"{complaint} {wanted}")


async def get(suite: Suite, service: str, path: str, *roles: str) -> Any:
    answer = await suite.client(service, *(roles or ("admin",))).request("GET", path)
    assert answer.status == 200, answer.body
    return answer.json()


async def asked(suite: Suite, service: str, query: str, *values: Any) -> Any:
    """One value from the service's database, for what no door shows."""
    connection = await asyncpg.connect(suite.databases[service])
    try:
        return await connection.fetchval(query, *values)
    finally:
        await connection.close()


async def quiet(suite: Suite, seconds: float = 60) -> None:
    """Wait until no service has anything left to publish."""

    async def empty() -> bool:
        for service in suite.services:
            if await asked(suite, service, "SELECT count(*) FROM outbox"):
                return False
        return True

    await eventually(empty, seconds, what="the outboxes are empty")
