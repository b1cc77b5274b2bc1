"""What does escalation know of one complaint? Its facts, its clocks and its alarms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.escalation.domain.alarm import Escalation
from services.escalation.domain.clock import Clock, ClockState
from shared.changing import changed
from shared.errors import NotYet
from shared.policy.model import Facts
from shared.worktime import Pause


@dataclass(frozen=True, slots=True)
class Mark:
    """A piece of news that handed the case on; `party` is a department or who is waited for."""

    at: datetime
    what: str
    party: str = ""


@dataclass(frozen=True, slots=True)
class ClockSheet:
    """One complaint's share in escalation; `history` marks one imported with its old dates."""

    complaint_id: UUID
    complaint_no: str
    site: str
    facts: Facts
    received_at: datetime
    history: bool = False
    promised_at: datetime | None = None
    """The due date that it was brought with; it stands in place of the promises of policy."""
    closed_at: datetime | None = None
    """When it had ended before it was imported."""
    department: str | None = None
    assignee: str | None = None
    accused: frozenset[str] = frozenset()
    """Persons complained about, as the register says."""
    set_aside: frozenset[str] = frozenset()
    """Who takes no part, as routing told last."""
    life: int = 1
    """Counts from 1; a reopened complaint begins the next."""
    reopened_at: datetime | None = None
    disputed_at: datetime | None = None
    """When a refusal of this life became a dispute (ESC-15)."""
    ended: str | None = None
    """The event that ended this life."""
    waiting: Pause | None = None
    """The open pause of the case."""
    holds_until: datetime | None = None
    """When that pause stops holding clocks, by the cap of policy; None: when the case is resumed."""
    moments: Mapping[str, datetime] = field(default_factory=dict)
    """When each kind of event last happened in this life."""
    marks: tuple[Mark, ...] = ()
    language: str = "zh"
    sealed: str | None = None
    """How the customer is reached, encrypted."""
    clocks: tuple[Clock, ...] = ()
    escalations: tuple[Escalation, ...] = ()

    @property
    def recused(self) -> frozenset[str]:
        """Who neither acts here nor sees nor is told anything (RCS-01)."""
        return self.accused | self.set_aside

    @property
    def severity(self) -> str:
        """How grave it is."""
        return self.facts.severity

    @property
    def running(self) -> tuple[Clock, ...]:
        """The clocks that time is eating at."""
        return tuple(clock for clock in self.clocks if clock.state is ClockState.RUNNING)

    @property
    def awaited(self) -> tuple[Clock, ...]:
        """The running clocks that somebody waits for: none of an imported past, but actions against it."""
        return tuple(clock for clock in self.running if clock.is_of_action or not self.history)

    @property
    def earliest_due(self) -> datetime | None:
        """The next due date of a running clock."""
        return min((clock.due_at for clock in self.running), default=None)

    @property
    def wake_at(self) -> datetime | None:
        """The next warning, due date or climb, whichever comes first; None: nothing is to come."""
        earliest: datetime | None = None
        for clock in self.clocks:
            if clock.state is not ClockState.RUNNING:
                continue
            if earliest is None or clock.due_at < earliest:
                earliest = clock.due_at
            for point in clock.warnings:
                if not point.fired and point.at < earliest:
                    earliest = point.at
        for escalation in self.escalations:
            climb = escalation.next_climb
            if climb is not None and (earliest is None or climb < earliest):
                earliest = climb
        capped = self.cap_at
        if capped is not None and (earliest is None or capped < earliest):
            earliest = capped
        return earliest

    @property
    def cap_at(self) -> datetime | None:
        """When clocks that stand still run on because the pause has lasted long enough; None: never."""
        if self.holds_until is None or all(clock.paused_since is None for clock in self.clocks):
            return None
        return self.holds_until

    def clock_named(self, name: str) -> Clock | None:
        """The newest clock of that name."""
        return next((clock for clock in reversed(self.clocks) if clock.name == name), None)

    def escalation(self, identifier: UUID) -> Escalation | None:
        """The alarm of that id."""
        return next((one for one in self.escalations if one.id == identifier), None)


def known_sheet(sheet: ClockSheet | None, complaint_id: UUID) -> ClockSheet:
    """The sheet. Raises NotYet('unknown-complaint') while its registration has not arrived."""
    if sheet is None:
        raise NotYet("unknown-complaint", f"{complaint_id} is not registered here yet")
    return sheet


def with_clock(sheet: ClockSheet, clock: Clock) -> ClockSheet:
    """The sheet with this clock in the place of its former self, or added."""
    key = clock.key
    clocks = tuple(clock if known.key == key else known for known in sheet.clocks)
    if all(known.key != key for known in clocks):
        clocks = (*clocks, clock)
    return changed(sheet, clocks=clocks)


def with_escalation(sheet: ClockSheet, alarm: Escalation) -> ClockSheet:
    """The sheet with this alarm in the place of its former self, or added."""
    known = tuple(alarm if one.id == alarm.id else one for one in sheet.escalations)
    if all(one.id != alarm.id for one in known):
        known = (*known, alarm)
    return changed(sheet, escalations=known)


def without_alarm(sheet: ClockSheet, clock: Clock, now: datetime) -> ClockSheet:
    """The sheet with the alarms about this clock ended: its promise no longer needs an answer."""
    if not sheet.escalations:
        return sheet
    escalations = tuple(
        changed(one, ended_at=now, climbs_at=None)
        if (one.clock, one.life, one.round) == clock.key and one.ended_at is None
        else one
        for one in sheet.escalations
    )
    return changed(sheet, escalations=escalations)
