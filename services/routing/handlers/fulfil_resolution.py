"""Has what was agreed been carried out?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from services.routing.domain.appointing import require_at_once
from services.routing.domain.authority import HANDLING, permitted
from services.routing.domain.case import Case
from services.routing.domain.offering import Proposal
from services.routing.domain.recording import require_records
from services.routing.domain.signing import require_signed
from services.routing.domain.standing import Hall, standing_of, who_may
from services.routing.domain.terms import Terms
from shared.deciding import Actor, Context, Decision
from shared.errors import Conflict, Forbidden
from shared.events.routing import ResolutionFulfilled
from shared.lifecycle import Action, step


@dataclass(frozen=True, slots=True)
class FulfilResolution:
    """The remedies were given and the money was paid (CLS-14); `attachments` lie with the report."""

    complaint_id: UUID
    actor: Actor
    attachments: tuple[str, ...] = ()


def fulfil_resolution(state: Case | None, command: FulfilResolution, context: Context) -> Decision[Case]:
    """The case, fulfilled. Whoever pays checks every signature once more (APR-13).

    Raises Conflict('signature-missing'), Conflict('attachments-missing'), Forbidden('not-the-payer'),
    Conflict('date-missing').
    Source: APR-13, APR-14, CLS-14, DSP-23.
    """
    paying = _terms_of(state).pay
    case = permitted(state, command.actor, HANDLING, departments=() if paying else None)
    status = step(case.status, Action.FULFIL)
    proposal = require_signed(case)
    _require_payer(case, proposal, command.actor, context)
    require_at_once(case, context.rules, context.now)
    missing = [one for one in _terms_of(case).attachments if one not in command.attachments]
    if missing:
        raise Conflict(
            "attachments-missing",
            f"{', '.join(missing)} has to lie with the report before it is paid",
            field="attachments",
            remedy="Put it there, then name every one of them in `attachments`.",
        )
    require_records(case, "fulfil", context.rules)
    told = ResolutionFulfilled(
        complaint_no=case.complaint_no,
        at=context.now,
        by=command.actor.person,
        round=case.round,
    )
    done = replace(case, status=status, fulfilled_round=case.round, attached=command.attachments)
    return Decision(done, (told,))


def _terms_of(case: Case | None) -> Terms:
    proposal = case.proposal if case is not None else None
    return proposal.terms if proposal is not None and proposal.terms is not None else Terms("", "")


def _require_payer(case: Case, proposal: Proposal, actor: Actor, context: Context) -> None:
    roles = _terms_of(case).pay
    hall = Hall(case, context.rules, context.now, frozenset({proposal.by}))
    if roles and standing_of(actor, roles, hall) is None:
        raise Forbidden(
            "not-the-payer",
            f"{' or '.join(roles)} carries this out, and never who proposed it",
            field="actor",
            remedy=f"Who may now: {', '.join(one.person for one in who_may(roles, hall)) or 'nobody'}.",
        )
