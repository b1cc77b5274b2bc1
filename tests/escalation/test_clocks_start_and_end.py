"""When do clocks begin, when are they kept, and when do they fall away?"""

from __future__ import annotations

import pytest

from services.escalation.domain.clock import ClockState
from shared.errors import NotYet
from shared.events.escalation import ClockBreached, ClockCancelled, ClockMet, ClockStarted
from tests.escalation.builders import (
    ACCEPTANCE,
    ANSWER,
    COMPLAINT,
    DAY,
    HOUR,
    NEXT_OFFER,
    NOW,
    NUMBER,
    RULES,
    a_rulebook,
    accepted,
    after,
    answered,
    assigned,
    closed,
    declined,
    fire,
    hear,
    registered,
    replied,
    shanghai,
    the_clock,
    told,
    withdrawn,
)

ROUNDS = a_rulebook(clocks=(ANSWER, ACCEPTANCE, NEXT_OFFER))


def test_a_registered_complaint_starts_its_clock_from_the_moment_of_receipt():
    decision = hear(None, registered(received_at=shanghai(2, 9)), now=NOW + 2 * HOUR)

    clock = the_clock(decision.state)
    assert told(decision) == ["clock.started"]
    assert clock.started_at == shanghai(2, 9)
    assert clock.due_at == shanghai(4, 17)
    assert clock.state is ClockState.RUNNING


def test_what_is_told_of_a_start_names_target_policy_and_due_date():
    (started,) = hear(None, registered(shanghai(2, 9))).tells

    assert started == ClockStarted(
        complaint_no=NUMBER,
        clock="answer",
        due_at=shanghai(4, 17),
        started_at=shanghai(2, 9),
        target="24 wh",
        policy_version="v1",
        terms_version=RULES.terms_of("sh01").version,
    )


def test_the_kind_decides_the_limit():
    sheet = after(registered(shanghai(2, 9), kind="enquiry"))

    assert the_clock(sheet).due_at == shanghai(2, 17)


def test_a_kind_without_a_limit_gets_no_clock():
    decision = hear(None, registered(kind="praise"))

    assert decision.tells == ()
    assert decision.state.wake_at is None


def test_the_severity_is_triaged_here_too_so_that_the_clock_is_right_without_routing():
    sheet = after(registered(shanghai(2, 9), flags={"safety": True}))

    assert sheet.severity == "critical"
    assert the_clock(sheet).due_at == shanghai(2, 13)


def test_registering_twice_changes_nothing():
    sheet = after(registered())

    decision = hear(sheet, registered())

    assert decision.state is sheet
    assert decision.tells == ()


def test_an_event_before_the_registration_has_to_wait():
    with pytest.raises(NotYet) as raised:
        hear(None, accepted())

    assert raised.value.code == "unknown-complaint"


def test_an_assignment_starts_what_policy_ties_to_it():
    decision = hear(after(registered(), rules=ROUNDS), assigned(), rules=ROUNDS)

    assert told(decision) == ["clock.started"]
    assert the_clock(decision.state, "acceptance").due_at == NOW + 2 * HOUR
    assert decision.tells[0].department == "sales"


def test_reassigning_keeps_the_clock():
    sheet = after(registered(), assigned(), rules=ROUNDS)

    decision = hear(sheet, assigned(department="quality"), now=NOW + HOUR, rules=ROUNDS)

    assert decision.tells == ()
    assert decision.state.department == "quality"
    assert the_clock(decision.state, "acceptance").due_at == NOW + 2 * HOUR


def test_an_answer_in_time_meets_the_clock():
    decision = hear(after(registered(), assigned()), answered(NOW + HOUR))

    assert decision.tells == (
        ClockMet(
            complaint_no=NUMBER,
            clock="answer",
            due_at=the_clock(decision.state).due_at,
            at=NOW + HOUR,
            late=False,
            department="sales",
        ),
    )
    assert the_clock(decision.state).state is ClockState.MET
    assert decision.state.wake_at is None


def test_an_answer_at_the_very_due_moment_is_in_time():
    sheet = after(registered())

    decision = hear(sheet, answered(the_clock(sheet).due_at))

    assert told(decision) == ["clock.met"]
    assert not the_clock(decision.state).late


def test_an_answer_twice_changes_nothing():
    sheet = after(registered(), answered(NOW + HOUR))

    decision = hear(sheet, answered(NOW + HOUR))

    assert decision.state == sheet
    assert decision.tells == ()


def test_an_answer_after_the_breach_is_late():
    sheet = after(registered())
    due = the_clock(sheet).due_at
    breached = fire(sheet, due).state

    decision = hear(breached, answered(due + HOUR))

    assert told(decision) == ["clock.met"]
    assert decision.tells[0].late
    assert the_clock(decision.state).breached_at == due


def test_a_late_answer_that_outruns_the_timer_is_told_as_a_breach_first():
    sheet = after(registered())
    due = the_clock(sheet).due_at

    decision = hear(sheet, answered(due + HOUR))

    breach, met = decision.tells
    assert isinstance(breach, ClockBreached)
    assert met.late
    assert decision.notices == ()


def test_news_that_come_late_of_an_answer_in_time_are_not_late():
    sheet = after(registered())
    due = the_clock(sheet).due_at
    breached = fire(sheet, due + HOUR).state

    decision = hear(breached, answered(due - HOUR), now=due + 2 * HOUR)

    assert told(decision) == ["clock.met"]
    assert not decision.tells[0].late


@pytest.mark.parametrize(
    ("news", "reason"),
    [(declined, "complaint.declined"), (withdrawn, "complaint.withdrawn")],
)
def test_what_is_not_handled_any_more_needs_no_clock(news, reason):
    decision = hear(after(registered()), news(NOW + HOUR))

    (cancelled,) = decision.tells
    assert isinstance(cancelled, ClockCancelled)
    assert cancelled.reason == reason
    assert decision.state.wake_at is None


def test_a_clock_that_was_kept_is_not_cancelled_afterwards():
    sheet = after(registered(), answered(NOW + HOUR))

    decision = hear(sheet, withdrawn(NOW + 2 * HOUR))

    assert decision.tells == ()
    assert the_clock(decision.state).state is ClockState.MET


def test_an_answer_after_the_withdrawal_changes_no_clock():
    sheet = after(registered(), withdrawn(NOW + HOUR))

    decision = hear(sheet, answered(NOW + 2 * HOUR))

    assert decision.tells == ()
    assert the_clock(decision.state).state is ClockState.CANCELLED


def test_an_assignment_that_races_with_the_withdrawal_starts_nothing():
    sheet = after(registered(), withdrawn(NOW), rules=ROUNDS)

    decision = hear(sheet, assigned(), now=NOW + HOUR, rules=ROUNDS)

    assert decision.tells == ()
    assert decision.state.clock_named("acceptance") is None


def test_a_refusal_starts_the_clock_of_the_next_round():
    sheet = after(registered(), answered(NOW + HOUR), rules=ROUNDS)

    decision = hear(sheet, replied(NOW + 2 * HOUR), rules=ROUNDS)

    assert told(decision) == ["clock.started"]
    assert the_clock(decision.state, "next-offer").round == 1


def test_consent_starts_no_clock_of_a_next_round():
    sheet = after(registered(), answered(NOW + HOUR), rules=ROUNDS)

    decision = hear(sheet, replied(NOW + 2 * HOUR, accepts=True), rules=ROUNDS)

    assert decision.tells == ()


def test_the_same_refusal_twice_starts_one_clock():
    sheet = after(registered(), answered(NOW + HOUR), replied(NOW + 2 * HOUR), rules=ROUNDS)

    decision = hear(sheet, replied(NOW + 2 * HOUR), rules=ROUNDS)

    assert decision.tells == ()
    assert decision.state == sheet


def test_every_refusal_has_a_clock_of_its_own():
    sheet = after(
        registered(),
        answered(NOW + HOUR),
        replied(NOW + 2 * HOUR, turn=1),
        answered(NOW + 3 * HOUR, turn=2),
        replied(NOW + 4 * HOUR, turn=2),
        rules=ROUNDS,
    )

    offers = [clock for clock in sheet.clocks if clock.name == "next-offer"]
    assert [(clock.round, clock.state) for clock in offers] == [
        (1, ClockState.MET),
        (2, ClockState.RUNNING),
    ]


def test_a_refusal_while_the_next_offer_is_still_owed_keeps_its_due_date():
    sheet = after(registered(), replied(NOW + HOUR, turn=1), rules=ROUNDS)

    decision = hear(sheet, replied(NOW + 5 * HOUR, turn=2), rules=ROUNDS)

    assert decision.tells == ()
    assert the_clock(decision.state, "next-offer") == the_clock(sheet, "next-offer")


def test_the_answer_of_the_round_before_does_not_keep_the_new_promise():
    sheet = after(registered(), replied(NOW + 2 * HOUR), rules=ROUNDS)

    decision = hear(sheet, answered(NOW + HOUR), now=NOW + 3 * HOUR, rules=ROUNDS)

    assert the_clock(decision.state, "next-offer").state is ClockState.RUNNING
    assert the_clock(decision.state, "answer").state is ClockState.MET


def test_closing_ends_what_policy_ties_to_it():
    sheet = after(registered(), replied(NOW + HOUR), rules=ROUNDS)

    decision = hear(sheet, closed(NOW + DAY), rules=ROUNDS)

    assert told(decision) == ["clock.cancelled"]
    assert decision.state.ended == "complaint.closed"


def test_the_sheet_belongs_to_the_complaint_of_the_event():
    sheet = after(registered())

    assert sheet.complaint_id == COMPLAINT
    assert (sheet.site, sheet.complaint_no) == ("sh01", NUMBER)
