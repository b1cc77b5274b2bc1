"""What if it turns out to be something else?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from services.routing.domain.authority import HANDLING, permitted
from services.routing.domain.case import Case
from services.routing.domain.duties import row_of, with_open_mode, with_reviews
from services.routing.domain.moving import moved
from services.routing.domain.signing import with_terms
from services.routing.handlers.assign_team import tell_assigned
from services.routing.handlers.informing import MOVED, inform_again
from services.routing.handlers.notices import asking_to_sign
from services.routing.handlers.propose_resolution import tell_proposed
from shared.deciding import Actor, Context, Decision
from shared.errors import Rejected
from shared.events.base import EventData
from shared.events.intake import Kind
from shared.events.routing import Classification, ComplaintReclassified
from shared.lifecycle import Action, Status, step
from shared.policy.model import Facts


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

    A proposal on the table then needs the signatures of its new name, and if the case waits it is told
    when it goes on; what the customer has been answered stands by what was signed (docs/decisions/0040).
    Raises Rejected('nothing-changed'), and what `terms_of` raises.
    """
    case = permitted(state, command.actor, HANDLING)
    status = step(case.status, Action.RECLASSIFY)
    facts = replace(case.facts, kind=command.kind, category=command.category, type=command.type)
    if facts == case.facts:
        raise Rejected("nothing-changed", "it is classified so already", field="type")
    told: tuple[EventData, ...] = (_told(case.facts, facts, case, command, context),)
    changed, is_placed = moved(replace(case, status=status), facts, case.recused, context.rules, context.now)
    heard = inform_again(changed, context.rules, MOVED) if is_placed else ()
    changed = _as_policy_asks(changed, context)
    if changed.placement != case.placement or changed.mode != case.mode:
        told = (*told, tell_assigned(changed))
    proposal = changed.proposal
    if proposal is None or proposal == case.proposal or changed.status is not Status.PROPOSED:
        return Decision(changed, told, heard)
    return asking_to_sign(Decision(changed, (*told, tell_proposed(changed, proposal)), heard), context)


def _as_policy_asks(case: Case, context: Context) -> Case:
    # Under another row others may have to handle it in person, review it, or sign what is on the
    # table, and a mode that was chosen for what it was taken for may be closed to it (C-25).
    rules, kept = context.rules, case.confirmation
    row = row_of(case, rules)
    if kept is not None and (row is None or kept.role not in row.in_person):
        case = replace(case, confirmation=None)
    case = with_open_mode(case, rules)
    if case.status is not Status.ASSIGNED:
        case = with_reviews(case, rules, context.now)
    return with_terms(case, rules) if case.stage is Status.PROPOSED else case


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
