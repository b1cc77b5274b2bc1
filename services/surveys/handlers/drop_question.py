"""The complaint ended without being handled: is the customer still asked?"""

from __future__ import annotations

from collections.abc import Mapping

from services.surveys.domain.invitation import DECLINED, MERGED, WITHDRAWN, Invitation, skip
from services.surveys.domain.lifecycle import Status
from services.surveys.handlers.known import known
from shared.deciding import Context, Decision, Event
from shared.events.intake import ComplaintDeclined, ComplaintMerged, ComplaintWithdrawn, IntakeEvent

_BECAUSE: Mapping[type[IntakeEvent], str] = {
    ComplaintDeclined: DECLINED,
    ComplaintWithdrawn: WITHDRAWN,
    # Its customer is asked about the complaint that it went into, if it is the same one.
    ComplaintMerged: MERGED,
}


def drop_question(
    state: Invitation | None,
    event: Event[ComplaintDeclined] | Event[ComplaintWithdrawn] | Event[ComplaintMerged],
    _context: Context,
) -> Decision[Invitation]:
    """Not asked, unless the closing came first and the form is out: then it stays answerable."""
    state = known(state, event)
    undone = state.reopened_at is not None and event.data.at <= state.reopened_at
    if undone or state.status is not Status.WAITING:
        return Decision(state)
    return Decision(skip(state, _BECAUSE[type(event.data)]))
