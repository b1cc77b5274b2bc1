"""Which door is too busy for the framework's whole hall? One that every complaint passes.

Between the socket and a route FastAPI matches paths one after the other and prepares what a route might
ask for; for a door that asks for nothing but the request this costs as much as its own work. The route
itself stays where it is, with its documentation: here the same endpoint is reached by a shorter way, with
the same translation of failures (docs/decisions/0058).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from fastapi import FastAPI
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

Endpoint = Callable[[Request], Awaitable[Response]]
Door = tuple[str, str]
"""Method and path, without parameters."""


@dataclass(frozen=True, slots=True)
class _Route:
    """What the log asks of a route."""

    path: str


class Lane:
    """The application, with a direct way to some of its doors."""

    def __init__(self, app: FastAPI, endpoints: Mapping[Door, Endpoint]) -> None:
        self._app = app
        self._doors = {door: _translating(app, _entered(door, to)) for door, to in endpoints.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI interface."""
        door = None
        if scope["type"] == "http":
            door = self._doors.get((scope["method"], scope["path"]))
            scope["app"] = self._app
        await (door or self._app)(scope, receive, send)


def _entered(door: Door, endpoint: Endpoint) -> ASGIApp:
    route = _Route(door[1])

    async def enter(scope: Scope, receive: Receive, send: Send) -> None:
        scope["route"] = route
        response = await endpoint(Request(scope, receive, send))
        await response(scope, receive, send)

    return enter


def _translating(app: FastAPI, inner: ASGIApp) -> ASGIApp:
    """With the application's own handlers of exceptions around it, as Starlette stacks them."""
    handlers = dict(app.exception_handlers)
    bug = handlers.pop(Exception, None)
    return ServerErrorMiddleware(ExceptionMiddleware(inner, handlers), handler=bug)
