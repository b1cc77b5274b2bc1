"""What does a relay see of database and broker? Both in memory, with every way in which they fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.exc import OperationalError

from shared.outbox import relay
from shared.outbox.relay import Refused


@dataclass
class Row:
    seq: int
    event_id: str
    type: str = "complaint.accepted.v1"
    routing_key: str = "complaint.accepted.v1.sh01"
    traceparent: str | None = None
    body: bytes = b"{}"


class Result:
    def __init__(self, rows: list[Any]) -> None:
        self._rows = rows

    def all(self) -> list[Any]:
        return self._rows

    def scalar(self) -> Any:
        return self._rows[0]

    def one(self) -> Any:
        return self._rows[0]


@dataclass
class Outbox:
    """The table and its lock, as the relay's SQL sees them."""

    rows: dict[int, Row] = field(default_factory=dict)
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

    def put(self, count: int) -> None:
        for _ in range(count):
            self.rows[self._next] = Row(self._next, f"e{self._next}")
            self._next += 1

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
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

    async def execute(self, statement: Any, values: dict[str, Any] | None = None) -> Result:
        await asyncio.sleep(0)
        if self.cut or self._outbox.away:
            self.cut = True
            raise OperationalError("cut", None, ConnectionError("the server ended the connection"))
        box = self._outbox
        if statement is relay._TRY:
            if box.leader not in (None, self):
                return Result([False])
            box.leader = self
        elif statement is relay._READ:
            assert box.leader is self, "only the leader reads"
            free = [box.rows[seq] for seq in sorted(box.rows) if seq not in values["under_way"]]
            return Result(free[: values["most"]])
        elif statement is relay._DELETE:
            box.before_delete(values["seqs"])
            for seq in values["seqs"]:
                del box.rows[seq]
        elif statement is relay._LAG:
            return Result([(len(box.rows), 0.0)])
        elif "unlock" in str(statement) and box.leader is self:
            box.leader = None
        return Result([True])


@dataclass
class Broker:
    """Confirms, confirms late, refuses, is away, or never answers - as the script has it."""

    script: list[str] = field(default_factory=list)
    confirmed: list[str] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)

    async def publish(
        self, body: bytes, *, event_id: str, type_name: str, key: str, traceparent: str | None
    ) -> None:
        self.tried.append(event_id)
        fate = self.script.pop(0) if self.script else "confirm"
        if fate == "refuse":
            raise Refused("no queue takes it")
        if fate == "away":
            raise ConnectionError("the broker is away")
        for _ in range({"late": 5, "later": 40}.get(fate, 0)):
            await asyncio.sleep(0)
        # The broker has it from here on, whether the relay ever hears so or not.
        self.confirmed.append(event_id)
        if fate == "unheard":
            raise TimeoutError
