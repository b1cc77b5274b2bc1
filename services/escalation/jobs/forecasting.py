"""When is learned from what became of clocks? Every `KESU_FORECAST_MINUTES`, from the database."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from services.escalation.domain.life import loaded
from services.escalation.domain.proving import Learned, learned
from services.escalation.settings import Settings
from services.escalation.store import forecasts
from shared.clock import Clock, SystemClock
from shared.database.transaction import FAILURES, Database
from shared.errors import KesuError

log = structlog.get_logger("kesu.forecast")
_SETTLE_SECONDS = 60.0
"""A service that has just started has other things to do first."""


async def once(database: Database, clock: Clock) -> Learned:
    """What there is to learn now, kept in the database."""
    found, now = await forecasts.lives(database), clock.now()
    # Sums over ten thousand complaints: beside the loop, so that no alarm waits for them.
    result = await asyncio.to_thread(lambda: learned(loaded(found), now))
    await forecasts.keep(database, result, now)
    return result


def again(on_learned: Callable[[Learned], None]) -> Callable[[Settings, Database], Coroutine[Any, Any, None]]:
    """A job that learns every `forecast_minutes`; what fails is logged and tried at the next turn."""

    async def forecast(settings: Settings, database: Database) -> None:
        wait = min(_SETTLE_SECONDS, settings.forecast_minutes * 60)
        while settings.forecast_minutes:
            await asyncio.sleep(wait)
            wait = settings.forecast_minutes * 60
            try:
                on_learned(await once(database, SystemClock()))
            except (KesuError, *FAILURES) as error:
                log.warning("forecast.failed", error=type(error).__name__)

    return forecast
