"""What does a department's taking over mean? Alarms go to its people, and clocks may begin."""

from __future__ import annotations

from services.escalation.domain.following import follow
from services.escalation.domain.news import names_of
from services.escalation.domain.refiguring import refigure
from services.escalation.domain.sheet import ClockSheet, known_sheet
from services.escalation.domain.turn import Turn
from shared.changing import changed
from shared.deciding import Context, Decision, Event
from shared.events.routing import ComplaintAssigned


def note_assignment(
    state: ClockSheet | None, event: Event[ComplaintAssigned], context: Context
) -> Decision[ClockSheet]:
    """Notes who has the case and how grave it is; reassigning keeps the clocks (edge case 12).

    Raises NotYet('unknown-complaint').
    """
    before = known_sheet(state, event.complaint_id)
    data = event.data
    sheet = changed(
        before,
        department=data.department,
        assignee=data.assignee,
        set_aside=frozenset(data.recused),
        facts=changed(before.facts, severity=data.severity),
    )
    turn = follow(
        Turn(sheet),
        names_of(data),
        event.time,
        rules=context.rules,
        now=context.now,
        party=data.department,
    )
    if sheet.severity != before.severity:
        turn = refigure(turn, before.facts, data.rule, event.time, rules=context.rules, now=context.now)
    return turn.decision()
