"""What is a corrective action, and which steps may it take?

One step of an 8D report (D0 to D8) or one measure of a plain CAPA, given to a department with an owner and
a due date. It never forgets: what was tried without effect stays among its attempts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal

from shared.errors import Conflict

Discipline = Literal["D0", "D1", "D2", "D3", "D4", "D5", "D6", "D7", "D8", "CAPA"]
Measure = Literal["", "containment", "cause", "correction", "corrective", "preventive"]
Party = Literal["own", "supplier"]
CAPA = "CAPA"
MEASURES: dict[str, Measure] = {
    "D3": "containment",
    "D4": "cause",
    "D5": "corrective",
    "D6": "corrective",
    "D7": "preventive",
}
"""What the steps of 8D do; those that are not named prepare, describe or thank."""


class ActionState(StrEnum):
    """How it stands."""

    PROPOSED = "proposed"
    """Somebody thinks that it is needed; who decides on it has not said so yet."""
    OPEN = "open"
    COMPLETED = "completed"
    """Done, says the department; whether it works is not known yet."""
    VERIFIED = "verified"
    CANCELLED = "cancelled"


class Move(StrEnum):
    """What may happen to it."""

    OPEN = "open"
    COMPLETE = "complete"
    CONFIRM = "confirm"
    REFUTE = "refute"
    """It has no effect: the action is open again."""
    CANCEL = "cancel"


_S = ActionState
MOVES: dict[tuple[ActionState, Move], ActionState] = {
    (_S.PROPOSED, Move.OPEN): _S.OPEN,
    (_S.PROPOSED, Move.CANCEL): _S.CANCELLED,
    (_S.OPEN, Move.COMPLETE): _S.COMPLETED,
    (_S.OPEN, Move.CANCEL): _S.CANCELLED,
    (_S.COMPLETED, Move.CONFIRM): _S.VERIFIED,
    (_S.COMPLETED, Move.REFUTE): _S.OPEN,
    (_S.VERIFIED, Move.REFUTE): _S.OPEN,
}


def next_state(action: Action, move: Move) -> ActionState:
    """The state after the move. Raises Conflict('action-forbids') for what the table does not hold."""
    try:
        return MOVES[(action.state, move)]
    except KeyError:
        allowed = sorted(one.value for state, one in MOVES if state is action.state)
        raise Conflict(
            "action-forbids",
            f"action {action.id} is {action.state}; it cannot {move.value}",
            field="action",
            remedy=f"From {action.state} these are possible: {', '.join(allowed) or 'none'}.",
        ) from None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try: until when, what came of it, and whether it worked. Free text is sealed."""

    opened_at: datetime
    due_at: datetime
    completed_at: datetime | None = None
    completed_by: str | None = None
    sealed: str | None = None
    """What was done."""
    check_at: datetime | None = None
    """When its effect is to be judged."""
    checked_at: datetime | None = None
    checked_by: str | None = None
    effective: bool | None = None
    recurrences: int = 0
    """New complaints of the same cause since it was done, when it was judged."""


@dataclass(frozen=True, slots=True)
class Action:
    """A corrective action; `sheet` joins the steps of one report, several may stand side by side."""

    id: str
    """Unique in its case, e.g. a-3."""
    sheet: int
    discipline: Discipline
    measure: Measure
    department: str
    proposed_at: datetime
    proposed_by: str
    state: ActionState = ActionState.PROPOSED
    party: Party = "own"
    supplier_ref: str = ""
    owner: str | None = None
    cause: str = ""
    """Code of the cause that it is to remove; empty while nobody knows."""
    reason: str = ""
    """Code of why policy proposed it."""
    recurrences: int = 0
    """Complaints of this cause when it was proposed."""
    sealed: str | None = None
    """The task in words."""
    attempts: tuple[Attempt, ...] = ()
    ended_at: datetime | None = None
    ended_by: str | None = None
    end_reason: str = ""

    @property
    def is_8d(self) -> bool:
        """Whether it is a step of an 8D report."""
        return self.discipline != CAPA

    @property
    def step(self) -> str:
        """What it is called among the steps of its sheet: D3, or containment."""
        return self.discipline if self.is_8d else self.measure

    @property
    def is_done(self) -> bool:
        """Whether the department has carried it out."""
        return self.state in {ActionState.COMPLETED, ActionState.VERIFIED}

    @property
    def is_live(self) -> bool:
        """Whether it counts at all: it was not cancelled."""
        return self.state is not ActionState.CANCELLED

    @property
    def attempt(self) -> Attempt | None:
        """The present try; None while it is only proposed."""
        return self.attempts[-1] if self.attempts else None

    @property
    def due_at(self) -> datetime | None:
        """Until when it is to be done."""
        return self.attempts[-1].due_at if self.attempts else None

    @property
    def check_at(self) -> datetime | None:
        """When somebody has to judge its effect; None: not now."""
        if self.state is not ActionState.COMPLETED or self.attempt is None:
            return None
        return self.attempt.check_at


def opened(action: Action, now: datetime, due_at: datetime) -> Action:
    """The action, given out for the first time."""
    state = next_state(action, Move.OPEN)
    return replace(action, state=state, attempts=(Attempt(now, due_at),))


def completed(
    action: Action, now: datetime, by: str, sealed: str | None, check_at: datetime | None
) -> Action:
    """The action, carried out."""
    state = next_state(action, Move.COMPLETE)
    done = replace(action.attempts[-1], completed_at=now, completed_by=by, sealed=sealed, check_at=check_at)
    return replace(action, state=state, attempts=(*action.attempts[:-1], done))


def confirmed(action: Action, now: datetime, by: str) -> Action:
    """The action, found to work."""
    return _judged(action, Move.CONFIRM, now, by, 0)


def refuted(action: Action, now: datetime, by: str, due_at: datetime, recurrences: int) -> Action:
    """The action, open again with another attempt."""
    judged = _judged(action, Move.REFUTE, now, by, recurrences)
    return replace(judged, attempts=(*judged.attempts, Attempt(now, due_at)))


def cancelled(action: Action, now: datetime, by: str, reason: str) -> Action:
    """The action, given up."""
    state = next_state(action, Move.CANCEL)
    return replace(action, state=state, ended_at=now, ended_by=by, end_reason=reason)


def _judged(action: Action, move: Move, now: datetime, by: str, recurrences: int) -> Action:
    state = next_state(action, move)
    last = replace(
        action.attempts[-1],
        checked_at=now,
        checked_by=by,
        effective=move is Move.CONFIRM,
        recurrences=recurrences,
    )
    return replace(action, state=state, attempts=(*action.attempts[:-1], last))
