"""Which clocks stand still while the case waits? Those that wait for somebody outside the company."""

from __future__ import annotations

from dataclasses import replace

from services.escalation.domain.following import follow, hold
from services.escalation.domain.news import names_of
from services.escalation.domain.sheet import ClockSheet, known_sheet
from services.escalation.domain.timing import WAITED_FOR
from services.escalation.domain.turn import Turn
from shared.deciding import Context, Decision, Event
from shared.events.routing import ComplaintPaused
from shared.worktime import Pause, due_at


def pause_clocks(
    state: ClockSheet | None, event: Event[ComplaintPaused], context: Context
) -> Decision[ClockSheet]:
    """Holds every clock that had time left, for as long as policy lets it wait for that party.

    Waiting for ourselves holds none.

    Raises NotYet('unknown-complaint').
    """
    sheet = known_sheet(state, event.complaint_id)
    data = event.data
    turn = follow(
        Turn(sheet),
        names_of(data),
        data.at,
        rules=context.rules,
        now=context.now,
        party=data.waiting_for,
    )
    if data.waiting_for not in WAITED_FOR or sheet.waiting is not None or sheet.ended is not None:
        return turn.decision()
    pause = Pause(start=data.at, reason=data.reason, waiting_for=data.waiting_for, by=data.by)
    cap = context.rules.profile_of(sheet.site).pausing.cap.get(data.waiting_for)
    until = due_at(context.rules.calendar_of(sheet.site), data.at, cap) if cap is not None else None
    turn = turn.on(replace(turn.sheet, waiting=pause, holds_until=until))
    for clock in turn.sheet.clocks:
        turn = hold(turn, clock, context.now)
    return turn.decision()
