"""Who has a case, or an action, after its owner or department has left the organisation? (ADR 0060)"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from services.routing.domain.action import Action, ActionState
from services.routing.domain.action_rights import owner_for
from services.routing.domain.case import Case, Placement
from services.routing.domain.involvement import involvement_of
from services.routing.domain.placing import (
    DEPARTMENT_LEFT,
    OWNER_LEFT,
    TRIAGE_DESK,
    is_stranded,
    matter_of,
    place,
)
from shared.errors import Rejected
from shared.participation import stand_in_of
from shared.policy.choosing import Choice, choose_person
from shared.policy.model import Rulebook

SUCCEEDED = "succeeded"
"""The rule of a placement that somebody's leaving has caused."""
TAKEN_OVER = "taken-over"
"""The rule of one that a manager took over by name, from wherever they work."""
_LIVE = frozenset({ActionState.PROPOSED, ActionState.OPEN, ActionState.COMPLETED})


def what_left(case: Case, rules: Rulebook) -> str | None:
    """The code of what is no longer there of whoever has the case; None: all is, or the case has ended."""
    placement = case.placement
    if case.has_ended:
        return None
    if placement.department not in (TRIAGE_DESK, *rules.organisation.departments):
        return DEPARTMENT_LEFT
    if placement.assignee is not None and not belongs(placement.assignee, placement, case.site, rules):
        return OWNER_LEFT
    return None


def belongs(person: str, placement: Placement, site: str, rules: Rulebook) -> bool:
    """Whether the person is of the company and works at the site, leads it or the department there.

    Who took a case over by name has it wherever they work; a site that has left is nobody's own any more.
    """
    known = rules.person(person)
    if known is None:
        return False
    department = rules.organisation.departments.get(placement.department)
    leaders = (rules.site(site).manager, department.manager_at(site) if department else None)
    return (
        known.works_at(site)
        or site not in rules.organisation.sites
        or placement.rule == TAKEN_OVER
        or person in leaders
    )


def succession(case: Case, left: str, rules: Rulebook, now: datetime) -> Placement:
    """Where the case goes: to the successor, somebody of the department, where the matrix says, or triage."""
    old = case.placement
    organisation = rules.organisation
    heir = organisation.heir_of_department(old.department)
    if heir is not None:
        at_heir = replace(old, department=heir)
        try:
            choice = _person(case, at_heir, rules, now)
        except Rejected:
            pass
        else:
            return replace(
                at_heir,
                assignee=choice.person,
                passed_over=choice.passed_over,
                assistants=_assisting(old, heir, rules),
                alternatives=(),
                organisation_version=organisation.version,
                rule=SUCCEEDED,
                reason=left,
                at=now,
                by="policy",
            )
    found = place(matter_of(case), rules, now)
    return replace(found, reason=left) if is_stranded(found) else found


def _person(case: Case, placement: Placement, rules: Rulebook, now: datetime) -> Choice:
    """The owner who is still there, else the successor, else somebody who has room. Raises Rejected."""
    owner = placement.assignee
    if owner is not None and belongs(owner, placement, case.site, rules):
        return Choice(owner)
    heir = rules.organisation.heir_of(owner) if owner is not None else None
    there = stand_in_of(heir, involvement_of(case), rules, now) if heir is not None else None
    if there is not None and belongs(there, placement, case.site, rules):
        return Choice(there)
    return choose_person(matter_of(case), placement.department, rules, now)


def _assisting(placement: Placement, lead: str, rules: Rulebook) -> tuple[str, ...]:
    """The departments that assist, those that have left by their successors."""
    there = (rules.organisation.heir_of_department(one) for one in placement.assistants)
    return tuple(dict.fromkeys(one for one in there if one is not None and one != lead))


def orphaned_actions(case: Case, rules: Rulebook) -> tuple[Action, ...]:
    """The corrective actions that are not done with and whose owner or department has left."""
    people, departments = rules.organisation.people, rules.organisation.departments

    def is_orphaned(action: Action) -> bool:
        return action.department not in departments or (action.owner or "") not in (*people, "")

    return tuple(one for one in case.actions if one.state in _LIVE and is_orphaned(one))


def inherited(action: Action, case: Case, rules: Rulebook, now: datetime) -> Action:
    """The action with the successors of its department and owner; without an owner if nobody could be."""
    organisation = rules.organisation
    department = organisation.heir_of_department(action.department) or case.department
    heir = organisation.heir_of(action.owner) if action.owner is not None else None
    try:
        wanted = heir if heir not in case.recused else None
        owner: str | None = owner_for(case, department, wanted, rules, now)
    except Rejected:
        owner = None
    return replace(action, department=department, owner=owner)
