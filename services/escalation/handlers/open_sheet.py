"""What happens when a complaint is in the register? Its clocks run from the moment it was received."""

from __future__ import annotations

from services.escalation.domain.opening import opened
from services.escalation.domain.sheet import ClockSheet
from services.escalation.domain.turn import Turn
from shared.changing import changed
from shared.deciding import Context, Decision, Event
from shared.errors import Rejected
from shared.events.intake import ComplaintRegistered
from shared.policy.claims import claim_of
from shared.policy.model import Facts, Rulebook


def open_sheet(
    state: ClockSheet | None, event: Event[ComplaintRegistered], context: Context
) -> Decision[ClockSheet]:
    """Opens the sheet and starts its first clocks; a complaint that is known already stays as it is.

    The severity is triaged here as well, so that clocks are right even while routing is down.
    """
    if state is not None:
        return Decision(state)
    data = event.data
    facts = Facts(
        kind=data.kind,
        category=data.category,
        type=data.type,
        channel=data.channel,
        site=event.site,
        grade=data.customer_grade,
        flags=frozenset(name for name, is_set in data.flags if is_set),
        product_line=(data.product.line or "") if data.product is not None else "",
        claimed=claim_of(data.claimed.amount, data.claimed.currency) if data.claimed is not None else None,
    )
    severity, _ = context.rules.profile_of(event.site).triage(facts)
    sheet = ClockSheet(
        complaint_id=event.complaint_id,
        complaint_no=data.complaint_no,
        site=event.site,
        facts=changed(facts, severity=severity),
        received_at=data.received_at,
        history=data.history,
        promised_at=data.promised_at,
        closed_at=data.closed_at,
        department=_department(facts, event.site, context.rules) if data.history else None,
        accused=frozenset(data.accused_refs),
        language=data.language,
        sealed=None if data.history else data.sealed,
    )
    return opened(Turn(sheet), rules=context.rules, now=context.now).decision()


def _department(facts: Facts, site: str, rules: Rulebook) -> str | None:
    """Whose it would have been: outcomes of the past are counted before routing has placed it."""
    try:
        return rules.profile_of(site).route(facts).lead
    except Rejected:
        return None
