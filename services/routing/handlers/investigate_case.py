"""Whose fault was it, and was the complaint justified?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast
from uuid import UUID

from services.routing.domain.authority import HANDLING, permitted
from services.routing.domain.case import Case, Finding
from services.routing.domain.duties import (
    JOINT,
    check_joint,
    concluded,
    convened,
    require_in_person,
    taken_in_hand,
    with_reviews,
)
from services.routing.domain.recording import require_records
from services.routing.handlers.assign_team import tell_assigned
from services.routing.handlers.propose_action import with_demanded
from shared.deciding import Actor, Context, Decision
from shared.events.base import EventData
from shared.events.routing import ComplaintInvestigated, Liability
from shared.lifecycle import Action, step


@dataclass(frozen=True, slots=True)
class InvestigateCase:
    """This is what we found (TYP-13); `joint` names the departments that found it together."""

    complaint_id: UUID
    actor: Actor
    liability: Liability
    valid: bool
    cause_code: str
    joint: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()


def investigate_case(state: Case | None, command: InvestigateCase, context: Context) -> Decision[Case]:
    """The case with its finding; assisting departments may record one too (RTE-08, INV-02).

    An unclear responsibility convenes the departments that policy names: they assist from now on.
    Raises Conflict('in-person-missing'), Rejected('joint-incomplete').
    """
    case = permitted(state, command.actor, HANDLING, assisting=True)
    status = step(case.status, Action.INVESTIGATE)
    case = taken_in_hand(case, command.actor, context.rules, context.now)
    require_in_person(case, context.rules, context.now)
    check_joint(case, command.joint, context.rules)
    require_records(case, "investigate", context.rules)
    finding = Finding(
        command.liability,
        command.valid,
        command.cause_code,
        command.actor.person,
        context.now,
        joint=command.joint,
        evidence=command.evidence,
        round=case.round,
    )
    found = replace(case, status=status, finding=finding)
    tells: tuple[EventData, ...] = (_told(case, finding, context),)
    if finding.joint:
        found = concluded(found, JOINT, finding.by, finding.cause_code, context.now)
    elif finding.liability == "unclear":
        found = _convening(found, context)
        if found.placement != case.placement:
            tells = (*tells, tell_assigned(found))
    return with_demanded(Decision(found, tells), context)


def _told(case: Case, finding: Finding, context: Context) -> ComplaintInvestigated:
    rule = context.rules.profile_of(case.site).liability_of(finding.liability)
    return ComplaintInvestigated(
        complaint_no=case.complaint_no,
        at=context.now,
        by=finding.by,
        liability=finding.liability,
        valid=finding.valid,
        cause_code=finding.cause_code,
        # The loader admits no other words than those of the contract.
        treated_as=cast("Liability", rule.treated_as) if rule.treated_as else None,
        joint=finding.joint or None,
    )


def _convening(case: Case, context: Context) -> Case:
    opened = with_reviews(case, context.rules, context.now, JOINT)
    known = context.rules.organisation.departments
    added = [one for one in convened(case, context.rules) if one != case.department and one in known]
    assistants = tuple(dict.fromkeys((*case.placement.assistants, *added)))
    return replace(opened, placement=replace(case.placement, assistants=assistants))
