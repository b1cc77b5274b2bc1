"""What becomes of the question when a complaint is taken up again?"""

from __future__ import annotations

import pytest

from services.surveys.domain.lifecycle import Status
from shared.errors import Conflict, NotYet
from tests.surveys.builders import (
    DAY,
    NOW,
    NUMBER,
    a_waiting_one,
    an_answer,
    an_answered_one,
    an_expired_one,
    an_invited_one,
    closed,
    do,
    form_of,
    hear,
    reopened,
)

LATER = NOW + 20 * DAY


@pytest.mark.parametrize(
    ("build", "kept_as"),
    [
        (an_invited_one, Status.REPLACED),
        (an_answered_one, Status.ANSWERED),
        (an_expired_one, Status.EXPIRED),
    ],
)
def test_the_form_so_far_stays_accounted_for(build, kept_as):
    state = hear(build(), reopened(LATER)).state

    (form,) = state.earlier
    assert (form.form_no, form.status) == (f"{NUMBER}-S1", kept_as)
    assert (state.status, state.wake_at) == (Status.WAITING, None)


def test_the_next_closing_asks_with_the_next_number():
    state = hear(an_answered_one(), reopened(LATER)).state

    state = hear(state, closed(LATER + DAY), now=LATER + DAY).state

    assert form_of(state).form_no == f"{NUMBER}-S2"
    assert do(state, an_answer(form_no=f"{NUMBER}-S2"), now=LATER + DAY).tells


def test_the_old_form_cannot_be_answered_any_more():
    state = hear(hear(an_invited_one(), reopened(LATER)).state, closed(LATER + DAY)).state

    with pytest.raises(Conflict) as raised:
        do(state, an_answer(form_no=f"{NUMBER}-S1"))

    assert raised.value.code == "survey-replaced"


def test_the_same_reopening_twice_changes_nothing():
    state = hear(an_invited_one(), reopened(LATER)).state

    assert hear(state, reopened(LATER)).state == state


def test_a_reopening_older_than_the_closing_changes_nothing():
    invited = an_invited_one()

    assert hear(invited, reopened(NOW - DAY)).state is invited


def test_a_reopening_before_the_registration_is_tried_again():
    with pytest.raises(NotYet):
        hear(None, reopened())


def test_a_reopening_before_anything_was_closed_keeps_waiting():
    assert hear(a_waiting_one(), reopened()).state.status is Status.WAITING
