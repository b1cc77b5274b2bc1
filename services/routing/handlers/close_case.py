"""When is a case over? When the customer agreed and what was agreed has been done, not before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from services.routing.domain.action_causes import require_actions
from services.routing.domain.authority import HANDLING, permitted
from services.routing.domain.case import Case, Finding
from services.routing.domain.duties import require_reviewed
from services.routing.domain.involvement import involvement_of
from services.routing.domain.recording import require_records
from services.routing.domain.signing import require_signed
from services.routing.domain.standing import HANDLER, Hall, is_handler, standing_of, who_may
from services.routing.handlers.notices import farewell, report
from services.routing.handlers.propose_resolution import money_of
from shared.deciding import Actor, Context, Decision
from shared.errors import Conflict, Forbidden
from shared.events.routing import ComplaintClosed
from shared.lifecycle import Action, step
from shared.participation import may_take_part


@dataclass(frozen=True, slots=True)
class CloseCase:
    """It is over."""

    complaint_id: UUID
    actor: Actor


def close_case(state: Case | None, command: CloseCase, context: Context) -> Decision[Case]:
    """The case, closed by whom policy lets close it; the customer and those told who are told afterwards.

    Raises Conflict('not-agreed'), Conflict('not-fulfilled'), Conflict('case-ended'),
    Conflict('review-open'), Conflict('action-missing'), Conflict('action-open'),
    Forbidden('not-the-closer').
    Source: CLS-01, CLS-04, INF-14, RTE-07, CLS-14, APR-01, CAP-08, C-29; edge case 8: silence closes nothing.
    """
    case = permitted(state, command.actor, HANDLING, departments=() if _closers(state) else None)
    status = step(case.status, Action.CLOSE)
    finding = _finding_of(case)
    proposal = require_signed(case)
    require_reviewed(case)
    require_records(case, "close", context.rules)
    require_actions(case, context.rules)
    _require_closer(case, command.actor, context)
    told = ComplaintClosed(
        complaint_no=case.complaint_no,
        outcome="settled",
        valid=finding.counts,
        liability=finding.liability,
        remedies=proposal.remedies,
        rounds=case.round,
        compensation=money_of(proposal),
        received_at=case.received_at,
        closed_at=context.now,
        history=case.history,
        department=case.department,
        recused=case.recused or None,
    )
    closed = replace(case, status=status, ended_at=context.now)
    terms = proposal.terms
    roles = (*(terms.report_to if terms else ()), *context.rules.profile_of(case.site).reported_to)
    notices = (*report(closed, roles, context), *farewell(closed))
    return Decision(closed, (told,), notices)


def _closers(case: Case | None) -> tuple[str, ...]:
    proposal = case.proposal if case is not None else None
    return proposal.terms.close if proposal is not None and proposal.terms is not None else ()


def _is_of_department(case: Case, actor: Actor) -> bool:
    return may_take_part(involvement_of(case), actor, departments=(case.department,))


def _require_closer(case: Case, actor: Actor, context: Context) -> None:
    roles = _closers(case)
    own = _is_of_department(case, actor) and is_handler(case, actor)
    if not roles or (HANDLER in roles and own):
        return
    hall = Hall(case, context.rules, context.now)
    if standing_of(actor, roles, hall) is None:
        raise Forbidden(
            "not-the-closer",
            f"such a case is closed by {' or '.join(roles)}",
            field="actor",
            remedy=f"Who may now: {', '.join(one.person for one in who_may(roles, hall)) or 'nobody'}.",
        )


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
