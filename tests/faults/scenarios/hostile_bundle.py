"""Injected: what anybody with the broker user's rights may publish: 400 KB of zeros, 200,000 empty lists,
hundreds of copies of a good event, two megabytes of text, lists nested too deep to be read, numbers without
end. Each goes to `kesu.bundles`, and so to every service and into the log, and straight into intake's queue;
two services are killed while they have them in hand.

Must hold: each is parked once by each service that hears it, with its reason; no service grows by more than
100 MiB or stops answering `/healthz`; all complaints are handled meanwhile. Afterwards they are dropped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import aio_pika

from shared.events.base import BATCH_CONTENT_TYPE
from shared.ids import new_id
from shared.local.http_client import HttpClient
from shared.messaging import parking
from shared.messaging.provision import connect
from shared.messaging.topology import BUNDLES_EXCHANGE, REQUEUE_EXCHANGE, SERVICES, heard_by, work_queue
from tests.faults.ledger import Finding
from tests.faults.load import Load
from tests.faults.poisons import hostile_bundles
from tests.faults.rig import Rig
from tests.faults.snapshot import Injected

SECONDS = 20.0
_BURSTS = 3
_MOST = 10_000
_MOST_GROWTH_MIB = 100
_ANSWER_SECONDS = 5.0
_KIND = "complaint.registered.v1"
_KILLED = ("routing", "surveys")


async def run(rig: Rig, load: Load) -> None:
    """Bursts of hostile bundles under load, the second one with services killed in it."""
    given: dict[str, tuple[str, frozenset[str]]] = {}
    before = {name: _resident_mib(rig, name) for name in SERVICES}
    answering = asyncio.create_task(_watch_health(rig), name="health")
    async with load.running():
        for burst in range(_BURSTS):
            await load.reached(0.1 + burst * 0.25)
            given |= await _publish(rig)
            if burst == 1:
                for name in _KILLED:
                    await rig.crash(name)
                await rig.start(*_KILLED)
                before |= {name: _resident_mib(rig, name) for name in _KILLED}
    await rig.until("each is parked by all who hear it", lambda: _all_parked(rig, given), seconds=90)
    answering.cancel()
    await _check(rig, given)
    for name, mebibytes in before.items():
        grown = _resident_mib(rig, name) - mebibytes
        rig.note(f"{name} grew by {grown:.0f} MiB")
        if grown > _MOST_GROWTH_MIB:
            rig.findings.append(Finding("odd", f"{name} grew by {grown:.0f} MiB"))


async def _publish(rig: Rig) -> dict[str, tuple[str, frozenset[str]]]:
    """By message id: the code to be parked with, and by whom."""
    hearing = frozenset(service for service in SERVICES if _KIND in heard_by(service))
    given: dict[str, tuple[str, frozenset[str]]] = {}
    connection = await connect(rig.broker.url, name="kesu-rig-hostile")
    async with connection:
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        ways = (
            (await channel.get_exchange(BUNDLES_EXCHANGE, ensure=False), _KIND, hearing),
            (
                await channel.get_exchange(REQUEUE_EXCHANGE, ensure=False),
                work_queue("intake"),
                frozenset({"intake"}),
            ),
        )
        for body, code in hostile_bundles():
            for exchange, key, services in ways:
                name = f"rig-{new_id()}"
                given[name] = (code, services)
                # Before it is out: whoever parks it first must find it known.
                rig.injected = Injected(rig.injected.messages | {name}, rig.injected.subjects)
                message = aio_pika.Message(
                    body,
                    message_id=name,
                    content_type=BATCH_CONTENT_TYPE,
                    delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
                )
                await exchange.publish(message, routing_key=key, mandatory=True)
    rig.note(f"{len(given)} hostile messages")
    return given


async def _parked(rig: Rig) -> list[parking.Parked]:
    return [one for service in SERVICES async for one in parking.each(rig.broker.url, service, _MOST)]


async def _all_parked(rig: Rig, given: Mapping[str, tuple[str, frozenset[str]]]) -> bool:
    wanted = {(name, service) for name, (_, services) in given.items() for service in services}
    return wanted <= {(one.message_id, one.service) for one in await _parked(rig)}


async def _check(rig: Rig, given: Mapping[str, tuple[str, frozenset[str]]]) -> None:
    seen: set[tuple[str, str]] = set()
    for one in await _parked(rig):
        code, services = given.get(one.message_id, (one.code, frozenset({one.service})))
        if one.code != code or one.service not in services:
            rig.findings.append(
                Finding("odd", f"{one.service} parked {one.message_id} for {one.code}, not {code}")
            )
        # A service that is killed between parking and acknowledging parks it once more.
        if (one.message_id, one.service) in seen and one.service not in _KILLED:
            rig.findings.append(Finding("doubled", f"{one.service} parked {one.message_id} twice"))
        seen.add((one.message_id, one.service))


async def _watch_health(rig: Rig) -> None:
    """A service that runs answers its supervisor, whatever it has in hand."""
    while True:
        for name, service in rig.services.items():
            if name in _KILLED or service.pid is None:
                continue
            try:
                async with (
                    asyncio.timeout(_ANSWER_SECONDS),
                    HttpClient(service.address.url, connections=1, timeout_seconds=_ANSWER_SECONDS) as client,
                ):
                    healthy = (await client.request("GET", "/healthz")).status == 200
            except (OSError, TimeoutError):
                healthy = False
            if not healthy:
                rig.findings.append(Finding("odd", f"{name} did not say that it is well"))
        await asyncio.sleep(0.5)


def _resident_mib(rig: Rig, name: str) -> float:
    """What the service has had in memory at most since it was asked the last time, in MiB."""
    place = Path("/proc") / str(rig.services[name].pid)
    lines = (place / "status").read_text().splitlines()
    highest = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
    (place / "clear_refs").write_text("5")
    return highest / 1024
