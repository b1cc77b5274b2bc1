"""What holds for clocks and alarms, in whatever order and however often the news come?"""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from services.escalation.domain.clock import STEPS, ClockState, Step, next_state
from services.escalation.domain.sheet import ClockSheet
from shared.errors import Conflict
from tests.escalation.builders import (
    ACCEPTANCE,
    ANSWER,
    HOUR,
    NEXT_OFFER,
    NOW,
    a_rulebook,
    accepted,
    acknowledge,
    after,
    answered,
    assigned,
    closed,
    declined,
    fire,
    fulfilled,
    hear,
    paused,
    reclassified,
    registered,
    reopened,
    replied,
    resumed,
    the_clock,
    withdrawn,
)

RULES = a_rulebook(clocks=(ANSWER, ACCEPTANCE, NEXT_OFFER), site_manager="li")
ADAPTER = TypeAdapter(ClockSheet)
hours = st.integers(0, 400).map(lambda count: NOW + count * HOUR)
TIME = "time passes"
news = st.one_of(
    hours.map(lambda at: registered()),
    st.sampled_from(("ordinary", "critical")).map(lambda severity: assigned(severity=severity)),
    hours.map(accepted),
    hours.map(paused),
    hours.map(resumed),
    hours.map(answered),
    hours.map(fulfilled),
    hours.map(closed),
    hours.map(declined),
    hours.map(withdrawn),
    hours.map(reopened),
    st.builds(reclassified, st.sampled_from(("enquiry", "complaint", "praise")), hours),
    st.builds(replied, hours, turn=st.integers(1, 3)),
    st.just(TIME),
    st.just(acknowledge),
)
story = st.lists(st.tuples(news, hours), max_size=25)


def lived(events):
    """Sheet, events told and notices after all of it, every piece of news heard twice."""
    sheet, tells, notices = after(registered(), rules=RULES), [], []
    for what, now in events:
        for _ in range(2):
            if what is TIME:
                decision = fire(sheet, now, RULES)
            elif what is acknowledge:
                if not sheet.escalations:
                    continue
                decision = acknowledge(sheet, "li", now, RULES)
            else:
                decision = hear(sheet, what, now=now, rules=RULES)
            sheet = decision.state
            tells.extend(decision.tells)
            notices.extend(decision.notices)
    return sheet, tells, notices


@settings(max_examples=60, deadline=None)
@given(story)
def test_each_clock_is_there_once_and_at_most_one_of_a_name_is_open(events):
    sheet, _, _ = lived(events)

    keys = Counter(clock.key for clock in sheet.clocks)
    open_names = Counter(clock.name for clock in sheet.clocks if clock.is_open)
    assert set(keys.values()) <= {1}
    assert set(open_names.values()) <= {1}


@settings(max_examples=60, deadline=None)
@given(story)
def test_no_clock_is_both_met_and_cancelled(events):
    sheet, tells, _ = lived(events)

    for clock in sheet.clocks:
        assert clock.met_at is None or clock.cancelled_at is None
    ends = [data for data in tells if data.type_name in ("clock.met.v1", "clock.cancelled.v1")]
    assert len(ends) == sum(not clock.is_open for clock in sheet.clocks)


@settings(max_examples=60, deadline=None)
@given(story)
def test_nobody_is_told_twice_for_one_cause(events):
    sheet, _, notices = lived(events)

    assert set(Counter(notice.key for notice in notices).values()) <= {1}
    for escalation in sheet.escalations:
        people = [person for alert in escalation.alerts for person in alert.to]
        assert len(people) == len(set(people))
        levels = [alert.level for alert in escalation.alerts]
        assert levels == sorted(set(levels))


@settings(max_examples=60, deadline=None)
@given(story)
def test_after_time_has_passed_nothing_overdue_is_left(events):
    sheet, _, _ = lived(events)
    now = NOW + 500 * HOUR

    fired = fire(sheet, now, RULES).state

    assert fired.wake_at is None or fired.wake_at > now


@settings(max_examples=40, deadline=None)
@given(story)
def test_a_sheet_survives_being_stored(events):
    sheet, _, _ = lived(events)

    assert ADAPTER.validate_json(ADAPTER.dump_json(sheet)) == sheet


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 40)), max_size=5))
def test_pausing_never_makes_a_clock_due_earlier(spans):
    sheet = after(registered(), rules=RULES)
    due = the_clock(sheet).due_at
    at = NOW

    for gap, length in spans:
        sheet = hear(sheet, paused(at + gap * HOUR), rules=RULES).state
        at += (gap + length) * HOUR
        sheet = hear(sheet, resumed(at), rules=RULES).state
        assert the_clock(sheet).due_at >= due
        due = the_clock(sheet).due_at


@given(st.sampled_from(ClockState), st.sampled_from(Step))
def test_whatever_is_not_in_the_table_is_refused(state, step):
    if (state, step) in STEPS:
        assert next_state(state, step) is STEPS[(state, step)]
        return
    try:
        next_state(state, step)
    except Conflict as refused:
        assert refused.code == "clock-forbids"
    else:
        raise AssertionError("accepted")
