"""Does a door that is reached directly answer as it does through the whole application?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, HTTPException, Request, Response

from shared.errors import Conflict, Rejected
from shared.host import problems
from shared.host.gate import Gate
from shared.host.lane import Lane

FAILURES = {
    "rejected": Rejected("unknown-site", "no such site", field="site", remedy="Look at the list."),
    "conflict": Conflict("already-closed", "it is closed"),
    "http": HTTPException(418, "a teapot"),
    "database": OSError("gone"),
    "bug": ZeroDivisionError("nobody thought of it"),
}


async def door(request: Request) -> Response:
    name = (await request.body()).decode()
    if name in FAILURES:
        raise FAILURES[name]
    return Response(f"{request.method} {request.headers['x-who']} {name}", 201, {"location": "/there"})


def application() -> FastAPI:
    made = FastAPI()
    problems.install(made)
    made.add_api_route("/door", door, methods=["POST"])
    made.add_api_route("/other", door, methods=["POST"])
    return made


async def client_of(app) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(Gate(app, limit_bytes=100), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://here", headers={"x-who": "me"})


@pytest.fixture
async def both() -> AsyncIterator[tuple[httpx.AsyncClient, httpx.AsyncClient]]:
    """Through the lane, and through the application alone."""
    app = application()
    async with await client_of(Lane(app, {("POST", "/door"): door})) as lane, await client_of(app) as hall:
        yield lane, hall


@pytest.mark.parametrize("said", ["a complaint", *FAILURES, "x" * 101])
async def test_what_is_answered_is_the_same(both, said):
    lane, hall = await asyncio.gather(*(client.post("/door", content=said) for client in both))

    assert (lane.status_code, lane.content, lane.headers) == (hall.status_code, hall.content, hall.headers)


async def test_the_endpoint_is_reached_without_the_application():
    reached = []

    async def own(request: Request) -> Response:
        reached.append(request.scope["route"].path)
        return Response(status_code=204)

    async with await client_of(Lane(application(), {("POST", "/door"): own})) as client:
        assert (await client.post("/door")).status_code == 204
        assert (await client.post("/other", content="hello")).status_code == 201
        assert (await client.get("/door")).status_code == 405

    assert reached == ["/door"]


async def test_an_unknown_path_is_the_applications_matter(both):
    lane, hall = await asyncio.gather(*(client.post("/nowhere") for client in both))

    assert (lane.status_code, lane.content) == (404, hall.content)
