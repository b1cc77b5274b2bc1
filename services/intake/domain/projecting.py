"""What does the register learn from an event of another service?

Several services write about one complaint at the same time, so an event can be true and still
contradict the status: routing accepts what the customer withdrew a moment ago. Such an event is
kept in the history, marked, and changes nothing else.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from services.intake.domain.complaint import (
    ClockState,
    ClockView,
    Complaint,
    Entry,
    SurveyView,
    note,
)
from shared.events.escalation import (
    ClockBreached,
    ClockCancelled,
    ClockEvent,
    ClockMet,
    ClockPaused,
)
from shared.lifecycle import Action, Status, may, step

SurveyState = Literal["invited", "reminded", "answered", "expired"]


def advance(complaint: Complaint, action: Action, entry: Entry, learned: dict[str, Any]) -> Complaint:
    """The complaint after a step of routing; `learned` are the fields that the event brings.

    An entry that is already there changes nothing.
    """
    if entry in complaint.history:
        return complaint
    status = _next(complaint, action)
    if status is None:
        return note(complaint, replace(entry, out_of_table=True))
    before = complaint.status_before_pause
    if action is Action.PAUSE:
        before = complaint.status
    elif status is not Status.PAUSED:
        before = None
    changed = replace(complaint, status=status, status_before_pause=before, **learned)
    return note(changed, entry)


def remember(complaint: Complaint, entry: Entry) -> Complaint:
    """The complaint with this line in its history, once."""
    return complaint if entry in complaint.history else note(complaint, entry)


def observe_clock(complaint: Complaint, data: ClockEvent, sequence: int) -> Complaint:
    """The complaint with the clock as the latest event tells it, in whatever order they arrive."""
    seen = complaint.clocks.get(data.clock)
    if seen is not None and seen.as_of >= sequence:
        return complaint
    view = ClockView(data.due_at, _clock_state(data), sequence)
    return replace(complaint, clocks={**complaint.clocks, data.clock: view})


def observe_survey(complaint: Complaint, state: SurveyState, score: float | None, sequence: int) -> Complaint:
    """The complaint with its survey as the latest event tells it, in whatever order they arrive."""
    seen = complaint.survey
    if seen is not None and seen.as_of >= sequence:
        return complaint
    return replace(complaint, survey=SurveyView(state, score, sequence))


def _next(complaint: Complaint, action: Action) -> Status | None:
    """The status that follows, or None where the table has no such step."""
    if action is Action.RESUME:
        if complaint.status is not Status.PAUSED:
            return None
        return complaint.status_before_pause or Status.ASSIGNED
    return step(complaint.status, action) if may(complaint.status, action) else None


def _clock_state(data: ClockEvent) -> ClockState:
    match data:
        case ClockMet(late=late):
            return ClockState.MET_LATE if late else ClockState.MET
        case ClockBreached():
            return ClockState.BREACHED
        case ClockPaused():
            return ClockState.PAUSED
        case ClockCancelled():
            return ClockState.CANCELLED
        case _:
            return ClockState.RUNNING
