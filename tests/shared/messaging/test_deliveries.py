"""Is nothing acknowledged before it is settled, and everything once it is?"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from aiormq.exceptions import ChannelInvalidStateError
from hypothesis import given
from hypothesis import strategies as st

from shared.messaging.deliveries import Deliveries

NINE = datetime(2026, 11, 28, 9, tzinfo=UTC)


class Channel:
    """A broker's channel that refuses what a real one closes the channel for."""

    def __init__(self) -> None:
        self.unacknowledged: list[int] = []
        self.frames: list[int] = []
        self.is_gone = False

    async def basic_ack(self, tag: int, *, multiple: bool) -> None:
        if self.is_gone:
            raise ChannelInvalidStateError
        assert multiple
        assert tag in self.unacknowledged, "RabbitMQ closes the channel for an unknown tag"
        self.frames.append(tag)
        self.unacknowledged = [one for one in self.unacknowledged if one > tag]

    async def basic_reject(self, tag: int, *, requeue: bool) -> None:
        assert not requeue
        self.unacknowledged.remove(tag)
        await asyncio.sleep(0)


def delivered(*tags: int) -> tuple[Channel, Deliveries]:
    channel = Channel()
    deliveries = Deliveries(channel)
    for tag in tags:
        channel.unacknowledged.append(tag)
        deliveries.took(tag)
    return channel, deliveries


async def turn() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_batch_is_acknowledged_with_one_frame():
    channel, deliveries = delivered(1, 2, 3)
    for tag in (1, 2, 3):
        deliveries.settle(tag)
    await deliveries.all_settled()
    assert channel.frames == [3]


async def test_what_comes_after_an_unsettled_one_waits_for_it():
    channel, deliveries = delivered(1, 2, 3)
    deliveries.settle(1)
    deliveries.settle(3)
    await turn()
    assert channel.unacknowledged == [2, 3]
    deliveries.settle(2)
    await deliveries.all_settled()
    assert channel.frames == [1, 3]


async def test_a_refused_one_is_not_acknowledged_again():
    channel, deliveries = delivered(1, 2)
    deliveries.settle(1)
    await deliveries.refuse(2)
    await deliveries.all_settled()
    assert channel.unacknowledged == []
    assert channel.frames == [1]


async def test_a_refusal_lets_those_behind_it_go():
    channel, deliveries = delivered(1, 2)
    deliveries.settle(2)
    await turn()
    assert channel.frames == []
    await deliveries.refuse(1)
    await asyncio.wait_for(deliveries.all_settled(), 1)
    assert channel.unacknowledged == []


async def test_a_channel_that_is_gone_holds_nobody_up():
    channel, deliveries = delivered(1)
    channel.is_gone = True
    deliveries.settle(1)
    await asyncio.wait_for(deliveries.all_settled(), 1)


async def test_a_bundle_is_acknowledged_when_all_its_events_are_settled():
    channel, deliveries = delivered(1)
    holding(channel, deliveries, 2, 3)
    deliveries.settle(1)
    deliveries.settle(2)
    deliveries.settle(2)
    await turn()
    assert channel.unacknowledged == [2]
    deliveries.settle(2)
    await deliveries.all_settled()
    assert channel.frames == [1, 2]


async def test_a_bundle_that_holds_nothing_is_acknowledged():
    channel, deliveries = delivered()
    holding(channel, deliveries, 1, 0)
    await deliveries.all_settled()
    assert channel.frames == [1]


async def test_a_bundle_is_refused_once_and_its_other_events_may_still_be_settled():
    channel, deliveries = delivered()
    holding(channel, deliveries, 1, 4)
    deliveries.settle(1)
    await asyncio.gather(deliveries.refuse(1), deliveries.refuse(1))
    await deliveries.refuse(1)
    deliveries.settle(1)
    await asyncio.wait_for(deliveries.all_settled(), 1)
    assert (channel.unacknowledged, channel.frames) == ([], [])


def holding(channel: Channel, deliveries: Deliveries, tag: int, events: int) -> None:
    channel.unacknowledged.append(tag)
    deliveries.took(tag, events)


@given(st.permutations(range(1, 9)), st.sets(st.integers(1, 8)), st.sets(st.integers(1, 8)))
def test_in_any_order_nothing_is_acknowledged_early_and_in_the_end_all_is(
    order: list[int], refused: set[int], pauses: set[int]
):
    async def play() -> None:
        channel, deliveries = delivered(*range(1, 9))
        settled: set[int] = set()
        for tag in order:
            settled.add(tag)
            if tag in refused:
                await deliveries.refuse(tag)
            else:
                deliveries.settle(tag)
            if tag in pauses:
                await turn()
            assert set(range(1, 9)) - settled <= set(channel.unacknowledged)
        await asyncio.wait_for(deliveries.all_settled(), 1)
        assert channel.unacknowledged == []

    asyncio.run(play())


async def test_the_oldest_in_hand_is_that_of_the_first_message_with_an_unsettled_event():
    _, deliveries = delivered(1, 2)
    deliveries.dated(1, NINE)
    deliveries.dated(2, NINE + timedelta(seconds=5))
    assert deliveries.oldest == NINE
    deliveries.settle(1)
    assert deliveries.oldest == NINE + timedelta(seconds=5)
    deliveries.settle(2)
    await deliveries.all_settled()
    assert deliveries.oldest is None
