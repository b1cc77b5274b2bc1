"""Which case is an event about, if its registration has arrived?"""

from __future__ import annotations

from typing import Any

from services.routing.domain.case import Case
from shared.deciding import Event
from shared.errors import NotYet


# Any event will do, only its names are read.
def require_registered(state: Case | None, event: Event[Any]) -> Case:
    """The case. Raises NotYet('unknown-complaint'): registered comes first and is on its way."""
    if state is None:
        raise NotYet(
            "unknown-complaint",
            f"{event.type} came before the registration of {event.subject}",
            field="subject",
        )
    return state
