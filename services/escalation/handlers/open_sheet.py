"""What happens when a complaint is in the register? Its clocks run from the moment it was received."""

from __future__ import annotations

from dataclasses import replace

from services.escalation.domain.following import follow
from services.escalation.domain.news import names_of
from services.escalation.domain.sheet import ClockSheet
from services.escalation.domain.turn import Turn
from shared.deciding import Context, Decision, Event
from shared.events.intake import ComplaintRegistered
from shared.policy.model import Facts


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
    )
    severity, _ = context.rules.profile_of(event.site).triage(facts)
    sheet = ClockSheet(
        complaint_id=event.complaint_id,
        complaint_no=data.complaint_no,
        site=event.site,
        facts=replace(facts, severity=severity),
        received_at=data.received_at,
        history=data.history,
        accused=frozenset(data.accused_refs),
    )
    names = names_of(data)
    return follow(Turn(sheet), names, data.received_at, rules=context.rules, now=context.now).decision()
