"""How do our own tools speak HTTP at little cost? Keep-alive connections on bare asyncio.

Load generators, the demonstration and the fault rig send thousands of requests from the same two cores that
they measure; a full client library would cost more than the service that answers it.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self, cast
from urllib.parse import urlsplit

import httptools
import orjson
from typing_extensions import override

from shared.errors import Unavailable

_REPEATABLE = frozenset({"GET", "PUT", "DELETE"})
_FIRST_FINAL_STATUS = 200
_JSON = {"content-type": "application/json"}


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server answered."""

    status: int
    body: bytes

    def json(self) -> Any:  # Any: whatever JSON the server sent
        """The body as Python objects. Raises ValueError when it is no JSON."""
        return orjson.loads(self.body)


class HttpClient:
    """Sends requests to one server over at most `connections` keep-alive connections."""

    def __init__(
        self,
        base_url: str,
        *,
        token: str | None = None,
        connections: int = 16,
        timeout_seconds: float = 30.0,
    ) -> None:
        parts = urlsplit(base_url)
        self._host = parts.hostname or "127.0.0.1"
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._port = parts.port or (443 if self._tls else 80)
        self._root = parts.path.rstrip("/")
        self._common = f"host: {parts.netloc.rpartition('@')[2]}\r\n"
        if token is not None:
            self._common += f"authorization: Bearer {token}\r\n"
        self._timeout = timeout_seconds
        self._free = asyncio.Semaphore(connections)
        self._idle: list[_Wire] = []

    async def __aenter__(self) -> Self:
        """Nothing is connected before the first request."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Hang up."""
        self.close()

    def close(self) -> None:
        """Hang up; a later request connects anew."""
        while self._idle:
            self._idle.pop().hang_up()

    async def request(
        self,
        method: str,
        path: str,
        json: object = None,
        headers: Mapping[str, str] | None = None,
        *,
        body: bytes | None = None,
    ) -> Reply:
        """The answer, whatever its status; `body` is sent as it is, `json` encoded.

        A request on a kept connection that the server had meanwhile closed is sent again only if that
        is harmless: by its method, or because it carries an Idempotency-Key. Raises Unavailable.
        """
        named = {name.lower(): value for name, value in (headers or {}).items()}
        if json is not None:
            body, named = orjson.dumps(json), _JSON | named
        repeatable = method in _REPEATABLE or "idempotency-key" in named
        message = self._message(method, path, named, body)
        async with self._free:
            while True:
                wire = self._kept()
                fresh = wire is None
                try:
                    async with asyncio.timeout(self._timeout):
                        wire = wire or await self._connected()
                        reply = await wire.ask(message)
                except OSError as error:  # TimeoutError is one too
                    if wire is not None:
                        wire.hang_up()
                    if fresh or not repeatable or isinstance(error, TimeoutError):
                        raise self._away(method, path, error) from error
                except BaseException:
                    if wire is not None:
                        wire.hang_up()  # the late answer must not meet the next question
                    raise
                else:
                    if wire.usable:
                        self._idle.append(wire)
                    return reply

    def _message(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> bytes:
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        if body is not None or method in {"POST", "PUT", "PATCH"}:
            lines += f"content-length: {len(body or b'')}\r\n"
        head = f"{method} {self._root}{path} HTTP/1.1\r\n{self._common}{lines}\r\n"
        return head.encode("latin-1") + (body or b"")

    def _kept(self) -> _Wire | None:
        while self._idle:
            wire = self._idle.pop()
            if wire.usable:
                return wire
        return None

    async def _connected(self) -> _Wire:
        loop = asyncio.get_running_loop()
        _, wire = await loop.create_connection(_Wire, self._host, self._port, ssl=self._tls)
        return wire

    def _away(self, method: str, path: str, error: OSError) -> Unavailable:
        what = f"in {self._timeout:g} s" if isinstance(error, TimeoutError) else f"({error})"
        said = f"{self._host}:{self._port} did not answer {method} {path} {what}"
        return Unavailable(said, code="no-answer", remedy="Check that the service runs there.")


class _Wire(asyncio.Protocol):
    """One connection with one question at a time."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._parts: list[bytes] = []
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Reply] | None = None
        self.usable = False

    def ask(self, message: bytes) -> asyncio.Future[Reply]:
        """The answer, later; ConnectionError when the server hangs up before it is complete."""
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(message)
        return self._answer

    def hang_up(self) -> None:
        """End the connection now."""
        self.usable = False
        if self._transport is not None:
            self._transport.abort()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's own transports do not derive from asyncio's.
        self._transport, self.usable = cast("asyncio.Transport", transport), True

    @override
    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fail(ConnectionError(f"no HTTP: {error}"))
            self.hang_up()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self.usable = False
        self._fail(ConnectionResetError(str(exc or "the server hung up")))

    def on_body(self, body: bytes) -> None:
        """Part of an answer (httptools calls it)."""
        self._parts.append(body)

    def on_message_complete(self) -> None:
        """The end of an answer (httptools calls it)."""
        status = self._parser.get_status_code()
        if status < _FIRST_FINAL_STATUS:
            return
        body, self._parts = b"".join(self._parts), []
        self.usable = self.usable and bool(self._parser.should_keep_alive())
        if not self.usable and self._transport is not None:
            self._transport.close()
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(Reply(status, body))

    def _fail(self, error: ConnectionError) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)
