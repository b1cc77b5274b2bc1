"""What does escalation tell? How the clocks stand, and who was alerted."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from shared.events.base import EventData

Verdict = Literal["take_over", "reassign", "extend", "instruct"]


class EscalationEvent(EventData):
    """Told by escalation."""

    producer: ClassVar[str] = "escalation"


class ClockEvent(EscalationEvent):
    """About one clock; `history` marks a complaint imported with its old dates: nobody is alerted."""

    clock: str
    due_at: datetime
    history: bool = False


class ClockStarted(ClockEvent):
    """A promise runs: the target in words of policy and the moment that it comes to."""

    type_name: ClassVar[str] = "clock.started.v1"

    started_at: datetime
    target: str
    policy_version: str
    department: str | None = None
    agreed_by: str | None = None
    """Who agreed on the due date, where policy leaves it to people."""


class ClockPaused(ClockEvent):
    """It stands still while somebody else is waited for."""

    type_name: ClassVar[str] = "clock.paused.v1"

    at: datetime
    waiting_for: str


class ClockResumed(ClockEvent):
    """It runs again; `due_at` is the new due date."""

    type_name: ClassVar[str] = "clock.resumed.v1"

    at: datetime


class ClockExtended(ClockEvent):
    """The limit was moved by somebody who may (SLA-07); the old one stays as evidence.

    `target` counts from the start; None: the due date itself was agreed upon.
    """

    type_name: ClassVar[str] = "clock.extended.v1"

    at: datetime
    by: str
    reason: str
    previous_due_at: datetime
    target: str | None = None


class ClockWarned(ClockEvent):
    """A warning point has passed and the promise is still open."""

    type_name: ClassVar[str] = "clock.warned.v1"

    percent: int
    fired_at: datetime
    lag_seconds: float


class ClockBreached(ClockEvent):
    """The due date has passed and the promise was not kept; `lag_seconds` is how late the alarm was."""

    type_name: ClassVar[str] = "clock.breached.v1"

    fired_at: datetime
    lag_seconds: float
    department: str | None = None


class ClockMet(ClockEvent):
    """The promise was kept, or kept too late if `late`."""

    type_name: ClassVar[str] = "clock.met.v1"

    at: datetime
    late: bool = False
    department: str | None = None


class ClockCancelled(ClockEvent):
    """The promise no longer applies."""

    type_name: ClassVar[str] = "clock.cancelled.v1"

    at: datetime
    reason: str
    department: str | None = None


class EscalationRaised(EscalationEvent):
    """Persons of this level were alerted; the ladder climbs until one of them acknowledges."""

    type_name: ClassVar[str] = "escalation.raised.v1"

    escalation_id: str
    clock: str
    level: int
    to: tuple[str, ...]
    cause: str
    due_at: datetime | None = None


class EscalationAcknowledged(EscalationEvent):
    """A human answered."""

    type_name: ClassVar[str] = "escalation.acknowledged.v1"

    escalation_id: str
    level: int
    by: str
    at: datetime


class EscalationDecided(EscalationEvent):
    """Whoever answered decided what becomes of the case; routing obeys.

    `department` and `assignee` say who gets it, `due_at` until when it was extended; an instruction in
    words is sealed.
    """

    type_name: ClassVar[str] = "escalation.decided.v1"

    escalation_id: str
    clock: str
    level: int
    decision: Verdict
    by: str
    at: datetime
    department: str | None = None
    assignee: str | None = None
    reason_code: str | None = None
    due_at: datetime | None = None
    sealed: str | None = None
