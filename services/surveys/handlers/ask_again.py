"""The complaint is taken up again: what becomes of the question?"""

from __future__ import annotations

from services.surveys.domain.invitation import Invitation, reopen
from services.surveys.handlers.asking import ask
from services.surveys.handlers.known import known
from shared.deciding import Context, Decision, Event
from shared.events.intake import ComplaintReopened


def ask_again(
    state: Invitation | None, event: Event[ComplaintReopened], context: Context
) -> Decision[Invitation]:
    """The form so far is kept as an earlier one; the next closing asks with a new number.

    A reopening that is older than the closing already known comes late: it changes nothing, unless
    the closing was passed over because the complaint seemed to have ended otherwise.
    """
    state = known(state, event)
    at = event.data.at
    if state.closed_at is None or at > state.closed_at:
        return Decision(reopen(state, at))
    return ask(reopen(state, at), context) if state.was_ended else Decision(state)
