"""Do the living go first, does bulk work never stand still, and does nothing overtake within a complaint?"""

from __future__ import annotations

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from shared.ids import new_id
from shared.messaging import lanes as module
from shared.messaging.batch import Work
from shared.messaging.lanes import BESIDE_THE_LIVING, LEAST_BULK, MOST_BULK, Lanes
from shared.observability.tracing import Trace
from tests.shared.messaging import toy

TRACE = Trace("", None)


def an_entry(*, bulk: bool = False, subject: UUID | None = None, command: bool = False):
    who = subject or new_id()
    message = toy.Add(who) if command else toy.registered(who)
    return Work(message, TRACE, bulk=bulk), lambda work: None, 0.0


def filled(live: int = 0, bulk: int = 0) -> Lanes:
    lanes = Lanes()
    for _ in range(bulk):
        lanes.put(an_entry(bulk=True))
    for _ in range(live):
        lanes.put(an_entry())
    return lanes


def kinds(batch) -> tuple[int, int]:
    return sum(not work.bulk for work, _, _ in batch), sum(work.bulk for work, _, _ in batch)


def test_the_living_go_first_although_bulk_work_came_before():
    batch = filled(live=3, bulk=1000).take(300)

    assert [work.bulk for work, _, _ in batch[:4]] == [False, False, False, True]
    assert kinds(batch) == (3, BESIDE_THE_LIVING)


def test_while_nobody_else_comes_bulk_work_goes_on_in_large_batches(monkeypatch):
    moment = 100.0
    monkeypatch.setattr(module, "monotonic", lambda: moment)
    lanes = filled(live=1, bulk=1000)
    sizes = [len(lanes.take(300)) for _ in range(2)]
    moment += 1.5
    sizes.append(len(lanes.take(300)))

    assert sizes == [1 + BESIDE_THE_LIVING, BESIDE_THE_LIVING, MOST_BULK]


def test_bulk_work_never_stands_still_however_many_of_the_living_wait():
    assert kinds(filled(live=5000, bulk=50).take(300)) == (300, LEAST_BULK)


def test_an_event_stays_behind_the_bulk_work_of_its_complaint_and_a_command_does_not():
    lanes, who = filled(bulk=1), new_id()
    entries = [
        an_entry(bulk=True, subject=who),
        an_entry(subject=who),
        an_entry(subject=who, command=True),
    ]
    for entry in entries:
        lanes.put(entry)

    taken = [work for work, _, _ in lanes.take(300)]

    bulk, event, command = (taken.index(entry[0]) for entry in entries)
    assert command < bulk < event


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3)), max_size=60), st.integers(1, 5))
def test_nothing_is_lost_and_nothing_overtakes_the_bulk_work_of_its_complaint(arrivals, most):
    before = module.MOST_BULK, module.LEAST_BULK
    module.MOST_BULK, module.LEAST_BULK = 3, 1
    try:
        people = [new_id() for _ in range(4)]
        lanes, put, taken = Lanes(), [], []
        for number, (bulk, who) in enumerate(arrivals):
            entry = an_entry(bulk=bulk, subject=people[who])
            lanes.put(entry)
            put.append(entry[0])
            if number % 7 == 6:
                taken += [id(work) for work, _, _ in lanes.take(most)]
        while lanes:
            taken += [id(work) for work, _, _ in lanes.take(most)]
    finally:
        module.MOST_BULK, module.LEAST_BULK = before

    assert sorted(taken) == sorted(id(work) for work in put)
    for place, first in enumerate(put):
        later = [one for one in put[place + 1 :] if one.complaint_id == first.complaint_id and first.bulk]
        assert all(taken.index(id(first)) < taken.index(id(one)) for one in later)
