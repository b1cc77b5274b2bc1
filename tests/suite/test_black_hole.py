"""Does a service whose broker fell silent still answer for its health at once?"""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from shared.clock import monotonic
from shared.local.addresses import ServiceAddress
from shared.local.http_client import HttpClient
from shared.local.ports import free_ports
from shared.local.processes import ServiceProcess
from shared.local.suite import ORGANISATION
from shared.messaging import provision
from shared.sealed.sealer import new_key
from tests.faults.proxy import Proxy
from tests.support.stand import migrated

pytestmark = pytest.mark.timeout(150)
_DOORS = ("/readyz", "/healthz", "/metrics")
_LONGEST_SECONDS = 1.0
_HOLE_SECONDS = 45.0
"""Longer than the heartbeat takes to notice (33 s), and the attempts after it."""


@pytest.fixture
def intake_url(database_from) -> str:
    return database_from("intake", migrated("intake"))


async def test_doors_of_health_answer_within_a_second_while_the_link_swallows_everything(
    intake_url, amqp_url, tmp_path: Path
):
    parts, (port, bent) = urlsplit(amqp_url), free_ports(2)
    await provision.apply(amqp_url)
    proxy = Proxy(bent, parts.port or 5672)
    await proxy.open()
    login = parts.netloc.rpartition("@")[0]
    environment = {
        "KESU_DATABASE_URL": intake_url,
        "KESU_AMQP_URL": urlunsplit(parts._replace(netloc=f"{login}@127.0.0.1:{bent}")),
        "KESU_SECRET": "a secret for tests only, with enough characters in it",
        "KESU_SEAL_KEYS": f"k1:{new_key()}",
        "KESU_ORGANISATION": str(ORGANISATION),
    }
    service = ServiceProcess(ServiceAddress("intake", port), logs=tmp_path, environment=environment)
    await asyncio.to_thread(service.start)
    try:
        await asyncio.to_thread(service.wait_ready, seconds=60)
        proxy.swallow()
        slowest, ready = await _asked(service.address.url, _HOLE_SECONDS)
        assert max(slowest.values()) < _LONGEST_SECONDS, slowest
        assert not ready, "the last answer said ready"
    finally:
        await asyncio.to_thread(service.stop)
        await proxy.close()


async def _asked(url: str, seconds: float) -> tuple[dict[str, float], bool]:
    """The slowest answer of each door, asked side by side, and whether the last one said ready."""
    slowest = dict.fromkeys(_DOORS, 0.0)
    ready = [True]
    until = monotonic() + seconds

    async def ask(door: str) -> None:
        async with HttpClient(url, connections=1, timeout_seconds=60) as client:
            while monotonic() < until:
                began = monotonic()
                reply = await client.request("GET", door)
                slowest[door] = max(slowest[door], monotonic() - began)
                ready[0] = reply.status == 200 if door == "/readyz" else ready[0]
                await asyncio.sleep(0.2)

    await asyncio.gather(*map(ask, _DOORS))
    return slowest, ready[0]
