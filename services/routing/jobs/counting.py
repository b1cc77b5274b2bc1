"""How much has everybody on the desk now? Counted in the database every moment, kept up between counts."""

from __future__ import annotations

import asyncio

import structlog

from services.routing.store.queries import CaseQueries
from shared.database.transaction import FAILURES
from shared.deciding import Event
from shared.events.base import EventData
from shared.events.routing import ComplaintAssigned
from shared.host.desk import Desk
from shared.policy.workload import Workload

log = structlog.get_logger("kesu.routing")
_COUNT_SECONDS = 2.0


class Counting:
    """Gives the rulebook its workload; what other processes assign shows at the next count."""

    def __init__(
        self, desk: Desk[CaseQueries] | None = None, *, count_seconds: float = _COUNT_SECONDS
    ) -> None:
        self._desk = desk
        self._seconds = count_seconds

    def on_told(self, event: Event[EventData]) -> None:
        """One more for whoever was assigned, before the next message is decided."""
        data = event.data
        if self._desk is None or not isinstance(data, ComplaintAssigned):
            return
        if data.assignee is not None and not data.history:
            self._desk.carry(self._desk.rules().workload.plus(data.assignee))

    async def keep(self, _settings: object, desk: Desk[CaseQueries]) -> None:
        """Count again and again; while the database is away the last count holds."""
        self._desk = desk
        while True:
            try:
                desk.carry(Workload(await desk.queries.open_by_assignee()))
            except FAILURES as error:
                log.warning("workload.not_counted", error=type(error).__name__)
            await asyncio.sleep(self._seconds)
