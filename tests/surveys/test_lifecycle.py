"""Does the table hold exactly the steps that may happen, in any order of events?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.surveys.domain.lifecycle import TRANSITIONS, Status, Step, step
from shared.errors import Conflict
from tests.surveys.builders import (
    DAY,
    NOW,
    NUMBER,
    a_waiting_one,
    closed,
    form_of,
    hear,
    reopened,
    wake,
    withdrawn,
)


def test_an_answer_never_follows_anything_but_an_invitation():
    assert [s for s, action in TRANSITIONS if action is Step.ANSWER] == [Status.INVITED]


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("action", Step)
def test_what_the_table_does_not_hold_is_a_conflict(status, action):
    if (status, action) in TRANSITIONS:
        assert step(status, action) is TRANSITIONS[(status, action)]
        return
    with pytest.raises(Conflict):
        step(status, action)


INTAKE = (withdrawn(NOW), reopened(NOW + 2 * DAY), reopened(NOW + 5 * DAY))
ROUTING = (closed(NOW + 1 * DAY), closed(NOW + 4 * DAY), closed(NOW + 6 * DAY))


@given(
    st.permutations(["intake"] * len(INTAKE) + list(ROUTING)),
    st.lists(st.integers(min_value=0, max_value=30), max_size=3),
)
def test_in_whatever_order_events_come_the_last_closing_is_asked_about_once(places, wakes):
    in_order = iter(INTAKE)  # The kernel keeps the order of intake, and of nobody else.
    events = [next(in_order) if place == "intake" else place for place in places]
    state, told = a_waiting_one(), []

    for event in events:
        decision = hear(state, event, now=NOW + 6 * DAY)
        state, told = decision.state, [*told, *decision.tells]
        assert hear(state, event, now=NOW + 6 * DAY).state == state
    for days in wakes:
        state = wake(state, NOW + days * DAY).state

    numbers = [form.form_no for form in (*state.earlier, form_of(state))]
    assert numbers == [f"{NUMBER}-S{n + 1}" for n in range(len(numbers))]
    assert [one.form_no for one in told] == numbers
    assert state.status in {Status.INVITED, Status.EXPIRED}
    assert state.closed_at == NOW + 6 * DAY
