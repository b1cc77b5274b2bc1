"""What becomes of clocks when the facts change, or when the complaint comes back?"""

from __future__ import annotations

from services.escalation.domain.clock import ClockState
from shared.events.escalation import ClockCancelled, ClockExtended
from tests.escalation.builders import (
    DAY,
    HOUR,
    NOW,
    after,
    answered,
    assigned,
    closed,
    extend,
    fire,
    hear,
    paused,
    reclassified,
    registered,
    reopened,
    resumed,
    shanghai,
    the_clock,
    told,
    withdrawn,
)

MONDAY = shanghai(2, 9)


def test_another_kind_brings_another_limit_counted_from_the_start():
    sheet = after(registered(MONDAY, kind="enquiry"))

    decision = hear(sheet, reclassified("complaint", MONDAY + HOUR, before="enquiry"))

    (moved,) = decision.tells
    assert isinstance(moved, ClockExtended)
    assert (moved.reason, moved.by) == ("reclassified", "chen")
    assert (moved.previous_due_at, moved.due_at) == (shanghai(2, 17), shanghai(4, 17))


def test_the_old_due_date_stays_as_evidence():
    sheet = after(registered(MONDAY, kind="enquiry"))

    sheet = hear(sheet, reclassified("complaint", MONDAY + HOUR, before="enquiry")).state

    (former,) = the_clock(sheet).former
    assert (former.due_at, former.target) == (shanghai(2, 17), "8 wh")


def test_reclassifying_twice_changes_nothing():
    news = reclassified("complaint", MONDAY + HOUR, before="enquiry")
    sheet = after(registered(MONDAY, kind="enquiry"), news)

    decision = hear(sheet, news)

    assert decision.state == sheet
    assert decision.tells == ()


def test_the_same_limit_under_another_name_moves_nothing():
    decision = hear(after(registered(MONDAY)), reclassified("suggestion", MONDAY + HOUR))

    assert decision.tells == ()
    assert decision.state.facts.kind == "suggestion"


def test_a_longer_limit_takes_a_breach_back_and_ends_the_alarm():
    sheet = fire(after(registered(MONDAY, kind="enquiry"), assigned()), shanghai(2, 17)).state

    news = reclassified("complaint", shanghai(2, 18), before="enquiry")
    decision = hear(sheet, news)

    assert the_clock(decision.state).state is ClockState.RUNNING
    assert not decision.state.escalations[0].is_open
    assert decision.state.wake_at == shanghai(3, 13)


def test_pauses_still_count_after_a_reclassification():
    sheet = after(registered(MONDAY, kind="enquiry"), paused(MONDAY + HOUR), resumed(MONDAY + 3 * HOUR))

    sheet = hear(sheet, reclassified("complaint", MONDAY + 4 * HOUR, before="enquiry")).state

    assert the_clock(sheet).due_at == shanghai(5, 11)


def test_a_promise_that_is_not_made_for_the_new_kind_falls_away():
    decision = hear(after(registered(MONDAY)), reclassified("praise", MONDAY + HOUR))

    (cancelled,) = decision.tells
    assert isinstance(cancelled, ClockCancelled)
    assert cancelled.reason == "reclassified"


def test_a_promise_that_only_the_new_kind_has_begins_at_the_receipt():
    sheet = after(registered(MONDAY, kind="praise"))

    decision = hear(sheet, reclassified("complaint", MONDAY + HOUR, before="praise"))

    assert told(decision) == ["clock.started"]
    assert the_clock(decision.state).started_at == MONDAY


def test_a_promise_comes_back_with_the_kind_that_it_is_made_for():
    sheet = after(registered(MONDAY), reclassified("praise", MONDAY + HOUR))

    decision = hear(sheet, reclassified("complaint", MONDAY + 2 * HOUR, before="praise"))

    assert told(decision) == ["clock.started"]
    assert the_clock(decision.state).due_at == shanghai(4, 17)


def test_a_promise_that_was_kept_before_the_new_kind_made_it_is_not_made():
    sheet = after(registered(MONDAY, kind="praise"), answered(MONDAY + HOUR))

    decision = hear(sheet, reclassified("complaint", MONDAY + 2 * HOUR, before="praise"))

    assert decision.tells == ()


def test_routing_s_severity_brings_its_limit():
    sheet = after(registered(MONDAY))

    decision = hear(sheet, assigned(severity="critical"), now=MONDAY + HOUR)

    assert told(decision) == ["clock.extended"]
    assert the_clock(decision.state).due_at == shanghai(2, 13)


def test_an_extended_clock_keeps_its_due_date_when_the_new_kind_has_the_same_limit():
    sheet = extend(after(registered(MONDAY)), target="40 wh").state

    decision = hear(sheet, reclassified("suggestion", MONDAY + HOUR))

    assert decision.tells == ()
    assert the_clock(decision.state).target == "40 wh"


def test_reopening_starts_the_clocks_anew():
    sheet = after(registered(MONDAY), answered(MONDAY + HOUR), closed(MONDAY + DAY))

    decision = hear(sheet, reopened(shanghai(9, 9)))

    clock = the_clock(decision.state)
    assert told(decision) == ["clock.started"]
    assert (clock.life, clock.started_at, clock.due_at) == (2, shanghai(9, 9), shanghai(11, 17))
    assert decision.state.clocks[0].state is ClockState.MET


def test_reopening_twice_changes_nothing():
    sheet = after(registered(MONDAY), closed(MONDAY + DAY), reopened(shanghai(9, 9)))

    decision = hear(sheet, reopened(shanghai(9, 9)))

    assert decision.state == sheet
    assert decision.tells == ()


def test_news_of_the_first_life_do_not_keep_the_promise_of_the_second():
    sheet = after(registered(MONDAY), withdrawn(MONDAY + HOUR), reopened(shanghai(9, 9)))

    decision = hear(sheet, answered(MONDAY + HOUR), now=shanghai(9, 10))

    assert decision.tells == ()
    assert the_clock(decision.state).state is ClockState.RUNNING


def test_a_closing_that_arrives_after_the_reopening_does_not_end_the_second_life():
    sheet = after(registered(MONDAY), reopened(shanghai(9, 9)))

    decision = hear(sheet, closed(MONDAY + DAY), now=shanghai(9, 10))

    assert decision.state.ended is None
    assert the_clock(decision.state).state is ClockState.RUNNING


def test_an_imported_complaint_that_is_reopened_is_work_of_today():
    sheet = after(registered(NOW - 400 * DAY, history=True), reopened(NOW))

    decision = fire(sheet, the_clock(sheet).due_at)

    assert "escalation.raised" in told(decision)
