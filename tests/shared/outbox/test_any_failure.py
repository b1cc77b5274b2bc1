"""Whatever fails between database and broker: does every row reach all, and is it deleted only then?"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.outbox import outsiders
from shared.outbox import relay as relays
from shared.outbox.relay import Relay
from tests.shared.outbox.stand_in import Broker, Outbox

FATES = ("confirm", "late", "later", "refuse", "away", "unanswered")
BLOWS = ("put", "cut", "database away", "kill", "stop", "nothing")
QUICK = settings(max_examples=60, deadline=None)


@pytest.fixture(scope="module", autouse=True)
def _no_waiting():
    """The same relay with its pauses as short as they can be."""
    short = {
        "_RETRY_SECONDS": (0.0,),
        "_POLL_SECONDS": 0.0005,
        "_GATHER_SECONDS": 0.0,
        "_SETTLE_SECONDS": 0.0005,
    }
    before = {name: getattr(relays, name) for name in short}
    vars(relays).update(short)
    judged, outsiders.JUDGED_EVERY_SECONDS = outsiders.JUDGED_EVERY_SECONDS, 0.0005
    yield
    vars(relays).update(before)
    outsiders.JUDGED_EVERY_SECONDS = judged


class Rig:
    """Relays of several replicas over one outbox, and a broker."""

    def __init__(self, broker: Broker, replicas: int) -> None:
        self.outbox = Outbox()
        self.broker = broker
        self.deleted: list[int] = []
        self.outbox.before_delete = self._deleting
        self.relays = [self._start() for _ in range(replicas)]

    def _start(self) -> tuple[Relay, asyncio.Task[None]]:
        made = Relay(self.outbox, self.broker)  # type: ignore[arg-type]
        return made, asyncio.create_task(made.run())

    def _deleting(self, seqs: list[int]) -> None:
        for seq in seqs:
            assert f"e{seq}" in self.broker.confirmed, "deleted, and the broker never had it"
            if self.broker.hearing:
                had = {*self.broker.told, *self.broker.refused}
                assert f"e{seq}" in had, "deleted, and the outsider never had it, nor refused it"
        self.deleted += seqs

    async def strike(self, blow: str) -> None:
        if blow == "put":
            self.outbox.put(3)
            for one, _ in self.relays:
                one.wake()
        elif blow == "cut" and self.outbox.leader is not None:
            self.outbox.leader.cut, self.outbox.leader = True, None
        elif blow == "database away":
            self.outbox.away = True
            self.outbox.cut()
            await turns(30)
            self.outbox.away = False
        elif blow == "kill":
            _, task = self.relays.pop(0)
            task.cancel()
            await asyncio.wait([task])
            if self.outbox.leader is not None:
                self.outbox.leader.cut, self.outbox.leader = True, None
            self.relays.append(self._start())
        elif blow == "stop":
            one, task = self.relays.pop(0)
            one.stop()
            await asyncio.wait_for(task, 10)
            self.relays.append(self._start())

    async def end(self) -> None:
        self.broker.script.clear()
        self.broker.singly.clear()
        for one, _ in self.relays:
            one.wake()
        await until(lambda: not self.outbox.rows)
        for one, _ in self.relays:
            one.stop()
        for _, task in self.relays:
            await asyncio.wait_for(task, 10)
            assert task.exception() is None, "a relay must survive whatever its servers do"


async def turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.0005)


def played(play: Callable[[], Awaitable[Any]]) -> Any:
    return asyncio.run(play())


@QUICK
@given(
    fates=st.lists(st.sampled_from(FATES), max_size=40),
    singly=st.lists(st.sampled_from(FATES), max_size=40),
    hearing=st.booleans(),
    blows=st.lists(st.tuples(st.sampled_from(BLOWS), st.integers(0, 25)), max_size=8),
    replicas=st.integers(1, 3),
)
def test_every_row_is_sent_both_ways_and_deleted_only_after_both(fates, singly, hearing, blows, replicas):
    async def play() -> Rig:
        rig = Rig(Broker(list(fates), list(singly), hearing), replicas)
        rig.outbox.put(5)
        for blow, pause in blows:
            await turns(pause)
            await rig.strike(blow)
        await rig.end()
        return rig

    rig = played(play)
    put = rig.outbox._next - 1
    assert sorted(rig.deleted) == list(range(1, put + 1)), "each row leaves once"
    everything = {f"e{n}" for n in range(1, put + 1)}
    assert set(rig.broker.confirmed) == everything, "each was published"
    told, refused = set(rig.broker.told), set(rig.broker.refused)
    assert told | refused == (everything if hearing else refused)


@QUICK
@given(
    blows=st.lists(st.tuples(st.sampled_from(["put", "stop", "nothing"]), st.integers(0, 25)), max_size=8),
    hearing=st.booleans(),
    replicas=st.integers(1, 3),
)
def test_when_nothing_fails_each_is_published_once_and_in_order(blows, hearing, replicas):
    async def play() -> Rig:
        rig = Rig(Broker(hearing=hearing), replicas)
        rig.outbox.put(5)
        for blow, pause in blows:
            await turns(pause)
            await rig.strike(blow)
        await rig.end()
        return rig

    rig = played(play)
    everything = [f"e{n}" for n in range(1, rig.outbox._next)]
    assert rig.broker.confirmed == everything
    assert rig.broker.told == (everything if hearing else [])


def test_more_than_one_window_is_published_in_order(monkeypatch):
    monkeypatch.setattr(relays, "_WINDOW", 4)

    async def play() -> Rig:
        rig = Rig(Broker(), 1)
        rig.outbox.put(23)
        await rig.end()
        return rig

    assert played(play).broker.confirmed == [f"e{n}" for n in range(1, 24)]


def test_stopping_publishes_what_was_committed_before():
    async def play() -> Rig:
        rig = Rig(Broker(["later"] * 6), 1)
        await turns(10)
        rig.outbox.put(6)
        one, task = rig.relays[0]
        one.stop()
        await asyncio.wait_for(task, 10)
        return rig

    assert played(play).outbox.rows == {}


def test_stopping_does_not_wait_for_a_broker_that_is_away():
    async def play() -> Rig:
        rig = Rig(Broker(["away"] * 1000), 1)
        rig.outbox.put(3)
        await turns(20)
        one, task = rig.relays[0]
        one.stop()
        await asyncio.wait_for(task, 10)
        return rig

    assert len(played(play).outbox.rows) == 3
