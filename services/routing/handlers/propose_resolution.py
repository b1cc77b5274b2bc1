"""What does the company offer in this round?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast
from uuid import UUID

from services.routing.domain.authority import HANDLING, permitted
from services.routing.domain.case import Amount, Case, Option, Proposal, Quantity
from services.routing.domain.duties import require_in_person, require_responsibility
from services.routing.domain.signing import required, terms_of
from services.routing.handlers.notices import asking_to_sign
from shared.deciding import Actor, Context, Decision
from shared.errors import Rejected
from shared.events.intake import Money
from shared.events.routing import CostBearer, ResolutionProposed
from shared.lifecycle import Action, step


@dataclass(frozen=True, slots=True)
class ProposeResolution:
    """This is what we would do for the customer (DSP-*); `others` are offered next, best first."""

    complaint_id: UUID
    actor: Actor
    remedies: tuple[str, ...]
    compensation: Amount | None = None
    goods: Amount | None = None
    others: tuple[Option, ...] = ()
    cost_bearer: str | None = None
    impossible: tuple[str, ...] = ()
    reason_code: str | None = None
    quantity: Quantity | None = None

    @property
    def best(self) -> Option:
        """What is offered first."""
        return Option(
            self.remedies,
            self.compensation,
            self.goods,
            cost_bearer=self.cost_bearer,
            impossible=self.impossible,
            reason_code=self.reason_code,
            quantity=self.quantity,
        )


def propose_resolution(state: Case | None, command: ProposeResolution, context: Context) -> Decision[Case]:
    """The case with a new proposal; what was signed before belonged to the proposal before.

    Raises Rejected('no-remedy'), Rejected('compensation-not-positive'), Rejected('amount-missing'),
    Rejected('beyond-authority'), Conflict('responsibility-unclear'), Conflict('in-person-missing'), and
    what `remedy_terms` raises.
    Source: DSP-21, APR-01 and following.
    """
    case = permitted(state, command.actor, HANDLING)
    status = step(case.status, Action.PROPOSE)
    for option in (command.best, *command.others):
        _check(option)
        terms_of(case, option, context.rules)
    require_in_person(case, context.rules, context.now)
    require_responsibility(case, context.rules)
    offered = replace(case, status=status, options=command.others)
    return offer(offered, command.best, command.actor.person, context)


def offer(case: Case, option: Option, by: str, context: Context) -> Decision[Case]:
    """The case with this option as its newest proposal, and whoever signs it first asked to."""
    proposal = Proposal(
        number=len(case.proposals) + 1,
        round=case.round,
        remedies=option.remedies,
        compensation=option.compensation,
        by=by,
        at=context.now,
        goods=option.goods,
        terms=terms_of(case, option, context.rules),
        cost_bearer=option.cost_bearer,
        impossible=option.impossible,
        reason_code=option.reason_code,
        quantity=option.quantity,
    )
    offered = replace(case, proposals=(*case.proposals, proposal))
    return asking_to_sign(Decision(offered, (tell_proposed(offered, proposal),)), context)


def tell_proposed(case: Case, proposal: Proposal) -> ResolutionProposed:
    """The event that says what is offered, and how many have to sign it."""
    return ResolutionProposed(
        complaint_no=case.complaint_no,
        at=proposal.at,
        by=proposal.by,
        round=case.round,
        remedies=proposal.remedies,
        compensation=money_of(proposal),
        signatures=len(required(proposal)) or None,
        # The loader admits no other words than those of the contract.
        cost_bearer=cast(
            "CostBearer | None", (proposal.terms.cost_bearer or None) if proposal.terms else None
        ),
        reason_code=proposal.reason_code,
    )


def money_of(proposal: Proposal) -> Money | None:
    """The compensation as events carry it."""
    offered = proposal.compensation
    return Money(amount=offered.amount, currency=offered.currency) if offered else None


def _check(option: Option) -> None:
    if not option.remedies:
        raise Rejected("no-remedy", "a proposal names at least one remedy", field="remedies")
    for field, given in (("compensation", option.compensation), ("goods", option.goods)):
        if given is not None and not (given.amount.is_finite() and given.amount > 0):
            raise Rejected(
                f"{field}-not-positive",
                f"{field} is more than nothing",
                field=f"{field}.amount",
                remedy=f"Leave {field} out if nothing is given.",
            )
