"""How is a clock's fate worded in the contract's events?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.escalation.domain.clock import Clock, ClockState, WarningPoint
from services.escalation.domain.sheet import ClockSheet
from shared.events.escalation import (
    ClockBreached,
    ClockCancelled,
    ClockEvent,
    ClockExtended,
    ClockMet,
    ClockPaused,
    ClockResumed,
    ClockStarted,
    ClockWarned,
)


def started(sheet: ClockSheet, clock: Clock, agreed_by: str | None = None) -> ClockStarted:
    """It runs; to a date that somebody agreed upon, if `agreed_by` names one."""
    return ClockStarted(
        **_about(sheet, clock),
        started_at=clock.started_at,
        target=clock.target,
        policy_version=clock.policy_version,
        department=clock.department or sheet.department,
        agreed_by=agreed_by,
    )


def paused(sheet: ClockSheet, clock: Clock) -> ClockPaused:
    """It stands still; only for a clock that does."""
    pause = clock.pauses[-1]
    return ClockPaused(**_about(sheet, clock), at=pause.start, waiting_for=pause.waiting_for)


def resumed(sheet: ClockSheet, clock: Clock, at: datetime) -> ClockResumed:
    """It runs again."""
    return ClockResumed(**_about(sheet, clock), at=at)


def extended(sheet: ClockSheet, clock: Clock, *, by: str, at: datetime) -> ClockExtended:
    """It got another due date; the former one is told beside it."""
    former = clock.former[-1]
    return ClockExtended(
        **_about(sheet, clock),
        at=at,
        by=by,
        reason=former.reason,
        previous_due_at=former.due_at,
        target=clock.target if clock.agreed_at is None else None,
    )


def warned(sheet: ClockSheet, clock: Clock, point: WarningPoint, now: datetime) -> ClockWarned:
    """A warning point has passed."""
    return ClockWarned(
        **_about(sheet, clock),
        percent=point.percent,
        fired_at=now,
        lag_seconds=_seconds(point.at, now),
    )


def breached(sheet: ClockSheet, clock: Clock, now: datetime) -> ClockBreached:
    """It was not kept."""
    return ClockBreached(
        **_about(sheet, clock),
        fired_at=now,
        lag_seconds=_seconds(clock.due_at, now),
        department=clock.department or sheet.department,
    )


def ended(sheet: ClockSheet, clock: Clock) -> ClockEvent:
    """It was met or cancelled; only for a clock that was."""
    about, department = _about(sheet, clock), clock.department or sheet.department
    if clock.state is ClockState.CANCELLED:
        assert clock.cancelled_at is not None
        return ClockCancelled(
            **about, at=clock.cancelled_at, reason=clock.cancel_reason, department=department
        )
    assert clock.met_at is not None
    return ClockMet(**about, at=clock.met_at, late=clock.late, department=department)


def _about(sheet: ClockSheet, clock: Clock) -> dict[str, Any]:
    """The fields that all clock events share; Any because they are spread into typed models."""
    return {
        "complaint_no": sheet.complaint_no,
        "clock": clock.name,
        "due_at": clock.due_at,
        "history": sheet.history,
    }


def _seconds(planned: datetime, now: datetime) -> float:
    return max(0.0, (now - planned).total_seconds())
