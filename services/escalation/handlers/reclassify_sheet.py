"""What happens when a complaint turns out to be of another kind? Its limits are recomputed."""

from __future__ import annotations

from dataclasses import replace

from services.escalation.domain.following import follow
from services.escalation.domain.news import names_of
from services.escalation.domain.refiguring import refigure
from services.escalation.domain.sheet import ClockSheet, known_sheet
from services.escalation.domain.turn import Turn
from shared.deciding import Context, Decision, Event
from shared.events.routing import ComplaintReclassified


def reclassify_sheet(
    state: ClockSheet | None, event: Event[ComplaintReclassified], context: Context
) -> Decision[ClockSheet]:
    """Recomputes the open clocks and keeps the old due dates as evidence (edge case 4).

    Raises NotYet('unknown-complaint').
    """
    before = known_sheet(state, event.complaint_id)
    data = event.data
    facts = replace(
        before.facts,
        kind=data.current.kind,
        category=data.current.category,
        type=data.current.type,
    )
    sheet = replace(before, facts=facts)
    turn = follow(Turn(sheet), names_of(data), data.at, rules=context.rules, now=context.now)
    return refigure(turn, before.facts, data.by, data.at, rules=context.rules, now=context.now).decision()
