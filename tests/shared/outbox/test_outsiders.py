"""Whoever binds a queue, whenever: does it hear everything from then on, and does nobody cost next to nothing?"""

from __future__ import annotations

import asyncio
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

KINDS = ("complaint.assigned.v1", "complaint.paused.v1", "clock.started.v1")
PEOPLE = ("anna", "bo", "chen")
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
    rows: list[Waiting] = field(default_factory=list)
    wanted: list[list[int]] = field(default_factory=list)
    """Rows told during each time of the queue's being bound."""
    ended: dict[int, list[BaseException | None]] = field(default_factory=dict)
    """What was said of each row, as often as it was said."""

    def __post_init__(self) -> None:
        self.outsiders = Outsiders(self.exchange, self._on_end)
        self.owing: dict[int, asyncio.Future[None]] = {}

    def _on_end(self, row: Waiting, error: BaseException | None) -> None:
        self.ended.setdefault(row.seq, []).append(error)
        if not self.owing[row.seq].done():
            self.owing[row.seq].set_result(None)

    def tell(self, *mixture: tuple[str, str]) -> asyncio.Future[Any]:
        """Tell one event for each kind and complaint, in this order, together."""
        first = len(self.rows)
        rows = [a_row(first + n, kind=kind, subject=who) for n, (kind, who) in enumerate(mixture)]
        self.rows += rows
        if self.exchange.bound:
            self.wanted[-1] += [row.seq for row in rows]
        loop = asyncio.get_running_loop()
        self.owing |= {row.seq: loop.create_future() for row in rows}
        self.outsiders.tell(rows)
        return asyncio.gather(*[self.owing[row.seq] for row in rows])

    def tell_some(self, count: int) -> asyncio.Future[Any]:
        """So many of one key, each of a complaint of its own."""
        return self.tell(*[(KINDS[0], f"c{len(self.rows) + n}") for n in range(count)])

    def bind(self) -> None:
        if not self.exchange.bound:
            self.exchange.bound = True
            self.wanted.append([])

    async def over(self) -> None:
        await asyncio.wait_for(asyncio.gather(*self.owing.values()), 60)

    def heard_of(self, who: str) -> list[int]:
        return [seq for seq in self.exchange.queue if self.rows[seq].subject == who]

    def told_of(self, who: str) -> list[int]:
        return [row.seq for row in self.rows if row.subject == who]


SCRIPT = st.lists(
    st.tuples(
        st.sampled_from(STEPS),
        st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from(PEOPLE)), min_size=1, max_size=5),
        st.sampled_from([0.0, 0.004, 0.02, 0.3]),
    ),
    max_size=30,
)


@settings(max_examples=300, deadline=None)
@given(SCRIPT)
def test_from_its_binding_on_a_queue_hears_everything_of_a_complaint_in_order_whatever_the_keys(script):
    async def play() -> Story:
        story = Story()
        for step, mixture, pause in script:
            if step == "tell":
                story.tell(*mixture)
            elif step == "bind":
                story.bind()
            elif step == "unbind" and story.exchange.bound:
                await story.over()  # it goes when it has heard what was told to it
                story.exchange.bound = False
            await asyncio.sleep(pause if step != "rest long" else 1.0)
        await story.over()
        return story

    story = played(play)
    queue = story.exchange.queue
    assert len(queue) == len(set(queue))
    assert {seq for period in story.wanted for seq in period} <= set(queue)
    assert all(story.heard_of(who) == sorted(story.heard_of(who)) for who in PEOPLE)
    assert all(said == [None] for said in story.ended.values())


@settings(max_examples=300, deadline=None)
@given(SCRIPT)
def test_from_the_first_that_a_queue_hears_of_a_complaint_it_misses_none(script):
    """Also of those that were told shortly before it was bound: no gap at the beginning."""

    async def play() -> Story:
        story = Story()
        for step, mixture, pause in script:
            if step == "tell":
                story.tell(*mixture)
            elif step == "bind":
                story.bind()
            await asyncio.sleep(pause)
        await story.over()
        return story

    story = played(play)
    for who in PEOPLE:
        heard, told = story.heard_of(who), story.told_of(who)
        assert heard == (told[told.index(heard[0]) :] if heard else [])


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 9), st.sampled_from([0.0, 0.001, 0.02, 0.1, 0.6])), max_size=60))
def test_while_nobody_listens_a_key_costs_one_message_an_interval(batches):
    async def play() -> Exchange:
        story = Story()
        for count, pause in batches:
            story.tell_some(count)
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
        await story.tell_some(1)
        began = asyncio.get_running_loop().time()
        for _ in range(50):
            story.tell_some(2)
            await asyncio.sleep(0)
        await story.over()
        return asyncio.get_running_loop().time() - began

    assert played(play) == pytest.approx(0.04, abs=0.001)


def test_when_the_last_queue_is_gone_a_key_costs_one_message_an_interval_again():
    async def play() -> Exchange:
        story = Story()
        story.bind()
        await story.tell_some(2)
        story.exchange.bound = False
        await story.tell_some(2)
        for _ in range(4):
            await story.tell_some(5)
        return story.exchange

    assert len(played(play).asked) == 2 + 4


def test_a_refusal_befalls_the_one_event_once_and_is_counted():
    async def play() -> Story:
        story = Story()
        story.bind()
        story.exchange.fates = {0: [Refused("full")], 4: [Refused("full")]}
        story.tell_some(3)
        story.tell_some(3)
        await story.over()
        await asyncio.sleep(60)
        return story

    before = module.metrics.REFUSED.labels(KINDS[0])._value.get()
    story = played(play)
    assert story.exchange.queue == [1, 2, 3, 5]
    assert all(said == [None] for said in story.ended.values()), "it is at its end and is not told again"
    assert module.metrics.REFUSED.labels(KINDS[0])._value.get() == before + 2


def test_when_the_broker_is_lost_nothing_overtakes_what_was_lost():
    async def play() -> tuple[Story, list[int]]:
        story = Story()
        story.bind()
        await story.tell((KINDS[0], "anna"), (KINDS[1], "anna"))
        story.exchange.fates = {2: [ConnectionError("away")]}
        story.tell((KINDS[0], "anna"))
        await asyncio.sleep(0.02)
        story.tell((KINDS[1], "anna"))  # its line is known to have a hearer
        await asyncio.sleep(1)
        meanwhile = list(story.exchange.queue)
        story.outsiders.abandon()
        story.outsiders.tell(story.rows[2:])
        await story.over()
        await asyncio.sleep(1)
        return story, meanwhile

    story, meanwhile = played(play)
    assert meanwhile == [0, 1]
    assert story.exchange.queue == [0, 1, 2, 3]
    assert [type(error) for error in story.ended[2]] == [ConnectionError, type(None)]


def test_what_was_known_before_the_broker_was_lost_counts_no_longer():
    """A queue that was bound meanwhile would miss what counts as told to nobody."""

    async def play() -> Exchange:
        story = Story()
        await story.tell_some(1)  # nobody
        story.exchange.fates = {1: [ConnectionError("away")]}
        await story.tell_some(1)
        story.bind()
        story.outsiders.abandon()
        story.outsiders.tell(story.rows[1:])
        await asyncio.sleep(1)
        return story.exchange

    assert played(play).queue == [1]


def test_what_was_abandoned_while_under_way_ends_no_more():
    async def play() -> Story:
        story = Story()
        story.bind()
        story.tell_some(3)
        story.outsiders.abandon()
        await asyncio.sleep(1)
        return story

    assert played(play).ended == {}


def test_a_complaint_whose_first_event_must_wait_holds_up_no_other():
    async def play() -> Exchange:
        story = Story()
        await story.tell((KINDS[1], "bo"))  # nobody, so the next of this kind waits
        story.bind()
        story.tell((KINDS[1], "anna"), (KINDS[0], "anna"), (KINDS[0], "chen"))
        await asyncio.sleep(0.05)
        before = list(story.exchange.queue)
        await story.over()
        return before, story.exchange.queue

    before, queue = played(play)
    assert before == [3]
    assert queue == [3, 1, 2]


def test_a_process_that_ends_asks_at_once():
    async def play() -> float:
        story = Story()
        await story.tell_some(1)
        story.outsiders.no_more_waiting()
        began = asyncio.get_running_loop().time()
        await story.tell_some(5)
        return asyncio.get_running_loop().time() - began

    assert played(play) == pytest.approx(0.01, abs=0.001)
