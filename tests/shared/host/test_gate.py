"""Is a body that is too large refused before it is kept, however it comes, and every answer noted?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import httpx
import pytest
import structlog
from fastapi import FastAPI, Request, Response

from shared.host import problems
from shared.host.fields import Body
from shared.host.gate import Gate
from shared.host.rates import Rates, is_public

LIMIT = 1000


class Anything(Body):
    text: str


def app(seen: list[int]) -> FastAPI:
    made = FastAPI()
    problems.install(made)

    @made.post("/by-hand")
    async def by_hand(request: Request) -> int:
        seen.append(len(await request.body()))
        return seen[-1]

    @made.post("/by-model")
    async def by_model(body: Anything) -> int:
        seen.append(len(body.text))
        return seen[-1]

    @made.get("/link/{secret}")
    async def link(secret: str) -> str:
        return "opened"

    @made.get("/c/{secret}")
    async def page(secret: str) -> Response:
        return Response("page", headers={"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"})

    @made.get("/kept")
    async def kept() -> Response:
        return Response("style", headers={"Cache-Control": "public, max-age=60"})

    @made.get("/metrics")
    async def figures() -> str:
        return "1"

    return made


@pytest.fixture
def seen() -> list[int]:
    return []


@pytest.fixture
async def client(seen) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(Gate(app(seen), limit_bytes=LIMIT))
    async with httpx.AsyncClient(transport=transport, base_url="http://door") as client:
        yield client


def sized(size: int) -> bytes:
    return b'{"text":"' + b"x" * (size - 11) + b'"}'


def in_chunks(content: bytes) -> Callable[[], AsyncIterator[bytes]]:
    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(content), 100):
            yield content[start : start + 100]

    return chunks


@pytest.mark.parametrize("path", ["/by-hand", "/by-model"])
@pytest.mark.parametrize("chunked", [False, True], ids=["with its length", "in chunks"])
async def test_one_byte_too_many_is_413_and_the_limit_itself_passes(client, seen, path, chunked):
    for size, status in ((LIMIT, 200), (LIMIT + 1, 413), (50 * LIMIT, 413)):
        content = sized(size)
        reply = await client.post(
            path,
            content=in_chunks(content)() if chunked else content,
            headers={"content-type": "application/json"},
        )
        assert reply.status_code == status, reply.text
        if status == 413:
            body = reply.json()
            assert (body["code"], body["field"]) == ("body-too-large", "body")
            assert str(LIMIT) in body["detail"] and body["remedy"]
    assert len(seen) == 1, "an oversize body never reaches the door"


@pytest.mark.parametrize("length", ["-1", "1e3", "many", ""])
async def test_a_length_that_is_no_number_is_refused(client, seen, length):
    reply = await client.post("/by-hand", content=b"{}", headers={"content-length": length})
    assert reply.status_code == 413
    assert seen == []


async def test_every_answer_forbids_sniffing_and_referring(client):
    for reply in (await client.get("/link/abc"), await client.get("/nowhere"), await client.post("/by-hand")):
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["referrer-policy"] == "no-referrer"


async def test_the_log_names_the_pattern_of_the_path_and_never_the_secret_in_it(client):
    with structlog.testing.capture_logs() as lines:
        await client.get("/link/s3cr3t-of-the-customer")
        await client.get("/nowhere/s3cr3t-of-the-customer")
    noted = [line for line in lines if line["event"] == "request.done"]
    assert [(line["route"], line["status"]) for line in noted] == [("/link/{secret}", 200), ("(none)", 404)]
    assert "s3cr3t" not in str(noted)


@pytest.mark.parametrize("path", ["/link/abc", "/c/abc", "/kept", "/nowhere"])
async def test_head_is_answered_as_get_without_a_body(client, path):
    get, head = await client.get(path), await client.head(path)

    assert head.status_code == get.status_code
    assert head.headers == get.headers
    assert head.content == b"" != get.content


async def test_head_where_there_is_no_get_names_what_there_is(client):
    for method in ("HEAD", "GET", "PUT"):
        reply = await client.request(method, "/by-hand")
        assert (reply.status_code, reply.headers["allow"]) == (405, "POST")
    reply = await client.put("/link/abc")
    assert reply.headers["allow"] == "GET, HEAD"


async def test_every_header_is_sent_once_and_only_what_says_so_is_kept(client):
    for path in ("/c/abc", "/link/abc", "/nowhere", "/kept"):
        reply = await client.get(path)
        names = [name.lower() for name, _ in reply.headers.raw]
        assert len(names) == len(set(names)), names
        kept = "public, max-age=60" if path == "/kept" else "no-store"
        assert reply.headers["cache-control"] == kept


@pytest.mark.parametrize("length", ["9" * 5_000, "9" * 19])
async def test_a_length_beyond_all_numbers_is_refused_unread(client, seen, length):
    reply = await client.post("/by-hand", content=b"{}", headers={"content-length": length})
    assert reply.status_code == 413
    assert seen == []


async def test_a_door_for_anybody_is_opened_so_often_and_others_as_often_as_you_like():
    moment = [0.0]
    gate = Gate(app([]), limit_bytes=LIMIT, rates=Rates(60, now=lambda: moment[0]))

    async def asked(path: str, address: str) -> httpx.Response:
        transport = httpx.ASGITransport(gate, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://door") as client:
            return await client.get(path)

    statuses = [(await asked("/c/abc", "192.0.2.1")).status_code for _ in range(30)]
    assert statuses == [200] * 20 + [429] * 10
    refused = await asked("/c/abc", "192.0.2.1")
    assert (refused.json()["code"], refused.headers["retry-after"]) == ("too-many-requests", "1")
    assert (await asked("/c/abc", "192.0.2.2")).status_code == 200
    assert (await asked("/link/abc", "192.0.2.1")).status_code == 200
    moment[0] += 1.0
    assert (await asked("/c/abc", "192.0.2.1")).status_code == 200
    assert (await asked("/c/abc", "192.0.2.1")).status_code == 429
    moment[0] += 60.0
    assert [(await asked("/c/abc", "192.0.2.1")).status_code for _ in range(21)] == [200] * 20 + [429]


def test_addresses_are_counted_within_bounds_and_a_household_of_ipv6_as_one():
    rates = Rates(3, now=lambda: 0.0)
    for number in range(50_000):
        rates.wait_seconds((f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", 1))
    assert len(rates._full_at) <= 20_000

    assert rates.wait_seconds(("2001:db8::1", 1)) == 0
    assert rates.wait_seconds(("2001:db8::ffff", 1)) > 0
    assert rates.wait_seconds(("2001:db8:0:1::1", 1)) == 0
    assert rates.wait_seconds(None) == 0


def test_doors_for_anybody_are_those_that_links_open():
    assert all(is_public(path) for path in ("/c/1/x", "/s/1/x", "/a/x", "/d/1/x", "/p/x"))
    assert not any(is_public(path) for path in ("/complaints", "/cases", "/presence/x", "/", "/c"))


async def test_figures_and_documents_are_shown_at_their_own_port_alone():
    gate = Gate(app([]), limit_bytes=LIMIT, operations_port=9001)

    async def status(port: int, path: str) -> int:
        scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "headers": []}
        scope |= {"query_string": b"", "server": ("127.0.0.1", port), "client": None, "scheme": "http"}
        scope |= {"root_path": "", "http_version": "1.1"}
        sent: list[dict] = []

        async def receive() -> dict:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: dict) -> None:
            sent.append(message)

        await gate(scope, receive, send)
        return sent[0]["status"]

    assert [await status(8001, path) for path in ("/metrics", "/docs", "/openapi.json")] == [404] * 3
    assert [await status(9001, path) for path in ("/metrics", "/docs", "/openapi.json")] == [200] * 3
    assert await status(8001, "/link/abc") == 200
