"""Is a body that is too large refused before it is kept, however it comes, and every answer noted?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import httpx
import pytest
import structlog
from fastapi import FastAPI, Request

from shared.host import problems
from shared.host.fields import Body
from shared.host.gate import Gate

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
