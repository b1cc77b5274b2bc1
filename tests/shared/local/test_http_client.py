"""Does the small HTTP client keep, lose and renew its connections as a careful one should?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
import uvloop

from shared.errors import Unavailable
from shared.local.http_client import HttpClient

pytestmark = pytest.mark.loopback

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
Answer = Callable[["Server", asyncio.StreamReader, asyncio.StreamWriter, bytes], Awaitable[None]]


class Server:
    """A scripted server that notes what it is sent, and on how many connections."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.requests: list[bytes] = []
        self.connections = 0
        self.busy = 0
        self.most_busy = 0
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    (int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"content-length:")), 0
                )
                request = head + await reader.readexactly(length)
                self.requests.append(request)
                self.busy += 1
                self.most_busy = max(self.most_busy, self.busy)
                await self._answer(self, reader, writer, request)
                self.busy -= 1
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[Server]:
    server = Server(answer)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    yield server
    listening.close()


def always(data: bytes) -> Answer:
    async def answer(
        _: Server, __: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes
    ) -> None:
        writer.write(data)

    return answer


async def test_a_json_body_and_the_token_arrive_and_one_connection_serves_all_requests():
    async with serving(always(OK)) as server, HttpClient(server.url + "/base", token="t0ken") as client:
        for _ in range(3):
            reply = await client.request("POST", "/things", {"a": "ü"}, {"Idempotency-Key": "k"})
            assert (reply.status, reply.body) == (200, b"ok")
        assert server.connections == 1
        sent = server.requests[0]
    assert sent.startswith(b"POST /base/things HTTP/1.1\r\nhost: 127.0.0.1:")
    assert b"authorization: Bearer t0ken\r\n" in sent
    assert b"idempotency-key: k\r\n" in sent
    assert b"content-type: application/json\r\n" in sent
    assert sent.endswith('\r\n\r\n{"a":"ü"}'.encode())


async def test_a_chunked_answer_that_comes_in_pieces_is_put_together():
    async def answer(_: Server, __: object, writer: asyncio.StreamWriter, request: bytes) -> None:
        for piece in (
            b"HTTP/1.1 201 Created\r\nTransfer-Enc",
            b'oding: chunked\r\n\r\n5\r\n{"a":\r\n',
            b"2\r\n1}\r",
            b"\n0\r\n\r\n",
        ):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.005)

    async with serving(answer) as server, HttpClient(server.url) as client:
        for _ in range(2):
            reply = await client.request("GET", "/")
            assert (reply.status, reply.json()) == (201, {"a": 1})
        assert server.connections == 1


def test_it_works_on_uvloop_too():
    async def ask() -> int:
        async with serving(always(OK)) as server, HttpClient(server.url) as client:
            return (await client.request("GET", "/")).status

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(ask()) == 200


async def test_an_interim_answer_and_one_without_a_body_are_understood():
    data = b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"
    async with serving(always(data)) as server, HttpClient(server.url) as client:
        replies = [await client.request("DELETE", "/") for _ in range(2)]
    assert [(reply.status, reply.body) for reply in replies] == [(204, b"")] * 2


async def test_connection_close_is_obeyed():
    data = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    async with serving(always(data)) as server, HttpClient(server.url) as client:
        for _ in range(3):
            assert (await client.request("POST", "/")).status == 200
        assert server.connections == 3


async def test_no_more_connections_than_allowed_are_opened():
    async def slow(_: Server, __: object, writer: asyncio.StreamWriter, request: bytes) -> None:
        await asyncio.sleep(0.01)
        writer.write(OK)

    async with serving(slow) as server, HttpClient(server.url, connections=3) as client:
        await asyncio.gather(*(client.request("GET", f"/{n}") for n in range(20)))
        assert server.connections == server.most_busy == 3


async def test_a_kept_connection_that_the_server_closed_is_replaced_unnoticed():
    async with serving(always(OK)) as server:
        client = HttpClient(server.url)
        await client.request("POST", "/")
        [wire] = client._idle
        wire._transport.abort()
        while wire.usable:
            await asyncio.sleep(0)
        await client.request("POST", "/")
        assert server.connections == 2
        client.close()


@pytest.mark.parametrize(
    ("method", "headers", "harmless"),
    [("GET", {}, True), ("POST", {"Idempotency-Key": "k"}, True), ("POST", {}, False)],
)
async def test_a_question_cut_off_on_a_kept_connection_is_repeated_only_when_harmless(
    method: str, headers: dict[str, str], harmless: bool
):
    async def second_is_cut(server: Server, _: object, writer: asyncio.StreamWriter, request: bytes) -> None:
        if len(server.requests) == 2:
            raise ConnectionResetError
        writer.write(OK)

    async with serving(second_is_cut) as server, HttpClient(server.url) as client:
        await client.request(method, "/", headers=headers)
        if harmless:
            assert (await client.request(method, "/", headers=headers)).status == 200
            assert len(server.requests) == 3
        else:
            with pytest.raises(Unavailable, match="did not answer POST /"):
                await client.request(method, "/", headers=headers)
            assert len(server.requests) == 2


async def test_a_server_that_hangs_up_on_a_new_connection_or_is_not_there_is_unavailable():
    async def cut(*_: object) -> None:
        raise ConnectionResetError

    async with serving(cut) as server, HttpClient(server.url) as client:
        with pytest.raises(Unavailable, match="hung up"):
            await client.request("GET", "/")
        assert len(server.requests) == 1
        gone = server.url
    async with HttpClient(gone) as client:
        with pytest.raises(Unavailable) as caught:
            await client.request("GET", "/")
    assert caught.value.code == "no-answer"


async def test_something_that_is_no_http_is_unavailable():
    async with serving(always(b"220 mail.example ESMTP\r\n")) as server, HttpClient(server.url) as client:
        with pytest.raises(Unavailable, match="no HTTP"):
            await client.request("GET", "/")


async def test_the_late_answer_to_a_question_given_up_does_not_meet_the_next_question():
    released = asyncio.Event()

    async def first_is_late(server: Server, _: object, writer: asyncio.StreamWriter, request: bytes) -> None:
        if b"/late" in request:
            await released.wait()
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n" + request[4:9])

    async with serving(first_is_late) as server, HttpClient(server.url, timeout_seconds=0.05) as client:
        with pytest.raises(Unavailable, match=r"in 0\.05 s"):
            await client.request("GET", "/late")
        released.set()
        assert (await client.request("GET", "/next")).body == b"/next"
        assert server.connections == 2
