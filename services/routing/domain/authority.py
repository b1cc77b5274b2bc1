"""Who may do what to a case? Role, site, department, and never a person complained about."""

from __future__ import annotations

from services.routing.domain.case import Case, Proposal
from shared.deciding import Actor
from shared.errors import Conflict, Forbidden, NotFound

HANDLING = frozenset({"handler", "manager", "director"})
LEADING = frozenset({"manager", "director"})
SIGNING = frozenset({"director"})
"""Who signs for money (APR-02). An administrator keeps the machine running and signs nothing."""


def permitted(case: Case | None, actor: Actor, roles: frozenset[str], *, assisting: bool = False) -> Case:
    """The case, if this actor may work on it; `assisting`: assisting departments may as well.

    Raises NotFound('unknown-case'), Forbidden('recused'), Forbidden('out-of-scope'),
    Forbidden('role-missing').
    Source: RCS-01, RCS-02; architecture.md section 8.
    """
    if case is None:
        raise NotFound("unknown-case", "there is no such case", field="complaint_id")
    if not actor.may_see_site(case.site):
        raise Forbidden("out-of-scope", f"no rights for site {case.site}", field="site")
    if actor.person in case.recused:
        raise Forbidden(
            "recused",
            "a person complained about takes no part in the case",
            field="actor",
            remedy="Somebody else of the department has to act.",
        )
    departments = (case.department, *case.placement.assistants) if assisting else (case.department,)
    if not any(actor.may_see_department(one) for one in departments):
        raise Forbidden("out-of-scope", f"no rights for {case.department}", field="department")
    allowed = roles if roles is SIGNING else roles | {"admin"}
    if actor.roles.isdisjoint(allowed):
        raise Forbidden(
            "role-missing",
            "this step needs another role",
            field="actor",
            remedy=f"One of: {', '.join(sorted(allowed))}.",
        )
    return case


def may_read(case: Case, actor: Actor) -> bool:
    """Whether the actor may see the case at all (RCS-02)."""
    return (
        actor.may_see_site(case.site)
        and actor.person not in case.recused
        and any(actor.may_see_department(one) for one in (case.department, *case.placement.assistants))
    )


def is_signed(case: Case, proposal: Proposal) -> bool:
    """Whether this very proposal was approved by somebody other than who made it."""
    return any(
        signature.proposal == proposal.number and signature.approves and signature.by != proposal.by
        for signature in case.signatures
    )


def require_signature(case: Case) -> Proposal:
    """The proposal that may now go to the customer, or be paid.

    Without compensation the handler needs nobody (APR-01); with it the signature must be there.
    Raises Conflict('no-proposal'), Conflict('signature-missing').
    """
    proposal = case.proposal
    if proposal is None:
        raise Conflict(
            "no-proposal",
            f"nothing was proposed in round {case.round}",
            field="proposal",
            remedy="Propose a resolution first.",
        )
    if proposal.compensation is not None and not is_signed(case, proposal):
        raise Conflict(
            "signature-missing",
            f"proposal {proposal.number} pays compensation and nobody has signed it",
            field="approvals",
            remedy="A director other than the proposer has to approve it.",
        )
    return proposal
