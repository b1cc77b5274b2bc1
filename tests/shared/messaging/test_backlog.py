"""Is a queue that grows seen, and is whoever brings bulk work slowed down before it piles up?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from shared.database.transaction import Database
from shared.errors import Unavailable
from shared.ids import new_id
from shared.messaging import backlog as module
from shared.messaging import provision
from shared.messaging.backlog import MOST_IN_OUTBOX, MOST_MESSAGES, Backlog, Room
from shared.messaging.topology import SERVICES, bulk_queue
from shared.outbox.writing import Letter, write_letters
from tests.shared.messaging import toy
from tests.shared.messaging.running import SUM_OF_COUNTERS, is_so, send, sender, service
from tests.support.waiting import eventually

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)


@dataclass
class Subscription:
    queue: str = "kesu.routing.v1"
    attached: bool = True
    oldest: datetime | None = None


class Noon:
    def now(self) -> datetime:
        return NOW


def a_backlog(subscription: Subscription, messages: int | None) -> Backlog:
    async def waiting_in(queue: str) -> int | None:
        assert queue == subscription.queue
        return messages

    return Backlog({"live": subscription}, waiting_in, Noon())


async def test_the_oldest_event_in_hand_is_the_oldest_of_the_lane():
    backlog = a_backlog(Subscription(oldest=NOW - timedelta(seconds=42)), 7)
    await backlog.look()

    (live,) = backlog.now().values()
    assert (live.messages, live.oldest_seconds) == (7, 42)


async def test_a_process_that_stands_by_says_nothing_of_the_age():
    backlog = a_backlog(Subscription(), 5000)
    await backlog.look()

    assert backlog.now()["live"].oldest_seconds == 0


async def test_messages_that_nobody_takes_grow_old(monkeypatch):
    moment = 100.0
    monkeypatch.setattr(module, "monotonic", lambda: moment)
    backlog = a_backlog(Subscription(attached=False), 3)
    await backlog.look()
    moment = 175.0

    assert backlog.now()["live"].oldest_seconds == 75


async def test_what_a_broker_that_is_away_holds_is_not_known():
    backlog = a_backlog(Subscription(attached=False), None)
    await backlog.look()

    (live,) = backlog.now().values()
    assert (live.messages, live.oldest_seconds) == (None, 0)


@pytest.fixture
async def database(database_url: str):
    database = Database(database_url, service="toy")
    await toy.make_tables(database)
    yield database
    await database.close()


async def test_bulk_work_is_handled_and_what_it_tells_travels_in_its_lane(database, amqp_url):
    await provision.apply(amqp_url)
    events = [toy.registered(new_id()) for _ in range(3)]
    async with service(database, amqp_url, bulk=True), sender(amqp_url) as post:
        await send(post, *events, bulk=True)
        await eventually(lambda: is_so(database, SUM_OF_COUNTERS, 3))
        await eventually(lambda: is_so(database, "SELECT count(*) FROM outbox", 0))
        heard = await post.waiting_in(bulk_queue("escalation")), await post.waiting_in("kesu.escalation.v1")

    assert heard[0], "what routing told because of bulk work waits in the bulk queue of escalation"
    assert heard[1] == 0


async def test_what_follows_in_a_complaint_whose_bulk_event_still_waits_goes_behind_it(database):
    who, other = new_id(), new_id()

    async def tell(subject, *, bulk: bool) -> None:
        letter = Letter(
            new_id(), "complaint.accepted.v1", "complaint.accepted.v1.sh01", None, b"{}", subject, bulk
        )
        async with database.batch() as connection:
            await write_letters(connection, [letter])

    await tell(who, bulk=True)
    await tell(who, bulk=False)
    await tell(other, bulk=False)

    async with database.direct() as connection:
        assert [row[0] for row in await connection.fetch("SELECT bulk FROM outbox ORDER BY seq")] == [
            True,
            True,
            False,
        ]
        await connection.execute("DELETE FROM outbox")
    await tell(who, bulk=False)
    async with database.direct() as connection:
        assert await connection.fetchval("SELECT bulk FROM outbox") is False


async def test_there_is_room_until_the_outbox_is_full_of_bulk_work(database, monkeypatch):
    async def nothing_waits(_queue: str) -> int:
        return 0

    monkeypatch.setattr(module, "_PATIENCE_SECONDS", 0.0)
    room = Room(database, nothing_waits)
    await room.wait()
    letters = [
        Letter(new_id(), "complaint.accepted.v1", "k", None, b"{}", new_id(), bulk=True)
        for _ in range(MOST_IN_OUTBOX)
    ]
    async with database.batch() as connection:
        await write_letters(connection, letters)

    with pytest.raises(Unavailable) as refused:
        await Room(database, nothing_waits).wait()
    assert refused.value.code == "bulk-backlog"


@pytest.mark.parametrize("slow", SERVICES)
async def test_one_service_that_is_behind_is_enough_to_ask_for_patience(database, monkeypatch, slow):
    async def waiting_in(queue: str) -> int:
        return MOST_MESSAGES if queue == bulk_queue(slow) else 0

    monkeypatch.setattr(module, "_PATIENCE_SECONDS", 0.0)
    with pytest.raises(Unavailable, match=slow):
        await Room(database, waiting_in).wait()


async def test_who_waits_is_let_in_when_there_is_room_again(database):
    left = [MOST_MESSAGES, MOST_MESSAGES, *[0] * 20]

    async def waiting_in(_queue: str) -> int:
        return left.pop(0)

    await Room(database, waiting_in).wait()


async def test_a_broker_that_is_away_is_no_reason_to_refuse(database):
    async def not_known(_queue: str) -> None:
        return None

    await Room(database, not_known).wait()
