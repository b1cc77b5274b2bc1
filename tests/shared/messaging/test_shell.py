"""Does the shell commit each message once, in order, alone in its failure? Against a real PostgreSQL."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import text

from shared.database.transaction import Database
from shared.errors import Conflict, NotYet
from shared.ids import new_id
from shared.messaging.batch import KeyReused, Skip
from shared.observability import metrics
from shared.outbox.writing import Idempotency
from tests.shared.messaging import toy
from tests.support.waiting import eventually


@pytest.fixture
async def database(database_url: str):
    database = Database(database_url, service="toy")
    await toy.make_tables(database)
    yield database
    await database.close()


@asynccontextmanager
async def running(database: Database, **more):
    shell = toy.shell(database, **more)
    task = asyncio.create_task(shell.run())
    yield shell
    shell.stop()
    await asyncio.wait_for(task, 10)


async def rows(database: Database, query: str):
    async with database.reading() as connection:
        return (await connection.execute(text(query))).all()


async def test_an_event_is_handled_and_told_in_one_commit(database):
    complaint = new_id()

    async with running(database) as shell:
        work = await shell.submit(toy.registered(complaint))

    assert work.error is None
    assert await rows(database, "SELECT count, told, heard->>'intake' FROM counters") == [(1, 1, "1")]
    assert await rows(database, "SELECT type, routing_key FROM outbox") == [
        ("complaint.accepted.v1", "complaint.accepted.v1.sh01")
    ]


async def test_the_same_event_twice_counts_once_whether_in_one_batch_or_in_two(database):
    complaint = new_id()
    event = toy.registered(complaint)

    async with running(database) as shell:
        first, second = await asyncio.gather(shell.submit(event), shell.submit(event))
        third = await shell.submit(event)

    assert [w.duplicate for w in (first, second, third)] == [False, True, True]
    assert await rows(database, "SELECT count FROM counters") == [(1,)]


async def test_an_event_that_overtook_another_is_refused_until_that_one_came(database):
    complaint = new_id()

    async with running(database) as shell:
        early = await shell.submit(toy.acknowledged(complaint, sequence=2))
        await shell.submit(toy.registered(complaint, sequence=1))
        again = await shell.submit(toy.acknowledged(complaint, sequence=2))

    assert isinstance(early.error, NotYet)
    assert again.error is None
    assert await rows(database, "SELECT state->'seen' FROM counters") == [([1, 2],)]


async def test_a_poison_message_in_the_middle_of_a_batch_fails_alone(database):
    good = [new_id() for _ in range(20)]
    poison = new_id()

    async with running(database) as shell:
        events = [toy.registered(c) for c in good]
        events.insert(10, toy.registered(poison, category="poison"))
        works = await asyncio.gather(*(shell.submit(e) for e in events))

    assert isinstance(works[10].error, ZeroDivisionError)
    assert sum(1 for w in works if w.error is None) == 20
    assert await rows(database, "SELECT count(*) FROM counters") == [(20,)]


async def test_after_a_parked_event_those_behind_it_go_on_and_it_can_be_replayed(database):
    complaint = new_id()
    poison = toy.registered(complaint, category="poison")

    async with running(database) as shell:
        await shell.submit(poison)
        await shell.submit(Skip(poison))
        behind = await shell.submit(toy.registered(complaint, sequence=2))
        replayed = await shell.submit(toy.registered(complaint, sequence=1, event_id=poison.id))

    assert behind.error is None
    assert replayed.error is None and not replayed.duplicate
    assert await rows(database, "SELECT state->'seen' FROM counters") == [([2, 1],)]


async def test_a_rejected_command_writes_nothing_and_says_why(database):
    async with running(database) as shell:
        with pytest.raises(Conflict, match="negative"):
            await shell.command(toy.Add(new_id(), -1))

    assert await rows(database, "SELECT count(*) FROM counters") == [(0,)]


async def test_numbers_have_no_gap_although_commands_in_between_are_refused(database):
    async with running(database) as shell:
        works = await asyncio.gather(
            *(shell.submit(toy.Numbered(new_id(), "ber1" if i % 3 == 1 else "sh01")) for i in range(9))
        )
        later = await shell.command(toy.Numbered(new_id(), "sh01"))

    given = [w.decision.answer for w in works if w.error is None]
    assert [int(number[-6:]) for number in given] == [1, 2, 3, 4, 5, 6]
    assert later.answer.endswith("000007")


async def test_a_repeated_idempotency_key_gives_the_first_result_and_with_another_body_an_error(database):
    key = Idempotency("caller POST /x k1", "hash-a")
    complaint = new_id()

    async with running(database) as shell:
        first = await shell.submit(toy.Add(complaint), idempotency=key)
        again = await shell.submit(toy.Add(new_id()), idempotency=key)
        other = await shell.submit(toy.Add(new_id()), idempotency=Idempotency(key.key, "hash-b"))

    assert again.duplicate and again.decision.state.complaint_id == complaint
    assert first.error is None
    assert isinstance(other.error, KeyReused)
    assert await rows(database, "SELECT count(*), sum(count) FROM counters") == [(1, 1)]


async def test_timers_fire_once_though_two_replicas_look(database):
    shells = [toy.shell(database), toy.shell(database)]
    async with running(database) as shell:
        for _ in range(30):
            await shell.command(toy.Add(new_id(), 1, timedelta(milliseconds=1)))

    async def fired() -> bool:
        await asyncio.gather(*(one.fire_due() for one in shells))
        return (await rows(database, "SELECT count(*) FROM counters WHERE wake_at IS NULL")) == [(30,)]

    await eventually(fired)
    assert await rows(database, "SELECT DISTINCT count FROM counters") == [(101,)]


async def test_a_timer_whose_outcome_cannot_be_written_holds_up_no_other(database):
    one = toy.shell(database)
    soon = timedelta(milliseconds=1)
    async with running(database) as shell:
        for amount in (1, 2**31 - 50, 1):  # firing adds 100, which the middle one has no room for
            await shell.command(toy.Add(new_id(), amount, soon))

    async def fired() -> bool:
        await one.fire_due()
        return (await rows(database, "SELECT count(*) FROM counters WHERE count = 101")) == [(2,)]

    failed = timers_failed()
    await eventually(fired)
    assert await rows(database, "SELECT wake_at > now() FROM counters WHERE count > 101") == [(True,)]
    assert timers_failed() == failed + 1


def timers_failed() -> float:
    return metrics.TIMERS_FAILED._value.get()


async def test_a_value_that_the_database_refuses_fails_alone(database):
    complaint, broken = new_id(), new_id()

    async with running(database) as shell:
        works = await asyncio.gather(
            shell.submit(toy.Add(complaint)),
            shell.submit(toy.Add(broken, 2**40)),
            shell.submit(toy.Add(complaint)),
        )

    assert [w.error is None for w in works] == [True, False, True]
    assert await rows(database, "SELECT count FROM counters") == [(2,)]
