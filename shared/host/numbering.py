"""Does the register count on where the log ends? Asked before it takes a complaint.

While the broker is away a site registers all the same, so nothing is waited for; it is asked again until
the log has been read once.
"""

from __future__ import annotations

import asyncio

import structlog

from shared.clock import SystemClock
from shared.database.numbers import raise_to
from shared.database.transaction import FAILURES, Database
from shared.errors import KesuError
from shared.messaging.counted import highest_numbers, newest_known
from shared.messaging.stream import Patience, Since, read_pieces
from shared.settings import ServiceSettings

log = structlog.get_logger("kesu.numbering")
_PATIENCE = Patience(connect_seconds=3.0, silence_seconds=5.0)
_AGAIN_SECONDS = 5.0


class Numbering:
    """Raises the counters of one database to the highest numbers of the log, once."""

    def __init__(self) -> None:
        self._since: Since = "first"
        self._done = False

    async def before(self, settings: ServiceSettings, database: Database) -> None:
        """Try it, before anything else starts."""
        self._done = False
        self._since = await newest_known(database, SystemClock().now())
        await self._try(settings, database)

    async def until_done(self, settings: ServiceSettings, database: Database) -> None:
        """Try it again until it is done: the broker may come later."""
        while not self._done:
            await asyncio.sleep(_AGAIN_SECONDS)
            await self._try(settings, database)

    async def _try(self, settings: ServiceSettings, database: Database) -> None:
        try:
            pieces = read_pieces(settings.amqp_url, self._since, patience=_PATIENCE)
            highest = await highest_numbers(pieces)
            async with database.batch() as connection:
                raised = await raise_to(connection, highest)
        except (KesuError, *FAILURES) as error:
            log.warning("numbers.unchecked", error=type(error).__name__, detail=str(error)[:200])
            return
        self._done = True
        for site, year in raised:
            log.error(
                "numbers.raised",
                site=site,
                year=year,
                to=highest[site, year],
                because="the log holds complaints that this database does not know; run `kesu restore`",
            )
