"""Is a digest complete, and what else belongs into it? What came together is delivered together."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.notify.patience import Patience
from shared.notify.table import Result, Waiting, claim_rest, record


async def gathered(
    connection: AsyncConnection, group: list[Waiting], now: datetime, patience: Patience
) -> list[Waiting]:
    """All that belongs into one letter by now, oldest first; nothing, if it waits for more."""
    gathering = patience.gathering
    later = now + gathering.settle
    if not gathering.is_complete(group, now):
        await record(connection, [Result(waiting.id, not_before=later) for waiting in group])
        return []
    rest = await claim_rest(connection, group, now=now, soon=later, lease=patience.lease)
    return sorted([*group, *rest], key=lambda waiting: waiting.id)
