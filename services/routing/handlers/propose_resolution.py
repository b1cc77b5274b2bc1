"""What does the company offer in this round?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from services.routing.domain.authority import HANDLING, permitted
from services.routing.domain.case import Amount, Case, Option, Proposal
from services.routing.domain.duties import require_in_person, require_responsibility
from services.routing.domain.recording import require_records
from services.routing.domain.signing import required, terms_of
from services.routing.handlers.notices import ask_to_sign
from shared.deciding import Actor, Context, Decision
from shared.errors import Rejected
from shared.events.intake import Money
from shared.events.routing import ResolutionProposed
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


def propose_resolution(state: Case | None, command: ProposeResolution, context: Context) -> Decision[Case]:
    """The case with a new proposal; what was signed before belonged to the proposal before.

    Raises Rejected('no-remedy'), Rejected('compensation-not-positive'), Rejected('amount-missing'),
    Rejected('beyond-authority'), Conflict('responsibility-unclear'), Conflict('in-person-missing').
    Source: DSP-21, APR-01 and following.
    """
    case = permitted(state, command.actor, HANDLING)
    status = step(case.status, Action.PROPOSE)
    best = Option(command.remedies, command.compensation, command.goods)
    for option in (best, *command.others):
        _check(option)
        terms_of(case, option, context.rules)
    require_in_person(case, context.rules, context.now)
    require_responsibility(case, context.rules)
    return offer(replace(case, status=status, options=command.others), best, command.actor.person, context)


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
    )
    offered = replace(case, proposals=(*case.proposals, proposal))
    return Decision(offered, (tell_proposed(offered, proposal),), ask_to_sign(offered, context))


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
