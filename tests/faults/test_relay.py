"""Does the relay lead again after what the fault rig does to it? Found by the rig, kept small here."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import orjson
import pytest
from sqlalchemy import text

from shared.database.transaction import Database
from shared.ids import new_id
from shared.outbox import relay as relays
from shared.outbox.relay import Relay
from shared.outbox.writing import Letter, write_letters
from tests.shared.messaging import toy
from tests.support.waiting import eventually

_HANG_UP_ON_OTHERS = text(
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


class Broker:
    """Takes what it is given, unless it has frozen."""

    def __init__(self, *, frozen: bool = False) -> None:
        self.sent: list[str] = []
        self.frozen = frozen

    async def send(self, body, *, type_name, message_id, bulk) -> None:
        if self.frozen:
            await asyncio.Event().wait()
        self.sent += [event["id"] for event in orjson.loads(body)]

    async def tell(self, body, *, event_id, type_name, key, traceparent) -> bool:
        return False


@pytest.fixture
async def database(database_url: str):
    database = Database(database_url, service="toy")
    await toy.make_tables(database)
    yield database
    await database.close()


@asynccontextmanager
async def relaying(database: Database, broker: Broker):
    relay = Relay(database, broker)
    task = asyncio.create_task(relay.run())
    try:
        yield relay
        assert not task.done(), "the relay has died"
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def commit_a_letter(database: Database) -> str:
    name = new_id()
    body = orjson.dumps({"id": str(name), "subject": str(new_id())})
    letter = Letter(name, "complaint.registered.v1", "complaint.registered.v1.sh01", None, body)
    async with database.batch() as connection:
        await write_letters(connection, [letter])
    return str(letter.event_id)


async def test_a_relay_leads_again_after_the_database_hung_up_on_it(database, database_url):
    broker = Broker()
    async with relaying(database, broker) as relay:
        await eventually(lambda: relay.leader)
        rig = Database(database_url, service="rig")
        async with rig.reading() as connection:
            await connection.execute(_HANG_UP_ON_OTHERS)
        wanted = await commit_a_letter(rig)
        await eventually(lambda: wanted in broker.sent, seconds=15)
        await rig.close()


async def test_a_standby_leads_when_the_leader_falls_silent(database, database_url, monkeypatch):
    """A stopped process (SIGSTOP) keeps its connection and says nothing on it."""
    monkeypatch.setattr(relays, "_LONGEST_SILENCE_SECONDS", 1)
    other = Database(database_url, service="toy")
    standby_broker = Broker()
    async with relaying(database, Broker()) as first:
        await eventually(lambda: first.leader)
        go_on = asyncio.Event()

        async def stopped(*_: object) -> None:
            await go_on.wait()

        monkeypatch.setattr(first, "_pause", stopped)
        first.wake()
        monkeypatch.setattr(relays, "_LONGEST_SILENCE_SECONDS", 30)
        async with relaying(other, standby_broker):
            wanted = await commit_a_letter(other)
            await eventually(lambda: standby_broker.sent == [wanted], seconds=15)
            go_on.set()
    await other.close()
