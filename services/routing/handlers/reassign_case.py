"""Who takes over a case from whom, and why?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from services.routing.domain.authority import LEADING, permitted
from services.routing.domain.case import Case
from services.routing.domain.involvement import involvement_of
from services.routing.domain.placing import matter_of
from services.routing.handlers.assign_team import tell_assigned
from shared.deciding import Actor, Context, Decision
from shared.errors import Rejected
from shared.lifecycle import Action, step
from shared.participation import require_eligible
from shared.policy.choosing import Choice, choose_person
from shared.policy.model import Rulebook


@dataclass(frozen=True, slots=True)
class ReassignCase:
    """That department has it from now on; without an assignee one is chosen."""

    complaint_id: UUID
    actor: Actor
    department: str
    reason: str
    assignee: str | None = None


def reassign_case(state: Case | None, command: ReassignCase, context: Context) -> Decision[Case]:
    """The case with its new placement; its clocks go on and its status stays.

    A person who is named gets it whatever else is on the desk; who is chosen must have room for it.
    Raises Rejected('unknown-department'), Rejected('nobody-present'), Rejected('nobody-free'),
    Rejected('unknown-person'), Rejected('assignee-recused'), Rejected('assignee-elsewhere').
    """
    case = permitted(state, command.actor, LEADING)
    status = step(case.status, Action.ASSIGN)
    if command.assignee is not None:
        choice = Choice(_checked(case, command.assignee, command.department, context.rules))
    else:
        choice = choose_person(matter_of(case), command.department, context.rules, context.now)
    placement = replace(
        case.placement,
        department=command.department,
        assignee=choice.person,
        passed_over=choice.passed_over,
        alternatives=(),
        organisation_version=context.rules.organisation.version,
        rule="reassigned",
        reason=command.reason,
        at=context.now,
        by=command.actor.person,
    )
    moved = replace(case, status=status, placement=placement, former=(*case.former, case.placement))
    return Decision(moved, (tell_assigned(moved),))


def _checked(case: Case, assignee: str, department: str, rules: Rulebook) -> str:
    person = rules.person(assignee)
    if person is None:
        raise Rejected("unknown-person", f"the organisation knows no {assignee}", field="assignee")
    require_eligible(person, involvement_of(case))
    known = rules.organisation.departments.get(department)
    if known is None:
        remedy = "Name one of organisation.yaml."
        detail = f"no department {department} in the organisation"
        raise Rejected("unknown-department", detail, field="department", remedy=remedy)
    if assignee not in (*known.members, known.manager) and department not in person.departments:
        raise Rejected("assignee-elsewhere", f"{assignee} does not belong to {department}", field="assignee")
    return assignee
