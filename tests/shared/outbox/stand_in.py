"""What does a relay see of database and broker? Both in memory, with every way in which they fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from asyncpg import ConnectionDoesNotExistError

from shared.outbox import relay
from shared.outbox.flight import Refused, Waiting


def a_row(
    seq: int, *, kind: str = "complaint.accepted.v1", subject: str = "", size: int = 0, bulk: bool = False
) -> Waiting:
    """A row whose event is called `e<seq>`."""
    subject = subject or f"c{seq}"
    body = a_body(f"e{seq}", subject, size)
    return Waiting(seq, f"e{seq}", kind, f"{kind}.sh01", None, body, subject, bulk)


def a_body(name: str, subject: str, size: int = 0) -> bytes:
    return orjson.dumps({"id": name, "subject": subject, "data": "x" * size})


@dataclass
class Outbox:
    """The table and its lock, as the relay's SQL sees them."""

    rows: dict[int, Waiting] = field(default_factory=dict)
    leader: Connection | None = None
    away: bool = False
    before_delete: Callable[[list[int]], None] = lambda seqs: None
    _next: int = 1
    _connections: list[Connection] = field(default_factory=list)

    def cut(self) -> None:
        """Every connection ends, as when the server restarts; whatever lock one held is free."""
        for connection in self._connections:
            connection.cut = True
        self.leader = None

    def put(self, count: int, *, kind: str = "complaint.accepted.v1") -> None:
        for _ in range(count):
            self.rows[self._next] = a_row(self._next, kind=kind)
            self._next += 1

    @asynccontextmanager
    async def direct(self) -> AsyncIterator[Connection]:
        if self.away:
            raise ConnectionRefusedError
        connection = Connection(self)
        self._connections.append(connection)
        yield connection


class Connection:
    """One session; `cut` is how the server ends it: its lock is free from that moment on."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self.cut = False

    async def execute(self, statement: str, *args: Any) -> str:
        await self._answer()
        box = self._outbox
        if statement is relay._DELETE:
            box.before_delete(args[0])
            for seq in args[0]:
                del box.rows[seq]
        elif "unlock" in statement and box.leader is self:
            box.leader = None
        return "DONE"

    async def fetchval(self, statement: str, *args: Any) -> bool:
        await self._answer()
        assert statement is relay._TRY
        box = self._outbox
        if box.leader not in (None, self):
            return False
        box.leader = self
        return True

    async def fetch(self, statement: str, *args: Any) -> list[tuple[Any, ...]]:
        await self._answer()
        box = self._outbox
        if statement is relay._LAG:
            return [(len(box.rows), 0.0)]
        assert statement is relay._READ
        assert box.leader is self, "only the leader reads"
        under_way, most, most_bulk = args
        there = [box.rows[seq] for seq in sorted(box.rows) if seq not in under_way]
        live, bulk = [row for row in there if not row.bulk], [row for row in there if row.bulk]
        return live[:most] + bulk[:most_bulk]

    async def _answer(self) -> None:
        await asyncio.sleep(0)
        if self.cut or self._outbox.away:
            self.cut = True
            raise ConnectionDoesNotExistError("the server ended the connection")


@dataclass
class Broker:
    """Confirms, confirms late, refuses, is away, or never answers - as the scripts have it."""

    script: list[str] = field(default_factory=list)
    """What becomes of the next bundles."""
    singly: list[str] = field(default_factory=list)
    """What becomes of the next single ones."""
    hearing: bool = False
    """Whether an outsider's queue is bound."""
    confirmed: list[str] = field(default_factory=list)
    """The events of bundles, as our own queues have them."""
    told: list[str] = field(default_factory=list)
    """The events in the outsider's queue."""
    tried: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    """Every event that was sent singly, whether anybody heard it or not."""

    refused: list[str] = field(default_factory=list)
    """Those that the outsider's queue would not keep."""

    async def send(self, body: bytes, *, type_name: str, message_id: str, bulk: bool) -> None:
        names = [event["id"] for event in orjson.loads(body)]
        self.tried += names
        fate = await _befallen(self.script)
        # The broker has it from here on, whether the relay ever hears so or not.
        self.confirmed += names
        _unanswered(fate)

    async def tell(
        self, body: bytes, *, event_id: str, type_name: str, key: str, traceparent: str | None
    ) -> bool:
        self.asked.append(event_id)
        try:
            fate = await _befallen(self.singly)
        except Refused:
            self.refused.append(event_id)
            raise
        heard = self.hearing
        if heard:
            self.told.append(event_id)
        _unanswered(fate)
        return heard


async def _befallen(script: list[str]) -> str:
    fate = script.pop(0) if script else "confirm"
    if fate == "refuse":
        raise Refused("no queue takes it")
    if fate == "away":
        raise ConnectionError("the broker is away")
    for _ in range({"late": 5, "later": 40}.get(fate, 0)):
        await asyncio.sleep(0)
    return fate


def _unanswered(fate: str) -> None:
    if fate == "unanswered":
        raise TimeoutError
