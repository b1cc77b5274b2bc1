"""Does the register follow what routing, escalation and surveys tell, in whatever order it comes?"""

from __future__ import annotations

import itertools
from datetime import timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake.domain.complaint import ClockState
from services.intake.handlers import COMMANDS, REACTIONS
from services.intake.handlers.record_reply import CUSTOMER, RecordReply
from services.intake.handlers.withdraw_complaint import WithdrawComplaint
from shared.errors import NotYet
from shared.events import presence, sheets
from shared.events.base import EventData
from shared.events.catalogue import PRODUCERS
from shared.events.routing import CaseRecorded
from shared.lifecycle import Status
from tests.intake.builders import (
    AGENT,
    COMPLAINT,
    DUE,
    NOW,
    TO_ANSWERED,
    a_complaint,
    accepted,
    action_opened,
    an_answered_complaint,
    an_event,
    assigned,
    clock_breached,
    clock_met,
    clock_paused,
    clock_started,
    closed,
    done,
    escalation_raised,
    fulfilled,
    hear,
    hear_all,
    investigated,
    paused,
    proposed,
    reclassified,
    resumed,
    survey_answered,
    survey_invited,
)

AGREE = RecordReply(COMPLAINT, CUSTOMER, 1, accepts=True)


def test_intake_hears_everything_that_others_tell_about_a_complaint():
    others = (PRODUCERS["routing"], PRODUCERS["escalation"], PRODUCERS["surveys"], presence, sheets)
    told = {
        model
        for module in others
        for model in vars(module).values()
        if isinstance(model, type) and issubclass(model, EventData) and "type_name" in vars(model)
    }

    unheard = {model.type_name for model in told - set(REACTIONS)}

    assert unheard == {"campaign.opened.v1", "campaign.closed.v1", "presence.changed.v1"}


def test_a_complaint_goes_all_the_way():
    agreed = done(an_answered_complaint(), AGREE)

    complaint = hear(hear(agreed, an_event(fulfilled(), sequence=7)), an_event(closed(), sequence=8))

    assert complaint.status is Status.CLOSED
    assert (complaint.department, complaint.liability, complaint.outcome) == ("quality", "own", "settled")
    assert not any(entry.out_of_table for entry in complaint.history)


def test_a_pause_ends_where_it_began():
    waiting = hear_all(a_complaint(), assigned(), accepted(), investigated(), paused())
    assert (waiting.status, waiting.status_before_pause) == (Status.PAUSED, Status.INVESTIGATED)

    going_on = hear(waiting, an_event(resumed(), sequence=5))

    assert (going_on.status, going_on.status_before_pause) == (Status.INVESTIGATED, None)


def test_a_case_that_is_passed_on_while_it_waits_goes_on_waiting():
    waiting = hear_all(a_complaint(), assigned(), accepted(), paused(), assigned("technical"))

    assert (waiting.status, waiting.department) == (Status.PAUSED, "technical")
    assert hear(waiting, an_event(resumed(), sequence=5)).status is Status.ACCEPTED


def test_a_resume_without_a_pause_is_noted_and_changes_nothing():
    complaint = hear_all(a_complaint(), assigned(), resumed())

    assert complaint.status is Status.ASSIGNED
    assert complaint.history[-1].out_of_table


def test_reclassifying_changes_kind_category_and_type_but_not_the_status():
    complaint = hear_all(a_complaint(), assigned(), reclassified("enquiry"))

    assert (complaint.kind, complaint.category, complaint.type) == ("enquiry", "technical", "how-to")
    assert complaint.status is Status.ASSIGNED


def test_the_second_round_is_counted():
    refused = done(an_answered_complaint(), RecordReply(COMPLAINT, CUSTOMER, 1, accepts=False))

    assert hear(refused, an_event(proposed(2), sequence=7)).round == 2


def test_a_close_that_crosses_a_withdrawal_is_believed():
    fulfilled_ = hear(done(an_answered_complaint(), AGREE), an_event(fulfilled(), sequence=7))
    withdrawn = done(fulfilled_, WithdrawComplaint(COMPLAINT, AGENT))

    assert hear(withdrawn, an_event(closed(), sequence=8)).status is Status.CLOSED


def test_an_acceptance_that_crosses_a_withdrawal_is_noted_and_changes_nothing():
    withdrawn = done(hear_all(a_complaint(), assigned()), WithdrawComplaint(COMPLAINT, AGENT))

    complaint = hear(withdrawn, an_event(accepted(), sequence=2))

    assert complaint.status is Status.WITHDRAWN
    assert (complaint.history[-1].what, complaint.history[-1].out_of_table) == ("complaint.accepted", True)


def test_a_record_of_the_case_is_noted_with_its_name_and_moves_no_status():
    told = CaseRecorded(
        complaint_no="SH01-2026-000001",
        at=NOW,
        by="li.na",
        step="signed",
        record="survey-report",
        version=2,
        complete=True,
    )
    complaint = hear(a_complaint(Status.CLOSED), an_event(told))

    assert complaint.status is Status.CLOSED
    assert complaint.history[-1].facts == {"record": "survey-report", "version": "2", "step": "signed"}


def test_a_corrective_action_is_noted_in_whatever_status():
    complaint = hear(a_complaint(Status.CLOSED), an_event(action_opened()))

    assert complaint.status is Status.CLOSED
    assert complaint.history[-1].facts == {"action_id": "a-1", "department": "technical"}
    assert not complaint.history[-1].out_of_table


@pytest.mark.parametrize(
    ("told", "state"),
    [
        (clock_started(), ClockState.RUNNING),
        (clock_paused(), ClockState.PAUSED),
        (clock_breached(), ClockState.BREACHED),
        (clock_met(), ClockState.MET),
        (clock_met(late=True), ClockState.MET_LATE),
    ],
)
def test_a_clock_shows_as_it_was_told_last(told, state):
    complaint = hear_all(a_complaint(), clock_started(), told)

    assert complaint.clocks["answer"].state is state
    assert complaint.clocks["answer"].due_at == DUE


def test_a_breach_that_overtakes_the_start_stays_a_breach():
    breached = hear(a_complaint(), an_event(clock_breached(), sequence=2))

    complaint = hear(breached, an_event(clock_started(), sequence=1))

    assert complaint.clocks["answer"].state is ClockState.BREACHED
    assert [entry.what for entry in complaint.history[1:]] == ["clock.started", "clock.breached"]


def test_the_score_of_the_survey_is_kept():
    complaint = hear_all(a_complaint(Status.CLOSED), survey_invited(), survey_answered(80))

    assert (complaint.survey.state, complaint.survey.score) == ("answered", 80)


ALL = (
    *TO_ANSWERED,
    paused(),
    resumed(),
    reclassified(),
    action_opened(),
    closed(),
    clock_started(),
    clock_breached(),
    escalation_raised(),
    survey_invited(),
    survey_answered(),
)


@pytest.mark.parametrize("told", ALL, ids=lambda told: told.type_name)
def test_any_event_heard_twice_changes_nothing(told):
    event = an_event(told, sequence=9)
    once = hear(an_answered_complaint(), event)

    assert hear(once, event) == once


@pytest.mark.parametrize("told", ALL, ids=lambda told: told.type_name)
def test_an_event_about_an_unknown_complaint_waits_for_it(told):
    with pytest.raises(NotYet, match="unknown-complaint"):
        hear(None, an_event(told))


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("told", ALL, ids=lambda told: told.type_name)
def test_no_event_is_impossible_in_any_status(status, told):
    complaint = hear(a_complaint(status), an_event(told))

    assert len(complaint.history) == 2


FROM_ROUTING = (*TO_ANSWERED, paused(), resumed(), action_opened())
FROM_ESCALATION = (
    clock_started(),
    clock_started("final", DUE + timedelta(days=9)),
    clock_paused(),
    clock_breached(),
    escalation_raised(),
    clock_met(late=True),
)
FROM_SURVEYS = (survey_invited(), survey_answered())


ORDERED, *UNORDERED = (
    [an_event(data, sequence=n) for n, data in enumerate(told, start=1)]
    for told in (FROM_ROUTING, FROM_ESCALATION, FROM_SURVEYS)
)
OTHERS = list(itertools.chain(*UNORDERED))
FINE = len(OTHERS) + 1
"""So many places between two events of routing: enough for all others, in any order."""


@st.composite
def interleavings(draw):
    """Every event once: routing's in order, those of the others in any."""
    place = st.integers(0, (len(ORDERED) + 1) * FINE - 1)
    placed = [*zip(itertools.count(FINE, FINE), ORDERED, strict=False)]
    placed += [(draw(place), event) for event in OTHERS]
    return [event for _, event in sorted(placed, key=lambda one: one[0])]


def seen(complaint):
    lines = sorted((e.at, e.what, e.by, sorted(e.facts.items()), e.out_of_table) for e in complaint.history)
    return complaint.status, dict(complaint.clocks), complaint.survey, complaint.department, lines


@cache
def straight():
    """What is seen when nothing overtakes anything."""
    complaint = a_complaint()
    for told in (FROM_ROUTING, FROM_ESCALATION, FROM_SURVEYS):
        for n, data in enumerate(told, start=1):
            complaint = hear(complaint, an_event(data, sequence=n))
    return seen(complaint)


@settings(max_examples=150, deadline=None)
@given(interleavings())
def test_however_the_producers_interleave_the_register_ends_the_same(events):
    complaint = a_complaint()
    for event in events:
        complaint = hear(complaint, event)

    assert seen(complaint) == straight()
    assert complaint.status is Status.ANSWERED


@settings(max_examples=150, deadline=None)
@given(interleavings(), st.integers(0, 12))
def test_a_withdrawal_at_any_moment_is_not_undone_by_late_events(events, moment):
    complaint = a_complaint()
    for number, event in enumerate(events):
        if number == moment:
            complaint = done(complaint, WithdrawComplaint(COMPLAINT, AGENT))
        complaint = hear(complaint, event)

    assert complaint.status is Status.WITHDRAWN
    assert len(complaint.history) == len(events) + 2


def test_every_command_is_in_the_map():
    assert len(COMMANDS) == 12


def test_history_that_had_ended_learns_its_department_and_stays_closed():
    ended = a_complaint(status=Status.CLOSED, closed_at=NOW, imported=True)

    after = hear(ended, an_event(assigned(), sequence=1))

    assert (after.status, after.department) == (Status.CLOSED, assigned().department)
    assert not after.history[-1].out_of_table
