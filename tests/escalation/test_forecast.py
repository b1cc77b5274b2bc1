"""Is the probability of a breach well founded, calibrated, and silent where it is no better than the base rate?"""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.escalation.domain.calibration import NONE, fitted
from services.escalation.domain.forecast import learn
from services.escalation.domain.life import Life, loaded
from services.escalation.domain.proving import learned
from services.escalation.domain.scoring import Question, score_of
from services.escalation.jobs import forecasting, trial
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
    complaint_of,
    fire,
    registered,
    the_clock,
)
from tests.escalation.public_history import EXTRACTED, FILE, requests
from tests.escalation.test_ledger import FILE as INCIDENTS

COMPLAINTS = INCIDENTS.with_name("cfpb_2014_dev.csv")
LONG_AFTER = NOW + 1000 * DAY


def a_life(
    begins_hours: float = 0,
    met_hours: float | None = None,
    department="sales",
    clock="answer",
    hours=10,
    **given,
):
    """A clock of ten hours."""
    begins = NOW + begins_hours * HOUR
    met = None if met_hours is None else begins + met_hours * HOUR
    return Life(clock, department, begins, begins + hours * HOUR, met, **given)


def some(count: int, **given) -> list[Life]:
    return [a_life(number / 1000, **given) for number in range(count)]


def test_a_department_that_misses_every_second_clock_is_said_to():
    forecast = learn([*some(500, met_hours=5), *some(500)], LONG_AFTER)

    assert forecast.probability("answer", "hours", "sales", 0.0) == pytest.approx(0.5, abs=0.02)


def test_the_longer_it_stays_open_the_more_probable_is_a_breach():
    forecast = learn([*some(500, met_hours=5), *some(500)], LONG_AFTER)

    asked = [forecast.probability("answer", "hours", "sales", share / 10) for share in range(11)]

    assert asked == sorted(asked)
    assert asked[7] > 0.95, "all that are met in time are met at half of it"


def test_departments_are_told_apart_and_strangers_get_what_all_have_in_common():
    lives = [*some(300, met_hours=5, department="good"), *some(300, department="bad")]
    forecast = learn(lives, LONG_AFTER)

    assert forecast.probability("answer", "hours", "good", 0.0) < 0.1
    assert forecast.probability("answer", "hours", "bad", 0.0) > 0.9
    assert forecast.probability("answer", "hours", "new", 0.0) == pytest.approx(0.5, abs=0.05)


def test_few_clocks_of_a_department_lean_on_those_of_all():
    lives = [*some(500, met_hours=5), *some(2, department="small")]

    assert learn(lives, LONG_AFTER).probability("answer", "hours", "small", 0.0) < 0.3


def test_a_busy_department_is_told_from_a_calm_one():
    calm = [a_life(n / 1000, 5, load=1) for n in range(300)]
    busy = [a_life(n / 1000, load=30) for n in range(299)]
    forecast = learn([*calm, *busy], LONG_AFTER)

    assert forecast.probability("answer", "hours", "sales", 0.0, load=40) > 0.8
    assert forecast.probability("answer", "hours", "sales", 0.0, load=1) < 0.2


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

    assert 0.0 <= forecast.probability("answer", "hours", "sales", share) <= 1.0


def test_before_anything_is_known_nothing_is_said():
    assert learned([], NOW).shown("answer", "sales", NOW, NOW + 10 * HOUR, 0.5) is None
    assert learned(some(5), NOW).scores == {}


def test_where_nothing_tells_clocks_apart_the_base_rate_is_as_good_and_nothing_is_shown():
    draw = random.Random(7)
    # Met or missed by chance alone, and those that are met at the very end: progress says nothing.
    lives = [a_life(n, 9.99 if draw.random() < 0.7 else None) for n in range(400)]

    found = learned(lives, LONG_AFTER)

    assert not found.scores["answer"].is_better
    assert found.shown("answer", "sales", NOW, NOW + 10 * HOUR, 0.5) is None


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


def test_murphys_parts_sum_to_the_brier_score_where_answers_of_a_bin_are_alike():
    asked = [
        *(Question("answer", 0.85, 0.5, n < 8) for n in range(10)),
        *(Question("answer", 0.15, 0.5, n < 3) for n in range(10)),
    ]

    score = score_of("answer", asked)

    assert (score.reliability, score.resolution) == pytest.approx(((0.05**2 + 0.15**2) / 2, 0.25**2))
    assert score.uncertainty == pytest.approx(0.55 * 0.45)
    assert score.forecast == pytest.approx(score.reliability - score.resolution + score.uncertainty)
    assert score.calibration_error == pytest.approx(0.1)


def test_many_questions_about_one_clock_prove_no_more_than_one():
    asked = [Question("answer", 0.95, 0.5, missed=True, of=n % 2) for n in range(200)]
    asked += [Question("answer", 0.05, 0.5, missed=False, of=2 + n % 2) for n in range(100)]
    asked += [Question("answer", 0.95, 0.5, missed=False, of=4) for _ in range(60)]
    as_if_each_were_another = [replace(one, of=number) for number, one in enumerate(asked)]

    assert score_of("answer", as_if_each_were_another).is_better
    assert not score_of("answer", asked).is_better


def test_a_forecast_that_only_repeats_how_often_it_happens_is_not_shown():
    """It beats the base rate that was known before; whoever had said the later rate would have beaten it."""
    asked = [Question("answer", 0.8, 0.2, n % 10 > 0, of=n) for n in range(400)]

    score = score_of("answer", asked)

    assert score.forecast < score.base_rate
    assert score.forecast > score.uncertainty
    assert not score.is_better


def test_what_was_foretold_too_boldly_is_read_as_less():
    outcomes = [(0.95, n % 10 < 7) for n in range(400)]
    outcomes += [(0.05, n % 10 < 3) for n in range(400)]

    correction = fitted(outcomes)

    assert correction.applied(0.95) == pytest.approx(0.7, abs=0.04)
    assert correction.applied(0.05) == pytest.approx(0.3, abs=0.04)
    assert correction.applied(0.2) < correction.applied(0.6)


def test_a_few_outcomes_change_little_and_none_nothing():
    assert fitted([]) == NONE
    assert NONE.applied(0.123) == 0.123
    assert fitted([(0.9, False), (0.8, False)]).applied(0.5) > 0.3


def test_what_came_out_otherwise_than_foretold_corrects_what_is_foretold_now():
    """A sales desk that keeps what it promises by noon and, more and more, nothing else: the table lags."""
    draw = random.Random(7)
    lives = [a_life(n, None if draw.random() < n / 800 else 9 * draw.random()) for n in range(800)]

    found = learned(lives, NOW + 801 * HOUR)

    assert found.calibration != NONE
    raw = found.forecast.probability("answer", "hours", "sales", 0.0)
    assert found.shown("answer", "sales", NOW, NOW + 10 * HOUR, 0.0) > raw + 0.1, (
        "of late it misses nearly all"
    )


def test_nothing_is_said_of_clocks_of_which_none_like_it_was_seen_to_its_end():
    draw = random.Random(7)
    lives = [a_life(n, None if draw.random() < 0.3 else 4) for n in range(400)]
    lives += [Life("answer", "sales", NOW, NOW + 90 * DAY)]
    found = learned(lives, NOW + 420 * HOUR)

    assert found.scores["answer"].is_better
    assert found.shown("answer", "sales", NOW, NOW + 10 * HOUR, 0.5) is not None
    assert found.shown("answer", "sales", NOW, NOW + 90 * DAY, 0.5) is None


def test_clocks_that_end_early_do_not_judge_the_forecast_before_the_others():
    """The due date of some is still to come: those of them that were kept already say nothing yet."""
    settled = [a_life(n, 5 if n % 2 else None) for n in range(200)]
    kept = [a_life(200 + n / 100, 1, hours=26) for n in range(200)]

    found = learned([*settled, *kept], NOW + 215 * HOUR)

    assert found.scores["answer"].missed > 0.65, "half of the clocks, and they are asked about more often"


@pytest.mark.skipif(not FILE.exists(), reason=f"the real requests are not here: {FILE}")
def test_on_a_day_of_new_york_the_forecast_beats_the_base_rate():
    """It says nothing of the targets of weeks and months until some of them have passed."""
    rows = [row for row in requests() if row.promised_at and row.promised_at > row.received_at]
    lives = loaded(
        Life("promise", row.category, row.received_at, row.promised_at, row.closed_at) for row in rows
    )

    score = learned(lives, EXTRACTED).scores["promise"]

    assert score.asked >= 50
    assert score.forecast < 0.6 * score.base_rate
    assert score.forecast < 0.6 * score.uncertainty
    assert score.calibration_error < 0.2
    assert score.is_better


def tried(capsys, *arguments: str) -> tuple[int, str]:
    code = trial.main([str(one) for one in arguments])
    return code, capsys.readouterr().out


@pytest.mark.skipif(not INCIDENTS.exists(), reason=f"the real incidents are not here: {INCIDENTS}")
@pytest.mark.parametrize(("days", "shown"), [(1, "shown"), (2, "not shown")])
def test_on_real_incidents_it_is_calibrated_and_shown_only_where_it_tells_more_than_a_rate(
    capsys, days, shown
):
    """The targets are ours; who had them and when they were resolved is theirs."""
    columns = ("--case", "number", "--begin", "opened_at", "--end", "resolved_at", "--end", "closed_at")
    more = ("--group", "assignment_group", "--format", "%d-%m-%Y %H:%M")

    code, said = tried(capsys, INCIDENTS, *columns, *more, "--days", days)

    assert code == 0
    assert f"missed: {shown}" in said
    brier, base = (float(found) for found in re.findall(r"(?:Brier|then) (0\.\d+)", said))
    assert brier < 0.8 * base
    assert float(re.search(r"calibration error (\S+)", said)[1]) < 0.09


@pytest.mark.skipif(not COMPLAINTS.exists(), reason=f"the real complaints are not here: {COMPLAINTS}")
def test_on_a_month_of_real_complaints_it_is_calibrated(capsys):
    """3,547 complaints that the bureau passed on to companies, as if it had promised to within two days."""
    columns = ("--begin", "Date received", "--end", "Date sent to company", "--group", "Product")

    _, said = tried(capsys, COMPLAINTS, *columns, "--format", "%m/%d/%Y", "--days", 2.5)

    assert "missed: shown" in said
    brier, base, rate = (float(one) for one in re.findall(r"(?:Brier|then|itself) (0\.\d+)", said))
    assert brier < 0.5 * base
    assert brier < 0.95 * rate
    assert float(re.search(r"calibration error (\S+)", said)[1]) < 0.08


def test_a_trial_names_what_it_cannot_read(tmp_path, capsys):
    file = tmp_path / "clocks.csv"
    file.write_text("from,to\n2026-03-02,2026-03-03\nsoon,2026-03-03\n")
    asked = (str(file), "--end", "to", "--days", "2", "--format", "%Y-%m-%d")

    assert trial.main([*asked, "--begin", "start"]) == 2
    assert "no column start" in capsys.readouterr().err
    assert trial.main([*asked, "--begin", "from"]) == 2
    assert "'soon' is not %Y-%m-%d" in capsys.readouterr().err


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
            a_life(n, None if name == "sh01:sales" or draw.random() < 0.1 else 5, department=name, hours=72)
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
