"""What has the broker handed over and not yet been told about? Acknowledges many deliveries at once.

One acknowledgement names the newest delivery up to which everything is settled, so a batch costs one frame
instead of one per message; whatever is not yet settled stays out of it and is delivered again after a crash.
"""

from __future__ import annotations

import asyncio
from datetime import datetime

import structlog
from aiormq.abc import AbstractChannel
from aiormq.exceptions import AMQPError

log = structlog.get_logger("kesu.deliveries")


class Deliveries:
    """The deliveries of one channel, in their order."""

    def __init__(self, channel: AbstractChannel) -> None:
        self.channel = channel
        self._owing: dict[int, int] = {}
        """By delivery tag: how many of its events are not settled yet."""
        self._times: dict[int, datetime] = {}
        """By delivery tag: when its first event happened, while the message is not acknowledged."""
        self._refused: set[int] = set()
        """Those whose refusal is on its way."""
        self._acknowledging: asyncio.Task[None] | None = None
        self._idle = asyncio.Event()
        self._idle.set()

    def took(self, tag: int, events: int = 1) -> None:
        """A message came that holds so many events."""
        self._owing[tag] = events
        self._idle.clear()
        if not events:
            self._begin()

    def dated(self, tag: int, moment: datetime) -> None:
        """The first event of this message happened then."""
        self._times.setdefault(tag, moment)

    @property
    def oldest(self) -> datetime | None:
        """When the oldest event in hand happened, as far as known; None: there is none."""
        return next(
            (self._times[tag] for tag, owing in self._owing.items() if owing and tag in self._times), None
        )

    def settle(self, tag: int) -> None:
        """The effect of one of its events is committed, or the event is safe in another queue.

        When all of them are, the broker may forget the message.
        """
        if tag in self._owing:
            self._owing[tag] -= 1
            if not self._owing[tag]:
                self._begin()

    async def refuse(self, tag: int) -> None:
        """Nobody could handle one of its events: the broker dead-letters the message into parking."""
        if tag in self._refused or tag not in self._owing:
            return  # it takes its other events along; a second refusal would close the channel
        self._refused.add(tag)
        try:
            # Until this is sent it holds back the acknowledgements behind it: one that included it
            # would settle it twice, for which the broker closes the channel.
            await self.channel.basic_reject(tag, requeue=False)
        except (AMQPError, OSError, RuntimeError) as error:
            log.info("refusal.lost", error=type(error).__name__)
        self._owing.pop(tag, None)
        self._times.pop(tag, None)
        self._refused.discard(tag)
        self._begin()

    async def all_settled(self) -> None:
        """Wait until nothing is in hand and the broker has been told."""
        await self._idle.wait()

    def _begin(self) -> None:
        if self._acknowledging is None:
            # A task begins when the caller has gone through its whole batch.
            self._acknowledging = asyncio.create_task(self._acknowledge(), name="acknowledge")

    async def _acknowledge(self) -> None:
        try:
            while (tag := self._newest_settled()) is not None:
                await self.channel.basic_ack(tag, multiple=True)
        except (AMQPError, OSError, RuntimeError) as error:
            # The channel is gone: what it delivered comes again, and the inbox drops it.
            log.info("acknowledgement.lost", error=type(error).__name__)
            self._owing.clear()
            self._times.clear()
        finally:
            self._acknowledging = None
            if not self._owing:
                self._idle.set()

    def _newest_settled(self) -> int | None:
        newest: int | None = None
        for tag, owing in self._owing.items():
            if owing:
                break
            newest = tag
        if newest is not None:
            self._owing = {tag: owing for tag, owing in self._owing.items() if tag > newest}
            self._times = {tag: time for tag, time in self._times.items() if tag > newest}
        return newest
