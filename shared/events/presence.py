"""What does routing tell of its people? Who said to be away or back."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from shared.events.routing import RoutingEvent


class PresenceChanged(RoutingEvent):
    """Somebody of the company said to be away or back; `until` None: until something else is said.

    The subject is the person's own id (`derived_id`), no complaint; no reason is told (RCS-03).
    """

    type_name: ClassVar[str] = "presence.changed.v1"

    complaint_no: str = ""
    person: str
    present: bool
    until: datetime | None = None
    at: datetime
    by: str
