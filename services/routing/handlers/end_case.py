"""What if the customer withdraws, or intake declines the complaint? The case ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from services.routing.domain.arrival import require_registered
from services.routing.domain.case import Case
from shared.deciding import Context, Decision, Event
from shared.events.intake import ComplaintDeclined, ComplaintWithdrawn
from shared.lifecycle import Action, step_crossed


def withdraw_case(state: Case | None, event: Event[ComplaintWithdrawn], _context: Context) -> Decision[Case]:
    """The case, ended as withdrawn; one that had ended before stays as it was."""
    return Decision(_ended(require_registered(state, event), Action.WITHDRAW, event.data.at))


def decline_case(state: Case | None, event: Event[ComplaintDeclined], _context: Context) -> Decision[Case]:
    """The case, ended as declined; one that had ended before stays as it was.

    Raises Conflict('status-forbids') after the customer's reply: intake knew of that, so such an
    event contradicts its own order and is parked for somebody to look at.
    """
    return Decision(_ended(require_registered(state, event), Action.DECLINE, event.data.at))


def _ended(case: Case, action: Action, at: datetime) -> Case:
    # The desk may have gone on working while this was on its way: the table says how far.
    if case.has_ended:
        return case
    return replace(case, status=step_crossed(case.status, action), ended_at=at, pause=None, options=())
