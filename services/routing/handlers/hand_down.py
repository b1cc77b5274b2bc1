"""What becomes of a case whose owner or department has left the organisation? Other hands have it at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from services.routing.domain.case import Case
from services.routing.domain.involvement import involvement_of
from services.routing.domain.placing import is_stranded
from services.routing.domain.succession import inherited, orphaned_actions, succession, what_left
from services.routing.handlers.assign_team import tell_assigned
from services.routing.handlers.informing import inform_people
from services.routing.handlers.notices import asking_to_sign, tell_heirs
from shared.deciding import Context, Decision, Notice
from shared.errors import NotFound
from shared.lifecycle import Action, Status, may, step
from shared.participation import reachable


@dataclass(frozen=True, slots=True)
class HandDown:
    """The organisation is another one; see whether everybody who has this case is still there."""

    complaint_id: UUID


def hand_down(state: Case | None, _command: HandDown, context: Context) -> Decision[Case]:
    """The case with its successors; unchanged if nobody has left.

    Clocks go on and the status stays. A proposal that waits for a signature asks whoever may give it now.
    Raises NotFound('unknown-case'). Source: issue 17, fault 5; docs/decisions/0060.
    """
    if state is None:
        raise NotFound("unknown-case", "there is no such case", field="complaint_id")
    if state.has_ended:
        return Decision(state)
    decision = _placed(state, context)
    case = _with_heirs_of_actions(decision.state or state, context)
    owners = {action.owner for action in case.actions} - {action.owner for action in state.actions}
    told = tell_heirs(case, owners - {case.placement.assignee, None}, context)
    decision = replace(decision, state=case, notices=(*decision.notices, *told))
    return asking_to_sign(decision, context) if case.status is Status.PROPOSED else decision


def _placed(case: Case, context: Context) -> Decision[Case]:
    left = what_left(case, context.rules)
    if left is None:
        return Decision(case)
    placement = succession(case, left, context.rules, context.now)
    is_told = may(case.status, Action.ASSIGN)
    moved = replace(
        case,
        status=step(case.status, Action.ASSIGN) if is_told else case.status,
        placement=placement,
        former=(*case.former, case.placement),
        # Whoever took it up is not the one who has it now.
        accepted_by=None if is_stranded(placement) else case.accepted_by,
    )
    # Once the customer has agreed the register takes no assignment any more: people are told all the same.
    tells = (tell_assigned(moved),) if is_told else ()
    informed = inform_people(moved, context.rules, case.placement.informed)
    return Decision(moved, tells, (*informed, *_told(moved, context)))


def _told(case: Case, context: Context) -> tuple[Notice, ...]:
    """To whoever has it now; where nobody has, to those of the desk and whoever leads the site."""
    owner, rules = case.placement.assignee, context.rules
    if owner is not None and not is_stranded(case.placement):
        return tell_heirs(case, (owner,), context)
    leading = reachable(("site.manager",), involvement_of(case), rules, context.now)
    return tell_heirs(case, (*rules.members(case.department, site=case.site), *leading), context)


def _with_heirs_of_actions(case: Case, context: Context) -> Case:
    orphaned = {action.id for action in orphaned_actions(case, context.rules)}
    if not orphaned:
        return case
    rules, now = context.rules, context.now
    heirs = (inherited(one, case, rules, now) if one.id in orphaned else one for one in case.actions)
    return replace(case, actions=tuple(heirs))
