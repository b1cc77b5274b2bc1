"""With which properties does a message go on that came from elsewhere?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiormq import spec

from shared.events.base import CONTENT_TYPE

PERSISTENT = 2


def without_deaths(headers: Mapping[str, Any]) -> dict[str, Any]:
    """The headers without what the broker itself wrote about earlier queues.

    RabbitMQ 3.10 reads x-death of a republished message and may drop it as a cycle.
    """
    return {
        name: value
        for name, value in headers.items()
        if name not in {"x-death", "x-first-death-exchange", "x-first-death-queue", "x-first-death-reason"}
        and not name.startswith(("x-last-death", "x-delivery-count", "x-acquired"))
    }


def copied(headers: Mapping[str, object], message_id: str | None) -> spec.Basic.Properties:
    """Those of a single event with these headers."""
    return spec.Basic.Properties(
        message_id=message_id,
        content_type=CONTENT_TYPE,
        delivery_mode=PERSISTENT,
        headers=without_deaths(headers),
    )
