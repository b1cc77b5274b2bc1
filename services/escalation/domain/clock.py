"""What is a clock, and which steps may it take?

A clock is one promise of policy to one complaint. It never forgets: due dates that no longer hold stay in
`former`, with the reason why they were given up (SLA-07, edge case 4).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from shared.errors import Conflict
from shared.worktime import Pause


class ClockState(StrEnum):
    """How the promise stands."""

    RUNNING = "running"
    PAUSED = "paused"
    BREACHED = "breached"
    MET = "met"
    CANCELLED = "cancelled"


class Step(StrEnum):
    """What may happen to it."""

    PAUSE = "pause"
    RESUME = "resume"
    BREACH = "breach"
    MEET = "meet"
    CANCEL = "cancel"
    MOVE = "move"
    """It gets another due date."""


_S = ClockState
ACTION = "action."
"""Begins the names of clocks that corrective actions have of their own."""
LAW = "law:"
"""Begins the policy version of a clock that the law sets."""
OPEN = frozenset({_S.RUNNING, _S.PAUSED, _S.BREACHED})
STEPS: dict[tuple[ClockState, Step], ClockState] = {
    (_S.RUNNING, Step.PAUSE): _S.PAUSED,
    # News may be late: it was paused before the due date at which it was taken for breached.
    (_S.BREACHED, Step.PAUSE): _S.PAUSED,
    (_S.PAUSED, Step.RESUME): _S.RUNNING,
    (_S.RUNNING, Step.BREACH): _S.BREACHED,
    (_S.RUNNING, Step.MOVE): _S.RUNNING,
    (_S.PAUSED, Step.MOVE): _S.PAUSED,
    (_S.BREACHED, Step.MOVE): _S.RUNNING,
    **{(state, Step.MEET): _S.MET for state in OPEN},
    **{(state, Step.CANCEL): _S.CANCELLED for state in OPEN},
}


def next_state(state: ClockState, step: Step) -> ClockState:
    """The state after the step. Raises Conflict('clock-forbids') for what the table does not hold."""
    try:
        return STEPS[(state, step)]
    except KeyError:
        raise Conflict(
            "clock-forbids", f"a clock that is {state} cannot {step.value}", field="clock"
        ) from None


@dataclass(frozen=True, slots=True)
class WarningPoint:
    """When so many percent of the target are used up, and whether that was told."""

    percent: int
    at: datetime
    fired: bool = False


@dataclass(frozen=True, slots=True)
class Former:
    """A due date that was given up: evidence. `breached_at`: it had been missed by then."""

    due_at: datetime
    target: str
    given_up_at: datetime
    reason: str
    breached_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """One promise; `meets_on` and `cancels_on` are kept as policy said when it was made.

    `life` counts reopenings from 1, `round` the customer's refusals for clocks that begin with one.
    """

    name: str
    started_at: datetime
    target: str
    due_at: datetime
    """While paused: the due date as it stood when the pause began."""
    policy_version: str
    meets_on: tuple[str, ...] = ()
    cancels_on: tuple[str, ...] = ()
    life: int = 1
    round: int = 0
    warnings: tuple[WarningPoint, ...] = ()
    state: ClockState = ClockState.RUNNING
    pauses: tuple[Pause, ...] = ()
    """The last one has no end while the clock is paused."""
    former: tuple[Former, ...] = ()
    agreed_at: datetime | None = None
    """A due date that somebody fixed by hand: no pause moves it."""
    breached_at: datetime | None = None
    met_at: datetime | None = None
    late: bool = False
    cancelled_at: datetime | None = None
    cancel_reason: str = ""
    department: str | None = None
    """Who has to keep it, where that is not whoever has the case."""
    terms: str = ""
    """Version of the site's terms by which it counts; empty: an earlier release made it."""

    @property
    def key(self) -> tuple[str, int, int]:
        """What tells it from every other clock of the complaint."""
        return self.name, self.life, self.round

    @property
    def is_open(self) -> bool:
        """Whether the promise still waits to be kept."""
        return self.state in OPEN

    @property
    def is_statutory(self) -> bool:
        """Whether the law sets it: then no pause stops it and nobody here extends it."""
        return self.policy_version.startswith(LAW)

    @property
    def is_of_action(self) -> bool:
        """Whether a corrective action set it: it outlives the complaint's end and its reopening."""
        return self.name.startswith(ACTION)

    @property
    def paused_since(self) -> datetime | None:
        """Since when it stands still; None if it does not."""
        return self.pauses[-1].start if self.state is ClockState.PAUSED else None

    def is_before(self, at: datetime) -> bool:
        """Whether news of that moment are for an earlier clock of its name, not for this one.

        The news that keeps one round of a promise begins the next, and does not keep it.
        """
        return (self.life > 1 and at < self.started_at) or (self.round > 0 and at <= self.started_at)

    def is_overdue(self, at: datetime) -> bool:
        """Whether it runs on although its due date lay before that moment: its alarm is still to come."""
        return self.state is ClockState.RUNNING and at > self.due_at


def breached(clock: Clock, now: datetime) -> Clock:
    """The clock, not kept; `now` is when it was noticed."""
    return replace(clock, state=next_state(clock.state, Step.BREACH), breached_at=now)


def met(clock: Clock, at: datetime) -> Clock:
    """The clock, kept at that moment, or too late. One that stood still is never too late."""
    late = clock.state is not ClockState.PAUSED and at > clock.due_at
    state = next_state(clock.state, Step.MEET)
    return replace(clock, state=state, met_at=at, late=late, pauses=_ended(clock.pauses, at))


def cancelled(clock: Clock, at: datetime, reason: str) -> Clock:
    """The clock, no longer needed."""
    return replace(
        clock,
        state=next_state(clock.state, Step.CANCEL),
        cancelled_at=at,
        cancel_reason=reason,
        pauses=_ended(clock.pauses, at),
    )


def warned(clock: Clock, percent: int) -> Clock:
    """The clock with that warning point told."""
    points = (replace(p, fired=True) if p.percent == percent else p for p in clock.warnings)
    return replace(clock, warnings=tuple(points))


def given_up(clock: Clock, now: datetime, reason: str) -> tuple[Former, ...]:
    """The evidence with the present due date added to it."""
    former = Former(clock.due_at, clock.target, now, reason, clock.breached_at)
    return (*clock.former, former)


def _ended(pauses: tuple[Pause, ...], at: datetime) -> tuple[Pause, ...]:
    if not pauses or pauses[-1].end is not None:
        return pauses
    last = pauses[-1]
    return (*pauses[:-1], replace(last, end=max(at, last.start)))
