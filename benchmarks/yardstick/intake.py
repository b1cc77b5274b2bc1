"""The first hop: how does a complaint come in? `POST /complaints`, one transaction per request."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.yardstick.events import encoded, ready
from benchmarks.yardstick.provision import REGISTERED
from benchmarks.yardstick.settings import YardstickSettings
from benchmarks.yardstick.wiring import Wiring, wired
from shared.ids import new_id

_NEEDED = ("site", "kind", "category", "type", "channel")


def app(settings: YardstickSettings) -> Starlette:
    """The process."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with wired(settings, "intake") as app.state.wiring:
            yield

    routes = [Route("/complaints", _register, methods=["POST"]), Route("/readyz", ready)]
    return Starlette(routes=routes, lifespan=lifespan)


async def _register(request: Request) -> Response:
    wiring: Wiring = request.app.state.wiring
    body = orjson.loads(await request.body())
    if any(not isinstance(body.get(name), str) for name in _NEEDED):
        return Response(status_code=422)
    complaint_id = new_id()
    event_id, event = encoded(REGISTERED, complaint_id, body["site"], body)
    async with wiring.pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "INSERT INTO complaints (id, site, kind, body) VALUES ($1, $2, $3, $4)",
            complaint_id, body["site"], body["kind"], orjson.dumps(body).decode(),
        )  # fmt: skip
        await connection.execute(
            "INSERT INTO outbox (event_id, routing_key, body) VALUES ($1, $2, $3)",
            event_id, f"{REGISTERED}.{body['site']}", event,
        )  # fmt: skip
    wiring.relay.wake()
    return Response(orjson.dumps({"id": complaint_id}), 201, media_type="application/json")
