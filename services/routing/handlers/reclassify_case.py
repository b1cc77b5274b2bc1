"""What if it turns out to be something else?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from services.routing.domain.authority import HANDLING, permitted
from services.routing.domain.case import Case, Placement
from services.routing.domain.duties import row_of, with_reviews
from services.routing.domain.placing import Matter, place
from services.routing.domain.signing import with_terms
from services.routing.domain.standing import assessed
from services.routing.handlers.assign_team import tell_assigned
from services.routing.handlers.notices import ask_to_sign
from services.routing.handlers.propose_resolution import tell_proposed
from shared.deciding import Actor, Context, Decision
from shared.errors import Rejected
from shared.events.base import EventData
from shared.events.intake import Kind
from shared.events.routing import Classification, ComplaintReclassified
from shared.lifecycle import Action, Status, may, step
from shared.policy.model import Facts, Rulebook


@dataclass(frozen=True, slots=True)
class ReclassifyCase:
    """It is of this kind, category and type (edge case 4)."""

    complaint_id: UUID
    actor: Actor
    kind: Kind
    category: str
    type: str


def reclassify_case(state: Case | None, command: ReclassifyCase, context: Context) -> Decision[Case]:
    """The case under its new name, and in other hands if the matrix places such a one elsewhere.

    A proposal on the table then needs the signatures of its new name; what the customer has been
    answered stands by what was signed (docs/decisions/0040).
    Raises Rejected('nothing-changed'), and what `terms_of` raises.
    """
    case = permitted(state, command.actor, HANDLING)
    status = step(case.status, Action.RECLASSIFY)
    facts = replace(case.facts, kind=command.kind, category=command.category, type=command.type)
    if facts == case.facts:
        raise Rejected("nothing-changed", "it is classified so already", field="type")
    told: tuple[EventData, ...] = (_told(case.facts, facts, case, command, context),)
    changed = _as_policy_asks(_placed(replace(case, status=status, facts=facts), context), context)
    if changed.placement != case.placement or changed.mode != case.mode:
        told = (*told, tell_assigned(changed))
    proposal = changed.proposal
    if proposal is None or proposal == case.proposal:
        return Decision(changed, told)
    return Decision(changed, (*told, tell_proposed(changed, proposal)), ask_to_sign(changed, context))


def _placed(case: Case, context: Context) -> Case:
    placement = place(Matter(case.complaint_id, case.facts, case.recused), context.rules, context.now)
    if not may(case.status, Action.ASSIGN) or not _differs(placement, case.placement):
        return case
    return replace(
        case,
        status=step(case.status, Action.ASSIGN),
        placement=_kept_in_hand(placement, case.placement),
        former=(*case.former, case.placement),
    )


def _as_policy_asks(case: Case, context: Context) -> Case:
    # Under another row others may have to handle it in person, review it, or sign what is on the
    # table, and a mode that was chosen for what it was taken for may be closed to it (C-25).
    rules, kept = context.rules, case.confirmation
    row = row_of(case, rules)
    if kept is not None and (row is None or kept.role not in row.in_person):
        case = replace(case, confirmation=None)
    if case.mode is not None and not _still_open(case, rules):
        case = replace(case, mode=None)
    if case.status is not Status.ASSIGNED:
        case = with_reviews(case, rules, context.now)
    return with_terms(case, rules) if case.status is Status.PROPOSED else case


def _still_open(case: Case, rules: Rulebook) -> bool:
    rows = rules.profile_of(case.site).modes_open_to(assessed(case))
    return case.mode is not None and any(row.name == case.mode.rule for row in rows)


def _differs(new: Placement, old: Placement) -> bool:
    return (new.department, new.assistants, new.severity, new.priority) != (
        old.department,
        old.assistants,
        old.severity,
        old.priority,
    )


def _kept_in_hand(new: Placement, old: Placement) -> Placement:
    # Whoever works on it goes on if it stays in the department.
    same = new.department == old.department and old.assignee is not None
    return replace(new, assignee=old.assignee) if same else new


def _told(
    old: Facts, new: Facts, case: Case, command: ReclassifyCase, context: Context
) -> ComplaintReclassified:
    return ComplaintReclassified.model_validate(
        {
            "complaint_no": case.complaint_no,
            "at": context.now,
            "by": command.actor.person,
            "from": _named(old),
            "to": _named(new),
        }
    )


def _named(facts: Facts) -> Classification:
    return Classification.model_validate({"kind": facts.kind, "category": facts.category, "type": facts.type})
