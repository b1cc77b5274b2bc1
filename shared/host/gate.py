"""What does every request pass first? The limit on its body, and a log line when it is done.

Written on the bare ASGI interface: a framework middleware costs more than most handlers here.
"""

from __future__ import annotations

from typing import Any

import structlog
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.clock import perf_counter
from shared.host.problems import SEND_LESS, problem
from shared.observability import telemetry
from shared.observability.tracing import new_trace, trace_id, trace_of

log = structlog.get_logger("kesu.http")
_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)


class TooLarge(HTTPException):
    """The body grew past the limit while it was read.

    An HTTPException, because FastAPI takes every other failure while it reads for a malformed body.
    """


class Gate:
    """Refuses oversize bodies and logs failures and slow requests."""

    def __init__(self, app: ASGIApp, *, limit_bytes: int) -> None:
        self._app = app
        self._limit = limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI interface."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > self._limit:
            await self._refuse(scope, receive, send)
            return
        given = headers.get(b"traceparent")
        trace = trace_of(given.decode("latin-1")) if given is not None else new_trace()
        if given is None and trace.traceparent is not None:
            scope["headers"] = [*scope["headers"], (b"traceparent", trace.traceparent.encode())]
        started = perf_counter()
        status = 500
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._limit:
                raise TooLarge(413, _sentence(self._limit))
            return message

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *_HEADERS]
            await send(message)

        try:
            await self._app(scope, counted, noted)
        except TooLarge:
            status = 413
            await self._refuse(scope, receive, send)
        finally:
            self._note(scope, trace.traceparent, status, perf_counter() - started)

    def _note(self, scope: Any, traceparent: str | None, status: int, seconds: float) -> None:
        if scope["path"] in _QUIET:
            return
        write = log.warning if status >= 500 else log.debug  # noqa: PLR2004 - HTTP's own number
        route = scope.get("route")
        write(
            "request.done",
            method=scope["method"],
            # The path's pattern, not the path: links hold secrets.
            route=getattr(route, "path", "(none)"),
            status=status,
            milliseconds=round(seconds * 1000, 1),
            trace=trace_id(traceparent),
        )
        if telemetry.is_on():
            self._trace(scope, route, traceparent, status, seconds)

    def _trace(self, scope: Any, route: Any, traceparent: str | None, status: int, seconds: float) -> None:
        telemetry.record(
            f"{scope['method']} {getattr(route, 'path', '(none)')}",
            "server",
            traceparent,
            seconds=seconds,
            attributes={"http.response.status_code": status},
        )

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = problem(
            413,
            "body-too-large",
            _sentence(self._limit),
            field="body",
            remedy=SEND_LESS,
        )
        await response(scope, receive, send)


def _sentence(limit: int) -> str:
    return f"the body may have at most {limit} bytes"
