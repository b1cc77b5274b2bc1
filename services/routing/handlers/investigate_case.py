"""Whose fault was it, and was the complaint justified?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from services.routing.domain.authority import HANDLING, permitted
from services.routing.domain.case import Case, Finding
from services.routing.handlers.propose_action import with_demanded
from shared.deciding import Actor, Context, Decision
from shared.events.routing import ComplaintInvestigated, Liability
from shared.lifecycle import Action, step


@dataclass(frozen=True, slots=True)
class InvestigateCase:
    """This is what we found (TYP-13)."""

    complaint_id: UUID
    actor: Actor
    liability: Liability
    valid: bool
    cause_code: str


def investigate_case(state: Case | None, command: InvestigateCase, context: Context) -> Decision[Case]:
    """The case with its finding; assisting departments may record one too (RTE-08, INV-02)."""
    case = permitted(state, command.actor, HANDLING, assisting=True)
    finding = Finding(command.liability, command.valid, command.cause_code, command.actor.person, context.now)
    told = ComplaintInvestigated(
        complaint_no=case.complaint_no,
        at=context.now,
        by=finding.by,
        liability=finding.liability,
        valid=finding.valid,
        cause_code=finding.cause_code,
    )
    status = step(case.status, Action.INVESTIGATE)
    return with_demanded(Decision(replace(case, status=status, finding=finding), (told,)), context)
