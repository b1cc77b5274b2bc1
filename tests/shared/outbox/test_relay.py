"""Does the relay lead, hand over, and keep what the broker would not take? Against a real PostgreSQL."""

from __future__ import annotations

import asyncio
import gc
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text

from shared.database.transaction import FAILURES, Database, is_passing
from shared.ids import new_id
from shared.local.databases import run_sql
from shared.outbox.relay import Relay, lag
from shared.outbox.writing import Letter, write_letters
from tests.shared.messaging import toy
from tests.shared.outbox.stand_in import Broker, a_body
from tests.support.waiting import eventually

ACCEPTED, PAUSED = "complaint.accepted.v1", "complaint.paused.v1"


@pytest.fixture
async def database(database_url: str):
    database = Database(database_url, service="toy")
    await toy.make_tables(database)
    yield database
    await database.close()


@asynccontextmanager
async def running(*relays: Relay):
    tasks = [asyncio.create_task(one.run()) for one in relays]
    try:
        yield tasks
    finally:
        for one in relays:
            one.stop()
        await asyncio.wait_for(asyncio.gather(*tasks), 20)


def letters(count: int, kind: str = ACCEPTED) -> list[Letter]:
    return [
        Letter(name, kind, f"{kind}.sh01", None, a_body(str(name), str(subject)), subject)
        for name, subject in ((new_id(), new_id()) for _ in range(count))
    ]


async def put(database: Database, count: int, kind: str = ACCEPTED) -> list[str]:
    made = letters(count, kind)
    async with database.batch() as connection:
        await write_letters(connection, made)
    return [str(letter.event_id) for letter in made]


async def waiting(database: Database) -> int:
    async with database.direct() as connection:
        return (await lag(connection))[0]


async def empty(database: Database) -> bool:
    return await waiting(database) == 0


async def test_what_is_committed_is_published_once_in_order_and_deleted(database):
    broker = Broker()
    names = await put(database, 1200)
    async with running(Relay(database, broker)):
        await eventually(lambda: empty(database))
    assert broker.confirmed == names


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_of_two_relays_one_leads_and_the_other_takes_over_when_its_connection_is_cut(database):
    broker = Broker()
    relays = [Relay(database, broker), Relay(database, broker)]
    async with running(*relays) as tasks:
        await eventually(lambda: sum(one.leader for one in relays) == 1)
        names = await put(database, 10)
        await eventually(lambda: empty(database))
        for _ in range(3):
            await cut_the_leader(database)
            names += await put(database, 10)
            relays[0].wake()
            await eventually(lambda: empty(database), 20)
            await eventually(lambda: sum(one.leader for one in relays) == 1)
        assert not any(task.done() for task in tasks), "both relays are alive"
    gc.collect()  # connections that were cut are found here, not in the middle of the next test
    assert set(broker.confirmed) == set(names)


async def cut_the_leader(database: Database) -> None:
    async with database.reading() as connection:
        ended = await connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted "
                "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
        )
        assert len(ended.all()) == 1


async def test_a_row_that_becomes_visible_late_is_published_although_higher_ones_went_before(database):
    broker = Broker()
    early = letters(1)
    async with running(Relay(database, broker)):
        async with database.batch() as connection:
            await write_letters(connection, early)
            later = await put(database, 3)
            await eventually(lambda: broker.confirmed == later)
        await eventually(lambda: empty(database))
    assert broker.confirmed == [*later, str(early[0].event_id)]


async def test_a_refused_bundle_waits_with_its_reason_and_does_not_hold_up_the_others(database):
    broker = Broker(["refuse"])
    names = await put(database, 1) + await put(database, 2, PAUSED)
    async with running(Relay(database, broker)):
        await eventually(lambda: broker.confirmed == names[1:])
        await eventually(lambda: put_off(database))
        assert broker.tried.count(names[0]) == 1, "not again before its time"
        await put_off_no_longer(database)
        await eventually(lambda: empty(database))
    assert broker.confirmed[-1] == names[0]


async def test_what_an_outsider_refuses_is_told_to_nobody_twice_and_holds_up_nothing(database):
    broker = Broker(singly=["confirm", "refuse"], hearing=True)
    names = await put(database, 3)
    async with running(Relay(database, broker)):
        await eventually(lambda: empty(database))
    assert (broker.confirmed, broker.told) == (names, [names[0], names[2]])
    assert broker.asked == names


async def test_a_refused_bundle_that_goes_again_is_not_told_to_others_again(database):
    broker = Broker(["refuse"], hearing=True)
    names = await put(database, 2)
    async with running(relay := Relay(database, broker)):
        await eventually(lambda: broker.told == names)
        await eventually(lambda: put_off(database, 2))
        await put_off_no_longer(database)
        relay.wake()
        await eventually(lambda: empty(database))
    assert (broker.confirmed, broker.told) == (names, names)


async def put_off(database: Database, count: int = 1) -> bool:
    """Whether so many rows are left, and they were refused and are not due."""
    async with database.reading() as connection:
        rows = await connection.execute(text("SELECT attempts, last_error, not_before > now() FROM outbox"))
    return rows.all() == [(1, "no queue takes it", True)] * count


async def put_off_no_longer(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute(text("UPDATE outbox SET not_before = NULL"))


async def test_while_the_broker_is_away_rows_stay_and_then_all_go(database):
    broker = Broker(["away"] * 3)
    names = await put(database, 4)
    async with running(Relay(database, broker)):
        await eventually(lambda: len(broker.tried) >= 8)
        assert await waiting(database) == 4
        await eventually(lambda: empty(database), 20)
    assert broker.confirmed == names


async def test_a_relay_that_finds_no_connection_in_the_pool_goes_on_later(database_url):
    database = Database(database_url, service="toy", pool=1)
    await toy.make_tables(database)
    database.engine.pool._timeout = 0.05
    broker = Broker()
    names = await put(database, 2)
    async with database.reading(), database.reading(), database.reading():
        task = asyncio.create_task((relay := Relay(database, broker)).run())
        await asyncio.sleep(0.3)
        assert not task.done(), task.exception()
    await eventually(lambda: broker.confirmed == names)
    relay.stop()
    await asyncio.wait_for(task, 20)
    await database.close()


@pytest.mark.parametrize("rounds_of_the_loop", range(4))
async def test_a_server_that_hung_up_while_we_stood_still_is_a_failure_that_passes(
    database, rounds_of_the_loop
):
    """After SIGSTOP the driver has read the server's farewell, and not yet that nothing follows."""
    with pytest.raises(FAILURES) as told:
        async with database.direct() as connection:
            number = await connection.fetchval("SELECT pg_backend_pid()")
            # Blocks the loop, as SIGSTOP does, until the session is gone.
            run_sql(database.url, f"SELECT pg_terminate_backend({number}, 5000)")
            for _ in range(rounds_of_the_loop):
                await asyncio.sleep(0)
            await connection.execute("SELECT 1")
    assert is_passing(told.value)

    async with database.direct() as connection:
        assert await connection.fetchval("SELECT pg_backend_pid()") != number
