"""How does a service learn that its queue missed something? By a word in the queue itself.

Whoever makes a work queue or a binding anew puts it there; it outlives the process that finds it. While what
was missed is fetched from the log the word goes round by way of the retry ladder: a process that dies leaves
it to the next one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

import structlog

from shared.clock import Clock
from shared.database.transaction import FAILURES
from shared.errors import KesuError
from shared.messaging.feeding import Fed, Feeding
from shared.messaging.stream import Since
from shared.messaging.words import BODY, NOTICED, SINCE
from shared.observability import metrics
from shared.outbox.flight import Refused

log = structlog.get_logger("kesu.missed")
_STEP = 0
_AGAIN_SECONDS = 2.0
Ladder = Callable[[int, str, bytes, Mapping[str, object], str | None], Awaitable[None]]


class CatchingUp:
    """Fetches what was missed, once for each word, one after the other."""

    def __init__(self, feeding: Feeding, retry: Ladder, clock: Clock) -> None:
        self._feeding = feeding
        self._retry = retry
        self._clock = clock
        self._done: set[str] = set()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._one_at_a_time = asyncio.Lock()
        self.failed = ""
        """Why the newest attempt came to nothing; empty: it did not."""

    @property
    def busy(self) -> bool:
        """Whether something is still to be fetched."""
        return bool(self._tasks) or bool(self.failed)

    def stop(self) -> None:
        """Give up what is under way."""
        for task in tuple(self._tasks.values()):
            task.cancel()

    async def heed(self, name: str, queue: str, headers: Mapping[str, object]) -> None:
        """The word of this name came; returns when it may be acknowledged."""
        if name in self._done:
            return
        if name not in self._tasks:
            task = asyncio.create_task(self._catch_up(name, headers), name="catching-up")
            self._tasks[name] = task
            task.add_done_callback(lambda _: self._tasks.pop(name, None))
        while True:
            try:
                await self._retry(_STEP, queue, BODY, headers, name)
            except (KesuError, Refused, OSError, TimeoutError) as error:
                log.warning("missed.not_kept", error=type(error).__name__)
                await asyncio.sleep(_AGAIN_SECONDS)
            else:
                return

    async def _catch_up(self, name: str, headers: Mapping[str, object]) -> None:
        try:
            async with self._one_at_a_time:
                since = await self._since(headers)
                log.warning("missed.fetching", service=self._feeding.service, since=str(since))
                fed = await self._feeding.from_log(since)
        except (*FAILURES, KesuError) as error:
            if isinstance(error, KesuError) and error.code == "log-forbidden":
                # Whoever may read the log has to do it; asking again would change nothing.
                log.error("missed.forbidden", service=self._feeding.service, then="kesu topology repair")  # noqa: TRY400 - foreseen
                self._done.add(name)
                return
            # It comes round again within a minute.
            self.failed = error.sentence() if isinstance(error, KesuError) else type(error).__name__
            log.warning("missed.not_fetched", service=self._feeding.service, error=self.failed)
        else:
            self._done.add(name)
            self.failed = ""
            self._tell(fed)

    def _tell(self, fed: Fed) -> None:
        metrics.FETCHED.inc(fed.fed)
        log.warning(
            "missed.fetched",
            service=self._feeding.service,
            fed=fed.fed,
            of=fed.read,
            too_old=fed.too_old,
            unreadable=fed.unreadable,
        )

    async def _since(self, headers: Mapping[str, object]) -> Since:
        given = str(headers.get(SINCE) or "")
        if given == "first":
            return given
        if given:
            return datetime.fromisoformat(given)
        return await self._feeding.missed_since(datetime.fromisoformat(str(headers[NOTICED])))
