"""Does a queue that is asked by probes say which of its bindings are lost, and never that a sound one is?"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from shared.errors import Unavailable
from shared.messaging.post import NotAllowed, Unroutable
from shared.messaging.probing import Probing
from shared.messaging.topology import REQUEUE_EXCHANGE, Queue
from tests.support.waiting import eventually

KINDS = ("complaint.registered.v1", "complaint.assigned.v1")
WAYS = tuple(("kesu.bundles", f"{kind}.#") for kind in KINDS)
QUEUE = Queue("q", {}, ((REQUEUE_EXCHANGE, "q"), *WAYS))


class Clock:
    def now(self) -> datetime:
        return datetime(2026, 11, 28, tzinfo=UTC)


class Broker:
    """Keeps what was sent to the queue in order, by the bindings that it has."""

    def __init__(self) -> None:
        self.bound = {("kesu.bundles", f"{kind}.probe") for kind in KINDS} | {(REQUEUE_EXCHANGE, "q")}
        self.waiting: list[Mapping[str, object]] = []
        self.away = False
        self.forbidden: set[tuple[str, str]] = set()

    async def word(self, exchange: str, key: str, headers: Mapping[str, object], name: str) -> None:
        await asyncio.sleep(0)
        if self.away:
            raise Unavailable("away")
        if (exchange, key) in self.forbidden:
            raise NotAllowed(key)
        if (exchange, key) not in self.bound:
            raise Unroutable
        self.waiting.append(headers)


@pytest.fixture
def broker() -> Broker:
    return Broker()


@pytest.fixture
def probing(broker) -> Probing:
    return Probing(QUEUE, broker, Clock())


async def a_round(probing: Probing, broker: Broker) -> None:
    await probing.ask()
    await heard_out(probing, broker)


async def heard_out(probing: Probing, broker: Broker) -> None:
    """The consumer takes what is there, and what comes of it, until the round is over."""

    async def quiet() -> bool:
        while broker.waiting:
            probing.hear(broker.waiting.pop(0))
        return probing._sending is not None and probing._sending.done() and not broker.waiting

    await eventually(quiet)


async def test_a_sound_queue_is_found_sound_with_the_time_of_it(probing, broker):
    assert probing.sound_at is None

    await a_round(probing, broker)

    assert (probing.missing, probing.suspects, probing.sound_at) == (frozenset(), False, Clock().now())


async def test_a_lost_binding_is_suspected_once_and_known_the_second_time(probing, broker):
    broker.bound.discard(("kesu.bundles", f"{KINDS[1]}.probe"))

    await a_round(probing, broker)
    once = (probing.missing, probing.suspects)
    await a_round(probing, broker)

    assert once == (frozenset(), True)
    assert (probing.missing, probing.suspects, probing.sound_at) == (frozenset({WAYS[1]}), False, None)


async def test_a_part_that_a_lost_channel_swallowed_is_no_lost_binding(probing, broker):
    await probing.ask()
    probing.hear(broker.waiting.pop(0))
    await probing._sending
    broker.waiting.pop(0)
    await heard_out(probing, broker)
    suspected = probing.suspects

    await a_round(probing, broker)

    assert suspected
    assert (probing.missing, probing.suspects) == (frozenset(), False)


async def test_who_does_not_consume_the_queue_asks_once_and_knows_nothing(probing, broker):
    await probing.ask()
    await probing.ask()

    assert len(broker.waiting) == 1
    assert (probing.missing, probing.sound_at) == (frozenset(), None)


async def test_behind_a_long_backlog_an_early_beginning_still_counts(probing, broker):
    await probing.ask()
    probing._asked -= 1000
    await probing.ask()
    assert len(broker.waiting) == 2

    await heard_out(probing, broker)

    assert probing.sound_at is not None
    await a_round(probing, broker)
    assert not probing.missing


async def test_rounds_of_other_processes_and_a_broker_that_goes_away_say_nothing(probing, broker):
    other = Probing(QUEUE, broker, Clock())
    await other.ask()
    probing.hear(broker.waiting.pop(0))
    await probing.ask()
    probing.hear(broker.waiting.pop(0))
    broker.away = True
    await probing._sending

    assert not broker.waiting or probing._round == ""
    assert (probing.missing, probing.suspects, probing.sound_at) == (frozenset(), False, None)
    with pytest.raises(Unavailable):
        await Probing(QUEUE, broker, Clock()).ask()


async def test_a_probe_that_may_not_be_sent_is_no_lost_binding(probing, broker):
    broker.forbidden.add(("kesu.bundles", f"{KINDS[1]}.probe"))

    for _ in range(2):
        await probing.ask()
        await heard_out(probing, broker)

    assert (probing.missing, probing.suspects, probing.sound_at) == (frozenset(), False, None)
    assert probing.forbidden == f"{KINDS[1]}.probe"


async def test_a_beginning_that_comes_back_before_its_confirmation_counts(probing, broker):
    send = broker.word

    async def delivered_first(exchange, key, headers, name) -> None:
        await send(exchange, key, headers, name)
        probing.hear(broker.waiting.pop(0))

    broker.word = delivered_first
    await probing.ask()
    await probing._sending

    assert probing.sound_at is not None
