"""Is the past told as it was, by its own targets, and without waking anybody?"""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from services.escalation.domain.clock import ClockState
from services.escalation.domain.promises import OWN
from shared.ids import derived_id
from shared.worktime import Target, due_at
from tests.escalation.builders import (
    CALENDAR,
    DAY,
    HOUR,
    NOW,
    assigned,
    fire,
    hear,
    registered,
    reopened,
    the_clock,
    told,
)
from tests.escalation.public_history import EXTRACTED, FILE, TODAY, city_rules, requests

real = pytest.mark.skipif(not FILE.exists(), reason=f"the real requests are not here: {FILE}")
LONG_AFTER = NOW + 400 * DAY


def imported(**given):
    return hear(None, registered(history=True, **given), now=LONG_AFTER)


def test_a_target_of_its_own_stands_in_place_of_the_policys():
    sheet = imported(promised_at=NOW + DAY, closed_at=NOW + HOUR).state

    assert [clock.name for clock in sheet.clocks] == [OWN]
    assert the_clock(sheet, OWN).due_at == NOW + DAY


def test_what_was_closed_in_time_is_met_on_that_day():
    decision = imported(promised_at=NOW + DAY, closed_at=NOW + HOUR)

    clock = the_clock(decision.state, OWN)
    assert (clock.state, clock.met_at, clock.late) == (ClockState.MET, NOW + HOUR, False)
    assert told(decision) == ["clock.started", "clock.met"]


def test_what_was_closed_after_its_due_date_is_late_since_that_date():
    decision = imported(promised_at=NOW + DAY, closed_at=NOW + 2 * DAY)

    clock = the_clock(decision.state, OWN)
    assert (clock.state, clock.late, clock.breached_at) == (ClockState.MET, True, NOW + DAY)
    assert told(decision) == ["clock.started", "clock.breached", "clock.met"]
    assert decision.notices == ()


def test_what_never_ended_is_overdue_since_its_due_date_and_wakes_nobody():
    decision = imported(promised_at=NOW + DAY)

    assert the_clock(decision.state, OWN).breached_at == NOW + DAY
    assert decision.notices == decision.state.escalations == ()
    assert fire(decision.state, LONG_AFTER + DAY).state is decision.state


def test_what_ended_without_a_target_of_its_own_leaves_no_clock_of_policy_running():
    sheet = imported(closed_at=NOW + HOUR).state

    clock = the_clock(sheet)
    assert (clock.state, clock.cancel_reason) == (ClockState.CANCELLED, "not-recorded")
    assert sheet.wake_at is None


def test_an_end_before_the_receipt_is_kept_as_it_was_written():
    sheet = imported(promised_at=NOW + DAY, closed_at=NOW - 50 * DAY).state

    assert the_clock(sheet, OWN).met_at == NOW - 50 * DAY
    assert not the_clock(sheet, OWN).late


def test_history_heard_twice_changes_nothing():
    sheet = imported(promised_at=NOW + DAY, closed_at=NOW + HOUR).state

    assert hear(sheet, registered(history=True, promised_at=NOW + DAY)).state is sheet


def test_being_placed_afterwards_starts_nothing():
    sheet = imported(promised_at=NOW + DAY, closed_at=NOW + HOUR).state

    after = hear(sheet, assigned(history=True, severity="critical"), now=LONG_AFTER)

    assert after.tells == ()
    assert after.state.clocks == sheet.clocks


def test_history_that_is_reopened_gets_the_clocks_of_policy():
    sheet = imported(promised_at=NOW + DAY, closed_at=NOW + HOUR).state

    sheet = hear(sheet, reopened(LONG_AFTER)).state

    assert the_clock(sheet).started_at == LONG_AFTER
    assert sheet.wake_at is not None


@real
def test_the_police_kept_its_flat_eight_hours_as_a_policy_would_have_counted_them():
    police = [told for told in requests() if told.category == "NYPD" and told.promised_at]

    counted = [due_at(CALENDAR, told.received_at, Target.parse("8 h")) for told in police]

    assert len(police) == 124
    assert all(
        abs(mine - row.promised_at) < timedelta(seconds=1) for mine, row in zip(counted, police, strict=True)
    )


@real
@pytest.mark.timeout(240)
async def test_a_day_of_new_york_gives_exactly_its_facts_in_api_metrics_and_report(escalation_url, a_stand):
    async with a_stand(escalation_url, city_rules()) as stand:
        stand.clock.moment = TODAY
        ids = {row.complaint_no: derived_id(row.received_at, row.complaint_no) for row in requests()}
        await asyncio.gather(
            *(stand.hear(row, complaint=ids[row.complaint_no], site="us01") for row in requests())
        )
        report = await lines(stand, as_of="2014-05-02", site="us01")
        by_moment = await lines(stand, as_of=EXTRACTED.isoformat(), site="us01", by="category")
        asked = [await shown(stand, ids[row.complaint_no]) for row in requests() if row.promised_at]
        await stand.process.shell.fire_due()
        notices = await stand.rows("SELECT 1 FROM notices")
        figures = (await stand.client.get("/metrics")).text
        live = await lines(stand, **{"from": "2013-01-01", "to": "2027-01-01", "site": "us01"})
        past = await lines(
            stand, **{"from": "2013-01-01", "to": "2027-01-01", "site": "us01", "history": "true"}
        )

    own = [line for line in report if line["clock"] == OWN]
    assert total(own, "started") == 186
    assert total(own, "met") + total(own, "late") == 173
    assert (total(own, "late"), total(own, "overdue"), total(own, "running")) == (19, 9, 4)
    police = next(line for line in own if line["group"] == "NYPD")
    assert (police["started"], police["late"], police["met"]) == (124, 5, 119)
    assert [line for line in by_moment if line["clock"] == OWN] == own
    assert Counter(asked) == {("met", False): 154, ("met", True): 19, ("breached", False): 13}
    assert counted(figures, "kesu_history_clocks_total") == {
        ("NYPD", "met"): 119,
        ("NYPD", "breached"): 5,
        ("", "met"): 35,
        ("", "breached"): 14,
    }
    # None of it is in a figure over live work (issue 17, fault 29).
    assert counted(figures, "kesu_clocks_total") == counted(figures, "kesu_clocks_ended_recently") == {}
    assert "kesu_clocks_running{" not in figures
    assert live == []
    own = [line for line in past if line["clock"] == OWN]
    assert (total(own, "met"), total(own, "breached")) == (154, 19)
    assert next(line["compliance"] for line in own if line["group"] == "NYPD") == pytest.approx(119 / 124)
    assert notices == []


async def lines(stand, **query):
    answer = await stand.client.get("/reports/clocks", params=query, headers=stand.token("auditor"))
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def shown(stand, complaint):
    answer = await stand.client.get(f"/complaints/{complaint}/clocks", headers=stand.token("auditor"))
    (clock,) = answer.json()["items"]
    return clock["state"], clock["late"]


def total(found, name):
    return sum(line[name] for line in found)


def counted(text: str, name: str) -> Counter:
    """The counter of own promises at New York, NYPD apart from the other agencies."""
    found: Counter = Counter()
    for metric in text_string_to_metric_families(text):
        for sample in metric.samples:
            label = sample.labels
            if sample.name == name and label["clock"] == OWN and label["site"] == "us01":
                department = label["department"] if label["department"] == "NYPD" else ""
                found[(department, label["outcome"])] += int(sample.value)
    return +found
