"""Is the broker still as this service needs it? Looked at every few seconds, mended where it is our own.

A queue or binding that somebody takes away is refused by nobody: the log takes every event, so nothing is
ever unroutable, and the service hears nothing more. What is found is told (readiness, metrics, log), the
service's own queues and bindings are made anew, and what they missed is fetched from the log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from typing import Any

import structlog

from shared.clock import Clock, monotonic
from shared.database.transaction import Database
from shared.errors import Unavailable
from shared.ids import new_id
from shared.messaging import words
from shared.messaging.feeding import MARGIN, Feeding
from shared.messaging.missed import CatchingUp
from shared.messaging.post import NotAllowed, Post, Unroutable
from shared.messaging.presence import (
    BROKEN,
    NotOurs,
    bind,
    can_be_mended,
    how_many_in_log,
    make,
    missing,
)
from shared.messaging.probing import Probing
from shared.messaging.topology import (
    BUNDLES_EXCHANGE,
    LOG_STREAM,
    LOG_WORD,
    REQUEUE_EXCHANGE,
    Queue,
    own_queues,
    parking_queue,
)
from shared.observability import metrics
from shared.outbox.flight import Refused
from shared.settings import ServiceSettings

log = structlog.get_logger("kesu.topology")
_LOOK_SECONDS = 3.0
_CONFIRM_SECONDS = 0.2
_PROBE_SECONDS = 9.0
_FORBIDDEN_SECONDS = 600.0
_IDLE_SECONDS = 60.0
_PATIENCE_SECONDS = 20.0
_FAILURES = (Unavailable, Refused, *BROKEN)


class Watch:
    """Looks after one service's part of the topology; `hear` takes the words that its consumer finds."""

    def __init__(
        self,
        service: str,
        settings: ServiceSettings,
        post: Post,
        database: Database,
        clock: Clock,
        *,
        leads: Callable[[], bool],
    ) -> None:
        self._service = service
        self._post = post
        self._clock = clock
        self._leads = leads
        self._work = [queue for queue in own_queues(service) if queue.name != parking_queue(service)]
        self._probing = {queue.name: Probing(queue, post, clock) for queue in self._work}
        feeding = Feeding(service, settings.amqp_url, database, clock, settings.inbox_days)
        self._catching_up = CatchingUp(feeding, post.retry, clock)
        self._gone: list[str] = []
        self._deaf: dict[str, str] = {}
        """Queues that lost a binding, and since when (as a word says it) they may have missed something."""
        self._owed: list[tuple[str, dict[str, object]]] = []
        """Words that are still to be put into queues."""
        self._forbidden = ""
        self._probed = self._worded = float("-inf")
        self._logged = self._sent = 0
        self._stopped = asyncio.Event()

    def hear(self, queue: str, headers: Mapping[str, object], name: str) -> Coroutine[Any, Any, None] | None:
        """An empty bundle came out of the queue; returns what has to be done before it is acknowledged."""
        if words.NOTICED in headers:
            return self._catching_up.heed(name, queue, headers)
        if queue in self._probing:
            self._probing[queue].hear(headers)
        return None

    def problems(self) -> list[str]:
        """What is not as it should be, one sentence each."""
        found = [f"{name} is missing" for name in self._gone]
        for probing in self._probing.values():
            found += [f"{probing.queue} does not hear {key} of {source}" for source, key in probing.missing]
        found += [f"{source} leads nowhere for {key}" for source, key in self._post.unrouted]
        if self._forbidden and (self._gone or self._deaf):
            found.append(f"this service may not mend it itself ({self._forbidden}): `kesu topology repair`")
        if self._catching_up.failed:
            found.append(f"what was missed could not be fetched yet: {self._catching_up.failed}")
        elif self._catching_up.busy or self._owed:
            found.append("what was missed is being fetched from the log")
        return found

    async def run(self) -> None:
        """Look until `stop`."""
        while not self._stopped.is_set():
            try:
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    await self._look()
            except _FAILURES as error:
                # A broker that is away is another's finding; what was found before still holds.
                log.info("topology.not_looked", error=type(error).__name__)
            metrics.TOPOLOGY.set(len(self.problems()))
            hurry = any(probing.suspects for probing in self._probing.values())
            with suppress(TimeoutError):
                async with asyncio.timeout(_CONFIRM_SECONDS if hurry else _LOOK_SECONDS):
                    await self._stopped.wait()

    def stop(self) -> None:
        """Return from `run`; what is being fetched then the next process fetches anew."""
        self._stopped.set()
        self._catching_up.stop()

    async def _look(self) -> None:
        self._gone = await missing(self._post, self._service)
        if self._gone:
            log.error("topology.missing", names=self._gone)
        if can_be_mended(self._gone):
            for queue in own_queues(self._service):
                if queue.name in self._gone:
                    await self._make(queue)
            await self._probe()
        await self._pay()
        if LOG_STREAM not in self._gone:
            await self._look_at_log()

    async def _make(self, queue: Queue) -> None:
        noticed = self._clock.now()
        try:
            await make(self._post, queue)
        except NotOurs as error:
            self._forbidden = str(error)
            return
        log.error("topology.made_anew", queue=queue.name)
        metrics.LOST.inc()
        if queue in self._work:
            self._owed.append((queue.name, words.missed(noticed)))

    async def _probe(self) -> None:
        hurry = any(probing.suspects for probing in self._probing.values())
        due = hurry or monotonic() - self._probed >= _PROBE_SECONDS
        if due:
            self._probed = monotonic()
        for queue in self._work:
            probing = self._probing[queue.name]
            if due:
                await self._ask(queue, probing)
            if probing.missing and queue.name not in self._deaf:
                since = (probing.sound_at - MARGIN).isoformat() if probing.sound_at else "first"
                self._deaf[queue.name] = since
                metrics.LOST.inc()
                log.error(
                    "topology.binding_lost", queue=queue.name, keys=sorted(k for _, k in probing.missing)
                )
            if queue.name in self._deaf and (
                not probing.missing or await self._bind(queue, tuple(probing.missing))
            ):
                self._owed.append((queue.name, words.missed(self._clock.now(), self._deaf.pop(queue.name))))
                probing.forget()

    async def _ask(self, queue: Queue, probing: Probing) -> None:
        try:
            await probing.ask()
        except Unroutable:
            await self._bind(queue, ((REQUEUE_EXCHANGE, queue.name),))
        except NotAllowed as error:
            probing.forbidden = str(error)
        if probing.forbidden:
            # What others see through the management API this process cannot; events go on all the same.
            log.warning("topology.not_probed", queue=queue.name, why=probing.forbidden)
            probing.forbidden = ""
            self._probed = monotonic() + _FORBIDDEN_SECONDS

    async def _bind(self, queue: Queue, ways: tuple[tuple[str, str], ...]) -> bool:
        try:
            await bind(self._post, queue, ways)
        except NotOurs as error:
            self._forbidden = str(error)
            return False
        return True

    async def _pay(self) -> None:
        """Put what is owed into the queues; a word that was not taken is owed until it is."""
        while self._owed:
            queue, headers = self._owed[0]
            await self._post.word(REQUEUE_EXCHANGE, queue, headers, str(new_id()))
            self._owed.pop(0)

    async def _look_at_log(self) -> None:
        """Whether the log grows by what was sent. A word for it alone tells for certain, and stays in it."""
        sent, logged = self._post.sent, await how_many_in_log(self._post)
        if logged is None:
            return
        silent = sent > self._sent and logged <= self._logged
        idle = self._service == "intake" and self._leads() and monotonic() - self._worded >= _IDLE_SECONDS
        if silent or idle or (BUNDLES_EXCHANGE, LOG_WORD) in self._post.unrouted:
            self._worded = monotonic()
            with suppress(Refused):  # the post remembers it among the ways that lead nowhere
                await self._post.word(BUNDLES_EXCHANGE, LOG_WORD, {}, str(new_id()))
        self._sent, self._logged = sent, logged
