"""Does an event wait for company no longer than it may, and does none stay behind?"""

from __future__ import annotations

import asyncio

from shared.messaging.gathering import Gathering
from tests.support.waiting import eventually


async def test_the_first_goes_at_once_and_the_rest_together_in_their_order():
    gone: list[int] = []
    gathering = Gathering(gone.append, apart_seconds=0.2)
    gathering.add(1)
    await eventually(lambda: gone == [1])

    for number in (2, 3, 4):
        gathering.add(number)
    await asyncio.sleep(0)

    assert gone == [1], "they wait for company"
    await eventually(lambda: gone == [1, 2, 3, 4])


async def test_the_end_lets_go_what_waits_and_nothing_twice():
    gone: list[int] = []
    gathering = Gathering(gone.append, apart_seconds=60)
    gathering.add(1)
    await eventually(lambda: gone == [1])
    gathering.add(2)
    gathering.add(3)

    gathering.end()
    gathering.end()

    assert gone == [1, 2, 3]


async def test_without_a_time_apart_nothing_waits():
    gone: list[int] = []
    Gathering(gone.append, apart_seconds=0).add(1)

    assert gone == [1]
