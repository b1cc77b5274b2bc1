"""Does `kesu topology repair` bring back what is missing and what was missed, and never pretend?"""

from __future__ import annotations

import asyncio

import aio_pika
import pytest
from typer.testing import CliRunner

from shared.cli import repairing
from shared.cli.main import app
from shared.database.transaction import Database
from shared.ids import new_id
from shared.messaging import provision
from shared.messaging.topology import LOG_STREAM
from tests.shared.messaging import toy
from tests.shared.messaging.running import is_so, send, sender, service
from tests.support.waiting import eventually

COUNT = "SELECT coalesce(sum(count), 0) FROM counters"


@pytest.fixture
async def database(database_url: str, amqp_url: str, monkeypatch):
    database = Database(database_url, service="toy")
    await toy.make_tables(database)
    await provision.apply(amqp_url)
    monkeypatch.setenv("KESU_AMQP_URL", amqp_url)
    monkeypatch.setenv("KESU_DATABASE_URL", database_url)
    monkeypatch.setattr(repairing, "SERVICES", ("routing",))
    yield database
    await database.close()


async def repair(*words: str):
    return await asyncio.to_thread(CliRunner().invoke, app, ["topology", "repair", *words])


async def delete(url: str, *queues: str) -> None:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        for name in queues:
            await channel.queue_delete(name)


async def test_what_is_missing_is_made_and_what_was_missed_is_handled(database, amqp_url):
    async with sender(amqp_url) as post:
        await delete(amqp_url, "kesu.routing.v1")
        await send(post, *(toy.registered(new_id()) for _ in range(7)))

    said = await repair()
    async with service(database, amqp_url):
        await eventually(lambda: is_so(database, COUNT, 7))
    again = await repair("--service", "routing", "--since", "1h")

    assert said.exit_code == 0, said.output
    assert "kesu.routing.v1 is missing" in said.output
    assert "routing: 7 of 7 events of the log were missing" in said.output
    assert "routing: 0 of 7 events of the log were missing" in again.output
    assert await is_so(database, COUNT, 7)


async def test_a_queue_that_was_purged_is_filled_again(database, amqp_url):
    async with sender(amqp_url) as post:
        await send(post, *(toy.registered(new_id()) for _ in range(3)))
        async with await aio_pika.connect(amqp_url) as connection:
            queue = await (await connection.channel()).get_queue("kesu.routing.v1", ensure=False)
            await queue.purge()

    await repair()

    async with service(database, amqp_url):
        await eventually(lambda: is_so(database, COUNT, 3))


async def test_a_log_that_was_deleted_is_made_anew_and_it_says_what_is_gone(database, amqp_url):
    await delete(amqp_url, LOG_STREAM, "kesu.routing.v1")

    said = await repair()

    assert said.exit_code == 1
    assert "kesu.log had gone and is new" in said.output
    assert "what they missed before is lost to them" in said.output
    assert await provision.check(amqp_url) == []


async def test_a_word_that_is_no_service_and_a_place_that_is_none_are_refused(database):
    for words in (("--service", "billing"), ("--since", "yesterday")):
        said = await repair(*words)

        assert said.exit_code == 1
        assert isinstance(said.exception, Exception)
        assert words[0] in str(getattr(said.exception, "field", ""))
