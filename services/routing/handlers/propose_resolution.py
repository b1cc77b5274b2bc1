"""What does the company offer in this round?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from services.routing.domain.authority import HANDLING, permitted
from services.routing.domain.case import Amount, Case, Proposal
from shared.deciding import Actor, Context, Decision
from shared.errors import Rejected
from shared.events.intake import Money
from shared.events.routing import ResolutionProposed
from shared.lifecycle import Action, step


@dataclass(frozen=True, slots=True)
class ProposeResolution:
    """This is what we would do for the customer (DSP-*)."""

    complaint_id: UUID
    actor: Actor
    remedies: tuple[str, ...]
    compensation: Amount | None = None


def propose_resolution(state: Case | None, command: ProposeResolution, context: Context) -> Decision[Case]:
    """The case with a new proposal; what was signed before belonged to the proposal before.

    Raises Rejected('no-remedy'), Rejected('compensation-not-positive').
    """
    case = permitted(state, command.actor, HANDLING)
    _check(command)
    proposal = Proposal(
        number=len(case.proposals) + 1,
        round=case.round,
        remedies=command.remedies,
        compensation=command.compensation,
        by=command.actor.person,
        at=context.now,
    )
    status = step(case.status, Action.PROPOSE)
    told = ResolutionProposed(
        complaint_no=case.complaint_no,
        at=context.now,
        by=proposal.by,
        round=case.round,
        remedies=proposal.remedies,
        compensation=money_of(proposal),
    )
    return Decision(replace(case, status=status, proposals=(*case.proposals, proposal)), (told,))


def money_of(proposal: Proposal) -> Money | None:
    """The compensation as events carry it."""
    offered = proposal.compensation
    return Money(amount=offered.amount, currency=offered.currency) if offered else None


def _check(command: ProposeResolution) -> None:
    if not command.remedies:
        raise Rejected("no-remedy", "a proposal names at least one remedy", field="remedies")
    offered = command.compensation
    if offered is not None and not (offered.amount.is_finite() and offered.amount > 0):
        raise Rejected(
            "compensation-not-positive",
            "compensation is more than nothing",
            field="compensation.amount",
            remedy="Leave compensation out if nothing is paid.",
        )
