"""Does a cause come back so often that something must be done about it?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from services.routing.domain.action_causes import RECURRENCE, called_for, cause_of, proposed
from services.routing.domain.case import Case
from services.routing.handlers.told_actions import decider_notices, tell_proposed
from shared.deciding import Context, Decision


@dataclass(frozen=True, slots=True)
class ProposeAction:
    """So many complaints of this cause came in at the site within the days that policy counts."""

    complaint_id: UUID
    cause: str
    recurrences: int


def propose_action(state: Case | None, command: ProposeAction, context: Context) -> Decision[Case]:
    """The case with an action proposed against its cause (CAP-10, STA-14).

    Unchanged if policy wants more of them, if the cause turned out to be another one, or if an action
    against it is there already.
    """
    if state is None or cause_of(state) != command.cause:
        return Decision(state)
    wanted = context.rules.profile_of(state.site).corrective.recurrence_from
    if wanted is None or command.recurrences < wanted:
        return Decision(state)
    if any(one.is_live and one.cause == command.cause for one in state.actions):
        return Decision(state)
    action = proposed(
        state,
        state.actions,
        context.rules,
        context.now,
        reason=RECURRENCE,
        recurrences=command.recurrences,
    )
    case = replace(state, actions=(*state.actions, action))
    return Decision(case, (tell_proposed(case, action),), decider_notices(case, action, context))


def with_demanded(decision: Decision[Case], context: Context) -> Decision[Case]:
    """The decision with the actions proposed that policy calls for after a finding (CAP-01, CAP-08)."""
    case = decision.state
    if case is None:
        return decision
    actions = called_for(case, context.rules, context.now)
    fresh = actions[len(case.actions) :]
    if not fresh:
        return decision
    told = tuple(tell_proposed(case, action) for action in fresh)
    notices = tuple(notice for action in fresh for notice in decider_notices(case, action, context))
    return replace(
        decision,
        state=replace(case, actions=actions),
        tells=(*decision.tells, *told),
        notices=(*decision.notices, *notices),
    )
