"""Is the log read to its end, whatever the broker does meanwhile, or said that it could not be?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit, urlunsplit

import aio_pika
import pytest

from shared.errors import Unavailable
from shared.ids import new_id
from shared.local.ports import free_ports
from shared.messaging import provision
from shared.messaging.stream import Patience, follow_log, read_log, read_pieces
from shared.messaging.topology import LOG_STREAM
from tests.faults.proxy import Proxy

COUNT = 3000
QUICK = Patience(connect_seconds=2, silence_seconds=4, again_seconds=0.1)
pytestmark = pytest.mark.timeout(60)


@pytest.fixture
async def log(amqp_url: str) -> str:
    await provision.apply(amqp_url)
    await put(amqp_url, *(b'{"number":%d}' % number for number in range(COUNT)))
    return amqp_url


async def put(url: str, *bodies: bytes) -> None:
    async with await aio_pika.connect(url) as connection:
        exchange = (await connection.channel()).default_exchange
        for first in range(0, len(bodies), 500):
            await asyncio.gather(
                *(
                    exchange.publish(aio_pika.Message(body), LOG_STREAM)
                    for body in bodies[first : first + 500]
                )
            )


@asynccontextmanager
async def a_proxy(url: str) -> AsyncIterator[tuple[Proxy, str]]:
    parts, (port,) = urlsplit(url), free_ports(1)
    proxy = Proxy(port, parts.port or 5672)
    await proxy.open()
    login = parts.netloc.rpartition("@")[0]
    yield proxy, urlunsplit(parts._replace(netloc=f"{login}@127.0.0.1:{port}"))
    await proxy.close()


async def test_it_ends_at_the_last_entry_that_was_there_and_leaves_no_event_behind(log):
    seen: list[tuple[int, int | None]] = []

    entries = [entry async for entry in read_log(log, on_progress=lambda *so_far: seen.append(so_far))]
    again = [entry async for entry in read_log(log)]

    assert [entry.offset for entry in entries] == list(range(COUNT))
    assert seen[-1] == (COUNT, COUNT)
    assert again[:COUNT] == entries
    assert [len(entry.pieces()) for entry in again[COUNT:]] == [0]


@pytest.mark.parametrize("since", [COUNT - 5, "first"])
async def test_it_begins_where_it_is_told(log, since):
    entries = [entry async for entry in read_log(log, since)]

    assert entries[0].offset == (since if isinstance(since, int) else 0)
    assert entries[-1].offset == COUNT - 1


async def test_an_empty_log_is_read_at_once(amqp_url):
    await provision.apply(amqp_url)

    assert [entry async for entry in read_log(amqp_url)] == []


async def test_a_broker_that_is_silent_or_away_for_seconds_is_no_end(log):
    offsets = []
    async with a_proxy(log) as (proxy, url):
        async for entry in read_log(url, patience=Patience(2, 20, 0.1)):
            offsets.append(entry.offset)
            if len(offsets) == 500:
                proxy.refuse()
                proxy.cut()
                asyncio.get_running_loop().call_later(3, proxy.let_pass)

    assert offsets == list(range(COUNT))
    assert proxy.cuts


async def test_an_end_that_is_not_reached_is_said(log):
    read = 0
    async with a_proxy(log) as (proxy, url):
        with pytest.raises(Unavailable, match="not read to its end") as refused:
            async for _ in read_log(url, patience=QUICK):
                read += 1
                if read == 500:
                    proxy.swallow()

    assert refused.value.code == "log-unread"
    assert read < COUNT


async def test_a_log_that_is_missing_and_a_broker_that_is_away_are_told_apart(amqp_url):
    (nobody,) = free_ports(1)
    with pytest.raises(Unavailable) as missing:
        await anext(read_log(amqp_url, patience=Patience(2, 0.5, 0.1)))
    with pytest.raises(Unavailable) as away:
        await anext(read_log(f"amqp://guest:guest@127.0.0.1:{nobody}/"))

    assert (missing.value.code, away.value.code) == ("log-missing", "unavailable")
    assert "kesu topology" in missing.value.sentence()


async def test_who_follows_gets_what_comes_and_goes_on_after_a_cut(log):
    got: list[bytes] = []

    async def follow(url: str) -> None:
        async for entry in follow_log(url, COUNT - 1, patience=QUICK):
            got.append(entry.body)

    async with a_proxy(log) as (proxy, url):
        following = asyncio.create_task(follow(url))
        while not got:
            await asyncio.sleep(0.02)
        proxy.cut()
        await put(log, b'{"number":-1}')
        while len(got) < 2:
            await asyncio.sleep(0.02)
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following

    assert got == [b'{"number":%d}' % (COUNT - 1), b'{"number":-1}']


async def test_what_is_no_event_is_passed_over_with_its_bytes(amqp_url):
    await provision.apply(amqp_url)
    hostile = [b"[" * 5000, b'{"x":', b"\xff\xfe", b'{"type":"\\ud800"}', b"7", b"[[]]"]
    await put(amqp_url, *hostile)

    pieces = [piece async for piece in read_pieces(amqp_url)]

    assert [(piece.head, piece.body) for piece in pieces] == [(None, body) for body in hostile]
    assert all(piece.reason for piece in pieces)


async def test_who_may_not_read_the_log_is_told_so_at_once(log, rabbitmq_server):
    parts, name = urlsplit(log), f"reader-{new_id().hex}"
    management, vhost = rabbitmq_server.management, parts.path.removeprefix("/")
    management.call("PUT", f"/api/users/{name}", {"password": "secret", "tags": ""})
    rights = {"configure": "^$", "write": ".*", "read": "^kesu\\.routing\\..*$"}
    management.call("PUT", f"/api/permissions/{vhost}/{name}", rights)
    url = urlunsplit(parts._replace(netloc=f"{name}:secret@{parts.netloc.rpartition('@')[2]}"))
    try:
        with pytest.raises(Unavailable) as refused:
            await anext(read_log(url))
    finally:
        management.call("DELETE", f"/api/users/{name}")

    assert refused.value.code == "log-forbidden"
