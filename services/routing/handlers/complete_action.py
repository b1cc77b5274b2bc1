"""Has a corrective action been carried out?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.routing.domain.action import completed
from services.routing.domain.action_order import require_turn, with_action
from services.routing.domain.action_rights import action_for
from services.routing.domain.authority import HANDLING
from services.routing.domain.case import Case
from services.routing.handlers.open_actions import require_future
from services.routing.handlers.told_actions import tell_completed
from shared.deciding import Actor, Context, Decision


@dataclass(frozen=True, slots=True)
class CompleteAction:
    """It is done; `sealed` says how, `check_at` when its effect is to be judged."""

    complaint_id: UUID
    actor: Actor
    action_id: str
    sealed: str | None = None
    check_at: datetime | None = None


def complete_action(state: Case | None, command: CompleteAction, context: Context) -> Decision[Case]:
    """The case with the action done; its department may say so, and the case's.

    Raises Conflict('containment-first', 'step-out-of-order' or 'action-forbids'),
    Rejected('due-in-the-past') for a check that nobody could make any more.
    """
    case, action = action_for(state, command.action_id, command.actor, HANDLING)
    person = command.actor.person
    done = completed(action, context.now, person, command.sealed, command.check_at)
    require_turn(case.actions, action)
    if command.check_at is not None:
        require_future(command.check_at, context.now)
    case = replace(case, actions=with_action(case.actions, done))
    return Decision(case, (tell_completed(case, done),))
