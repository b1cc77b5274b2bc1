"""Is history judged by the dates as its register has them now, and told only where it became different?"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from services.escalation.domain.clock import ClockState
from services.escalation.domain.opening import CORRECTED
from services.escalation.domain.promises import OWN
from services.escalation.domain.sheet import ClockSheet
from services.escalation.jobs.recomputing import recomputed
from shared.events.intake import AmendedFacts, ComplaintAmended
from tests.escalation.builders import (
    DAY,
    HOUR,
    NOW,
    NUMBER,
    RULES,
    an_event,
    hear,
    registered,
    reopened,
    the_clock,
    told,
)

LONG_AFTER = NOW + 400 * DAY


def imported(**given) -> ClockSheet:
    return hear(None, registered(history=True, **given), now=LONG_AFTER).state


def amended(at: datetime = LONG_AFTER, **facts) -> ComplaintAmended:
    return ComplaintAmended(
        complaint_no=NUMBER, at=at, by="clerk", changed=tuple(facts), facts=AmendedFacts(**facts)
    )


def test_an_end_that_was_told_later_meets_what_stood_as_overdue():
    sheet = imported(promised_at=NOW + DAY)
    assert the_clock(sheet, OWN).state is ClockState.BREACHED

    decision = hear(sheet, amended(closed_at=NOW + HOUR))

    clock = the_clock(decision.state, OWN)
    assert (clock.state, clock.met_at, clock.late, clock.breached_at) == (
        ClockState.MET, NOW + HOUR, False, None,
    )  # fmt: skip
    assert told(decision) == ["clock.met"]
    assert decision.notices == ()


def test_a_corrected_end_is_judged_anew():
    sheet = imported(promised_at=NOW + DAY, closed_at=NOW + HOUR)

    decision = hear(sheet, amended(closed_at=NOW + 2 * DAY))

    clock = the_clock(decision.state, OWN)
    assert (clock.state, clock.late, clock.breached_at) == (ClockState.MET, True, NOW + DAY)
    assert told(decision) == ["clock.breached", "clock.met"]


def test_a_corrected_due_date_keeps_the_old_one_as_evidence():
    sheet = imported(promised_at=NOW + DAY, closed_at=NOW + 2 * DAY)

    decision = hear(sheet, amended(promised_at=NOW + 3 * DAY))

    clock = the_clock(decision.state, OWN)
    assert (clock.due_at, clock.late) == (NOW + 3 * DAY, False)
    assert [(one.due_at, one.reason) for one in clock.former] == [(NOW + DAY, CORRECTED)]
    assert told(decision) == ["clock.extended", "clock.met"]


def test_a_corrected_receipt_moves_the_promises_of_policy():
    sheet = imported()
    before = the_clock(sheet)

    decision = hear(sheet, amended(received_at=NOW - 7 * DAY))

    clock = the_clock(decision.state)
    assert decision.state.received_at == clock.started_at == NOW - 7 * DAY
    assert before.due_at - clock.due_at == timedelta(days=7)
    assert clock.breached_at == clock.due_at
    assert told(decision) == ["clock.extended", "clock.breached"]


def test_a_due_date_that_came_later_takes_the_place_of_policy():
    decision = hear(imported(closed_at=NOW + HOUR), amended(promised_at=NOW + DAY))

    assert the_clock(decision.state, OWN).state is ClockState.MET
    assert the_clock(decision.state).cancel_reason == "not-recorded"
    assert told(decision) == ["clock.started", "clock.met"]


def test_the_same_correction_twice_changes_nothing():
    once = hear(imported(promised_at=NOW + DAY), amended(closed_at=NOW + HOUR)).state

    again = hear(once, amended(closed_at=NOW + HOUR))

    assert again.state is once
    assert again.tells == ()


@pytest.mark.parametrize("facts", [{"closed_at": NOW + HOUR}, {"received_at": NOW - DAY}, {"language": "en"}])
def test_a_complaint_of_today_is_not_judged_by_a_register(facts):
    sheet = hear(None, registered()).state

    after = hear(sheet, amended(at=NOW + HOUR, **facts))
    assert (after.state.clocks, after.tells) == (sheet.clocks, ())


def test_history_that_was_taken_up_again_is_work_of_today():
    sheet = hear(imported(closed_at=NOW + HOUR), reopened(LONG_AFTER)).state

    assert hear(sheet, amended(at=LONG_AFTER + DAY, closed_at=NOW + DAY)).state is sheet


def test_the_auditor_comes_to_the_same_by_the_log():
    news = [registered(history=True, promised_at=NOW + DAY), amended(closed_at=NOW + HOUR)]
    kept = hear(imported(promised_at=NOW + DAY), amended(closed_at=NOW + HOUR)).state
    events = [an_event(data, time=LONG_AFTER, sequence=number) for number, data in enumerate(news, start=1)]

    found = recomputed(events, lambda _at: RULES, LONG_AFTER + HOUR)

    assert found is not None
    assert found.clocks == kept.clocks
