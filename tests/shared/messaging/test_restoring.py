"""Does a database that is older than the log take back what it told and heard, in order, once, in any pieces?"""

from __future__ import annotations

import asyncio

import orjson
import pytest
from sqlalchemy import text

from shared.clock import SystemClock
from shared.database.numbers import parts_of, raise_to
from shared.database.transaction import Database
from shared.deciding import Recall
from shared.events.routing import ComplaintAccepted
from shared.ids import new_id
from shared.messaging import provision, restoring
from shared.messaging.counted import highest_numbers, newest_known
from shared.messaging.restoring import Restoring
from shared.messaging.stream import read_pieces
from shared.notify.table import write_notices
from tests.shared.messaging import toy
from tests.shared.messaging.running import is_so, send, sender, service
from tests.support.waiting import eventually

COUNT = "SELECT coalesce(sum(count), 0) FROM counters"
ADDED = Recall(
    lambda _, event: toy.Add(event.subject) if event.data.by == "added" else None, lost=("wake_at",)
)


@pytest.fixture
async def desk(database_url: str, amqp_url: str):
    database = Database(database_url, service="toy")
    await toy.make_tables(database)
    await provision.apply(amqp_url)
    yield database
    await database.close()


def restorer(database: Database, url: str, recall: Recall = ADDED) -> Restoring:
    return Restoring(
        toy.PLAN, {ComplaintAccepted: recall}, toy.STORE, database, url, toy.rulebook, SystemClock(),
        write_notices, 35,
    )  # fmt: skip


async def run(database: Database, *statements: str) -> None:
    async with database.transaction() as connection:
        for statement in statements:
            await connection.execute(text(statement))


async def told(url: str) -> list[tuple]:
    return [
        (each.head.subject, each.head.sequence)
        async for each in read_pieces(url)
        if each.head is not None and each.head.producer == "routing"
    ]


async def rows(database: Database) -> list:
    async with database.direct() as connection:
        found = await connection.fetch("SELECT complaint_id, told, heard, state FROM counters ORDER BY 1")
    return [tuple(row) for row in found]


async def lived(desk, url, complaints) -> None:
    """Each complaint is heard of, acted on by a person, and heard of again."""
    async with sender(url) as post, service(desk, url):
        await send(post, *(toy.registered(one) for one in complaints))
        await eventually(lambda: is_so(desk, COUNT, len(complaints)))
        shell = toy.shell(desk)
        running = asyncio.create_task(shell.run())
        for one in complaints:
            assert (await shell.submit(toy.Add(one))).error is None
        shell.stop()
        await running
        await send(post, *(toy.acknowledged(one) for one in complaints))
        await eventually(lambda: is_so(desk, COUNT, 3 * len(complaints)))
        await eventually(lambda: is_so(desk, "SELECT count(*) FROM outbox", 0))


EMPTY = ("DELETE FROM counters", "DELETE FROM inbox", "DELETE FROM outbox")


async def test_folding_what_was_told_and_heard_gives_the_state_and_tells_nothing(desk, amqp_url):
    complaints = [new_id() for _ in range(7)]
    await lived(desk, amqp_url, complaints)
    wanted, log = await rows(desk), await told(amqp_url)
    await run(desk, *EMPTY)

    report = await restorer(desk, amqp_url).run()
    again = await restorer(desk, amqp_url).run()

    assert await rows(desk) == wanted
    assert (report.own, report.heard, report.told, report.left) == (14, 14, 0, 0)
    assert [one.whole for one in report.lost] == [False] * 7, "what no event carries is named by complaint"
    assert (again.own, again.heard, again.lost) == (0, 0, [])
    assert await is_so(desk, "SELECT count(*) FROM outbox", 0)
    assert sorted(await told(amqp_url)) == sorted(log)


@pytest.mark.parametrize("stop_after", [1, 2, 4])
async def test_broken_off_anywhere_it_goes_on_where_it_was(desk, amqp_url, monkeypatch, stop_after):
    await lived(desk, amqp_url, [new_id() for _ in range(5)])
    wanted = await rows(desk)
    await run(desk, *EMPTY)
    monkeypatch.setattr(restoring, "_PAGE", 3)
    written, count = Restoring._written, []

    async def broken(self, *given):
        count.append(1)
        if len(count) > stop_after:
            raise ConnectionError
        await written(self, *given)

    with monkeypatch.context() as patch:
        patch.setattr(Restoring, "_written", broken)
        with pytest.raises(ConnectionError):
            await restorer(desk, amqp_url).run()
    await restorer(desk, amqp_url).run()

    assert [row[:2] for row in await rows(desk)] == [row[:2] for row in wanted]
    states = [orjson.loads(row[3])["count"] for row in await rows(desk)]
    assert states == [orjson.loads(row[3])["count"] for row in wanted]
    assert await is_so(desk, "SELECT count(*) FROM outbox", 0)


async def test_what_cannot_be_taken_back_is_named_and_its_sequence_is_used(desk, amqp_url):
    complaint = new_id()
    await lived(desk, amqp_url, [complaint])
    await run(desk, *EMPTY)

    report = await restorer(desk, amqp_url, Recall()).run()

    assert [(one.complaint_id, one.whole) for one in report.lost] == [(complaint, True)]
    assert await is_so(desk, "SELECT told FROM counters", 2)


async def test_what_nobody_had_handled_is_told_behind_all_that_the_log_holds(desk, amqp_url):
    complaint, other = new_id(), new_id()
    await lived(desk, amqp_url, [complaint])
    async with sender(amqp_url) as post:
        await send(post, toy.registered(other), toy.registered(complaint, sequence=3))
    await run(desk, *EMPTY)

    report = await restorer(desk, amqp_url).run()

    assert report.told == 2
    async with desk.direct() as connection:
        bodies = await connection.fetch("SELECT body FROM outbox ORDER BY seq")
    fresh = [orjson.loads(bytes(row[0])) for row in bodies]
    assert [(one["subject"], one["sequence"]) for one in fresh] == [(str(other), 1), (str(complaint), 3)]


async def test_a_database_that_lacks_none_of_its_own_is_left_alone(desk, amqp_url):
    await lived(desk, amqp_url, [new_id()])
    wanted = await rows(desk)

    report = await restorer(desk, amqp_url).run()

    assert (report.own, report.heard, report.lost) == (0, 0, [])
    assert await rows(desk) == wanted


async def test_counters_rise_to_the_log_and_never_go_back(desk, amqp_url):
    async with sender(amqp_url) as post:
        await send(post, toy.registered(new_id()))
    highest = await highest_numbers(read_pieces(amqp_url))
    async with desk.batch() as connection:
        first = await raise_to(connection, highest)
        again = await raise_to(connection, {("sh01", 2026): 7})
        back = await raise_to(connection, {("sh01", 2026): 3})

    assert (highest, first, again, back) == ({("sh01", 2026): 1}, [("sh01", 2026)], [("sh01", 2026)], [])
    assert await is_so(desk, "SELECT last FROM numbers", 7)


async def test_an_ordinary_start_reads_only_what_is_newer_than_the_newest_known_event(desk, amqp_url):
    now = SystemClock().now()
    nothing = await newest_known(desk, now)
    await lived(desk, amqp_url, [new_id()])

    since = await newest_known(desk, SystemClock().now())

    assert nothing == "first"
    assert (SystemClock().now() - since).total_seconds() == pytest.approx(300, abs=20)


@pytest.mark.parametrize(
    ("number", "parts"),
    [
        ("SH01-2026-000042", (2026, 42)),
        ("A-B-2026-1000000", (2026, 1_000_000)),
        ("x", None),
        ("A-1-b", None),
        ("", None),
    ],
)
def test_a_number_is_taken_apart_or_is_none_of_ours(number, parts):
    assert parts_of(number) == parts
