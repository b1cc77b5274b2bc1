"""What is an escalation? One cause that climbs a ladder of people until one of them answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.events.escalation import Verdict


@dataclass(frozen=True, slots=True)
class Alert:
    """One level that was told; `to` is empty where nobody could be found."""

    level: int
    to: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Ruling:
    """What somebody who was alerted decided; words of their own are sealed."""

    decision: Verdict
    by: str
    at: datetime
    department: str | None = None
    assignee: str | None = None
    reason_code: str | None = None
    due_at: datetime | None = None
    sealed: str | None = None


@dataclass(frozen=True, slots=True)
class Escalation:
    """A breached clock's alarm; it keeps its id on every level, so any link of it answers all of it."""

    id: UUID
    clock: str
    life: int
    round: int
    ordinal: int
    """The how-manieth alarm of clocks of this name it is, from 1."""
    due_at: datetime
    cause: str
    alerts: tuple[Alert, ...]
    climbs_at: datetime | None = None
    """When the next level is told unless somebody answers; None: nobody is above."""
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    ended_at: datetime | None = None
    """The promise was kept or cancelled, or got another due date: nobody need answer any more."""

    unreached: frozenset[str] = frozenset()
    """Who was told and could not be reached in time."""
    rulings: tuple[Ruling, ...] = ()
    """What was decided about it, oldest first."""

    @property
    def level(self) -> int:
        """How high it has climbed."""
        return self.alerts[-1].level

    @property
    def told(self) -> frozenset[str]:
        """Everybody who was told, on any level."""
        return frozenset(person for alert in self.alerts for person in alert.to)

    @property
    def is_open(self) -> bool:
        """Whether it still waits for a human's answer."""
        return self.acknowledged_at is None and self.ended_at is None

    @property
    def next_climb(self) -> datetime | None:
        """When time has to look at it again."""
        return self.climbs_at if self.is_open else None
