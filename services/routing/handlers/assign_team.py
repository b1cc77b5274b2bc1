"""Who gets a complaint that has just been registered?"""

from __future__ import annotations

from services.routing.domain.case import Case, Goods
from services.routing.domain.goods import with_sale
from services.routing.domain.placing import Matter, place
from services.routing.handlers.informing import inform_people
from shared.deciding import Context, Decision, Event
from shared.events.intake import ComplaintRegistered, Flags, Product
from shared.events.routing import ComplaintAssigned
from shared.lifecycle import Action, Status, step
from shared.policy.claims import claim_of
from shared.policy.model import Facts

_NO_FLAGS: frozenset[str] = frozenset()


def assign_team(state: Case | None, event: Event[ComplaintRegistered], context: Context) -> Decision[Case]:
    """A new case, placed by the matrix or at the triage desk; a known one stays as it is.

    Whoever is informed in parallel is told in the same moment (SEV-03).
    """
    if state is not None:
        return Decision(state)
    data = event.data
    facts = _facts_of(data, event.site)
    matter = Matter(event.subject, facts, data.accused_refs, data.language)
    placement = place(matter, context.rules, context.now)
    case = Case(
        complaint_id=event.subject,
        complaint_no=data.complaint_no,
        site=event.site,
        facts=facts,
        received_at=data.received_at,
        language=data.language,
        # What had ended before it was imported is nobody's work: it is placed, and closed.
        status=Status.CLOSED if data.closed_at else step(Status.REGISTERED, Action.ASSIGN),
        ended_at=data.closed_at,
        placement=placement,
        recused=data.accused_refs,
        sealed=data.sealed,
        history=data.history,
        goods=with_sale(Goods(), data.product),
    )
    return Decision(case, (tell_assigned(case),), inform_people(case, context.rules))


def tell_assigned(case: Case) -> ComplaintAssigned:
    """The event that says who has the case now."""
    placement = case.placement
    return ComplaintAssigned(
        complaint_no=case.complaint_no,
        department=placement.department,
        assistants=placement.assistants,
        assignee=placement.assignee,
        severity=placement.severity,
        priority=case.priority,
        rule=placement.rule,
        policy_version=placement.policy_version,
        recused=case.recused,
        informed=placement.informed,
        round=case.round,
        history=case.history,
        mode=case.mode.mode if case.mode is not None else None,
        outside=placement.outside,
    )


def _facts_of(data: ComplaintRegistered, site: str) -> Facts:
    return Facts(
        kind=data.kind,
        category=data.category,
        type=data.type,
        channel=data.channel,
        site=site,
        grade=data.customer_grade,
        flags=set_flags(data.flags),
        product_line=line_of(data.product),
        claimed=claim_of(data.claimed.amount, data.claimed.currency) if data.claimed is not None else None,
    )


def line_of(product: Product | None) -> str:
    """The product line that was named; empty if none was."""
    return (product.line or "") if product is not None else ""


def set_flags(flags: Flags) -> frozenset[str]:
    """The names of the flags that are set."""
    # Read past pydantic, whose comparison and iteration cost more than the decision of the matrix.
    known = flags.__dict__
    return (
        frozenset(name for name, is_set in known.items() if is_set) if True in known.values() else _NO_FLAGS
    )
