"""Do promises that run follow a changed policy or calendar, and is what they were kept as evidence?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.escalation.domain.clock import ClockState
from services.escalation.handlers import COMMANDS
from services.escalation.handlers.recompute_clocks import RecomputeClocks
from shared.policy.model import ClockRule, LimitRule
from shared.worktime import Calendar, Target
from tests.escalation.builders import (
    ANSWER,
    COMPLAINT,
    DAY,
    NOW,
    RULES,
    a_context,
    a_manager,
    a_rulebook,
    after,
    answered,
    extend,
    fire,
    registered,
    shanghai,
    the_clock,
    told,
)

SLOWER = a_rulebook(clocks=(replace(ANSWER, limits=(LimitRule(Target.parse("40 wh")),)),))
FASTER = a_rulebook(clocks=(replace(ANSWER, limits=(LimitRule(Target.parse("8 wh")),)),))
HOLIDAY = Calendar.from_mapping(
    {
        "name": "desk",
        "timezone": "Asia/Shanghai",
        "weekly_hours": {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
        "closed_days": ["2026-03-03"],
    }
)


def named(rules, version):
    """The rulebook with its profile under another version."""
    profile = replace(rules.profiles["test"], version=version)
    return replace(rules, profiles={"test": profile})


def with_calendar(calendar):
    organisation = replace(RULES.organisation, calendars={"desk": calendar})
    return replace(RULES, organisation=organisation)


def recomputed(sheet, rules, now=NOW):
    return COMMANDS[RecomputeClocks](
        sheet, RecomputeClocks(COMPLAINT, a_manager("dong")), a_context(now, rules)
    )


def test_a_longer_limit_moves_the_due_date_and_keeps_the_old_one_with_its_version():
    sheet = after(registered(shanghai(2, 9)))

    decision = recomputed(sheet, named(SLOWER, "v2"), shanghai(2, 10))

    clock = the_clock(decision.state)
    assert (clock.target, clock.due_at, clock.policy_version) == ("40 wh", shanghai(6, 17), "v2")
    assert [(f.due_at, f.target, f.reason) for f in clock.former] == [
        (shanghai(4, 17), "24 wh", "recomputed:v1")
    ]
    assert told(decision) == ["clock.extended"]
    assert decision.answer == 1


def test_a_holiday_announced_late_moves_what_runs():
    sheet = after(registered(shanghai(2, 9)))

    clock = the_clock(recomputed(sheet, with_calendar(HOLIDAY), shanghai(2, 10)).state)

    assert clock.due_at == shanghai(5, 17)
    assert clock.former[-1].due_at == shanghai(4, 17)


def test_recomputing_twice_or_without_a_change_changes_nothing():
    sheet = after(registered(shanghai(2, 9)))
    once = recomputed(sheet, SLOWER, shanghai(2, 10)).state

    assert recomputed(sheet, RULES, shanghai(2, 10)).state is sheet
    assert recomputed(once, SLOWER, shanghai(2, 11)).state is once


def test_no_change_breaks_a_promise_backwards():
    sheet = after(registered(shanghai(2, 9)))

    decision = recomputed(sheet, FASTER, shanghai(3, 10))

    assert decision.state is sheet, "8 working hours were over yesterday"


def test_a_breach_that_more_time_undoes_ends_its_alarm():
    sheet = fire(after(registered(shanghai(2, 9))), shanghai(4, 17)).state
    assert sheet.escalations[0].is_open

    decision = recomputed(sheet, SLOWER, shanghai(4, 18))

    assert the_clock(decision.state).state is ClockState.RUNNING
    assert the_clock(decision.state).former[-1].breached_at == shanghai(4, 17)
    assert not decision.state.escalations[0].is_open


def test_what_people_set_stays_theirs():
    sheet = extend(after(registered(shanghai(2, 9))), shanghai(2, 10), target="32 wh").state

    assert recomputed(sheet, SLOWER, shanghai(2, 11)).state is sheet


def test_a_promise_that_is_no_longer_made_is_cancelled_and_a_new_one_waits_for_new_complaints():
    other = ClockRule(
        "other", "complaint.registered", ("resolution.answered",), (LimitRule(Target.parse("8 wh")),)
    )

    decision = recomputed(after(registered(NOW)), a_rulebook(clocks=(other,)))

    assert the_clock(decision.state).cancel_reason == "policy-changed"
    assert decision.state.clock_named("other") is None


def test_what_has_ended_is_left_alone():
    sheet = after(registered(NOW), answered(NOW + DAY))

    assert recomputed(sheet, SLOWER, NOW + 2 * DAY).state is sheet
    assert recomputed(after(registered(NOW, history=True)), SLOWER).tells == ()


@pytest.mark.parametrize("limit", [2, 200])
async def test_the_door_goes_through_all_open_complaints_page_by_page(escalation_url, a_stand, limit):
    async with a_stand(escalation_url) as stand:
        stand.clock.moment = NOW
        for number in (1, 2, 3):
            await stand.take(number)
        stand.process.rules._rules = named(SLOWER, "v2")
        seen, changed, after_ = 0, 0, ""
        while True:
            answer = await stand.client.post(
                f"/clocks/recompute?limit={limit}{after_}", headers=stand.token("director", person="dong")
            )
            assert answer.status_code == 200, answer.text
            page = answer.json()
            seen, changed = seen + page["looked_at"], changed + page["changed"]
            if page["next"] is None:
                break
            after_ = f"&after={page['next']}"
        refused = await stand.client.post("/clocks/recompute", headers=stand.token("handler"))

    assert (seen, changed) == (3, 3)
    assert refused.status_code == 403
