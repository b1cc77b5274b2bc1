"""Which events exist? Importing this module fills the table that the wire is read with."""

from __future__ import annotations

from shared.events import (
    escalation,
    intake,
    letters,  # noqa: F401 - filled in by being imported
    presence,  # noqa: F401 - filled in by being imported
    routing,
    sheets,  # noqa: F401 - as above
    surveys,
)
from shared.events.base import EVENTS, EventData

PRODUCERS = {
    "intake": intake,
    "routing": routing,
    "escalation": escalation,
    "surveys": surveys,
}


def all_events() -> tuple[type[EventData], ...]:
    """Every event type, in the order of the wire contract's names."""
    return tuple(EVENTS[name] for name in sorted(EVENTS))
