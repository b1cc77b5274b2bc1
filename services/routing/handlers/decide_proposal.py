"""Does somebody with the authority sign the proposal, or send it back?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from services.routing.domain.authority import SIGNING, permitted
from services.routing.domain.case import Case, Signature
from shared.deciding import Actor, Context, Decision
from shared.errors import Conflict, Forbidden
from shared.events.routing import ResolutionApproved, ResolutionRejected
from shared.lifecycle import Action, step

_ROLE = "director"


@dataclass(frozen=True, slots=True)
class ApproveProposal:
    """I sign this proposal, by its number: not one that was put in its place meanwhile."""

    complaint_id: UUID
    actor: Actor
    proposal: int


@dataclass(frozen=True, slots=True)
class RejectProposal:
    """I send this proposal back."""

    complaint_id: UUID
    actor: Actor
    proposal: int
    reason_code: str


def approve_proposal(state: Case | None, command: ApproveProposal, context: Context) -> Decision[Case]:
    """The case with one signature more.

    Raises Conflict('already-signed'), Conflict('proposal-superseded'), Forbidden('own-proposal').
    Source: APR-02, APR-13.
    """
    case = permitted(state, command.actor, SIGNING)
    status = step(case.status, Action.APPROVE)
    _check(case, command)
    person = command.actor.person
    signature = Signature(command.proposal, True, person, _ROLE, context.now)
    told = ResolutionApproved(
        complaint_no=case.complaint_no, at=context.now, by=person, round=case.round, role=_ROLE
    )
    return Decision(replace(case, status=status, signatures=(*case.signatures, signature)), (told,))


def reject_proposal(state: Case | None, command: RejectProposal, context: Context) -> Decision[Case]:
    """The case back at its investigation; the next proposal needs signatures of its own."""
    case = permitted(state, command.actor, SIGNING)
    status = step(case.status, Action.REJECT)
    _check(case, command)
    person = command.actor.person
    signature = Signature(
        command.proposal,
        False,
        person,
        _ROLE,
        context.now,
        command.reason_code,
    )
    told = ResolutionRejected(
        complaint_no=case.complaint_no,
        at=context.now,
        by=person,
        round=case.round,
        role=_ROLE,
        reason_code=command.reason_code,
    )
    return Decision(replace(case, status=status, signatures=(*case.signatures, signature)), (told,))


def _check(case: Case, command: ApproveProposal | RejectProposal) -> None:
    proposal = case.proposal
    if proposal is None or proposal.number != command.proposal:
        raise Conflict(
            "proposal-superseded",
            f"proposal {command.proposal} is not the one that counts now",
            field="proposal",
            remedy="Read the case again and decide on its newest proposal.",
        )
    if proposal.by == command.actor.person:
        raise Forbidden(
            "own-proposal",
            "nobody decides on a proposal of their own",
            field="actor",
            remedy="Another director has to.",
        )
    if any(s.proposal == command.proposal and s.by == command.actor.person for s in case.signatures):
        raise Conflict("already-signed", "this person has decided on it before", field="actor")
