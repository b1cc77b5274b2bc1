"""When is a case over? When the customer agreed and what was agreed has been done, not before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from services.routing.domain.action_causes import require_actions
from services.routing.domain.authority import HANDLING, permitted, require_signature
from services.routing.domain.case import Case, Finding
from services.routing.handlers.propose_resolution import money_of
from shared.deciding import Actor, Context, Decision
from shared.errors import Conflict
from shared.events.routing import ComplaintClosed
from shared.lifecycle import Action, step


@dataclass(frozen=True, slots=True)
class CloseCase:
    """It is over."""

    complaint_id: UUID
    actor: Actor


def close_case(state: Case | None, command: CloseCase, context: Context) -> Decision[Case]:
    """The case, closed.

    Raises Conflict('not-agreed'), Conflict('not-fulfilled'), Conflict('case-ended'),
    Conflict('action-missing'), Conflict('action-open').
    Source: CLS-01, CLS-14, APR-01, CAP-08; edge case 8: silence closes nothing.
    """
    case = permitted(state, command.actor, HANDLING)
    status = step(case.status, Action.CLOSE)
    finding = _finding_of(case)
    proposal = require_signature(case)
    require_actions(case, context.rules)
    told = ComplaintClosed(
        complaint_no=case.complaint_no,
        outcome="settled",
        valid=finding.valid,
        liability=finding.liability,
        remedies=proposal.remedies,
        rounds=case.round,
        compensation=money_of(proposal),
        received_at=case.received_at,
        closed_at=context.now,
        history=case.history,
    )
    return Decision(replace(case, status=status, ended_at=context.now), (told,))


def _finding_of(case: Case) -> Finding:
    # The table lets a withdrawn complaint be closed, because intake may hear both from two sides;
    # the desk itself closes nothing that has ended.
    if case.has_ended:
        raise Conflict("case-ended", f"the case was {case.status} before", field="status")
    if case.agreed_round != case.round:
        raise Conflict("not-agreed", "the customer has not consented in this round", field="status")
    if case.fulfilled_round != case.round:
        raise Conflict("not-fulfilled", "what was agreed is not yet done", field="status")
    if case.finding is None:
        raise Conflict("not-investigated", "there is no finding on record", field="finding")
    return case.finding
