"""Who sees to it that notices arrive? One loop per service that claims, sends, records and tries again.

At least once: whoever dies between sending and recording sends again when the lease ends. Mail then
carries the same Message-ID.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

import structlog

from shared.access.links import Links
from shared.clock import Clock
from shared.database.transaction import FAILURES, Database
from shared.lettering import SUITE
from shared.notify.delivery import Delivery
from shared.notify.errands import Correspondence, Errands
from shared.notify.gathering import Gathering
from shared.notify.lanes import Lanes
from shared.notify.links import PublicLinks
from shared.notify.mail import MailServer
from shared.notify.outages import Outages
from shared.notify.patience import Patience
from shared.notify.recording import record, release
from shared.notify.reporting import OnSent, OnUndelivered, Reporting, count, nobody_asks
from shared.notify.table import Result, Waiting, claim, seconds_to_next
from shared.policy.model import Rulebook
from shared.sealed.sealer import Sealer
from shared.settings import ServiceSettings

log = structlog.get_logger("kesu.notify")
_MOST_IN_FLIGHT = 200
_LONGEST_SLEEP_SECONDS = 2.0
_RETRY_SECONDS = 1.0
_GATHER_SECONDS = 0.2


class Dispatcher:
    """Delivers the notices of one service; several replicas may run it at once.

    Without a mail server the customers' notices stay where they are; with one they leave.
    """

    def __init__(
        self,
        database: Database,
        *,
        rules: Callable[[], Rulebook],
        sealer: Sealer,
        links: Links,
        smtp_url: str,
        mail_from: str,
        public_urls: Mapping[str, str],
        clock: Clock,
        on_sent: OnSent = count,
        on_undelivered: OnUndelivered = nobody_asks,
        patience: Patience | None = None,
        correspondence: Correspondence | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._patience = patience or Patience()
        letters = correspondence or Correspondence()
        self._reporting = Reporting(clock, self._patience, on_sent, on_undelivered, letters.on_lost)
        self._gathering = Gathering(self._patience)
        self._outages = Outages(self._patience.outage)
        self._lanes = Lanes()
        self._server = MailServer.from_url(smtp_url, sender=mail_from) if smtp_url else None
        self._delivery = Delivery(
            rules=rules,
            sealer=sealer,
            links=PublicLinks(links, public_urls),
            server=self._server,
            lanes=self._lanes,
            patience=self._patience,
            clock=clock,
            contacts=letters.contacts,
        )
        self._errands = Errands(letters.errands, self._patience, clock)
        self._woken = asyncio.Event()
        self._stopping = False
        self._in_flight: set[asyncio.Task[None]] = set()
        self._results: list[Result] = []

    @classmethod
    def from_settings(
        cls,
        settings: ServiceSettings,
        database: Database,
        *,
        rules: Callable[[], Rulebook],
        sealer: Sealer,
        links: Links,
        clock: Clock,
        on_undelivered: OnUndelivered,
        correspondence: Correspondence,
    ) -> Dispatcher:
        """The dispatcher of a service with these settings. Raises Rejected('bad-smtp-url')."""
        public = {
            "case": settings.intake_public_url,
            "ack": settings.escalation_public_url,
            "survey": settings.surveys_public_url,
            "sheet": settings.routing_public_url,
        }
        return cls(
            database,
            rules=rules,
            sealer=sealer,
            links=links,
            smtp_url=settings.smtp_url,
            mail_from=settings.mail_from,
            public_urls=public,
            clock=clock,
            on_undelivered=on_undelivered,
            correspondence=correspondence,
        )

    async def run(self) -> None:
        """Deliver until `stop`; then finish what is under way."""
        while not self._stopping:
            self._woken.clear()
            self._lanes.end_idle()
            try:
                await self._write_results()
                if not await self._take():
                    await self._sleep_until_next()
                    # What many commits tell in a moment is claimed at once, not commit by commit.
                    await asyncio.sleep(_GATHER_SECONDS)
            except FAILURES as error:
                log.warning("notify.interrupted", error=type(error).__name__)
                await asyncio.sleep(_RETRY_SECONDS)
        await self._finish()

    def wake(self) -> None:
        """Something new may be waiting."""
        self._woken.set()

    def stop(self) -> None:
        """Claim nothing more and return from `run`."""
        self._stopping = True
        self._woken.set()

    async def _take(self) -> bool:
        """Claim what there is room for; whether there may be more to do at once."""
        room = _MOST_IN_FLIGHT - len(self._in_flight)
        if room <= 0:
            return False
        now, lease = self._clock.now(), self._patience.lease
        async with self._database.transaction() as connection:
            claimed = await claim(
                connection, now=now, lease=lease, most=room, customers=self._server is not None
            )
            groups = await self._gathering.turn(connection, claimed, now)
        for group in groups:
            self._spawn(self._deliver(group, now + lease))
        return len(claimed) == room

    def _spawn(self, delivery: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(delivery)
        self._in_flight.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._in_flight.discard(task)
        if not task.cancelled() and (bug := task.exception()) is not None:
            # The notice comes again when its lease ends; somebody must hear of the bug until then.
            log.error("notify.bug", error=type(bug).__name__, exc_info=bug)

    async def _deliver(self, group: list[Waiting], lease_ends: datetime) -> None:
        """Deliver what is for one reader: as one letter if it is much, else one after the other."""
        try:
            if self._gathering.is_digest(group):
                self._ended_with(group, await self._delivery.attempt_together(group, lease_ends))
            else:
                for waiting in group:
                    self._ended_with([waiting], [await self._attempt(waiting, lease_ends)])
        finally:
            self._gathering.ended(group)
            self.wake()

    async def _attempt(self, waiting: Waiting, lease_ends: datetime) -> Result:
        if waiting.to == SUITE:
            return await self._errands.attempt(waiting)
        return await self._delivery.attempt(waiting, lease_ends)

    def _ended_with(self, group: list[Waiting], results: list[Result]) -> None:
        now = self._clock.now()
        if not any(result.delivered_at for result in results):
            self._gathering.hold(group, now + self._patience.first)
        self._outages.note(results[0].attempts)
        self._reporting.tell(group, results)
        self._results.extend(results)

    async def _write_results(self) -> None:
        """All that has ended since, in one transaction; kept for later if the database is away."""
        count = len(self._results)
        if not count:
            return
        async with self._database.transaction() as connection:
            await record(connection, self._results[:count])
            if self._outages.is_over():
                await release(connection, self._clock.now())
        # More may have ended meanwhile.
        del self._results[:count]

    async def _sleep_until_next(self) -> None:
        seconds = _LONGEST_SLEEP_SECONDS
        if len(self._in_flight) < _MOST_IN_FLIGHT and not self._results:
            async with self._database.reading() as connection:
                left = await seconds_to_next(
                    connection, now=self._clock.now(), customers=self._server is not None
                )
            seconds = seconds if left is None else min(seconds, max(0.01, left))
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()

    async def _finish(self) -> None:
        if self._in_flight:
            await asyncio.wait(self._in_flight, timeout=self._patience.attempt_seconds)
        with suppress(*FAILURES):
            await self._write_results()
        self._lanes.close()
