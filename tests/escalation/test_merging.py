"""What becomes of the clocks when two complaints are one?"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from services.escalation.domain.clock import ClockState
from services.escalation.jobs.comparing import Kept, differences
from services.escalation.jobs.times import Times
from shared.events.intake import ComplaintAbsorbed, ComplaintMerged
from shared.policy.gates import Intake
from shared.policy.statutes import shipped_laws
from tests.escalation.builders import (
    ACCEPTANCE,
    ANSWER,
    COMPLAINT,
    DAY,
    HOUR,
    NOW,
    NUMBER,
    RULES,
    a_rulebook,
    after,
    an_event,
    assigned,
    fire,
    hear,
    paused,
    reclassified,
    registered,
    reopened,
    resumed,
    the_clock,
    told,
)

OTHER = UUID("01951111-0000-7000-8000-0000000000ff")
BY = {"complaint_no": NUMBER, "by": "chen", "reason_code": "duplicate"}
# Three working days before: on the Wednesday.
EARLIER = NOW - 5 * DAY
SECOND = HOUR / 3600


def merged(at=NOW + HOUR) -> ComplaintMerged:
    return ComplaintMerged(at=at, into_id=OTHER, into_no="SH01-2026-000009", **BY)


def absorbed(received_at=EARLIER, at=NOW + HOUR) -> ComplaintAbsorbed:
    return ComplaintAbsorbed(
        at=at, duplicate_id=OTHER, duplicate_no="SH01-2026-000009", received_at=received_at, **BY
    )


def keeping_its_own():
    return a_rulebook(intake=Intake(merging="own"))


def test_the_clocks_of_a_duplicate_are_cancelled_and_keep_target_and_due_date():
    rules = a_rulebook(clocks=(ANSWER, ACCEPTANCE))
    sheet = after(registered(NOW), assigned(), rules=rules)
    due = the_clock(sheet).due_at

    decision = hear(sheet, merged(), rules=rules)

    assert told(decision) == ["clock.cancelled", "clock.cancelled"]
    clock = the_clock(decision.state)
    assert (clock.state, clock.cancel_reason) == (ClockState.CANCELLED, "complaint.merged")
    assert (clock.due_at, clock.target) == (due, "24 wh")
    assert decision.state.wake_at is None
    assert decision.state.ended == "complaint.merged"
    assert told(hear(decision.state, merged(), rules=rules)) == [], "twice changes nothing"


def test_a_duplicate_that_was_missed_before_is_told_as_missed_and_its_alarm_ends():
    sheet = after(registered(NOW))
    late = the_clock(sheet).due_at + HOUR

    assert told(hear(sheet, merged(late))) == ["clock.breached", "clock.cancelled"]
    alarmed = fire(sheet, late).state
    ended = hear(alarmed, merged(late + HOUR)).state
    assert not any(one.is_open for one in ended.escalations)


def test_a_reopened_duplicate_is_not_ended_by_old_news_of_its_merging():
    sheet = after(registered(NOW), merged(), reopened(NOW + 2 * HOUR))

    again = hear(sheet, merged(), now=NOW + 3 * HOUR).state

    assert the_clock(again).is_open
    assert again.ended is None


def test_the_other_one_counts_from_the_earlier_receipt_and_keeps_the_old_due_date():
    sheet = after(registered(NOW))
    as_if = the_clock(after(registered(NOW - DAY * 3)))

    decision = hear(sheet, absorbed(NOW - 3 * DAY))

    clock = the_clock(decision.state)
    assert (clock.started_at, clock.due_at) == (as_if.started_at, as_if.due_at)
    assert clock.due_at < the_clock(sheet).due_at
    assert [(one.due_at, one.reason) for one in clock.former] == [
        (the_clock(sheet).due_at, "merged:SH01-2026-000009")
    ]
    (event,) = decision.tells
    assert (event.type_name, event.previous_due_at) == ("clock.extended.v1", the_clock(sheet).due_at)
    assert told(hear(decision.state, absorbed(NOW - 3 * DAY))) == [], "twice changes nothing"


def test_a_later_receipt_gives_no_more_time():
    sheet = after(registered(NOW))

    assert told(hear(sheet, absorbed(NOW + HOUR))) == []


def test_where_policy_says_so_its_own_receipt_counts():
    rules = keeping_its_own()
    sheet = after(registered(NOW), rules=rules)

    decision = hear(sheet, absorbed(), rules=rules)

    assert decision.tells == ()
    assert the_clock(decision.state).due_at == the_clock(sheet).due_at


def test_the_law_counts_from_the_earlier_receipt_whatever_policy_says():
    rules = keeping_its_own()
    site = replace(rules.organisation.sites["sh01"], laws=("us-cfpb",))
    rules = replace(
        rules,
        laws=shipped_laws(),
        organisation=replace(rules.organisation, sites={**rules.organisation.sites, "sh01": site}),
    )
    sheet = after(registered(NOW), rules=rules)

    moved = hear(sheet, absorbed(), rules=rules)

    assert {one.clock for one in moved.tells} == {one.name for one in sheet.clocks if one.is_statutory}


def test_a_due_date_that_has_passed_by_then_is_missed_at_once():
    """The first customer has waited so long; nobody may take that back by a second complaint."""
    sheet = hear(after(registered(NOW)), absorbed(NOW - 14 * DAY)).state

    assert sheet.wake_at < NOW + HOUR
    assert told(fire(sheet, NOW + HOUR))[-2:] == ["clock.breached", "escalation.raised"]


def test_what_was_missed_already_is_not_missed_again_and_agreed_dates_stay():
    sheet = after(registered(NOW))
    missed = fire(sheet, the_clock(sheet).due_at).state
    agreed = replace(sheet, clocks=(replace(the_clock(sheet), agreed_at=the_clock(sheet).due_at),))

    assert told(hear(missed, absorbed())) == []
    assert told(hear(agreed, absorbed())) == []


def test_a_clock_that_stands_still_goes_on_from_the_earlier_receipt():
    sheet = after(registered(NOW), paused(NOW + HOUR))

    moved = hear(sheet, absorbed(NOW - 3 * DAY, NOW + 2 * HOUR)).state
    running = hear(moved, resumed(NOW + 3 * HOUR)).state

    assert (
        the_clock(running).due_at
        == the_clock(after(registered(NOW - 3 * DAY), paused(NOW + HOUR), resumed(NOW + 3 * HOUR))).due_at
    )


def test_a_later_reclassification_counts_from_the_earlier_receipt_as_well():
    sheet = after(registered(NOW), absorbed(NOW - 3 * DAY), reclassified("enquiry", NOW + 2 * HOUR))

    assert the_clock(sheet).due_at == the_clock(after(registered(NOW - 3 * DAY, kind="enquiry"))).due_at


@pytest.mark.parametrize("news", [merged(), absorbed(NOW - 3 * DAY), absorbed(NOW - 14 * DAY)])
def test_the_auditor_agrees_with_merged_clocks(news):
    events = [
        an_event(data, time=at, sequence=number)
        for number, (data, at) in enumerate([(registered(NOW), NOW), (news, NOW + HOUR)], start=1)
    ]
    sheet = hear(after(registered(NOW)), news).state
    just = Kept(sheet, sheet.wake_at, {"intake": 2}, frozenset())
    fired = fire(sheet, NOW + HOUR)
    kept = Kept(
        fired.state, fired.state.wake_at, {"intake": 2}, frozenset(notice.key for notice in fired.notices)
    )
    events += [an_event(data, time=NOW + HOUR) for data in fired.tells]

    assert list(differences(COMPLAINT, events, kept, Times(RULES), NOW + HOUR)) == []
    assert list(differences(COMPLAINT, events, just, Times(RULES), NOW + HOUR - SECOND)) == [], "not due yet"
    wrong = after(registered(NOW))
    unmoved = Kept(wrong, wrong.wake_at, {"intake": 2}, frozenset())
    assert "clock-differs" in {
        one.kind for one in differences(COMPLAINT, events, unmoved, Times(RULES), NOW + HOUR)
    }
