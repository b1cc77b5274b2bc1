"""How does the yardstick write its events, and how does it say that it is ready?"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
from starlette.requests import Request
from starlette.responses import Response

from shared.clock import SystemClock
from shared.ids import new_id


def encoded(type_name: str, subject: UUID, site: str, data: dict[str, Any]) -> tuple[UUID, bytes]:
    """Id and body of a CloudEvent."""
    event_id = new_id()
    envelope = {
        "specversion": "1.0",
        "id": event_id,
        "source": f"/sites/{site}/yardstick",
        "type": type_name,
        "subject": subject,
        "time": SystemClock().now(),
        "datacontenttype": "application/json",
        "site": site,
        "data": data,
    }
    return event_id, orjson.dumps(envelope)


async def ready(_: Request) -> Response:
    """Once the lifespan has begun, everything is connected."""
    return Response()
