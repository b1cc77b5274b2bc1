"""Has the complaint been heard of? Events of other producers may overtake its registration."""

from __future__ import annotations

from services.surveys.domain.invitation import Invitation
from shared.deciding import Event
from shared.errors import NotYet
from shared.events.base import EventData


def known(state: Invitation | None, event: Event[EventData]) -> Invitation:
    """The state. Raises NotYet('unknown-complaint') while complaint.registered is on its way."""
    if state is None:
        raise NotYet(
            "unknown-complaint",
            f"{event.type} came before the registration of {event.data.complaint_no}",
            field="subject",
        )
    return state
