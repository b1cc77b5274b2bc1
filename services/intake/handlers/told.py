"""How does an event of another service read in a complaint's history?"""

from __future__ import annotations

from typing import TypeVar

from services.intake.domain.complaint import Complaint, Entry
from shared.deciding import Event
from shared.errors import NotYet
from shared.events.base import EventData

D = TypeVar("D", bound=EventData)


def require_known(state: Complaint | None, event: Event[D]) -> Complaint:
    """The complaint that the event is about.

    Raises NotYet('unknown-complaint'): only a register restored from an old backup can lack it, and
    then the event waits until the complaint is there again.
    """
    if state is None:
        raise NotYet("unknown-complaint", f"no complaint {event.subject} in the register")
    return state


def line(event: Event[D], facts: dict[str, str]) -> Entry:
    """The event as a line of history: when it was told, what, by whom, and these facts."""
    by = getattr(event.data, "by", None) or event.producer
    return Entry(event.time, event.type.rsplit(".", 1)[0], by, facts)
