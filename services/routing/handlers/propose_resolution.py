"""What does the company offer in this round?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast
from uuid import UUID

from services.routing.domain.authority import HANDLING, permitted
from services.routing.domain.case import Case
from services.routing.domain.duties import require_in_person, require_responsibility
from services.routing.domain.offering import Amount, Option, Proposal, Quantity
from services.routing.domain.recording import require_records
from services.routing.domain.signing import required, terms_of, with_terms
from services.routing.handlers.notices import asking_to_sign, hand_back
from shared.deciding import Actor, Context, Decision
from shared.errors import Rejected
from shared.events.intake import Money
from shared.events.routing import CostBearer, ResolutionProposed, ResolutionRejected
from shared.lifecycle import Action, Status, step


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
    """The case with this option as its newest proposal, and whoever signs it first asked to.

    Raises Conflict('record-missing'), Conflict('record-unsigned').
    """
    require_records(case, "propose", context.rules, option.remedies)
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


def restated(decision: Decision[Case], context: Context) -> Decision[Case]:
    """The decision with what is on the table as the facts of now ask for it, or back with the handler.

    Facts are never refused: what policy no longer lets anybody offer under them goes back with the reason.
    While the case waits this is left for the moment in which it goes on. Source: docs/decisions/0052.
    """
    case = decision.state
    proposal = case.proposal if case is not None else None
    if case is None or proposal is None or case.stage is not Status.PROPOSED:
        return decision
    if case.pause is not None:
        return replace(decision, state=replace(case, pause=replace(case.pause, recheck=True)))
    try:
        anew = with_terms(case, context.rules)
    except Rejected as refused:
        return _handed_back(decision, case, refused.code, context)
    newest = anew.proposal
    told = (tell_proposed(anew, newest),) if newest is not None and newest != proposal else ()
    return asking_to_sign(replace(decision, state=anew, tells=(*decision.tells, *told)), context)


def _handed_back(decision: Decision[Case], case: Case, code: str, context: Context) -> Decision[Case]:
    back = replace(case, status=step(case.status, Action.REJECT), unsignable_since=None)
    told = ResolutionRejected(
        complaint_no=case.complaint_no,
        at=context.now,
        by="kesu",
        round=case.round,
        role="policy",
        reason_code=code,
    )
    notices = hand_back(back, case.proposals[-1], code, context)
    return Decision(back, (*decision.tells, told), (*decision.notices, *notices))


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
