"""Is a proposed action taken up, or an action given up?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.routing.domain.action import cancelled, opened
from services.routing.domain.action_order import action_of, with_action
from services.routing.domain.action_rights import action_for, owner_for, require_decider
from services.routing.domain.authority import LEADING, permitted
from services.routing.domain.case import Case
from services.routing.handlers.open_actions import require_future
from services.routing.handlers.told_actions import owner_notice, tell_cancelled, tell_opened
from shared.deciding import Actor, Context, Decision


@dataclass(frozen=True, slots=True)
class AdoptAction:
    """The proposal is taken up: this department has it until then."""

    complaint_id: UUID
    actor: Actor
    action_id: str
    due_at: datetime
    department: str | None = None
    """None: the one that the proposal names."""
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class CancelAction:
    """It is not needed, for this reason."""

    complaint_id: UUID
    actor: Actor
    action_id: str
    reason_code: str


def adopt_action(state: Case | None, command: AdoptAction, context: Context) -> Decision[Case]:
    """The case with the action open. Raises Forbidden('not-the-decider'), Conflict('action-forbids')."""
    case = permitted(state, command.actor, LEADING)
    action = action_of(case.actions, command.action_id)
    require_decider(case, action, command.actor, context.rules, context.now)
    require_future(command.due_at, context.now)
    department = command.department or action.department
    wanted = command.owner or (action.owner if department == action.department else None)
    owner = owner_for(case, department, wanted, context.rules, context.now)
    taken = replace(action, department=department, owner=owner)
    taken = opened(taken, context.now, command.due_at)
    case = replace(case, actions=with_action(case.actions, taken))
    return Decision(case, (tell_opened(case, taken),), owner_notice(case, taken, context))


def cancel_action(state: Case | None, command: CancelAction, context: Context) -> Decision[Case]:
    """The case with the action given up; who decides on such measures decides on that too.

    Raises Forbidden('not-the-decider'), Conflict('action-forbids').
    """
    case, action = action_for(state, command.action_id, command.actor, LEADING)
    require_decider(case, action, command.actor, context.rules, context.now)
    ended = cancelled(action, context.now, command.actor.person, command.reason_code)
    case = replace(case, actions=with_action(case.actions, ended))
    return Decision(case, (tell_cancelled(case, ended),))
