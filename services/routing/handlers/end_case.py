"""What if the customer withdraws, or intake declines the complaint? The case ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from services.routing.domain.arrival import require_registered
from services.routing.domain.case import Case
from shared.deciding import Context, Decision, Event
from shared.events.intake import ComplaintDeclined, ComplaintWithdrawn
from shared.lifecycle import Status


def withdraw_case(state: Case | None, event: Event[ComplaintWithdrawn], _context: Context) -> Decision[Case]:
    """The case, ended as withdrawn; one that had ended before stays as it was."""
    return Decision(_ended(require_registered(state, event), Status.WITHDRAWN, event.data.at))


def decline_case(state: Case | None, event: Event[ComplaintDeclined], _context: Context) -> Decision[Case]:
    """The case, ended as declined; one that had ended before stays as it was."""
    return Decision(_ended(require_registered(state, event), Status.DECLINED, event.data.at))


def _ended(case: Case, status: Status, at: datetime) -> Case:
    # Intake asked the transition table before it told this: it is a fact and not a wish. The desk
    # may have gone on working in the meantime, and its case ends all the same.
    if case.has_ended:
        return case
    return replace(case, status=status, ended_at=at, pause=None)
