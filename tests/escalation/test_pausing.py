"""When does a clock stand still, and what does that do to its due date?"""

from __future__ import annotations

import pytest

from services.escalation.domain.clock import ClockState
from shared.events.escalation import ClockPaused, ClockResumed
from tests.escalation.builders import (
    ACCEPTANCE,
    ANSWER,
    DAY,
    HOUR,
    NUMBER,
    a_rulebook,
    after,
    answered,
    assigned,
    fire,
    hear,
    paused,
    registered,
    resumed,
    shanghai,
    the_clock,
    told,
    withdrawn,
)

MONDAY = shanghai(2, 9)


@pytest.mark.parametrize("party", ["customer", "supplier", "authority"])
def test_waiting_for_somebody_outside_stops_the_clock(party):
    decision = hear(after(registered(MONDAY)), paused(MONDAY + HOUR, waiting_for=party))

    assert decision.tells == (
        ClockPaused(
            complaint_no=NUMBER,
            clock="answer",
            due_at=shanghai(4, 17),
            at=MONDAY + HOUR,
            waiting_for=party,
        ),
    )
    assert the_clock(decision.state).paused_since == MONDAY + HOUR
    assert decision.state.wake_at is None


def test_waiting_for_ourselves_stops_nothing():
    decision = hear(after(registered(MONDAY)), paused(MONDAY + HOUR, waiting_for="own"))

    assert decision.tells == ()
    assert the_clock(decision.state).state is ClockState.RUNNING


def test_resuming_moves_the_due_date_by_the_working_time_waited():
    sheet = after(registered(MONDAY), paused(MONDAY + HOUR))

    decision = hear(sheet, resumed(MONDAY + 3 * HOUR))

    clock = the_clock(decision.state)
    assert decision.tells == (
        ClockResumed(complaint_no=NUMBER, clock="answer", due_at=clock.due_at, at=MONDAY + 3 * HOUR),
    )
    assert clock.due_at == shanghai(5, 11)
    assert clock.pauses[0].waiting_for == "customer"


def test_resuming_moves_the_warnings_as_well():
    sheet = after(registered(MONDAY), paused(MONDAY + HOUR), resumed(MONDAY + 3 * HOUR))

    assert the_clock(sheet).warnings[0].at == shanghai(3, 15)


def test_a_pause_out_of_hours_costs_nothing():
    evening = shanghai(2, 18)

    sheet = after(registered(MONDAY), paused(evening), resumed(evening + 4 * HOUR))

    assert the_clock(sheet).due_at == shanghai(4, 17)


def test_pausing_twice_changes_nothing():
    sheet = after(registered(MONDAY), paused(MONDAY + HOUR))

    decision = hear(sheet, paused(MONDAY + HOUR))

    assert decision.state == sheet
    assert decision.tells == ()


def test_the_same_pause_heard_again_after_its_end_changes_nothing():
    sheet = after(registered(MONDAY), paused(MONDAY + HOUR), resumed(MONDAY + 3 * HOUR))

    decision = hear(sheet, paused(MONDAY + HOUR))

    assert decision.tells == ()
    assert the_clock(decision.state) == the_clock(sheet)


def test_resuming_twice_changes_nothing():
    sheet = after(registered(MONDAY), paused(MONDAY + HOUR), resumed(MONDAY + 3 * HOUR))

    decision = hear(sheet, resumed(MONDAY + 3 * HOUR))

    assert decision.state == sheet
    assert decision.tells == ()


def test_a_pause_after_the_due_date_does_not_save_the_promise():
    sheet = after(registered(MONDAY))
    due = the_clock(sheet).due_at

    sheet = hear(sheet, paused(due + HOUR)).state

    assert told(fire(sheet, due + 2 * HOUR)) == [
        "clock.warned",
        "clock.warned",
        "clock.breached",
        "escalation.raised",
    ]


def test_late_news_of_a_pause_before_the_due_date_take_the_breach_back():
    sheet = after(registered(MONDAY), assigned())
    due = the_clock(sheet).due_at
    breached = fire(sheet, due).state

    decision = hear(breached, paused(due - HOUR), now=due + HOUR)

    clock = the_clock(decision.state)
    assert told(decision) == ["clock.paused"]
    assert clock.state is ClockState.PAUSED
    assert clock.former[0].breached_at == due
    assert not decision.state.escalations[0].is_open


def test_a_clock_that_begins_while_the_case_waits_stands_still_at_once():
    rules = a_rulebook(clocks=(ANSWER, ACCEPTANCE))
    sheet = after(registered(MONDAY), paused(MONDAY + HOUR), rules=rules)

    decision = hear(sheet, assigned(), now=MONDAY + 2 * HOUR, rules=rules)

    assert told(decision) == ["clock.started", "clock.paused"]
    assert the_clock(decision.state, "acceptance").paused_since == MONDAY + 2 * HOUR


def test_an_answer_while_the_clock_stands_still_is_never_late():
    sheet = after(registered(MONDAY), paused(MONDAY + HOUR))

    decision = hear(sheet, answered(MONDAY + 30 * DAY))

    assert told(decision) == ["clock.met"]
    assert not decision.tells[0].late
    assert the_clock(decision.state).pauses[-1].end == MONDAY + 30 * DAY


def test_a_pause_after_the_end_is_no_longer_ours():
    sheet = after(registered(MONDAY), withdrawn(MONDAY + HOUR))

    decision = hear(sheet, paused(MONDAY + 2 * HOUR))

    assert decision.tells == ()
    assert decision.state.waiting is None
