"""Who may do what to a corrective action? Its department works, somebody else judges, policy decides."""

from __future__ import annotations

from datetime import datetime

from services.routing.domain.action import Action
from services.routing.domain.action_order import action_of
from services.routing.domain.authority import permitted
from services.routing.domain.case import Case
from services.routing.domain.involvement import concerned, involvement_of
from services.routing.domain.placing import Matter, choose_assignee
from shared.deciding import Actor
from shared.errors import Forbidden, Rejected
from shared.participation import reachable, require_eligible, stand_in_of
from shared.policy.model import Rulebook

_DECIDED = frozenset({"corrective", "preventive"})
"""What removes a cause for good; to contain and to correct nobody has to be asked."""


def permitted_on(case: Case | None, department: str, actor: Actor, roles: frozenset[str]) -> Case:
    """The case, if the actor may work for this department in it; the case's own may as well.

    Raises what `permitted` raises.
    """
    if case is None:
        return permitted(case, actor, roles)
    return permitted(case, actor, roles, departments=(*involvement_of(case).departments, department))


def action_for(case: Case | None, action_id: str, actor: Actor, roles: frozenset[str]) -> tuple[Case, Action]:
    """The case and its action, if the actor may work on that.

    Whoever has nothing to do with the case does not learn which actions there are.
    Raises what `permitted` raises, and NotFound('unknown-action').
    """
    known = permitted(case, actor, roles, departments=concerned(case) if case is not None else ())
    action = action_of(known.actions, action_id)
    return permitted_on(known, action.department, actor, roles), action


def deciders(case: Case, rules: Rulebook, now: datetime) -> tuple[str, ...]:
    """Who decides on measures against causes, stand-ins for the absent; empty: whoever may open them.

    Source: CAP-04, APR-05, APR-08; RCS-01.
    """
    return reachable(rules.profile_of(case.site).corrective.decided_by, involvement_of(case), rules, now)


def needs_decision(case: Case, measure: str, actor: Actor, rules: Rulebook, now: datetime) -> bool:
    """Whether somebody else has to decide before such a measure of this actor begins."""
    if measure not in _DECIDED or not rules.profile_of(case.site).corrective.decided_by:
        return False
    return actor.person not in deciders(case, rules, now)


def require_decider(case: Case, action: Action, actor: Actor, rules: Rulebook, now: datetime) -> None:
    """Nothing, if the actor may decide on the proposal. Raises Forbidden('not-the-decider')."""
    if needs_decision(case, action.measure, actor, rules, now):
        roles = rules.profile_of(case.site).corrective.decided_by
        raise Forbidden(
            "not-the-decider",
            f"measures against causes at {case.site} are decided by others",
            field="actor",
            remedy=f"One of: {', '.join(roles)}.",
        )


def require_other(case: Case, action: Action, actor: Actor, rules: Rulebook) -> None:
    """Nothing, if the actor may judge: not who did it, and of a department that policy names.

    Where policy names none, any department but the responsible one may (CAP-03, CAP-06). Whoever the
    organisation does not know in any department is not of the responsible one either.
    Raises Forbidden('own-action' or 'not-the-verifier').
    """
    done_by = action.attempt.completed_by if action.attempt is not None else None
    if actor.person in {action.owner, done_by}:
        raise Forbidden(
            "own-action",
            "nobody judges what they did themselves",
            field="actor",
            remedy="Somebody of another department has to.",
        )
    own = departments_of(actor.person, rules)
    named = rules.profile_of(case.site).corrective.verified_by
    may = own.intersection(named) if named else not own or own - {action.department}
    if not may:
        wanted = ", ".join(named) if named else f"any department but {action.department}"
        raise Forbidden(
            "not-the-verifier",
            "whether it works is judged by another department",
            field="actor",
            remedy=f"Somebody of: {wanted}.",
        )


def departments_of(person: str, rules: Rulebook) -> frozenset[str]:
    """The departments that a person belongs to or leads."""
    known = rules.person(person)
    named = frozenset(known.departments) if known is not None else frozenset()
    listed = (
        department.id
        for department in rules.organisation.departments.values()
        if person in (*department.members, department.manager, *department.managers.values())
    )
    return named.union(listed)


def owner_for(case: Case, department: str, wanted: str | None, rules: Rulebook, now: datetime) -> str:
    """Who answers for the action: the one named, else who leads the department, else a member.

    Raises Rejected('unknown-department', 'unknown-person', 'owner-recused', 'owner-elsewhere' or
    'owner-missing').
    """
    known = rules.organisation.departments.get(department)
    if known is None:
        raise Rejected("unknown-department", f"no department {department}", field="department")
    if wanted is not None:
        person = rules.person(wanted)
        if person is None:
            raise Rejected("unknown-person", f"the organisation knows no {wanted}", field="owner")
        require_eligible(person, involvement_of(case), field="owner")
        return wanted
    leader = known.manager_at(case.site)
    found = stand_in_of(leader, involvement_of(case), rules, now) if leader is not None else None
    if found is None:
        matter = Matter(case.complaint_id, case.facts, case.recused)
        found = choose_assignee(matter, department, rules, now)
    if found is None:
        raise Rejected(
            "owner-missing",
            f"{department} has nobody who could answer for it",
            field="owner",
            remedy="Name an owner.",
        )
    return found
