"""How are complaints sent? A lean client that shares the two cores with what it measures."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from random import Random
from uuid import UUID

import orjson

from shared.cli.simulate import simulate
from shared.clock import SystemClock, monotonic
from shared.errors import Unavailable
from shared.local.http_client import HttpClient

_JSON = {"content-type": "application/json"}
_CREATED = 201
_OPEN_CONNECTIONS = 256

Sent = dict[UUID, float]
"""When each complaint was sent (POSIX seconds of this machine's clock), by the id that it got."""


def bodies(count: int, *, seed: int) -> list[bytes]:
    """Complaints as `kesu simulate` makes them."""
    return [orjson.dumps(body) for body in simulate(seed, count)]


async def closed_loop(url: str, token: str, wanted: Sequence[bytes], concurrency: int) -> Sent:
    """Send them all, `concurrency` at a time, the next as soon as one is answered."""
    sent: Sent = {}
    left: Iterator[bytes] = iter(wanted)
    async with HttpClient(url, token=token, connections=concurrency) as client:

        async def one_after_another() -> None:
            for body in left:
                await _send(client, body, SystemClock().now().timestamp(), sent)

        await asyncio.gather(*(one_after_another() for _ in range(concurrency)))
    return sent


async def open_loop(url: str, token: str, wanted: Sequence[bytes], rate: float, *, seed: int) -> Sent:
    """Send `rate` a second on average, as people do (Poisson), whether or not earlier ones are answered.

    The time of sending is the one that was planned, so a stall is counted for all who had to wait.
    """
    sent: Sent = {}
    random = Random(seed)
    async with HttpClient(url, token=token, connections=_OPEN_CONNECTIONS) as client:
        due, wall = monotonic(), SystemClock().now().timestamp()
        begun = due
        async with asyncio.TaskGroup() as group:
            for body in wanted:
                due += random.expovariate(rate)
                await asyncio.sleep(max(0.0, due - monotonic()))
                group.create_task(_send(client, body, wall + due - begun, sent))
    return sent


async def _send(client: HttpClient, body: bytes, at: float, sent: Sent) -> None:
    reply = await client.request("POST", "/complaints", headers=_JSON, body=body)
    if reply.status != _CREATED:
        raise Unavailable(f"a complaint was answered with {reply.status}: {reply.body[:300]!r}")
    sent[UUID(reply.json()["id"])] = at
