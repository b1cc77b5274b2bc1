"""How does a service get what never reached its queue? From the log, through its own work queue.

A queue that was deleted, a binding that was lost, a database of last week: the service missed events that
`kesu.log` still has. Every event that it hears and has neither handled nor parked is put into its queue
once more, in the order of the log. It may be wrong on the safe side only: what was on its way comes twice,
and the inbox drops the second copy; what comes ahead of its predecessors waits on the retry ladder.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import aio_pika
from aio_pika.abc import AbstractExchange

from shared.clock import Clock
from shared.database.transaction import Database, Direct
from shared.events.base import BATCH_CONTENT_TYPE
from shared.ids import moment_of, new_id
from shared.messaging import parking
from shared.messaging.pieces import Piece, pieces
from shared.messaging.provision import connect
from shared.messaging.stream import Entry, OnProgress, Since, read_log
from shared.messaging.topology import REQUEUE_EXCHANGE, heard_by, work_queue

MARGIN = timedelta(hours=1)
"""How far clocks of different hosts, and the queues between them, may lie apart."""
_AT_ONCE = 500
_MOST_EVENTS, _MOST_BYTES = 100, 400_000
_MOST_PARKED = 100_000
_HANDLED = "SELECT event_id FROM inbox WHERE event_id = ANY($1::uuid[])"
_NEWEST = "SELECT event_id FROM inbox WHERE handled_at < $1 ORDER BY event_id DESC LIMIT 1"


@dataclass(slots=True)
class Fed:
    """What was found and what was done about it."""

    read: int = 0
    """Events of the log that the service hears and may still handle."""
    fed: int = 0
    """Of these: put into its queue, because it had neither handled nor parked them."""
    too_old: int = 0
    """Events that the inbox may have forgotten: whether they were handled cannot be known."""
    unreadable: int = 0
    """What in the log is no event."""


@dataclass(frozen=True, slots=True)
class Feeding:
    """Who is fed, and from where."""

    service: str
    amqp_url: str
    database: Database
    clock: Clock
    inbox_days: int
    """As the service has it (`KESU_INBOX_DAYS`): what is older its consumer would only park."""

    async def from_log(self, since: Since = "first", *, on_progress: OnProgress | None = None) -> Fed:
        """Put everything that is missing from there on into the service's queue; may run any number of times.

        Raises Unavailable when the log cannot be read to its end: what was fed until then stays fed.
        """
        fed = Fed()
        parked = await self._parked()
        connection = await connect(self.amqp_url, name=f"kesu-{self.service}-feeding")
        async with connection:
            channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
            exchange = await channel.get_exchange(REQUEUE_EXCHANGE, ensure=False)
            log = read_log(self.amqp_url, since, on_progress=on_progress)
            async with aclosing(log) as entries:
                async for some in _gathered(entries, self._is_heard(fed)):
                    missing = await self._missing(some, parked)
                    for body in bundles(missing):
                        await self._send(exchange, body)
                    fed.fed += len(missing)
        return fed

    async def missed_since(self, moment: datetime) -> Since:
        """The place in the log from which on a queue that was lost before that moment may have missed events.

        The newest event that was handled before that had been made before it was published, and with it all
        that had been published before; the margin covers clocks that differ.
        """
        async with self.database.direct() as connection:
            newest = await connection.fetchval(_NEWEST, moment)
        made = moment_of(UUID(str(newest))) if newest is not None else None
        return min(made, moment) - MARGIN if made is not None else "first"

    def _is_heard(self, fed: Fed) -> Callable[[Piece], bool]:
        heard = frozenset(heard_by(self.service))
        horizon = self.clock.now() - timedelta(days=self.inbox_days) + MARGIN

        def wanted(piece: Piece) -> bool:
            if piece.head is None:
                fed.unreadable += 1
                return False
            if piece.head.type not in heard:
                return False
            made = moment_of(piece.head.id)
            if made is not None and made < horizon:
                fed.too_old += 1
                return False
            fed.read += 1
            return True

        return wanted

    async def _parked(self) -> frozenset[UUID]:
        found = await parking.listed(self.amqp_url, self.service, _MOST_PARKED)
        heads = (piece.head for one in found for piece in pieces(one.body))
        return frozenset(head.id for head in heads if head is not None)

    async def _missing(self, some: Collection[Piece], parked: frozenset[UUID]) -> list[Piece]:
        async with self.database.direct() as connection:
            return await not_handled(connection, some, parked)

    async def _send(self, exchange: AbstractExchange, body: bytes) -> None:
        message = aio_pika.Message(
            body,
            message_id=str(new_id()),
            content_type=BATCH_CONTENT_TYPE,
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            headers={"x-kesu-fed-at": self.clock.now().isoformat()},
        )
        await exchange.publish(message, routing_key=work_queue(self.service), mandatory=True, timeout=30)


async def not_handled(connection: Direct, some: Collection[Piece], parked: Collection[UUID]) -> list[Piece]:
    """Those that are neither in the inbox nor parked, in their order."""
    ids = [piece.head.id for piece in some if piece.head is not None]
    handled: set[Any] = {row[0] for row in await connection.fetch(_HANDLED, ids)}
    return [
        piece
        for piece in some
        if piece.head is not None and piece.head.id not in handled and piece.head.id not in parked
    ]


def bundles(some: Collection[Piece]) -> list[bytes]:
    """The bodies of messages that hold them all in their order, none of them larger than the relay's own."""
    made: list[bytes] = []
    held: list[bytes] = []
    for piece in some:
        if held and (len(held) == _MOST_EVENTS or sum(map(len, held)) + len(piece.body) > _MOST_BYTES):
            made.append(b"[" + b",".join(held) + b"]")
            held = []
        held.append(piece.body)
    return [*made, b"[" + b",".join(held) + b"]"] if held else made


async def _gathered(
    entries: AsyncIterator[Entry], wanted: Callable[[Piece], bool]
) -> AsyncIterator[list[Piece]]:
    some: list[Piece] = []
    async for entry in entries:
        some += filter(wanted, entry.pieces())
        if len(some) >= _AT_ONCE:
            yield some
            some = []
    if some:
        yield some
