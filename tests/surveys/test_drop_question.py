"""Is the customer of a complaint that ended otherwise still asked?"""

from __future__ import annotations

import pytest

from services.surveys.domain.lifecycle import Status
from shared.errors import NotYet
from tests.surveys.builders import (
    DAY,
    NOW,
    a_waiting_one,
    an_invited_one,
    closed,
    declined,
    hear,
    merged,
    reopened,
    withdrawn,
)


@pytest.mark.parametrize(
    ("event", "because"), [(withdrawn, "withdrawn"), (declined, "declined"), (merged, "merged")]
)
def test_a_complaint_that_ended_without_handling_is_not_asked_about(event, because):
    state = hear(a_waiting_one(), event()).state

    assert (state.status, state.not_asked_because) == (Status.NOT_ASKED, because)


@pytest.mark.parametrize("event", [withdrawn, declined, merged])
def test_the_same_ending_twice_changes_nothing(event):
    state = hear(a_waiting_one(), event()).state

    assert hear(state, event()).state is state


def test_a_form_that_is_out_stays_answerable_when_the_withdrawal_comes_late():
    invited = an_invited_one()

    assert hear(invited, withdrawn()).state is invited


def test_a_withdrawal_from_before_the_reopening_does_not_count():
    waiting = hear(hear(a_waiting_one(), withdrawn(NOW)).state, reopened(NOW + DAY)).state

    assert hear(waiting, withdrawn(NOW)).state is waiting
    assert hear(waiting, closed(NOW + 2 * DAY)).state.status is Status.INVITED


def test_a_withdrawal_before_the_registration_is_tried_again():
    with pytest.raises(NotYet):
        hear(None, withdrawn())
