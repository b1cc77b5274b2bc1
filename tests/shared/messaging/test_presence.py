"""Is it seen what is missing, also where the broker's user may not look at everything?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest
from aiormq.exceptions import ChannelAccessRefused, ChannelNotFoundEntity

from shared.messaging.presence import NotOurs, bind, can_be_mended, how_many_in_log, make, missing
from shared.messaging.topology import LOG_STREAM, own_queues, parking_queue, work_queue


class Channel:
    """One that a refusal closes, as the broker does."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._open = True

    async def queue_declare(self, name: str, **how: object) -> SimpleNamespace:
        return self._answer(name)

    async def exchange_declare(self, name: str, **how: object) -> SimpleNamespace:
        return self._answer(name)

    async def queue_bind(self, name: str, source: str, routing_key: str) -> SimpleNamespace:
        return self._answer(name)

    def _answer(self, name: str) -> SimpleNamespace:
        assert self._open, "the channel was closed by a refusal"
        self._broker.asked.append(name)
        failure = self._broker.failing.get(name)
        if failure is not None:
            self._open = False
            raise failure
        return SimpleNamespace(message_count=3)


class Broker:
    def __init__(self, **failing: Exception) -> None:
        self.failing = {name.replace("_", "."): error for name, error in failing.items()}
        self.asked: list[str] = []

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[Channel]:
        yield Channel(self)


GONE, DENIED = ChannelNotFoundEntity(404, "no queue"), ChannelAccessRefused(403, "access refused")


async def test_everything_that_a_service_needs_is_looked_at_once():
    broker = Broker()

    assert await missing(broker, "routing") == []
    assert broker.asked.count("kesu.retry.5s") == 2, "the exchange and the queue of that name"
    assert {work_queue("routing"), parking_queue("routing"), LOG_STREAM, "kesu.bundles"} <= set(broker.asked)
    assert work_queue("intake") not in broker.asked


async def test_what_is_missing_is_found_beside_what_one_may_not_look_at():
    broker = Broker(kesu_log=DENIED, kesu_routing_v1=GONE, kesu_parking=GONE)

    assert sorted(await missing(broker, "routing")) == ["kesu.parking", "kesu.routing.v1"]
    assert "kesu.retry.10m" in broker.asked


async def test_the_length_of_a_log_that_one_may_not_look_at_is_not_known():
    assert await how_many_in_log(Broker()) == 3
    assert await how_many_in_log(Broker(kesu_log=DENIED)) is None


async def test_what_one_may_not_make_is_said():
    (queue, *_) = (one for one in own_queues("routing") if one.name == work_queue("routing"))

    for make_or_bind in (
        make(Broker(kesu_routing_v1=DENIED), queue),
        bind(Broker(kesu_routing_v1=DENIED), queue, queue.bindings),
    ):
        with pytest.raises(NotOurs):
            await make_or_bind


def test_nothing_is_made_where_the_topology_was_never_applied():
    assert can_be_mended([work_queue("routing")])
    assert not can_be_mended(["kesu.bundles"])
    assert not can_be_mended([LOG_STREAM, work_queue("routing")])
