"""Do the session's servers give each test a place of its own?"""

import socket

import aio_pika
import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from shared.local.databases import run_sql
from tests.support.network import NetworkBanned
from tests.support.waiting import eventually, eventually_sync


async def test_each_test_has_an_empty_database(database_url):
    connection = await asyncpg.connect(database_url)
    try:
        tables = await connection.fetch("SELECT 1 FROM pg_tables WHERE schemaname = 'public'")
    finally:
        await connection.close()

    assert tables == []


async def test_sqlalchemy_takes_the_same_url_with_a_driver(database_url):
    engine = create_async_engine(database_url.replace("postgresql://", "postgresql+asyncpg://"))
    async with engine.connect() as connection:
        answer = await connection.scalar(text("SELECT 6 * 7"))
    await engine.dispose()

    assert answer == 42


def test_a_copied_database_is_prepared_only_once(database_from):
    prepared = []

    def prepare(url):
        prepared.append(url)
        run_sql(url, "CREATE TABLE thing (id int)", "INSERT INTO thing VALUES (7)")

    first = database_from("things", prepare)
    run_sql(first, "DELETE FROM thing")
    second = database_from("things", prepare)

    assert len(prepared) == 1
    assert run_sql(second, "SELECT id FROM thing") == "7"


async def test_a_test_has_a_virtual_host_of_its_own(amqp_url, rabbitmq):
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        await channel.declare_queue("mine", durable=True, arguments={"x-queue-type": "quorum"})
    async with await aio_pika.connect(rabbitmq) as connection:
        channel = await connection.channel()

        with pytest.raises(aio_pika.exceptions.ChannelNotFoundEntity):
            await channel.declare_queue("mine", passive=True)


def test_a_test_without_servers_cannot_reach_the_network():
    with socket.socket() as link, pytest.raises(NetworkBanned):
        link.connect(("127.0.0.1", 9))


@pytest.mark.loopback
def test_loopback_does_not_open_the_rest_of_the_world():
    with socket.socket() as link, pytest.raises(NetworkBanned):
        link.connect(("192.0.2.1", 9))


async def test_waiting_gives_back_what_it_waited_for():
    seen = iter([None, None, "there"])

    assert await eventually(lambda: next(seen)) == "there"


def test_waiting_in_vain_says_what_was_seen_last():
    def three_mails():
        mails = ["one"]
        assert len(mails) == 3
        return mails

    with pytest.raises(AssertionError, match=r"not within 0\.05 s: three_mails.*== 3"):
        eventually_sync(three_mails, 0.05)
