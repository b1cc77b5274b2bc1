"""The complaint ended without being handled: is the customer still asked?"""

from __future__ import annotations

from services.surveys.domain.invitation import DECLINED, WITHDRAWN, Invitation, skip
from services.surveys.domain.lifecycle import Status
from services.surveys.handlers.known import known
from shared.deciding import Context, Decision, Event
from shared.events.intake import ComplaintDeclined, ComplaintWithdrawn


def drop_question(
    state: Invitation | None,
    event: Event[ComplaintDeclined] | Event[ComplaintWithdrawn],
    _context: Context,
) -> Decision[Invitation]:
    """Not asked, unless the closing came first and the form is out: then it stays answerable."""
    state = known(state, event)
    undone = state.reopened_at is not None and event.data.at <= state.reopened_at
    if undone or state.status is not Status.WAITING:
        return Decision(state)
    because = DECLINED if isinstance(event.data, ComplaintDeclined) else WITHDRAWN
    return Decision(skip(state, because))
