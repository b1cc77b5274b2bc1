"""What does a bad link do? A TCP proxy between services and broker that swallows bytes, or cuts.

In the hole bytes of both directions vanish and nobody hears that the other side hung up; new connections
get no answer. A connection that lost bytes stays dead for ever, as one whose route is gone: only heartbeats
and time-outs can tell.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Literal

Mode = Literal["pass", "swallow", "refuse"]


class Proxy:
    """Listens on `port` of the loopback and passes on to `target_port` there."""

    def __init__(self, port: int, target_port: int) -> None:
        self.port = port
        self._target = target_port
        self._mode: Mode = "pass"
        self._server: asyncio.Server | None = None
        self._links: set[_Link] = set()
        self.swallowed = 0
        """Bytes that vanished."""
        self.cuts = 0
        """Connections that were broken."""

    async def open(self) -> None:
        """Begin to listen."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)

    async def close(self) -> None:
        """Stop listening and break what is connected."""
        if self._server is not None:
            self._server.close()
        self.cut()

    def swallow(self) -> None:
        """From now on nothing gets through, and nobody is told."""
        self._mode = "swallow"

    def refuse(self) -> None:
        """From now on new connections are broken at once; those that exist go on."""
        self._mode = "refuse"

    def let_pass(self) -> None:
        """From now on new connections work."""
        self._mode = "pass"

    def cut(self) -> None:
        """Break every connection on both sides at once."""
        for link in tuple(self._links):
            self.cuts += 1
            link.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = _Link(writer)
        self._links.add(link)
        try:
            if self._mode == "refuse":
                return
            if self._mode == "swallow":
                await self._swallow_all(reader)
                return
            there, back = await asyncio.open_connection("127.0.0.1", self._target)
            link.writers.append(back)
            await asyncio.gather(self._pump(link, reader, back), self._pump(link, there, writer))
        except OSError:
            pass  # the broker is away: hanging up tells the client
        finally:
            link.abort()
            self._links.discard(link)

    async def _pump(self, link: _Link, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while chunk := await source.read(65536):
                if self._mode == "swallow":
                    link.dead = True
                if link.dead:
                    self.swallowed += len(chunk)
                    continue
                sink.write(chunk)
                await sink.drain()
        if self._mode == "swallow":
            link.dead = True  # that somebody hung up does not get through either
        if not link.dead:
            sink.close()

    async def _swallow_all(self, reader: asyncio.StreamReader) -> None:
        with suppress(OSError):
            while chunk := await reader.read(65536):
                self.swallowed += len(chunk)


class _Link:
    """One client's connection with what belongs to it on the other side."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.writers = [writer]
        self.dead = False

    def abort(self) -> None:
        for writer in self.writers:
            writer.transport.abort()
