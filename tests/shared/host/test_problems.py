"""Does every failure look the same over HTTP, and is it documented as it looks?"""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

from shared.errors import (
    Conflict,
    Forbidden,
    KesuError,
    NotFound,
    NotYet,
    Rejected,
    Unauthenticated,
    Unavailable,
)
from shared.host import problems
from shared.host.fields import Body, Code, Line, Text


class Thing(Body):
    name: Line
    code: Code = "a"
    story: Text = ""


def app() -> FastAPI:
    made = FastAPI(responses=problems.PROBLEM_RESPONSES)
    problems.install(made)
    made.state.raises = None

    @made.post("/things")
    async def enter(thing: Thing) -> dict[str, str]:
        return {"name": thing.name}

    @made.get("/things")
    async def listed(limit: int = 5) -> list[str]:
        if made.state.raises is not None:
            raise made.state.raises
        return ["x"] * limit

    @made.get("/page", response_class=HTMLResponse)
    async def page() -> str:
        return "<p>"

    @made.put("/raw")
    async def raw(request: Request) -> int:
        return len(await request.body())

    return made


@pytest.fixture
def tried() -> FastAPI:
    return app()


@pytest.fixture
async def client(tried) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(tried, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://door") as client:
        yield client


CASES = [
    (Unauthenticated("no-token", "who?"), 401),
    (Forbidden("out-of-scope", "not yours"), 403),
    (NotFound("unknown-thing", "none"), 404),
    (Conflict("status-forbids", "no"), 409),
    (Rejected("unknown-site", "no site mars"), 422),
    (NotYet("unknown-complaint", "later"), 409),
    (Unavailable("away"), 503),
    (KesuError("odd", "odd"), 500),
    (HTTPException(418, "tea"), 418),
]


@pytest.mark.parametrize(
    ("error", "status"), CASES, ids=lambda v: type(v).__name__ if isinstance(v, Exception) else str(v)
)
async def test_each_kind_of_failure_has_its_status_and_its_code(client, tried, error, status):
    tried.state.raises = error
    reply = await client.get("/things")
    body = reply.json()
    code = getattr(error, "code", f"http-{status}")

    assert reply.status_code == body["status"] == status
    assert reply.headers["content-type"] == "application/problem+json"
    assert (body["code"], body["type"]) == (code, f"urn:kesu:problem:{code}")
    assert ("retry-after" in reply.headers) == (status == 503)
    assert ("www-authenticate" in reply.headers) == (status == 401)


async def test_field_and_remedy_are_told_when_there_are_any(client, tried):
    tried.state.raises = Rejected("unknown-site", "no site mars", field="site", remedy="Known sites: sh01.")
    body = (await client.get("/things")).json()
    assert (body["field"], body["remedy"]) == ("site", "Known sites: sh01.")
    tried.state.raises = Rejected("plain", "no")
    assert not {"field", "remedy", "errors"} & (await client.get("/things")).json().keys()


async def test_a_bug_says_nothing_of_its_inside(client, tried):
    tried.state.raises = ZeroDivisionError("Fang Wang, fang@customer.example")
    reply = await client.get("/things")
    assert (reply.status_code, reply.json()["code"]) == (500, "bug")
    assert "Fang" not in reply.text and "ZeroDivision" not in reply.text


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (
            OperationalError("SELECT", None, ConnectionError("gone"), connection_invalidated=True),
            503,
            "database-away",
        ),
        (PoolTimeoutError("no connection left"), 503, "database-away"),
        (ConnectionRefusedError(), 503, "database-away"),
        (ProgrammingError("SELECT", None, ValueError("no such column")), 500, "bug"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
async def test_a_database_that_is_away_is_no_bug_and_a_wrong_statement_is_one(
    client, tried, error, status, code
):
    tried.state.raises = error
    reply = await client.get("/things")
    assert (reply.status_code, reply.json()["code"]) == (status, code)
    assert "SELECT" not in reply.text


@pytest.mark.parametrize(
    ("content", "status", "field"),
    [
        (b"{", 400, "body"), (b"\xe4", 400, "body"), (b"[" * 4000, 400, "body"), (b"", 422, "body"), (b"[]", 422, "body"),
        (b"{}", 422, "name"), (b'{"name":"a","x":1}', 422, "x"), (b'{"name":"a\\u0000"}', 422, "name"),
        (b'{"name":"\\ud800"}', 422, "name"), (b'{"name":"","code":"-"}', 422, "name"),
        (b'{"name":"a","story":"\\udfff"}', 422, "story"), (b'{"name":"a","code":"a\\n"}', 422, "code"),
    ],
    ids=str,
)  # fmt: skip
async def test_a_bad_body_names_the_field(client, content, status, field):
    reply = await client.post("/things", content=content, headers={"content-type": "application/json"})
    body = reply.json()
    assert (body["status"], body["code"]) == (status, {400: "malformed-json", 422: "invalid-body"}[status])
    assert body["field"] == field


async def test_all_faults_of_a_body_are_named_together_up_to_a_limit(client):
    reply = await client.post("/things", json={"code": "-", **{f"x{n}": 1 for n in range(40)}})
    told = [one["field"] for one in reply.json()["errors"]]
    assert {"name", "code"} <= set(told)
    assert len(told) == 20


async def test_an_unknown_path_and_method_are_problems_and_allow_names_every_method(client):
    nowhere, wrong = await client.get("/nowhere"), await client.delete("/things")
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "no-such-path")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method-not-allowed")
    assert wrong.headers["allow"] == "GET, HEAD, POST"


def test_refusals_are_documented_under_the_media_type_that_they_have(tried):
    paths = tried.openapi()["paths"]
    assert set(paths["/things"]["post"]["responses"]["422"]["content"]) == {"application/problem+json"}
    assert set(paths["/page"]["get"]["responses"]["404"]["content"]) == {
        "application/problem+json",
        "text/html",
    }
    assert set(paths["/things"]["get"]["responses"]["200"]["content"]) == {"application/json"}
    assert "code" in tried.openapi()["components"]["schemas"]["Problem"]["required"]
