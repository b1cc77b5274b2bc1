"""Does everything whose time has come fire once, in order, whatever happened meanwhile? On a real PostgreSQL."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import orjson
import pytest
from sqlalchemy import text

from shared.clock import monotonic
from shared.messaging import timers
from shared.messaging.timers import Timers
from shared.outbox.relay import Relay
from tests.escalation.builders import NOW, assigned, registered
from tests.escalation.stand import Stand, a_stand, complaint_of, prepare_escalation
from tests.shared.outbox.stand_in import Broker
from tests.support.waiting import eventually

COUNT = 20


@pytest.fixture
def escalation_url(database_from) -> str:
    return database_from("escalation", prepare_escalation)


@pytest.fixture
async def stand(escalation_url):
    async with a_stand(escalation_url) as one:
        yield one


@asynccontextmanager
async def firing(*stands: Stand, batch: int = 3):
    """The timers of these replicas, a few complaints to a batch."""
    parts = []
    for one in stands:
        one.process.shell._most = batch
        parts.append(one.process.timers)
    tasks = [asyncio.create_task(part.run()) for part in parts]
    try:
        yield
    finally:
        for part in parts:
            part.stop()
        await asyncio.gather(*tasks)


async def overdue(stand: Stand, count: int = COUNT) -> None:
    """Complaints of one spring morning, long overdue; the one received last is registered first."""
    for number in range(count, 0, -1):
        at = NOW + timedelta(minutes=number)
        await stand.hear(registered(at), complaint=complaint_of(number))
        await stand.hear(assigned(), complaint=complaint_of(number))


async def told(stand: Stand, kind: str) -> list[dict]:
    """What was told of that kind, in the order of the outbox."""
    found = await stand.rows(f"SELECT body FROM outbox WHERE type = '{kind}.v1' ORDER BY seq")
    return [orjson.loads(bytes(body)) for (body,) in found]


async def breached(stand: Stand, count: int = COUNT) -> bool:
    return len(await told(stand, "clock.breached")) >= count


async def run(stand: Stand, statement: str) -> None:
    async with stand.process.database.transaction() as connection:
        await connection.execute(text(statement))


async def test_after_an_outage_everything_overdue_fires_once_oldest_first(stand):
    await overdue(stand)

    async with firing(stand):
        await eventually(lambda: breached(stand))

    facts = await told(stand, "clock.breached")
    assert set(Counter(fact["subject"] for fact in facts).values()) == {1}
    assert len(facts) == COUNT
    dues = [datetime.fromisoformat(fact["data"]["due_at"]) for fact in facts]
    assert dues == sorted(dues)


async def test_it_is_told_when_it_was_due_and_when_it_really_fired(stand):
    await overdue(stand, 3)
    ((before,),) = await stand.rows("SELECT clock_timestamp()")

    async with firing(stand):
        await eventually(lambda: breached(stand, 3))

    ((after,),) = await stand.rows("SELECT clock_timestamp()")
    for number, fact in enumerate(await told(stand, "clock.breached"), start=1):
        due, fired = (datetime.fromisoformat(fact["data"][name]) for name in ("due_at", "fired_at"))
        sheet = await stand.queries.sheet(complaint_of(number))
        (clock,) = sheet.clocks
        assert (due, fired) == (clock.due_at, clock.breached_at)
        assert before <= fired <= after
        assert fact["data"]["lag_seconds"] == pytest.approx((fired - due).total_seconds(), abs=1e-3)


async def test_the_ladder_begins_when_the_alarm_is_raised_and_leaves_people_their_time(stand):
    await overdue(stand, 1)

    async with firing(stand):
        await eventually(lambda: breached(stand, 1))

    (alarm,) = (await stand.queries.sheet(complaint_of(1))).escalations
    assert [alert.level for alert in alarm.alerts] == [1]
    assert alarm.climbs_at > alarm.alerts[0].at
    assert len(await told(stand, "escalation.raised")) == 1


async def test_a_ladder_that_stood_still_in_the_outage_takes_one_step_and_waits_again(stand):
    await overdue(stand, 1)
    async with firing(stand):
        await eventually(lambda: breached(stand, 1))
    # It should have climbed twice by now: both levels' time has passed while nothing ran.
    await run(
        stand,
        "UPDATE sheets SET wake_at = now() - interval '30 days', state = jsonb_set(state, "
        "'{escalations,0,climbs_at}', to_jsonb(now() - interval '30 days'))",
    )
    stand.process.timers = Timers(stand.process.database, stand.process.plan.store, stand.process.shell)

    async with firing(stand):
        await eventually(lambda: _raised(stand, 2))

    (alarm,) = (await stand.queries.sheet(complaint_of(1))).escalations
    assert [alert.level for alert in alarm.alerts] == [1, 2]
    assert alarm.climbs_at > alarm.alerts[1].at


async def _raised(stand: Stand, count: int) -> bool:
    return len(await told(stand, "escalation.raised")) >= count


async def test_two_replicas_share_the_work_and_fire_nothing_twice(stand, escalation_url):
    await overdue(stand)

    async with a_stand(escalation_url) as other, firing(stand, other, batch=1):
        await eventually(lambda: breached(stand))

    facts = await told(stand, "clock.breached")
    assert Counter(fact["subject"] for fact in facts) == {
        str(complaint_of(number)): 1 for number in range(1, COUNT + 1)
    }
    notices = await stand.rows("SELECT key FROM notices")
    assert len(notices) == len(set(notices)) == COUNT


async def test_nothing_fires_before_its_time(stand):
    await overdue(stand, 2)
    await run(stand, "UPDATE sheets SET wake_at = now() + interval '1 hour' WHERE complaint_no IS NOT NULL")

    assert await stand.process.shell.fire_due() == 0


async def test_each_batch_fires_what_is_due_at_the_databases_own_time(stand):
    await overdue(stand, 5)
    stand.clock.moment = NOW - timedelta(days=365)  # the machine's clock is wrong by a year

    async with firing(stand, batch=2):
        await eventually(lambda: breached(stand, 5))

    (clock,) = (await stand.queries.sheet(complaint_of(1))).clocks
    assert clock.breached_at > NOW


class Shell:
    """Fires so many at each turn; then stops the timers."""

    def __init__(self, *turns: int) -> None:
        self._turns = list(turns)
        self.timers: Timers | None = None

    async def fire_due(self) -> int:
        fired = self._turns.pop(0)
        if not self._turns:
            self.timers.stop()
        return fired


@pytest.mark.parametrize(
    ("turns", "calls"), [((300, 300, 17), 2), ((3, 3, 3), 0), ((300,), 1)], ids=("burst", "few", "one")
)
async def test_others_are_asked_to_let_a_burst_pass(turns, calls):
    asked: list[int] = []
    shell = Shell(*turns)
    shell.timers = Timers(None, None, shell, on_burst=lambda: asked.append(1))

    await shell.timers.run()

    assert len(asked) == calls


async def test_a_flood_holds_up_nobody_for_ever(monkeypatch):
    asked: list[int] = []
    monkeypatch.setattr(timers, "_LONGEST_BURST_SECONDS", 0.0)
    shell = Shell(300, 300, 300)
    shell.timers = Timers(None, None, shell, on_burst=lambda: asked.append(1))

    await shell.timers.run()

    assert asked == []


async def test_what_was_fired_is_told_once_the_burst_is_over(stand):
    await overdue(stand, 3)
    broker = Broker()
    relay = Relay(stand.process.database, broker)
    relay.give_way()
    asked = monotonic()
    await stand.process.shell.fire_due()
    running = asyncio.create_task(relay.run())

    await eventually(lambda: broker.confirmed)

    assert monotonic() - asked > 0.4
    relay.stop()
    await running
