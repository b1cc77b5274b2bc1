"""The complaint is closed: is its customer asked?"""

from __future__ import annotations

from dataclasses import replace

from services.surveys.domain.invitation import Invitation, reopen
from services.surveys.domain.lifecycle import Status
from services.surveys.handlers.asking import ask
from services.surveys.handlers.known import known
from shared.deciding import Context, Decision, Event
from shared.events.routing import ComplaintClosed


def ask_customer(
    state: Invitation | None, event: Event[ComplaintClosed], context: Context
) -> Decision[Invitation]:
    """What `ask` decides. A closing already seen, or undone since, changes nothing.

    Raises NotYet('unknown-complaint').
    """
    state = known(state, event)
    closed_at = event.data.closed_at
    state = _handled_by(state, event.data)
    if state.has_seen_closing(closed_at):
        return Decision(state)
    if state.was_ended:
        # Withdrawn while the desk closed it: both are true, and nobody is bothered again.
        return Decision(replace(state, closed_at=closed_at))
    if state.status is not Status.WAITING:
        # Closed once more, so it was reopened in between, even if that event is still on its way.
        state = reopen(state, state.closed_at or closed_at)
    return ask(replace(state, closed_at=closed_at), context, history=event.data.history)


def _handled_by(state: Invitation, data: ComplaintClosed) -> Invitation:
    """The invitation with who had the complaint and who took no part; a closing of before says neither."""
    if data.department is None:
        return state
    return replace(state, department=data.department, set_aside=data.recused or ())
