"""How much has everybody on the desk now? Counted in the database every moment, kept up between counts."""

from __future__ import annotations

import asyncio
from typing import Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError

from services.routing.store.queries import CaseQueries
from shared.deciding import Event
from shared.events.base import EventData
from shared.events.routing import ComplaintAssigned
from shared.host.desk import Desk
from shared.policy.workload import Workload

log = structlog.get_logger("kesu.routing")
_COUNT_SECONDS = 2.0


class Carrier(Protocol):
    """What gives the rulebook out and carries the count with it: `RulebookSource`."""

    @property
    def workload(self) -> Workload:
        """The count that is carried now."""
        ...

    def carry(self, workload: Workload) -> None:
        """Give every rulebook from now on this count."""
        ...


class Counting:
    """Gives the rulebook its workload; what other processes assign shows at the next count."""

    def __init__(self, source: Carrier | None = None, *, count_seconds: float = _COUNT_SECONDS) -> None:
        self._seconds = count_seconds
        self._source = source

    def on_told(self, event: Event[EventData]) -> None:
        """One more for whoever was assigned, before the next message is decided."""
        data = event.data
        if self._source is None or not isinstance(data, ComplaintAssigned):
            return
        if data.assignee is not None and not data.history:
            self._source.carry(self._source.workload.plus(data.assignee))

    async def keep(self, desk: Desk[CaseQueries], source: Carrier) -> None:
        """Count again and again; while the database is away the last count holds."""
        self._source = source
        while True:
            try:
                source.carry(Workload(await desk.queries.open_by_assignee()))
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                log.warning("workload.not_counted", error=type(error).__name__)
            await asyncio.sleep(self._seconds)
