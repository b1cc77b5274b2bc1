"""Does a second, naive implementation find the same due dates and elapsed times?"""

import random
from datetime import timedelta

import pytest

from shared.worktime import Calendar, Pause, Target, Unit, due_at, elapsed, explain
from tests.shared.worktime.naive import (
    a_plain_calendar,
    a_start,
    due_minute,
    some_pauses,
    worked_minutes,
)


def compare(seed):
    chance = random.Random(seed)
    start = a_start(chance)
    plain = a_plain_calendar(chance, start)
    calendar = Calendar(
        "random",
        plain["timezone"],
        plain["weekly"],
        frozenset(plain["holidays"]),
        tuple(sorted(plain["working"].items())),
        special=tuple(sorted(plain["special"].items())),
        breaks=tuple(sorted(plain["breaks"].items())),
    )
    spans = some_pauses(chance, start)
    pauses = [Pause(begins, ends) for begins, ends in spans]
    target = Target(chance.randrange(1, 900), Unit.MINUTES)

    due = due_at(calendar, start, target, pauses)
    end = start + timedelta(minutes=chance.randrange(1, 3000))

    assert due == due_minute(plain, start, target.amount, spans), seed
    worked = worked_minutes(plain, start, end, spans)
    assert elapsed(calendar, start, end, pauses) == timedelta(minutes=worked), seed
    assert explain(calendar, start, target, pauses).counted_seconds == target.amount * 60, seed


@pytest.mark.timeout(300)
def test_five_hundred_random_calendars_agree_with_the_naive_count():
    for seed in range(500):
        compare(seed)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_ten_thousand_random_calendars_agree_with_the_naive_count():
    for seed in range(500, 10_500):
        compare(seed)
