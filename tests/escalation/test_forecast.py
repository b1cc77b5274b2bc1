"""Is the probability of a breach well founded, calibrated, and silent where it is no better than the base rate?"""

from __future__ import annotations

import json
import random
import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.escalation.domain.forecast import Life, learn, loaded
from services.escalation.domain.scoring import Question, learned, score_of
from services.escalation.jobs import forecasting
from services.escalation.pages.link import Opened
from services.escalation.pages.views import alarm_page
from services.escalation.store import forecasts
from services.escalation.store.forecasts import read, written
from tests.escalation.builders import (
    ACCEPTANCE,
    ANSWER,
    DAY,
    HOUR,
    NOW,
    a_rulebook,
    after,
    answered,
    assigned,
    fire,
    registered,
    the_clock,
)
from tests.escalation.public_history import EXTRACTED, FILE, requests
from tests.escalation.stand import complaint_of
from tests.escalation.test_ledger import FILE as INCIDENTS
from tests.escalation.test_ledger import at, incidents

LONG_AFTER = NOW + 1000 * DAY


def a_life(
    begins_hours: float = 0, met_hours: float | None = None, department="sales", clock="answer", **given
):
    """A clock of ten hours."""
    begins = NOW + begins_hours * HOUR
    met = None if met_hours is None else begins + met_hours * HOUR
    return Life(clock, department, begins, begins + 10 * HOUR, met, **given)


def some(count: int, **given) -> list[Life]:
    return [a_life(number / 1000, **given) for number in range(count)]


def test_a_department_that_misses_every_second_clock_is_said_to():
    forecast = learn([*some(500, met_hours=5), *some(500)], LONG_AFTER)

    assert forecast.probability("answer", "sales", 0.0) == pytest.approx(0.5, abs=0.02)


def test_the_longer_it_stays_open_the_more_probable_is_a_breach():
    forecast = learn([*some(500, met_hours=5), *some(500)], LONG_AFTER)

    asked = [forecast.probability("answer", "sales", share / 10) for share in range(11)]

    assert asked == sorted(asked)
    assert asked[7] > 0.95, "all that are met in time are met at half of it"


def test_departments_are_told_apart_and_strangers_get_what_all_have_in_common():
    lives = [*some(300, met_hours=5, department="good"), *some(300, department="bad")]
    forecast = learn(lives, LONG_AFTER)

    assert forecast.probability("answer", "good", 0.0) < 0.1
    assert forecast.probability("answer", "bad", 0.0) > 0.9
    assert forecast.probability("answer", "new", 0.0) == pytest.approx(0.5, abs=0.05)


def test_few_clocks_of_a_department_lean_on_those_of_all():
    lives = [*some(500, met_hours=5), *some(2, department="small")]

    assert learn(lives, LONG_AFTER).probability("answer", "small", 0.0) < 0.3


def test_a_busy_department_is_told_from_a_calm_one():
    calm = [a_life(n / 1000, 5, load=1) for n in range(300)]
    busy = [a_life(n / 1000, load=30) for n in range(299)]
    forecast = learn([*calm, *busy], LONG_AFTER)

    assert forecast.probability("answer", "sales", 0.0, load=40) > 0.8
    assert forecast.probability("answer", "sales", 0.0, load=1) < 0.2


def test_the_load_of_a_clock_is_how_many_of_its_department_ran_when_it_began():
    lives = loaded([a_life(0, 5), a_life(1, 1), a_life(3), a_life(3, department="other"), a_life(7)])

    assert [life.load for life in lives] == [0, 1, 1, 0, 1]


def test_what_happens_after_the_moment_teaches_nothing():
    known = [a_life(n / 1000 - 100, 9.5) for n in range(200)]
    later = some(200, met_hours=8)
    pending = [Life(life.clock, life.department, life.started_at, life.due_at) for life in later]

    asked = NOW + 5 * HOUR

    assert learn([*known, *later], asked) == learn([*known, *pending], asked)
    assert learn([*known, *later], LONG_AFTER) != learn([*known, *pending], LONG_AFTER)


@given(
    st.lists(st.tuples(st.floats(0, 40), st.none() | st.floats(0.1, 30)), max_size=40),
    st.floats(-1, 2),
    st.floats(0, 60),
)
def test_it_is_always_a_probability(lives, share, hours):
    forecast = learn([a_life(begins, met) for begins, met in lives], NOW + hours * HOUR)

    assert 0.0 <= forecast.probability("answer", "sales", share) <= 1.0


def test_before_anything_is_known_nothing_is_said():
    assert learned([], NOW).shown("answer", "sales", 0.5) is None
    assert learned(some(5), NOW).scores == {}


def test_where_nothing_tells_clocks_apart_the_base_rate_is_as_good_and_nothing_is_shown():
    draw = random.Random(7)
    # Met or missed by chance alone, and those that are met at the very end: progress says nothing.
    lives = [a_life(n, 9.99 if draw.random() < 0.7 else None) for n in range(400)]

    found = learned(lives, LONG_AFTER)

    assert not found.scores["answer"].is_better
    assert found.shown("answer", "sales", 0.5) is None


def test_where_departments_differ_the_forecast_beats_the_base_rate_and_is_calibrated():
    draw = random.Random(7)
    often = {"good": 0.05, "bad": 0.8}
    lives = [
        a_life(n, None if draw.random() < often[name] else draw.uniform(1, 9), department=name)
        for n in range(400)
        for name in often
    ]

    score = learned(lives, LONG_AFTER).scores["answer"]

    assert score.is_better
    assert score.forecast < 0.7 * score.base_rate
    assert all(abs(one.foretold - one.happened) < 0.15 for one in score.bins if one.asked > 50), score.bins


def test_the_brier_score_is_the_mean_square_of_the_error():
    asked = [Question("answer", 0.8, 0.5, True), Question("answer", 0.4, 0.5, False)]

    score = score_of("answer", asked)

    assert (score.forecast, score.base_rate) == pytest.approx(((0.04 + 0.16) / 2, 0.25))
    assert not score.is_better, "two questions prove nothing"


def test_what_was_learned_reads_as_it_was_written():
    found = learned(loaded([*some(100, met_hours=5), *some(100, department="bad")]), LONG_AFTER)

    assert read(json.loads(json.dumps(written(found), default=str))) == found


@pytest.mark.skipif(not FILE.exists(), reason=f"the real requests are not here: {FILE}")
def test_on_a_day_of_new_york_the_forecast_beats_the_base_rate():
    rows = [row for row in requests() if row.promised_at and row.promised_at > row.received_at]
    lives = loaded(
        Life("promise", row.category, row.received_at, row.promised_at, row.closed_at) for row in rows
    )

    score = learned(lives, EXTRACTED).scores["promise"]

    assert score.asked >= 100
    assert score.forecast < 0.8 * score.base_rate
    assert score.is_better


@pytest.mark.skipif(not INCIDENTS.exists(), reason=f"the real incidents are not here: {INCIDENTS}")
def test_on_real_incidents_the_forecast_beats_the_base_rate():
    """The target is ours, two days; who had them and when they were resolved is theirs."""
    lives = loaded(_of_incident(rows) for rows in incidents().values())

    score = learned(lives, max(life.known_at() for life in lives)).scores["resolution"]

    assert score.asked >= 100
    assert score.forecast < score.base_rate
    assert score.is_better


def _of_incident(rows) -> Life:
    begun, last = at(rows[0]["opened_at"]), rows[-1]
    done = at(last["closed_at"] if last["resolved_at"] == "?" else last["resolved_at"])
    return Life("resolution", rows[0]["assignment_group"], begun, begun + 2 * DAY, done)


async def test_the_service_learns_from_its_clocks_keeps_it_and_shows_it_where_it_is_better(stand):
    for number in range(2, 16):
        for minute in range(10):
            complaint = complaint_of(number).__class__(int=complaint_of(number).int + minute)
            begun = NOW - timedelta(days=30 - number, minutes=minute)
            department = "sales" if minute % 2 else "quality"
            await stand.hear(registered(begun), complaint=complaint)
            await stand.hear(assigned(department=department), complaint=complaint)
            if department == "quality":
                await stand.hear(answered(begun + HOUR), complaint=complaint)
    stand.clock.moment = NOW + DAY
    await stand.hear(registered(NOW + DAY))
    await stand.hear(assigned(department="sales"))

    found = await forecasting.once(stand.process.database, stand.clock)
    shown = await stand.client.get(
        "/complaints/01951111-0000-7000-8000-000000000000/clocks", headers=stand.token("auditor")
    )
    report = await stand.client.get("/reports/forecast", headers=stand.token("auditor"))

    assert len(await forecasts.lives(stand.process.database)) == 141
    assert found.scores["answer"].is_better
    (clock,) = shown.json()["items"]
    assert clock["breach_probability"] > 0.6, "sales has kept none"
    (line,) = report.json()["items"]
    assert line["is_shown"]
    assert line["forecast"] < line["base_rate"]


async def test_before_anything_was_learned_no_probability_is_shown(stand):
    await stand.take()

    shown = await stand.client.get(
        "/complaints/01951111-0000-7000-8000-000000000000/clocks", headers=stand.token("auditor")
    )

    assert [clock["breach_probability"] for clock in shown.json()["items"]] == [None]


def test_the_page_of_an_alarm_shows_what_else_is_likely_to_be_missed():
    rules = a_rulebook(clocks=(ANSWER, ACCEPTANCE))
    sheet = after(registered(NOW), assigned(), rules=rules)
    sheet = fire(sheet, the_clock(sheet, "acceptance").due_at, rules).state
    draw = random.Random(7)
    found = learned(
        [
            a_life(n, None if name == "sh01:sales" or draw.random() < 0.1 else 5, department=name)
            for n in range(300)
            for name in ("sh01:sales", "sh01:quality")
        ],
        LONG_AFTER,
    )
    opened = Opened(sheet, sheet.escalations[0], "li")

    shown = alarm_page(opened, rules, language="en", learned=found, now=NOW + 3 * HOUR)
    unproven = alarm_page(opened, rules, language="en", learned=None, now=NOW + 3 * HOUR)

    assert re.search(r"answer: .*\(\d\d % likely to be missed\)", shown)
    assert "Promises that can still be kept" in unproven
    assert "likely to be missed" not in unproven
