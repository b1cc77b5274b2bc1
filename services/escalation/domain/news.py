"""What does an event mean to clocks: under which names do policies know it, and when did it happen?"""

from __future__ import annotations

from datetime import datetime

from shared.deciding import Event
from shared.events.base import EventData
from shared.events.intake import ComplaintRegistered, CustomerReplied
from shared.events.routing import ActionEvent, ComplaintClosed


def names_of(data: EventData) -> tuple[str, ...]:
    """The names under which a policy may name it, e.g. `customer.replied`, `customer.replied:refuses`.

    An action is also named by its id, because each has clocks of its own.
    """
    name = data.type_name.rpartition(".v")[0]
    if isinstance(data, CustomerReplied):
        return name, f"{name}:{'accepts' if data.accepts else 'refuses'}"
    if isinstance(data, ActionEvent):
        return name, f"{name}:{data.action_id}"
    return (name,)


def moment_of(event: Event[EventData]) -> datetime:
    """When it happened: the moment that it names, else the one at which it was told."""
    data = event.data
    if isinstance(data, ComplaintRegistered):
        return data.received_at
    if isinstance(data, ComplaintClosed):
        return data.closed_at
    at = getattr(data, "at", None)
    return at if isinstance(at, datetime) else event.time
