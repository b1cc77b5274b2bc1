"""Does a service stay within reach of who sends, whatever others hold open? Over real sockets."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest
import structlog
import uvicorn
from fastapi import FastAPI, Request

from shared.host import problems
from shared.host.connections import ConnectionLimits, affordable, protocol
from shared.host.gate import Gate
from tests.support.waiting import eventually

pytestmark = pytest.mark.loopback
LIMITS = ConnectionLimits(
    connections=20,
    head_bytes=2_000,
    head_seconds=1.0,
    body_seconds=1.0,
    answer_seconds=1.0,
    linger_seconds=0.2,
)
GET = b"GET /small HTTP/1.1\r\nHost: x\r\n\r\n"


def app() -> FastAPI:
    made = FastAPI()
    problems.install(made)

    @made.get("/small")
    async def small() -> str:
        return "here"

    @made.get("/large")
    async def large() -> str:
        return "x" * 20_000_000

    @made.post("/by-hand")
    async def by_hand(request: Request) -> int:
        return len(await request.body())

    @made.post("/by-model")
    async def by_model(body: dict[str, str]) -> int:
        return len(body)

    return made


@pytest.fixture
async def server() -> AsyncIterator[uvicorn.Server]:
    gate = Gate(app(), limit_bytes=1_000_000)
    config = uvicorn.Config(gate, port=0, http=protocol(LIMITS), log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    await eventually(lambda: server.started)
    yield server
    server.should_exit = True
    await running


async def connected(server: uvicorn.Server) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    port = server.servers[0].sockets[0].getsockname()[1]
    return await asyncio.open_connection("127.0.0.1", port)


async def said(server: uvicorn.Server, *pieces: bytes, seconds: float = 5) -> bytes:
    """Everything the server says until it hangs up."""
    reader, writer = await connected(server)
    for piece in pieces:
        writer.write(piece)
    try:
        async with asyncio.timeout(seconds):
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def answers(server: uvicorn.Server) -> bool:
    reader, writer = await connected(server)
    writer.write(GET)
    async with asyncio.timeout(5):
        line = await reader.readline()
    writer.close()
    return line.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"", b"408"),
        (b"GET /small HTTP/1.1\r\nHost:", b"408"),
        (b"POST /by-hand HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf", b"408"),
        (b"POST /by-model HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhalf", b"408"),
        (b"GET /small HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 6_000_000, b"431"),
        (b"GET /small HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 2_500 + b"\r\n\r\n", b"431"),
        (b"GET /" + b"x" * 2_500 + b" HTTP/1.1\r\nHost: x\r\n\r\n", b"431"),
        (b"GET /small HTTP/1.1\r\n" + b"X: 1\r\n" * 100_000, b"431"),
    ],
    ids=["nothing", "half a head", "half a body", "half a chunk", "6 MB", "a value", "a path", "many"],
)
async def test_what_does_not_come_in_time_or_size_is_refused_and_hung_up(server, sent, status):
    heard = await said(server, sent)

    # A refusal may be lost when the client still sends; that it was hung up is what counts.
    assert heard.startswith(b"HTTP/1.1 " + status) or (status == b"431" and heard == b"")
    assert await answers(server)


async def test_half_open_connections_keep_nobody_out(server):
    held = [await connected(server) for _ in range(LIMITS.connections * 3)]
    for _, writer in held:
        writer.write(b"GET /small HTTP/1.1\r\n")

    assert await answers(server)
    assert len(server.server_state.connections) <= LIMITS.connections
    await eventually(lambda: not server.server_state.connections, seconds=5)
    for _, writer in held:
        writer.close()


async def test_who_does_not_read_the_answer_is_hung_up_on(server):
    _, writer = await connected(server)
    writer.transport.pause_reading()
    writer.write(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")

    await eventually(lambda: len(server.server_state.connections) == 1)
    await eventually(lambda: not server.server_state.connections, seconds=6)
    assert await answers(server)
    writer.close()


async def test_many_requests_in_one_go_do_not_wait_in_memory_without_end(server):
    heard = await said(server, GET * 5_000)

    assert heard.count(b'"here"') <= 1 + LIMITS.pipelined
    assert await answers(server)


async def test_a_few_requests_in_one_go_are_all_answered(server):
    reader, writer = await connected(server)
    writer.write(GET * 5)

    async with asyncio.timeout(5):
        heard = b""
        while heard.count(b'"here"') < 5:
            heard += await reader.read(10_000)

    writer.close()


@pytest.mark.parametrize("path", [b"/by-hand", b"/by-model"])
async def test_a_client_that_hangs_up_in_mid_body_is_nobodys_bug(server, path, caplog):
    caplog.set_level(logging.WARNING)
    with structlog.testing.capture_logs() as lines:
        for _ in range(20):
            _, writer = await connected(server)
            writer.write(b"POST " + path + b" HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n")
            writer.write(b"Content-Length: 1000\r\n\r\n{")
            await writer.drain()
            await asyncio.sleep(0.01)
            writer.transport.abort()
        await eventually(lambda: not server.server_state.connections)
        assert await answers(server)

    assert {line["log_level"] for line in lines} == {"debug"}
    assert [line.getMessage() for line in caplog.records] == []


def test_no_more_connections_are_taken_than_there_are_files():
    assert affordable(10) == 10
    assert affordable(10**9) < 10**9
