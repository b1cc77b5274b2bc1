"""Does a corrective action work, now that it is done? New complaints of its cause say that it does not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.routing.domain.action import Action, ActionState, Move, confirmed, next_state, refuted
from services.routing.domain.action_causes import POLICY
from services.routing.domain.action_order import action_of, with_action
from services.routing.domain.action_rights import action_for, require_other
from services.routing.domain.authority import HANDLING
from services.routing.domain.case import Case
from services.routing.handlers.open_actions import require_future
from services.routing.handlers.told_actions import owner_notice, tell_opened, tell_verified
from shared.deciding import Actor, Context, Decision
from shared.errors import Conflict


@dataclass(frozen=True, slots=True)
class VerifyAction:
    """Somebody of another department has looked (CAP-03, CAP-06).

    `recurrences` is counted by whoever sends the command: complaints of the same cause at the site
    that were received since it was done.
    """

    complaint_id: UUID
    actor: Actor
    action_id: str
    effective: bool
    recurrences: int = 0
    due_at: datetime | None = None
    """Until when the next attempt is due; None: as long as the last one had."""


@dataclass(frozen=True, slots=True)
class RecheckAction:
    """The day of the check has come, and so many complaints of the same cause came in meanwhile."""

    complaint_id: UUID
    action_id: str
    recurrences: int


def verify_action(state: Case | None, command: VerifyAction, context: Context) -> Decision[Case]:
    """The case with the action verified, or open again with a due date of its own (INF-13).

    Raises Conflict('cause-came-back', 'check-too-early' or 'action-forbids'),
    Forbidden('own-action' or 'not-the-verifier').
    """
    case, action = action_for(state, command.action_id, command.actor, HANDLING)
    next_state(action, Move.CONFIRM if command.effective else Move.REFUTE)
    require_other(case, action, command.actor, context.rules)
    if not command.effective:
        return _again(case, action, command.actor.person, command.recurrences, command.due_at, context)
    _require_effect(action, command.recurrences, context.now)
    done = confirmed(action, context.now, command.actor.person)
    case = replace(case, actions=with_action(case.actions, done))
    return Decision(case, (tell_verified(case, done),))


def recheck_action(state: Case | None, command: RecheckAction, context: Context) -> Decision[Case]:
    """The case with the action open again; unchanged if somebody has judged it meanwhile."""
    if state is None:
        return Decision(None)
    action = action_of(state.actions, command.action_id)
    is_due = action.check_at is not None and action.check_at <= context.now
    if action.state is not ActionState.COMPLETED or not is_due or command.recurrences < 1:
        return Decision(state)
    return _again(state, action, POLICY, command.recurrences, None, context)


def _again(
    case: Case, action: Action, by: str, recurrences: int, due_at: datetime | None, context: Context
) -> Decision[Case]:
    last = action.attempts[-1]
    until = due_at or context.now + (last.due_at - last.opened_at)
    require_future(until, context.now)
    reopened = refuted(action, context.now, by, until, recurrences)
    case = replace(case, actions=with_action(case.actions, reopened))
    tells = (tell_verified(case, reopened), tell_opened(case, reopened))
    return Decision(case, tells, owner_notice(case, reopened, context))


def _require_effect(action: Action, recurrences: int, now: datetime) -> None:
    if recurrences:
        raise Conflict(
            "cause-came-back",
            f"{recurrences} complaints of cause {action.cause} came in since {action.id} was done",
            field="effective",
            remedy="Judge it as not effective: it is then open again.",
        )
    if action.check_at is not None and now < action.check_at:
        raise Conflict(
            "check-too-early",
            f"its effect is to be judged from {action.check_at.isoformat()} on",
            field="effective",
            remedy="Wait for that day, or judge it as not effective.",
        )
