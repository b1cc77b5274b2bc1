"""What does the register learn from an event of another service?

Several services write about one complaint at the same time, so an event can be true and still
contradict the status: routing accepts what the customer withdrew a moment ago. Such an event is
kept in the history, marked, and changes nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from services.intake.domain.complaint import (
    ClockState,
    ClockView,
    Complaint,
    Entry,
    SurveyView,
    lined,
)
from shared.changing import changed
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
    status = _next(complaint, action)
    if status is None:
        return remember(complaint, changed(entry, out_of_table=True))
    before = complaint.status_before_pause
    if action is Action.PAUSE:
        before = complaint.status
    elif status is not Status.PAUSED:
        before = None
    return remember(complaint, entry, {**learned, "status": status, "status_before_pause": before})


def remember(complaint: Complaint, entry: Entry, changes: Mapping[str, Any] | None = None) -> Complaint:
    """The complaint with this line in its history and these fields changed; known already: as it is."""
    if entry in complaint.history:
        return complaint
    return changed(complaint, history=lined(complaint.history, entry), **(changes or {}))


def clock_seen(complaint: Complaint, data: ClockEvent, sequence: int) -> dict[str, Any]:
    """What changes about the clocks; nothing if a later event was here before this one."""
    seen = complaint.clocks.get(data.clock)
    if seen is not None and seen.as_of >= sequence:
        return {}
    view = ClockView(data.due_at, _clock_state(data), sequence)
    return {"clocks": {**complaint.clocks, data.clock: view}}


def survey_seen(
    complaint: Complaint, state: SurveyState, score: float | None, sequence: int
) -> dict[str, Any]:
    """What changes about the survey; nothing if a later event was here before this one."""
    seen = complaint.survey
    if seen is not None and seen.as_of >= sequence:
        return {}
    return {"survey": SurveyView(state, sequence, score)}


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
