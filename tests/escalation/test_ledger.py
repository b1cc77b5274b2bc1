"""Does every second of a complaint's life belong to exactly one party?"""

from __future__ import annotations

import asyncio
import csv
import itertools
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.escalation.domain.clock import ClockState
from services.escalation.domain.ledger import shares, totals
from shared.ids import derived_id
from shared.policy.model import Pausing
from shared.worktime import Target
from tests.escalation.builders import (
    COMPLAINT,
    DAY,
    HOUR,
    NOW,
    a_rulebook,
    after,
    an_event,
    answered,
    assigned,
    closed,
    fire,
    hear,
    paused,
    registered,
    reopened,
    replied,
    resumed,
    shanghai,
    the_clock,
    told,
)

FILE = Path(__file__).parents[3] / "shared" / "data" / "incidents_dev.csv"
CAPPED = a_rulebook(pausing=Pausing(cap={"customer": Target.parse("8 wh")}))


def parties(sheet, until):
    return {party: length / HOUR for party, length in totals(shares(sheet, until)).items()}


def test_before_anybody_has_it_the_site_waits_for_nobody_but_itself():
    sheet = after(registered())

    assert parties(sheet, NOW + 5 * HOUR) == {"site:sh01": 5}


def test_each_hour_belongs_to_whoever_had_to_act():
    sheet = after(registered())
    sheet = hear(sheet, assigned(), now=NOW + HOUR).state
    sheet = hear(sheet, paused(NOW + 3 * HOUR, "supplier")).state
    sheet = hear(sheet, resumed(NOW + 10 * HOUR)).state
    sheet = hear(sheet, assigned(department="quality"), now=NOW + 12 * HOUR).state
    sheet = hear(sheet, answered(NOW + 13 * HOUR)).state
    sheet = hear(sheet, replied(NOW + 33 * HOUR, accepts=True)).state
    sheet = hear(sheet, closed(NOW + 34 * HOUR)).state

    assert parties(sheet, NOW + 100 * HOUR) == {
        "site:sh01": 1,
        "department:sales": 4,
        "supplier": 7,
        "department:quality": 2,
        "customer": 20,
    }


def test_a_pause_that_waits_for_ourselves_is_the_departments_own_time():
    sheet = after(registered(), assigned(), paused(NOW + HOUR, "own"), resumed(NOW + 5 * HOUR))

    assert parties(sheet, NOW + 6 * HOUR) == {"department:sales": 6}


def test_time_in_which_it_was_closed_is_no_part_of_its_life():
    sheet = after(registered(), assigned(), closed(NOW + 2 * HOUR), reopened(NOW + 50 * HOUR))

    spans = shares(sheet, NOW + 51 * HOUR)

    assert sum((span.length for span in spans), timedelta()) == 3 * HOUR


def test_news_that_come_late_are_put_in_their_place():
    early = after(registered(), assigned(), paused(NOW + HOUR), resumed(NOW + 2 * HOUR))
    late = hear(after(registered(), assigned()), resumed(NOW + 2 * HOUR)).state
    late = hear(late, paused(NOW + HOUR)).state

    assert parties(late, NOW + DAY) == parties(early, NOW + DAY)


moments = st.integers(0, 200).map(lambda count: NOW + count * HOUR)
news = st.one_of(
    st.builds(paused, moments, st.sampled_from(("own", "customer", "supplier", "authority"))),
    st.builds(resumed, moments),
    st.builds(answered, moments),
    st.builds(replied, moments),
    st.builds(closed, moments),
    st.builds(reopened, moments),
    st.builds(lambda department: assigned(department=department), st.sampled_from(("sales", "quality"))),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(news, max_size=15), moments)
def test_spans_never_overlap_and_their_sums_are_the_life(heard, until):
    sheet = after(registered(), *heard)

    spans = shares(sheet, until)

    assert all(one.until <= two.since for one, two in itertools.pairwise(spans))
    assert sum(totals(spans).values(), timedelta()) == sum((s.length for s in spans), timedelta())
    if not any(name.what == "complaint.closed" for name in sheet.marks):
        assert sum((s.length for s in spans), timedelta()) == until - NOW


def test_a_pause_stops_the_clock_no_longer_than_its_cap():
    sheet = after(registered(shanghai(2, 9)), paused(shanghai(3, 9)), rules=CAPPED)

    assert sheet.wake_at == shanghai(3, 17)
    fired = fire(sheet, shanghai(3, 17), CAPPED)

    assert told(fired) == ["clock.resumed"]
    clock = the_clock(fired.state)
    assert (clock.state, clock.due_at) == (ClockState.RUNNING, shanghai(5, 17))
    assert parties(fired.state, shanghai(3, 19))["customer"] == 10, "the case still waits"


def test_resuming_after_the_cap_moves_nothing_more():
    sheet = after(registered(shanghai(2, 9)), paused(shanghai(3, 9)), rules=CAPPED)
    sheet = fire(sheet, shanghai(3, 17), CAPPED).state
    due = the_clock(sheet).due_at

    resumed_late = hear(sheet, resumed(shanghai(4, 12)), rules=CAPPED)

    assert the_clock(resumed_late.state).due_at == due
    assert resumed_late.tells == ()


def test_another_party_is_waited_for_without_a_cap():
    sheet = after(registered(shanghai(2, 9)), paused(shanghai(3, 9), "supplier"), rules=CAPPED)

    assert sheet.wake_at is None


def incidents() -> dict[str, list[dict[str, str]]]:
    with FILE.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    grouped: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        grouped.setdefault(row["number"], []).append(row)
    return grouped


@cache
def at(written: str) -> datetime:
    return datetime.strptime(written, "%d-%m-%Y %H:%M").replace(tzinfo=UTC)


WAITS = {"Awaiting User Info": "customer", "Awaiting Vendor": "supplier", "Awaiting Problem": "own"}


def story(rows):
    """The life of one incident as news, each with its moment."""
    yield registered(at(rows[0]["opened_at"])), at(rows[0]["opened_at"])
    waiting = False
    for row in rows:
        moment = at(row["sys_updated_at"])
        if row["assignment_group"] != "?":
            yield assigned(department=row["assignment_group"]), moment
        wanted = WAITS.get(row["incident_state"])
        if waiting and wanted is None:
            yield resumed(moment), moment
        if wanted is not None:
            yield paused(moment, wanted), moment
        waiting = wanted is not None
    yield closed(at(rows[-1]["closed_at"])), at(rows[-1]["closed_at"])


def lived(rows):
    """The sheet after the life of one incident, and when it was told to be over."""
    sheet = None
    for news, moment in story(rows):
        sheet = hear(sheet, news, now=moment).state
    return sheet, at(rows[-1]["closed_at"])


@pytest.mark.skipif(not FILE.exists(), reason=f"the real incidents are not here: {FILE}")
def test_every_second_of_348_real_incidents_is_accounted_for():
    whole, waited = timedelta(), timedelta()
    groups = incidents()
    for rows in groups.values():
        sheet, end = lived(rows)
        spans = shares(sheet, end + DAY)
        life = end - at(rows[0]["opened_at"])
        assert sum((span.length for span in spans), timedelta()) == life, rows[0]["number"]
        assert spans == () or (spans[0].since, spans[-1].until) == (at(rows[0]["opened_at"]), end)
        whole += life
        waited += totals(spans).get("customer", timedelta())
        assert totals(spans).get("customer", timedelta()) == _waited_by_hand(rows), rows[0]["number"]
    assert len(groups) == 348
    assert timedelta() < waited < whole


@pytest.mark.timeout(240)
@pytest.mark.skipif(not FILE.exists(), reason=f"the real incidents are not here: {FILE}")
async def test_the_door_accounts_for_every_second_of_the_real_incidents(stand):
    """Through the service and its database, as anybody would ask for it."""
    groups = list(incidents().values())
    await asyncio.gather(*(told_to(stand, rows) for rows in groups))
    stand.clock.moment = max(at(rows[-1]["closed_at"]) for rows in groups) + DAY

    for rows in groups:
        path = f"/complaints/{complaint_id_of(rows)}/ledger"
        ledger = (await stand.client.get(path, headers=stand.token("auditor"))).json()

        life = at(rows[-1]["closed_at"]) - at(rows[0]["opened_at"])
        sums = {line["party"]: line["seconds"] for line in ledger["totals"]}
        assert ledger["life_seconds"] == sum(sums.values()) == life.total_seconds(), rows[0]["number"]
        assert sums.get("customer", 0) == _waited_by_hand(rows).total_seconds(), rows[0]["number"]
    assert len(groups) == 348


def complaint_id_of(rows):
    return derived_id(at(rows[0]["opened_at"]), rows[0]["number"])


async def told_to(stand, rows):
    sequences = Counter()
    for news, moment in story(rows):
        sequences[news.producer] += 1
        event = an_event(
            news, time=moment, complaint=complaint_id_of(rows), sequence=sequences[news.producer]
        )
        work = await stand.process.shell.submit(event)
        assert work.error is None, work.error


def _waited_by_hand(rows) -> timedelta:
    """The same from the rows alone: from each 'Awaiting User Info' to the row that follows it."""
    total = timedelta()
    ends = [at(row["sys_updated_at"]) for row in rows[1:]] + [at(rows[-1]["closed_at"])]
    for row, end in zip(rows, ends, strict=True):
        if row["incident_state"] == "Awaiting User Info":
            total += max(timedelta(), end - at(row["sys_updated_at"]))
    return total


async def test_the_door_shows_the_ledger_of_a_complaint(stand):
    await stand.take()
    stand.clock.moment = NOW + 2 * HOUR

    answer = await stand.client.get(f"/complaints/{COMPLAINT}/ledger", headers=stand.token("auditor"))

    body = answer.json()
    assert answer.status_code == 200
    assert body["life_seconds"] == 7200
    assert sum(line["seconds"] for line in body["totals"]) == 7200
    assert body["items"][-1]["party"] == "department:sales"
