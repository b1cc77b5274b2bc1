"""Does the auditor of a real process find what somebody does to its tables, and can anybody check its word?"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from services.escalation.jobs.statement import public_key_of
from shared.events.base import read_event, write_event
from shared.local.addresses import ServiceAddress
from shared.local.http_client import HttpClient
from shared.local.ports import free_ports
from shared.local.processes import ServiceProcess
from shared.local.suite import ORGANISATION
from shared.messaging import provision
from shared.messaging.pieces import pieces
from shared.sealed.sealer import new_key
from tests.escalation.builders import an_event, assigned, registered
from tests.escalation.stand import complaint_of
from tests.escalation.test_audit import published
from tests.support.waiting import eventually

SECRET = "a secret for tests only, with enough characters in it"
COUNT = 5
pytestmark = pytest.mark.timeout(180)


@dataclass
class Running:
    """An escalation that audits itself every second or so."""

    service: ServiceProcess
    environment: dict[str, str]

    async def metric(self, name: str) -> float:
        async with HttpClient(self.service.address.url, connections=1) as client:
            text = (await client.request("GET", "/metrics")).body.decode()
        found = [line.rpartition(" ")[2] for line in text.splitlines() if line.startswith(f"{name} ")]
        return float(found[0]) if found else -1.0

    async def run(self, statement: str, *values: object):
        database = await asyncpg.connect(self.environment["KESU_DATABASE_URL"])
        try:
            return await database.fetch(statement, *values)
        finally:
            await database.close()

    async def differences(self) -> dict[str, int]:
        """What an audit found that began after this was asked."""
        for _ in range(2):  # the one under way may have read the tables already
            before = await self.metric("kesu_audit_timestamp_seconds")

            async def again(before: float = before) -> bool:
                return await self.metric("kesu_audit_timestamp_seconds") > before

            await eventually(again, 40)
        async with HttpClient(self.service.address.url, connections=1) as client:
            text = (await client.request("GET", "/metrics")).body.decode()
        prefix = 'kesu_audit_differences{kind="'
        lines = [line.removeprefix(prefix) for line in text.splitlines() if line.startswith(prefix)]
        found = {line.partition('"')[0]: int(float(line.rpartition(" ")[2])) for line in lines}
        return {kind: number for kind, number in found.items() if number}

    def cli(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "shared.cli.main", "audit", *words],
            env={**self.environment, "PYTHONPATH": str(Path(__file__).parents[2]), "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
async def running(escalation_url: str, amqp_url: str, tmp_path: Path) -> Iterator[Running]:
    (port,) = free_ports(1)
    environment = {
        "KESU_DATABASE_URL": escalation_url,
        "KESU_AMQP_URL": amqp_url,
        "KESU_SECRET": SECRET,
        "KESU_SEAL_KEYS": f"k1:{new_key()}",
        "KESU_ORGANISATION": str(ORGANISATION),
        "KESU_INBOX_DAYS": "3650",  # news of last spring are no replay here
        "KESU_AUDIT_MINUTES": "0.02",
        "KESU_AUDIT_GRACE_SECONDS": "0.5",
    }
    await provision.apply(amqp_url)
    service = ServiceProcess(ServiceAddress("escalation", port), logs=tmp_path, environment=environment)
    await asyncio.to_thread(service.start)
    try:
        await asyncio.to_thread(service.wait_ready, seconds=60)
        yield Running(service, environment)
    finally:
        await asyncio.to_thread(service.stop)


async def heard_and_fired(running: Running, amqp_url: str) -> None:
    """Complaints of last spring: their news came over the broker, their clocks have been missed."""
    news = []
    for number in range(1, COUNT + 1):
        complaint = complaint_of(number)
        news += [an_event(registered(), complaint=complaint), an_event(assigned(), complaint=complaint)]
    await published(amqp_url, [write_event(event) for event in news])

    async def all_fired() -> bool:
        ((fired, unsent),) = await running.run(
            "SELECT (SELECT count(*) FROM sheets WHERE cardinality(escalation_ids) > 0), "
            "(SELECT count(*) FROM outbox)"
        )
        return fired == COUNT and not unsent

    await eventually(all_fired, 30)


async def test_bugs_planted_in_the_tables_of_a_running_service_are_found_by_kind(running, amqp_url, tmp_path):
    await heard_and_fired(running, amqp_url)
    assert await running.differences() == {}

    await running.run(
        "UPDATE sheets SET wake_at = NULL, state = jsonb_set(state, '{escalations}', '[]') "
        "WHERE complaint_id = $1",
        complaint_of(1),
    )
    await running.run(
        "UPDATE sheets SET state = jsonb_set(state, '{clocks,0,due_at}', to_jsonb("
        "(state #>> '{clocks,0,due_at}')::timestamptz + interval '1 day')) WHERE complaint_id = $1",
        complaint_of(2),
    )
    await running.run("DELETE FROM notices WHERE complaint_id = $1", complaint_of(3))

    found = await running.differences()
    assert found.pop("alarm-missing") == 1
    assert found.pop("clock-differs") == 1
    # The breach that was told is not that of the clock as it stands there now.
    assert found.pop("breach-untold") == 1
    assert found.pop("notice-missing") >= 1
    assert found == {}
    assert await running.metric("kesu_audit_missed_clocks") >= 4

    statement = tmp_path / "statement.json"
    ((kept,),) = await running.run("SELECT statement FROM audit_statements")
    statement.write_text(kept)
    key = public_key_of(SECRET)
    said = await asyncio.to_thread(running.cli, f"--verify={statement}", f"--key={key}")
    assert (said.returncode, said.stdout.startswith("genuine: ")) == (0, True), said
    forged = json.loads(kept) | {"missed": 0}
    statement.write_text(json.dumps(forged))
    said = await asyncio.to_thread(running.cli, f"--verify={statement}", f"--key={key}")
    assert (said.returncode, said.stdout.startswith("NOT genuine")) == (1, True), said


async def test_a_statement_that_is_none_is_refused_in_a_sentence(tmp_path):
    running = Running(None, {})
    faulty = tmp_path / "statement.json"
    faulty.write_text("[]")

    for file in (faulty, tmp_path / "missing.json"):
        said = await asyncio.to_thread(running.cli, f"--verify={file}")

        assert said.returncode == 2
        assert file.name in said.stderr
        assert "Traceback" not in said.stderr


def test_a_log_larger_than_its_memory_is_sorted_by_complaint_without_losing_or_doubling(tmp_path):
    from services.escalation.jobs.sorting import SortedLog

    complaints = [complaint_of(number) for number in range(1, 8)]
    bodies = [
        write_event(an_event(registered(), complaint=one, sequence=turn))
        for turn in range(1, 6)
        for one in complaints
    ]

    async def twice():
        for body in (*bodies, *bodies):
            for piece in pieces(body):
                yield piece

    log = SortedLog(tmp_path, most_bytes=4 * len(bodies[0]))
    asyncio.run(log.read(twice()))
    found = list(log.complaints())

    assert len(list(tmp_path.glob("run-*"))) > 5
    assert [complaint for complaint, _, _ in found] == sorted(complaints)
    for complaint, lines, ids in found:
        events = [read_event(body) for body in lines]
        assert [event.sequence for event in events] == [1, 2, 3, 4, 5]
        assert {event.subject for event in events} == {complaint}
        assert ids == sorted(str(event.id) for event in events)
        assert isinstance(complaint, UUID)
