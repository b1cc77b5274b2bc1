"""What may a connection cost while its client does nothing? uvicorn's protocol, with an end to everything.

uvicorn waits for ever for a request's head and body and for a reader of its answer, keeps a head of any size,
and takes connections until the process has no files left: a thousand half requests made a service
unreachable. Here each has its time; where there are too many the one that has waited longest for its client
goes, so that whoever sends at once still comes in.
"""

from __future__ import annotations

import asyncio
import resource
from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """How many connections, how large a head, and how many seconds for what depends on the client."""

    connections: int = 500
    head_bytes: int = 32_768
    head_seconds: float = 10.0
    body_seconds: float = 60.0
    answer_seconds: float = 30.0
    """For a client to go on reading."""
    linger_seconds: float = 5.0
    """For the last bytes of a connection that is closed."""
    pipelined: int = 16
    """Requests that may wait behind the one being answered."""


def protocol(limits: ConnectionLimits) -> type[HttpToolsProtocol]:
    """The class of connections with these limits, for uvicorn."""
    return type("LimitedProtocol", (BoundedProtocol,), {"limits": limits})


def affordable(connections: int) -> int:
    """So many connections, but no more than half of the files that this process may open."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return connections if files == resource.RLIM_INFINITY else min(connections, files // 2)


class BoundedProtocol(HttpToolsProtocol):
    """One connection."""

    limits: ClassVar[ConnectionLimits] = ConnectionLimits()
    waiting_since: float | None = None
    """Since when (the loop's time) something is expected of the client; None: it waits for us."""
    _timer: asyncio.TimerHandle | None = None
    _reading: asyncio.TimerHandle | None = None
    _is_in_head = True
    _is_over = False
    _head_bytes = 0
    """Of the head so far, as far as it came in pieces of its own."""
    _piece_bytes = 0
    _deadline = 0.0

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        super().connection_made(transport)
        self._expect_within(self.limits.head_seconds)
        if len(self.connections) > self.limits.connections:
            self._make_room()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._expect_nothing()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.resume_writing()
        super().connection_lost(exc)

    @override
    def data_received(self, data: bytes) -> None:
        if self._is_over:
            return
        self._piece_bytes = len(data)
        if self._is_in_head:
            self._head_bytes += self._piece_bytes
        super().data_received(data)
        if self._is_in_head and self._head_bytes > self.limits.head_bytes:
            self._refuse(_TOO_LARGE_A_HEAD)

    @override
    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._expect_within(self.limits.head_seconds)

    @override
    def on_headers_complete(self) -> None:
        if self._is_too_large() or len(self.pipeline) >= self.limits.pipelined:
            self._refuse(_TOO_LARGE_A_HEAD)
        if self._is_over:
            return
        self._is_in_head = False
        self._expect_within(self.limits.body_seconds)
        super().on_headers_complete()

    @override
    def on_body(self, body: bytes) -> None:
        if not self._is_over:
            super().on_body(body)

    @override
    def on_message_complete(self) -> None:
        self._is_in_head, self._head_bytes = True, 0
        self._expect_nothing()
        if not self._is_over:
            super().on_message_complete()

    @override
    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.waiting_since is None:
            self.waiting_since = self.loop.time()
        if self.transport.is_closing():
            self._end_soon()

    @override
    def pause_writing(self) -> None:
        super().pause_writing()
        self._reading = self._reading or self.loop.call_later(
            self.limits.answer_seconds, self.transport.abort
        )

    @override
    def resume_writing(self) -> None:
        super().resume_writing()
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    @override
    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._end_soon()

    def _is_too_large(self) -> bool:
        """Whether the whole head is; counted only where it came in pieces that could hold so much."""
        if max(self._head_bytes, self._piece_bytes) <= self.limits.head_bytes:
            return False
        lines = sum(len(name) + len(value) + 4 for name, value in self.headers)
        return len(self.url) + lines > self.limits.head_bytes

    def _expect_within(self, seconds: float) -> None:
        # One timer that looks again is cheaper than one for each head and body, most of which come at once.
        self.waiting_since = self.loop.time()
        self._deadline = self.waiting_since + seconds
        if self._timer is None or self._timer.when() > self._deadline:
            self._look_at(self._deadline)

    def _look_at(self, moment: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.loop.call_at(moment, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._deadline and self.loop.time() < self._deadline:
            self._look_at(self._deadline)
        elif self._deadline:
            self._refuse(_TOO_SLOW)

    def _expect_nothing(self) -> None:
        self.waiting_since = None
        self._deadline = 0.0

    def _make_room(self) -> None:
        waiting = [one for one in self.connections if getattr(one, "waiting_since", None) is not None]
        oldest = min(waiting, key=lambda one: one.waiting_since, default=self)  # type: ignore[union-attr]
        oldest.transport.abort()

    def _refuse(self, answer: bytes) -> None:
        """Answer, unless an answer is under way, and hang up."""
        if self._is_over:
            return
        self._is_over = True
        is_answering = (
            self.cycle is not None and not self.cycle.response_complete and self.cycle.response_started
        )
        if not self.transport.is_closing():
            if not is_answering:
                self.transport.write(answer)
            self.transport.close()
        self._end_soon()

    def _end_soon(self) -> None:
        """Closing waits for a client to read what was written; not for ever."""
        self.loop.call_later(self.limits.linger_seconds, self.transport.abort)


def _answer(status: str, code: str, detail: str) -> bytes:
    body = f'{{"type":"urn:kesu:problem:{code}","title":"{code.replace("-", " ")}","status":{status[:3]},'
    body += f'"code":"{code}","detail":"{detail}"}}'
    return (
        f"HTTP/1.1 {status}\r\ncontent-type: application/problem+json\r\ncontent-length: {len(body)}\r\n"
        f"cache-control: no-store\r\nconnection: close\r\n\r\n{body}"
    ).encode()


_TOO_LARGE_A_HEAD = _answer(
    "431 Request Header Fields Too Large", "head-too-large", "path and headers are larger than is taken"
)
_TOO_SLOW = _answer("408 Request Timeout", "too-slow", "the request did not come in time")
