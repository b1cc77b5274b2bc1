"""What does every request pass first? Limits on its body and its sender, and a log line when it is done.

Written on the bare ASGI interface: a framework middleware costs more than most handlers here.
"""

from __future__ import annotations

from typing import Any

import structlog
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.clock import perf_counter
from shared.host.problems import SEND_LESS, problem
from shared.host.rates import Rates, is_public
from shared.observability import telemetry
from shared.observability.tracing import new_trace, trace_id, trace_of

log = structlog.get_logger("kesu.http")
_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    # Nearly every answer holds something about a person; what may be kept says so itself.
    (b"cache-control", b"no-store"),
)
_OPERATIONS = frozenset({"/metrics", "/docs", "/openapi.json", "/asyncapi", "/asyncapi.json"})
_HUNG_UP = 499


class TooLarge(HTTPException):
    """The body grew past the limit while it was read.

    An HTTPException, because FastAPI takes every other failure while it reads for a malformed body.
    """


class HungUp(HTTPException):
    """The client went away in the middle of its body; nobody is there to be answered."""


class Gate:
    """Refuses what is too large, too often or not for this port; logs failures and slow requests.

    HEAD is answered wherever GET is, with the same headers and no body.
    """

    def __init__(
        self, app: ASGIApp, *, limit_bytes: int, rates: Rates | None = None, operations_port: int = 0
    ) -> None:
        """`operations_port`: where alone figures and documents are shown; 0: everywhere."""
        self._app = app
        self._limit = limit_bytes
        self._rates = rates
        self._operations_port = operations_port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI interface."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        given = headers.get(b"traceparent")
        trace = trace_of(given.decode("latin-1")) if given is not None else new_trace()
        if given is None and trace.traceparent is not None:
            scope["headers"] = [*scope["headers"], (b"traceparent", trace.traceparent.encode())]
        started = perf_counter()
        exchange = _Exchange(receive, send, self._limit, is_head=scope["method"] == "HEAD")
        inner = {**scope, "method": "GET"} if exchange.is_head else scope
        try:
            refusal = self._refusal(scope, headers)
            await (refusal or self._app)(inner, exchange.receive, exchange.send)
        except TooLarge:
            await self._too_large()(inner, exchange.receive, exchange.send)
        finally:
            self._note(
                scope, inner.get("route"), trace.traceparent, exchange.status, perf_counter() - started
            )

    def _refusal(self, scope: Scope, headers: dict[bytes, bytes]) -> Response | None:
        """Why this request goes no further; None: it does."""
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or len(length) > _LONGEST_LENGTH or int(length) > self._limit:
            return self._too_large()
        path: str = scope["path"]
        if self._is_elsewhere(scope, path):
            return problem(404, "no-such-path", "Not Found")
        if self._rates is not None and is_public(path):
            seconds = self._rates.wait_seconds(scope["client"])
            if seconds:
                return _too_often(seconds)
        return None

    def _is_elsewhere(self, scope: Scope, path: str) -> bool:
        """Whether the port that this came in at does not show this path."""
        if not self._operations_port:
            return False
        came_in_at = (scope.get("server") or ("", 0))[1]
        return path in _OPERATIONS and came_in_at != self._operations_port

    def _note(self, scope: Any, route: Any, traceparent: str | None, status: int, seconds: float) -> None:
        if scope["path"] in _QUIET:
            return
        write = log.warning if status >= 500 else log.debug  # noqa: PLR2004 - HTTP's own number
        # The path's pattern, not the path: links hold secrets.
        pattern = getattr(route, "path", "(none)")
        write(
            "request.done",
            method=scope["method"],
            route=pattern,
            status=status,
            milliseconds=round(seconds * 1000, 1),
            trace=trace_id(traceparent),
        )
        if telemetry.is_on():
            telemetry.record(
                f"{scope['method']} {pattern}",
                "server",
                traceparent,
                seconds=seconds,
                attributes={"http.response.status_code": status},
            )

    def _too_large(self) -> Response:
        return problem(413, "body-too-large", _sentence(self._limit), field="body", remedy=SEND_LESS)


_LONGEST_LENGTH = 18
"""Digits of a length; more are refused unread, because Python reads thousands of them slowly."""


class _Exchange:
    """One request's body on its way in and its answer's on its way out."""

    __slots__ = ("_is_whole", "_limit", "_read", "_receive", "_send", "is_head", "status")

    def __init__(self, receive: Receive, send: Send, limit: int, *, is_head: bool) -> None:
        self._receive = receive
        self._send = send
        self._limit = limit
        self._read = 0
        self._is_whole = False
        self.is_head = is_head
        self.status = 500
        """What was answered; 500 until something was."""

    async def receive(self) -> Message:
        """The next piece of the body. Raises TooLarge, HungUp."""
        message = await self._receive()
        if message["type"] == "http.disconnect":
            if not self._is_whole:
                raise HungUp(_HUNG_UP, "the client hung up before its body was whole")
            return message
        self._read += len(message.get("body", b""))
        self._is_whole = not message.get("more_body", False)
        if self._read > self._limit:
            raise TooLarge(413, _sentence(self._limit))
        return message

    async def send(self, message: Message) -> None:
        """The next piece of the answer, with the headers of every answer that it does not have yet."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            there = {name.lower() for name, _ in message["headers"]}
            message["headers"] = [*message["headers"], *(one for one in _HEADERS if one[0] not in there)]
        elif self.is_head:
            message = {**message, "body": b""}
        await self._send(message)


def _too_often(seconds: float) -> Response:
    response = problem(
        429,
        "too-many-requests",
        "too many requests from this address",
        remedy="Wait as long as Retry-After says.",
    )
    response.headers["retry-after"] = str(max(1, round(seconds)))
    return response


def _sentence(limit: int) -> str:
    return f"the body may have at most {limit} bytes"
