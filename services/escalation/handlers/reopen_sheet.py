"""What happens when a complaint is taken up again? Its clocks begin anew, the old ones stay as proof."""

from __future__ import annotations

from dataclasses import replace

from services.escalation.domain.following import REGISTERED, drop, follow
from services.escalation.domain.news import names_of
from services.escalation.domain.sheet import ClockSheet, known_sheet
from services.escalation.domain.turn import Turn
from shared.deciding import Context, Decision, Event
from shared.events.intake import ComplaintReopened


def reopen_sheet(
    state: ClockSheet | None, event: Event[ComplaintReopened], context: Context
) -> Decision[ClockSheet]:
    """Begins the next life: what starts with registration starts again, from the reopening on.

    Clocks of corrective actions run on: what removes a cause does not depend on one customer.

    News of the ending may still be on its way; clocks of the old life are then cancelled here. A
    reopening that was heard before changes nothing. Raises NotYet('unknown-complaint').
    """
    sheet = known_sheet(state, event.complaint_id)
    at = event.data.at
    if sheet.reopened_at is not None and at <= sheet.reopened_at:
        return Decision(sheet)
    turn = Turn(sheet)
    for clock in sheet.clocks:
        if clock.is_open and not clock.is_of_action:
            turn = drop(turn, clock, at, "reopened", now=context.now)
    fresh = replace(
        turn.sheet,
        life=sheet.life + 1,
        reopened_at=at,
        ended=None,
        disputed_at=None,
        waiting=None,
        holds_until=None,
        moments={},
        # Imported or not, it is work of today now.
        history=False,
        promised_at=None,
        closed_at=None,
    )
    names = (*names_of(event.data), REGISTERED)
    return follow(turn.on(fresh), names, at, rules=context.rules, now=context.now).decision()
