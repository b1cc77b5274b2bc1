"""Does somebody with the authority sign the proposal, or send it back?"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from uuid import UUID

from services.routing.domain.authority import HANDLING, permitted
from services.routing.domain.case import Case
from services.routing.domain.offering import Proposal, Signature
from services.routing.domain.recording import require_records
from services.routing.domain.signing import hall_of, next_required, require_standing, required, signed
from services.routing.domain.standing import Standing
from services.routing.domain.terms import Required
from services.routing.handlers.notices import asking_to_sign, hand_back
from shared.deciding import Actor, Context, Decision
from shared.errors import Conflict, Forbidden, Rejected
from shared.events.routing import ResolutionApproved, ResolutionRejected
from shared.lifecycle import Action, step


@dataclass(frozen=True, slots=True)
class ApproveProposal:
    """I sign this proposal, by its number: not one that was put in its place meanwhile."""

    complaint_id: UUID
    actor: Actor
    proposal: int
    tests: tuple[str, ...] = ()
    """What I have checked, as policy asks of my signature (APR-04)."""


@dataclass(frozen=True, slots=True)
class RejectProposal:
    """I send this proposal back."""

    complaint_id: UUID
    actor: Actor
    proposal: int
    reason_code: str


def approve_proposal(state: Case | None, command: ApproveProposal, context: Context) -> Decision[Case]:
    """The case with one signature more; whoever signs next is asked to.

    Signatures are given in the order of policy, by holders of the role or their stand-ins, never by
    the proposer and never twice by one person.
    Raises Conflict('already-signed'), Conflict('proposal-superseded'), Conflict('no-signature-needed'),
    Forbidden('own-proposal'), Forbidden('role-missing'), Rejected('tests-missing').
    Source: APR-02 to APR-05, APR-13, RCS-03.
    """
    case = permitted(state, command.actor, HANDLING, departments=())
    status = step(case.status, Action.APPROVE)
    proposal = _current(case, command)
    due = _due(case, proposal, command.actor)
    hall = hall_of(case, proposal, context.rules, context.now)
    standing = require_standing(command.actor, due, hall)
    _require_tests(due, command.tests)
    require_records(case, "decide", context.rules)
    signature = _signature(proposal, standing, context, approves=True, tests=command.tests)
    approved = replace(case, status=status, signatures=(*case.signatures, signature))
    told = ResolutionApproved(
        complaint_no=case.complaint_no,
        at=context.now,
        by=standing.person,
        round=case.round,
        role=standing.role,
        in_place_of=standing.in_place_of,
        missing=len(required(proposal)) - len(signed(approved, proposal)),
    )
    return asking_to_sign(Decision(approved, (told,)), context)


def reject_proposal(state: Case | None, command: RejectProposal, context: Context) -> Decision[Case]:
    """The case back at its investigation and with its handler; whoever signs anywhere in the chain may.

    Raises what `approve_proposal` raises but for the tests.
    """
    case = permitted(state, command.actor, HANDLING, departments=())
    status = step(case.status, Action.REJECT)
    proposal = _current(case, command)
    standing = _somewhere(case, proposal, command.actor, context)
    signature = replace(
        _signature(proposal, standing, context, approves=False), reason_code=command.reason_code
    )
    told = ResolutionRejected(
        complaint_no=case.complaint_no,
        at=context.now,
        by=standing.person,
        round=case.round,
        role=standing.role,
        reason_code=command.reason_code,
    )
    signatures = (*case.signatures, signature)
    back = replace(case, status=status, signatures=signatures, unsignable_since=None)
    return Decision(back, (told,), hand_back(back, proposal, command.reason_code, context))


def _current(case: Case, command: ApproveProposal | RejectProposal) -> Proposal:
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
            remedy="Somebody else with the authority has to.",
        )
    return proposal


def _due(case: Case, proposal: Proposal, actor: Actor) -> Required:
    if any(one.by == actor.person for one in signed(case, proposal)):
        raise Conflict("already-signed", "one signature of one person is enough", field="actor")
    due = next_required(case, proposal)
    if due is None:
        raise Conflict(
            "no-signature-needed",
            f"proposal {proposal.number} has every signature that it needs",
            field="proposal",
            remedy="Answer the customer.",
        )
    return due


def _somewhere(case: Case, proposal: Proposal, actor: Actor, context: Context) -> Standing:
    chain = required(proposal)
    if not chain:
        raise Conflict("no-signature-needed", "nobody has to sign this proposal", field="proposal")
    hall = replace(hall_of(case, proposal, context.rules, context.now), spent=frozenset({proposal.by}))
    *earlier, last = chain
    for one in earlier:
        with suppress(Forbidden):
            return require_standing(actor, one, hall)
    return require_standing(actor, last, hall)


def _require_tests(due: Required, given: tuple[str, ...]) -> None:
    missing = [test for test in due.tests if test not in given]
    if missing:
        raise Rejected(
            "tests-missing",
            f"this signature confirms that {', '.join(missing)} was checked",
            field="tests",
            remedy="Check, then name every one of them in `tests`.",
        )


def _signature(
    proposal: Proposal,
    standing: Standing,
    context: Context,
    *,
    approves: bool,
    tests: tuple[str, ...] = (),
) -> Signature:
    return Signature(
        proposal.number,
        approves,
        standing.person,
        standing.role,
        context.now,
        in_place_of=standing.in_place_of,
        tests=tests,
    )
