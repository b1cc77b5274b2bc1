"""What does intake count? How many complaints came in, where, of which kind, by which way; imports apart."""

from __future__ import annotations

from prometheus_client import Counter

from shared.deciding import Event
from shared.events.base import EventData
from shared.events.intake import ComplaintRegistered

CHANNELS = frozenset(
    {
        *("web", "app", "email", "chat", "social", "phone", "sms", "fax", "letter", "visit", "form"),
        *("box", "exhibition", "return", "referral", "authority", "survey", "edi"),
    }
)
"""Ways that the requirements name (CHN-01 to CHN-15); any other counts as `other`, so that the
labels stay bounded whatever somebody writes into a request."""

_REGISTERED = Counter(
    "kesu_complaints_registered_total",
    "Complaints that entered the register as they happened.",
    ("site", "kind", "channel"),
)
_IMPORTED = Counter(
    "kesu_complaints_imported_total", "Complaints that were imported with their past.", ("site", "kind")
)


def on_told(event: Event[EventData]) -> None:
    """Count a registered complaint."""
    if isinstance(event.data, ComplaintRegistered) and event.data.history:
        _IMPORTED.labels(event.site, event.data.kind).inc()
    elif isinstance(event.data, ComplaintRegistered):
        channel = event.data.channel if event.data.channel in CHANNELS else "other"
        _REGISTERED.labels(event.site, event.data.kind, channel).inc()
