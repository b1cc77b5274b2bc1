"""Does a queue still hear everything that it should? A lost binding shows nowhere: nothing is refused.

AMQP cannot list bindings, so the queue itself is asked. A service sends a word to its queue that says
"beginning", then a probe by the way of every binding, then "end"; all on one channel, so that they come in
this order. Which probes are not there when the end is has no binding any more. Probes are empty bundles
under keys of their own (`<type>.probe`), which reach no log and whose effect is nothing wherever they go.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Protocol

from shared.clock import Clock, monotonic
from shared.errors import Unavailable
from shared.ids import new_id
from shared.messaging.post import NotAllowed, Unroutable
from shared.messaging.topology import REQUEUE_EXCHANGE, Queue, binding_key, probe_key
from shared.outbox.flight import Refused

ROUND = "x-kesu-probe"
_PART = "x-kesu-probe-of"
_BEGINNING, _END = "beginning", "end"
_FORGET_SECONDS = 120.0
_MOST_ROUNDS = 50
Way = tuple[str, str]
"""Exchange and routing key of a binding."""


class Sends(Protocol):
    """What can send a word."""

    async def word(self, exchange: str, key: str, headers: Mapping[str, object], name: str) -> None:
        """Send an empty bundle with these headers. Raises Unroutable, NotAllowed, Unavailable."""
        ...


class Probing:
    """The rounds of one queue. Whoever does not consume it gets no answer, and knows nothing."""

    def __init__(self, queue: Queue, post: Sends, clock: Clock) -> None:
        self.queue = queue.name
        self._ways = {
            f"{source} {key}": (source, key) for source, key in queue.bindings if source != REQUEUE_EXCHANGE
        }
        self._post = post
        self._clock = clock
        self._round = ""
        self._rounds: deque[str] = deque(maxlen=_MOST_ROUNDS)
        """Those whose beginning may still come, the newest last: behind a backlog there are several."""
        self._asked = float("-inf")
        self._began_at: datetime | None = None
        self._came: set[str] = set()
        """The probes of this round that came."""
        self._sending: asyncio.Task[None] | None = None
        self._suspected: frozenset[Way] = frozenset()
        self.missing: frozenset[Way] = frozenset()
        """Bindings that are lost, found so by two rounds in a row."""
        self.forbidden = ""
        """Why the broker's user may not probe; empty: nothing of the kind is known."""
        self.sound_at: datetime | None = None
        """When the newest round began that found everything bound; None: none has."""

    async def ask(self) -> None:
        """Begin a round, unless one is under way: behind a backlog it takes as long as the backlog.

        Raises Unroutable when the queue is not reached even by its own name, NotAllowed, Unavailable.
        """
        if (self._rounds or self._round) and monotonic() - self._asked < _FORGET_SECONDS:
            return
        name = str(new_id())
        # Before it is sent: it may come back before its confirmation.
        self._rounds.append(name)
        self._asked = monotonic()
        try:
            await self._send(REQUEUE_EXCHANGE, self.queue, name, _BEGINNING)
        except BaseException:
            if name in self._rounds:
                self._rounds.remove(name)
            raise

    def hear(self, headers: Mapping[str, object]) -> None:
        """A word came out of the queue that may belong to a round."""
        name, part = str(headers.get(ROUND)), str(headers.get(_PART))
        if part == _BEGINNING and name in self._rounds:
            # It came back: this process consumes the queue, and nothing of before stands in front any more.
            self._rounds.clear()
            self._round, self._came, self._began_at = name, set(), self._clock.now()
            self._sending = asyncio.create_task(self._send_all(name), name="probing")
        elif name == self._round and part == _END:
            self._judge()
        elif name == self._round:
            self._came.add(part)

    async def _send_all(self, name: str) -> None:
        try:
            # All at once: one after the other each would wait for the broker's disk.
            await asyncio.gather(*(self._send_by(way, name, part) for part, way in self._ways.items()))
            await self._send(REQUEUE_EXCHANGE, self.queue, name, _END)
        except NotAllowed as error:
            self.forbidden = str(error)
            self._round = ""
        except (Refused, Unavailable, OSError):
            self._round = ""  # it says nothing; the next one begins anew

    async def _send_by(self, way: Way, name: str, part: str) -> None:
        source, key = way
        with suppress(Unroutable):  # nobody at all is bound: it will be missed at the end
            await self._send(source, _probing(key), name, part)

    async def _send(self, exchange: str, key: str, name: str, part: str) -> None:
        await self._post.word(exchange, key, {ROUND: name, _PART: part}, str(new_id()))

    def _judge(self) -> None:
        missing = frozenset(way for name, way in self._ways.items() if name not in self._came)
        # A consumer that lost its channel in mid-round may have missed a part: seen twice it is true.
        self.missing = missing & self._suspected
        self._suspected = missing
        if not missing:
            self.sound_at = self._began_at
        self._round = ""

    def forget(self) -> None:
        """What was found is mended: look again."""
        self.missing = self._suspected = frozenset()

    @property
    def suspects(self) -> bool:
        """Whether the next round should not wait: the last one found something that has to be confirmed."""
        return self._suspected != self.missing


def _probing(key: str) -> str:
    """The key of the probe for a binding of ours."""
    return probe_key(key.removesuffix(binding_key("")))
