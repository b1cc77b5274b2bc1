"""What do the four databases, the log stream and the parking queues hold? Read into a Snapshot."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import aio_pika
import asyncpg
import orjson
from aio_pika.abc import AbstractIncomingMessage

from shared.ids import new_id
from shared.messaging import parking
from shared.messaging.pieces import pieces
from shared.messaging.provision import connect
from shared.messaging.topology import LOG_STREAM, RETRY_STEPS, SERVICES, work_queue
from shared.settings import database_of
from tests.faults.snapshot import Aside, Row, Snapshot, Told

_DOCUMENTS = {
    # Profile generic-1-3 promises an answer to everything but praise.
    "intake": (
        "complaints",
        "complaint_no",
        "state->>'order_ref'",
        "0",
        """CASE kind WHEN 'praise' THEN '[]' ELSE '["answer"]' END""",
    ),
    "routing": ("cases", "complaint_no", "null", "1 + jsonb_array_length(state->'former')", "'[]'"),
    "escalation": (
        "sheets",
        "complaint_no",
        "null",
        "0",
        "jsonb_path_query_array(state, '$.clocks[*].name')",
    ),
    "surveys": ("invitations", "complaint_no", "null", "0", "'[]'"),
}
_HEARS_IN_FULL = (
    ("intake", "routing"),
    ("intake", "escalation"),
    ("routing", "intake"),
    ("escalation", "intake"),
    ("escalation", "routing"),
    ("surveys", "intake"),
)
_MOST_PARKED = 20_000
_SILENCE_SECONDS = 60
_ACK_EVERY = 100


class Stream:
    """Reads the log stream piece by piece: each `read` goes on where the last one ended."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._next: int | str = "first"
        self.told: list[Told] = []

    async def read(self) -> tuple[Told, ...]:
        """Everything told so far. Raises TimeoutError when the broker stops sending before the end."""
        connection = await connect(self._url, name="kesu-rig-reader")
        async with connection:
            channel = await connection.channel()
            await channel.set_qos(prefetch_count=1000)
            # Our own last word in the stream: whoever has read it has read everything before it.
            end = str(new_id())
            last = aio_pika.Message(b"[]", message_id=end, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
            await channel.default_exchange.publish(last, routing_key=LOG_STREAM, timeout=30)
            queue = await channel.declare_queue(LOG_STREAM, passive=True)
            arrived: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
            await queue.consume(arrived.put, arguments={"x-stream-offset": self._next})
            while True:
                message = await asyncio.wait_for(arrived.get(), _SILENCE_SECONDS)
                self._next = int(str(message.headers["x-stream-offset"])) + 1
                # What the rig itself put in by hand is no event.
                if not str(message.message_id).startswith("rig-"):
                    heads = [piece for piece in pieces(message.body) if piece.head is not None]
                    self.told += [_told(piece.body) for piece in heads]
                if message.message_id == end:
                    return tuple(self.told)
                if self._next % _ACK_EVERY == 0:
                    await message.ack(multiple=True)


async def snapshot(
    database_url: str, amqp_url: str, stream: Stream, outside: frozenset[UUID], moving: Sequence[str]
) -> Snapshot:
    """The whole state at this moment; `outside` is what the outsider heard, `moving` what had not come to rest."""
    rows: dict[str, tuple[Row, ...]] = {}
    inbox: dict[str, frozenset[UUID]] = {}
    outbox: dict[str, int] = {}
    numbers: dict[tuple[str, int], int] = {}
    aside: list[Aside] = []
    told = await stream.read()
    for service in SERVICES:
        database = await asyncpg.connect(database_of(database_url, service))
        try:
            rows[service] = await _rows(database, service)
            inbox[service] = frozenset(row[0] for row in await database.fetch("SELECT event_id FROM inbox"))
            outbox[service] = await database.fetchval("SELECT count(*) FROM outbox")
            if service == "intake":
                found = await database.fetch("SELECT site, year, last FROM numbers WHERE last > 0")
                numbers = {(row[0].upper(), row[1]): row[2] for row in found}
        finally:
            await database.close()
        listed = await parking.listed(amqp_url, service, _MOST_PARKED)
        aside += [Aside(service, one.message_id, one.code) for one in listed]
    return Snapshot(rows, inbox, outbox, numbers, told, outside, tuple(aside), tuple(moving))


async def unsettled(database_url: str, amqp_url: str) -> list[str]:
    """What moves at this moment: outboxes, queues, retry ladder, and events that are not handled yet."""
    moving: list[str] = []
    told: dict[tuple[str, str], int] = {}
    for service in SERVICES:
        database = await asyncpg.connect(database_of(database_url, service), timeout=5)
        try:
            waiting = await database.fetchval("SELECT count(*) FROM outbox")
            if waiting:
                moving.append(f"{waiting} events in the outbox of {service}")
            table = _DOCUMENTS[service][0]
            told[(service, service)] = await database.fetchval(f"SELECT coalesce(sum(told), 0) FROM {table}")
            for consumer, producer in _HEARS_IN_FULL:
                if consumer == service:
                    told[(service, producer)] = await database.fetchval(
                        f"SELECT coalesce(sum((heard->>$1)::int), 0) FROM {table} WHERE state IS NOT NULL",
                        producer,
                    )
        finally:
            await database.close()
    for consumer, producer in _HEARS_IN_FULL:
        missing = told[(producer, producer)] - told[(consumer, producer)]
        if missing:
            moving.append(f"{consumer} has to hear {missing} events of {producer}")
    return moving + await _waiting_messages(amqp_url)


async def database_row(url: str, service: str, query: str) -> Any:
    """One value of one service's database."""
    database = await asyncpg.connect(database_of(url, service), timeout=5)
    try:
        return await database.fetchval(query)
    finally:
        await database.close()


async def _waiting_messages(url: str) -> list[str]:
    names = [*(work_queue(service) for service in SERVICES), *(name for name, _ in RETRY_STEPS)]
    connection = await connect(url, name="kesu-rig-counter")
    async with connection:
        channel = await connection.channel()
        found = []
        for name in names:
            queue = await channel.declare_queue(name, passive=True)
            if queue.declaration_result.message_count:
                found.append(f"{queue.declaration_result.message_count} messages in {name}")
        return found


async def _rows(database: asyncpg.Connection, service: str) -> tuple[Row, ...]:
    table, number, mark, placements, clocks = _DOCUMENTS[service]
    found = await database.fetch(
        f"SELECT complaint_id, told, heard, state IS NOT NULL, {number}, {mark}, {placements}, {clocks} "
        f"FROM {table}"
    )
    return tuple(
        Row(
            complaint_id=row[0],
            told=row[1],
            heard=json.loads(row[2]),
            has_state=row[3],
            complaint_no=row[4],
            mark=row[5],
            placements=row[6] or 0,
            **{"promised" if service == "intake" else "clocks": tuple(json.loads(row[7] or "[]"))},
        )
        for row in found
    )


def _told(body: bytes) -> Told:
    event: Mapping[str, Any] = orjson.loads(body)
    data = event["data"]
    about = {"complaint.assigned.v1": str(data.get("round")), "clock.started.v1": str(data.get("clock"))}
    return Told(
        id=UUID(event["id"]),
        type=event["type"],
        producer=event["source"].rsplit("/", 1)[-1],
        subject=UUID(event["subject"]),
        sequence=event["sequence"],
        about=about.get(event["type"], ""),
    )
