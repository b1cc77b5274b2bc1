"""Do sheets survive the database, and does time find them there?"""

from __future__ import annotations

from services.escalation.domain.clock import ClockState
from services.escalation.store.queries import Scope
from services.escalation.store.tables import metadata
from shared.database.migrate import differences
from shared.events.base import read_event
from tests.escalation.builders import COMPLAINT, HOUR, NOW, answered, fire, registered, the_clock


async def test_the_migration_makes_the_tables_that_the_code_expects(stand):
    differing = await differences(stand.process.database, [metadata])

    assert [one for one in differing if "sheets" in str(one)] == []


async def test_a_sheet_comes_back_from_the_database_as_it_was(stand):
    await stand.take()
    sheet = await stand.queries.sheet(COMPLAINT)

    await stand.process.shell.fire_due()
    stored = await stand.queries.sheet(COMPLAINT)

    assert stored == fire(sheet, stored.clocks[0].breached_at).state


async def test_time_fires_once(stand):
    await stand.take()

    fired = [await stand.process.shell.fire_due() for _ in range(2)]

    assert fired == [1, 0]
    assert len(await stand.rows("SELECT 1 FROM notices")) == 1


async def test_what_was_told_lies_in_the_outbox_in_order(stand):
    await stand.alarm()

    events = [read_event(bytes(body)) for (body,) in await stand.rows("SELECT body FROM outbox ORDER BY seq")]

    assert [(event.type, event.sequence) for event in events] == [
        ("clock.started.v1", 1),
        ("clock.warned.v1", 2),
        ("clock.warned.v1", 3),
        ("clock.breached.v1", 4),
        ("escalation.raised.v1", 5),
    ]


async def test_the_notice_leads_to_the_alarm(stand):
    escalation = await stand.alarm()

    rows = await stand.rows("SELECT key, values->>'link' FROM notices")

    assert rows == [(f"{COMPLAINT}:answer:1:li", f"ack:{escalation.id}~li")]


async def test_a_clock_that_was_met_wakes_nobody(stand):
    await stand.take()
    await stand.hear(answered(NOW + HOUR))

    assert await stand.process.shell.fire_due() == 0
    assert the_clock(await stand.queries.sheet(COMPLAINT)).state is ClockState.MET


async def test_an_alarm_is_found_by_its_own_id(stand):
    escalation = await stand.alarm()

    assert (await stand.queries.sheet_of(escalation.id)).complaint_id == COMPLAINT
    assert await stand.queries.sheet_of(COMPLAINT) is None


async def test_alarms_are_listed_within_the_scope(stand):
    await stand.alarm(1)
    other = await stand.take(2, site="bj01")
    await stand.process.shell.fire_due()

    async def found(**scope):
        page = await stand.queries.alarmed(Scope(**scope), is_open=None, after=None, limit=9)
        return [sheet.complaint_id for sheet in page]

    assert await found() == [COMPLAINT, other]
    assert await found(sites=("bj01",)) == [other]
    assert await found(departments=("quality",)) == []
    assert await found(departments=("sales",), sites=("sh01",)) == [COMPLAINT]


async def test_a_sheet_without_alarms_is_not_in_the_list(stand):
    await stand.hear(registered(received_at=NOW, kind="praise"))

    assert await stand.queries.alarmed(Scope(), is_open=None, after=None, limit=9) == ()


async def test_clocks_and_alarms_are_counted_by_site(stand):
    await stand.take(1)
    running = await stand.queries.running_counts()
    await stand.process.shell.fire_due()

    assert [(count.site, count.of, count.number) for count in running] == [("sh01", "answer", 1)]
    assert await stand.queries.running_counts() == ()
    alarms = await stand.queries.alarm_counts()
    assert [(count.site, count.of, count.number) for count in alarms] == [("sh01", "1", 1)]
