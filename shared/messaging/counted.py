"""Which numbers has the log seen? A register restored from an older dump must not give them again.

The counters stand in the same database as the register: a dump of Monday brings Monday's counters back,
and the numbers since then are with customers already. What was told since stands in the log.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import UUID

import orjson

from shared.database.numbers import Highest, parts_of
from shared.database.transaction import Database
from shared.events.intake import ComplaintRegistered
from shared.ids import moment_of
from shared.messaging.pieces import Piece
from shared.messaging.stream import Since

MARGIN = timedelta(minutes=5)
"""How far the clocks of hosts may lie apart."""
_NEWEST = "SELECT event_id FROM inbox ORDER BY event_id DESC LIMIT 1"


async def newest_known(database: Database, now: datetime) -> Since:
    """The place in the log up to which this database knows it: whatever it lacks was told after that.

    The newest event that it heard was made before the database's own moment, and what it told before that
    moment it holds. An ordinary start so reads only what came since; a database that heard nothing, all.
    """
    async with database.direct() as connection:
        newest = await connection.fetchval(_NEWEST)
    made = moment_of(UUID(str(newest))) if newest is not None else None
    return min(made, now) - MARGIN if made is not None else "first"


async def highest_numbers(log: AsyncIterator[Piece]) -> Highest:
    """The highest complaint number of each site and year among these events."""
    highest: dict[tuple[str, int], int] = {}
    async for piece in log:
        if piece.head is None or piece.head.type != ComplaintRegistered.type_name:
            continue
        event = orjson.loads(piece.body)
        found = parts_of(str(event["data"].get("complaint_no")))
        if found is not None:
            place = (str(event.get("site")), found[0])
            highest[place] = max(highest.get(place, 0), found[1])
    return highest
