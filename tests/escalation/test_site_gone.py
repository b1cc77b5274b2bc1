"""Do the clocks of a site that vanished from the organisation file go on to their end? (ADR 0060)"""

from __future__ import annotations

from dataclasses import replace

from services.escalation.domain.clock import ClockState
from shared.events.escalation import ClockBreached, EscalationRaised
from shared.policy.leaving import serving_on
from tests.escalation.builders import (
    RULES,
    after,
    assigned,
    fire,
    hear,
    paused,
    registered,
    resumed,
    shanghai,
)

MONDAY, OVERDUE = shanghai(2, 9), shanghai(5, 9)
NOTHING_LEFT = serving_on(
    replace(
        RULES,
        organisation=replace(RULES.organisation, sites={}, calendars={}),
        profiles={},
    ),
    [RULES],
)


def test_its_clocks_breach_when_they_are_due_and_the_alarm_reaches_whom_it_did_before():
    sheet = after(registered(MONDAY), assigned())

    before, decision = fire(sheet, OVERDUE), fire(sheet, OVERDUE, NOTHING_LEFT)

    assert decision.tells == before.tells
    assert {ClockBreached, EscalationRaised} <= {type(one) for one in decision.tells}
    assert decision.notices == before.notices != ()


def test_its_events_are_heard_with_its_calendar():
    sheet = after(registered(MONDAY), assigned(), paused(shanghai(3, 9)))

    decision = hear(sheet, resumed(shanghai(4, 9)), rules=NOTHING_LEFT)

    assert {clock.state for clock in decision.state.clocks} == {ClockState.RUNNING}
    assert decision.state == hear(sheet, resumed(shanghai(4, 9))).state
