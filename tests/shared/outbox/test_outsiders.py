"""Whoever binds a queue, whenever: does it hear everything from then on, and does nobody cost next to nothing?"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.outbox import outsiders as module
from shared.outbox.flight import Refused, Waiting
from shared.outbox.outsiders import JUDGED_EVERY_SECONDS, Outsiders
from tests.shared.outbox.stand_in import a_row

KEYS = ("complaint.assigned.v1.sh01", "complaint.paused.v1.sh01")
STEPS = ("tell", "tell", "tell", "bind", "unbind", "rest", "rest long")


class JumpingLoop(asyncio.SelectorEventLoop):
    """Its clock stands while anything can be done and jumps to the next moment when nothing can."""

    moment = 100.0

    def time(self) -> float:
        return self.moment

    def _run_once(self) -> None:
        if not self._ready and self._scheduled:
            self.moment = max(self.moment, self._scheduled[0]._when)
        super()._run_once()


def played(play: Callable[[], Awaitable[Any]]) -> Any:
    loop = JumpingLoop()
    before, module.monotonic = module.monotonic, loop.time
    try:
        return loop.run_until_complete(play())
    finally:
        module.monotonic = before
        loop.close()


@dataclass
class Exchange:
    """`kesu.events`: takes 10 ms to judge a message, 30 ms more to keep it; one queue comes and goes."""

    bound: bool = False
    queue: list[int] = field(default_factory=list)
    asked: list[tuple[str, float]] = field(default_factory=list)
    """Key and moment of every message for which there was no queue."""
    fates: dict[int, list[BaseException]] = field(default_factory=dict)
    """What befalls the next sendings of a row; a refusal comes from a queue that is there."""
    judged_at: float = 0.0

    async def tell(self, body, *, event_id, type_name, key, traceparent) -> bool:
        seq, sent_at = int(event_id.removeprefix("e")), asyncio.get_running_loop().time()
        self.judged_at = max(sent_at + 0.01, self.judged_at + 1e-6)  # one after the other
        await asyncio.sleep(self.judged_at - sent_at)
        if self.fates.get(seq):
            raise self.fates[seq].pop(0)
        if not self.bound:
            self.asked.append((key, sent_at))
            return False
        self.queue.append(seq)
        await asyncio.sleep(0.03)
        return True


@dataclass
class Story:
    """Tells rows one batch after another and remembers what was told while the queue was bound."""

    exchange: Exchange = field(default_factory=Exchange)
    told: int = 0
    wanted: list[list[int]] = field(default_factory=list)
    """Rows told during each time of the queue's being bound."""

    def __post_init__(self) -> None:
        self.outsiders = Outsiders(self.exchange)
        self.tasks: list[asyncio.Task[Any]] = []

    def tell(self, count: int, kind: str = "complaint.assigned.v1") -> asyncio.Task[Any]:
        rows: list[Waiting] = [a_row(self.told + n, kind=kind) for n in range(count)]
        self.told += count
        if self.exchange.bound:
            self.wanted[-1] += [row.seq for row in rows]
        task = asyncio.create_task(self.outsiders.tell(rows[0].routing_key, rows))
        self.tasks.append(task)
        return task

    def bind(self) -> None:
        if not self.exchange.bound:
            self.exchange.bound = True
            self.wanted.append([])

    async def over(self) -> list[Any]:
        return await asyncio.wait_for(asyncio.gather(*self.tasks, return_exceptions=True), 60)


def in_order(queue: list[int], kind_of: dict[int, str]) -> bool:
    by_kind = defaultdict(list)
    for seq in queue:
        by_kind[kind_of[seq]].append(seq)
    return all(seqs == sorted(seqs) for seqs in by_kind.values())


SCRIPT = st.lists(
    st.tuples(
        st.sampled_from(STEPS), st.integers(1, 4), st.sampled_from([0.0, 0.004, 0.02, 0.3]), st.booleans()
    ),
    max_size=30,
)


@settings(max_examples=300, deadline=None)
@given(SCRIPT)
def test_from_its_binding_on_a_queue_hears_everything_in_order_per_key(script):
    async def play() -> tuple[Story, dict[int, str]]:
        story, kind_of = Story(), {}
        for step, count, pause, other in script:
            kind = "complaint.paused.v1" if other else "complaint.assigned.v1"
            if step == "tell":
                kind_of |= dict.fromkeys(range(story.told, story.told + count), kind)
                story.tell(count, kind)
            elif step == "bind":
                story.bind()
            elif step == "unbind" and story.exchange.bound:
                await story.over()  # it goes when it has heard what was told to it
                story.exchange.bound = False
            await asyncio.sleep(pause if step != "rest long" else 1.0)
        assert all(not failures for failures in await story.over())
        return story, kind_of

    story, kind_of = played(play)
    queue = story.exchange.queue
    assert len(queue) == len(set(queue))
    assert {seq for period in story.wanted for seq in period} <= set(queue)
    assert in_order(queue, kind_of)


@settings(max_examples=200, deadline=None)
@given(SCRIPT)
def test_from_the_first_that_a_queue_hears_of_a_key_it_misses_none(script):
    """Also of those that were told shortly before it was bound: no gap at the beginning."""

    async def play() -> tuple[Story, dict[int, str]]:
        story, kind_of = Story(), {}
        for step, count, pause, other in script:
            kind = "complaint.paused.v1" if other else "complaint.assigned.v1"
            if step == "tell":
                kind_of |= dict.fromkeys(range(story.told, story.told + count), kind)
                story.tell(count, kind)
            elif step == "bind":
                story.bind()
            await asyncio.sleep(pause)
        await story.over()
        return story, kind_of

    story, kind_of = played(play)
    for kind in set(kind_of.values()):
        heard = [seq for seq in story.exchange.queue if kind_of[seq] == kind]
        told = [seq for seq, of in kind_of.items() if of == kind]
        assert heard == (told[told.index(heard[0]) :] if heard else [])


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 9), st.sampled_from([0.0, 0.001, 0.02, 0.1, 0.6])), max_size=60))
def test_while_nobody_listens_a_key_costs_one_message_an_interval(batches):
    async def play() -> Exchange:
        story = Story()
        for count, pause in batches:
            story.tell(count)
            await asyncio.sleep(pause)
        await story.over()
        return story.exchange

    moments = [moment for _, moment in played(play).asked]
    assert all(b - a >= JUDGED_EVERY_SECONDS - 1e-6 for a, b in pairwise(moments))
    assert bool(moments) == bool(batches)


def test_while_somebody_listens_nobody_waits_for_a_confirmation_of_those_before():
    async def play() -> float:
        story = Story()
        story.bind()
        await story.tell(1)
        began = asyncio.get_running_loop().time()
        for _ in range(50):
            story.tell(2)
            await asyncio.sleep(0)
        await story.over()
        return asyncio.get_running_loop().time() - began

    assert played(play) == pytest.approx(0.04, abs=0.001)


def test_when_the_last_queue_is_gone_a_key_costs_one_message_an_interval_again():
    async def play() -> Exchange:
        story = Story()
        story.bind()
        await story.tell(2)
        story.exchange.bound = False
        await story.tell(2)
        for _ in range(4):
            await story.tell(5)
        return story.exchange

    assert len(played(play).asked) == 2 + 4


def test_a_refusal_befalls_the_one_event_and_no_other():
    async def play() -> tuple[list[Any], Exchange]:
        story = Story()
        story.bind()
        story.exchange.fates = {0: [Refused("full")], 4: [Refused("full")]}
        story.tell(3)
        story.tell(3)
        return await story.over(), story.exchange

    (first, second), exchange = played(play)
    assert (list(first), list(second)) == ([0], [4])
    assert exchange.queue == [1, 2, 3, 5]


def test_when_the_broker_is_lost_while_it_is_asked_those_behind_do_not_go_by_an_older_answer():
    """They would count as told, and a queue that was bound meanwhile would miss them."""

    async def play() -> tuple[list[Any], Exchange]:
        story = Story()
        await story.tell(1)  # nobody
        story.exchange.fates = {1: [ConnectionError("away")]}
        story.tell(1)  # waits for its turn to ask
        await asyncio.sleep(0.1)
        story.bind()
        story.tell(2)
        return await story.over(), story.exchange

    outcomes, exchange = played(play)
    assert isinstance(outcomes[1], ConnectionError)
    assert exchange.queue == [2, 3]


def test_who_is_cancelled_while_asking_leaves_the_line_free():
    async def play() -> Exchange:
        story = Story()
        await story.tell(1)
        asking, waiting = story.tell(1), story.tell(1)
        await asyncio.sleep(JUDGED_EVERY_SECONDS + 0.005)
        story.bind()
        asking.cancel()
        waiting.cancel()
        await story.over()
        story.tell(2)
        await story.over()
        return story.exchange

    assert played(play).queue[-2:] == [3, 4]


def test_a_process_that_ends_asks_at_once():
    async def play() -> float:
        story = Story()
        await story.tell(1)
        story.outsiders.no_more_waiting()
        began = asyncio.get_running_loop().time()
        await story.tell(5)
        return asyncio.get_running_loop().time() - began

    assert played(play) == pytest.approx(0.01, abs=0.001)
