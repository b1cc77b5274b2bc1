"""What does time do to a form that nobody answers?"""

from __future__ import annotations

import pytest

from services.surveys.domain.lifecycle import Status
from shared.errors import NotFound
from shared.events.surveys import SurveyExpired, SurveyReminded
from tests.surveys.builders import (
    COMPLAINT,
    DAY,
    NOW,
    NUMBER,
    a_waiting_one,
    an_answered_one,
    an_invited_one,
    wake,
)


def test_a_customer_who_has_not_answered_is_reminded():
    decision = wake(an_invited_one(), NOW + 5 * DAY)

    (told,), (letter,) = decision.tells, decision.notices
    assert isinstance(told, SurveyReminded)
    assert (letter.template, letter.values["link"]) == ("survey-reminded", f"survey:{COMPLAINT}")
    assert decision.state.status is Status.INVITED
    assert decision.state.wake_at == NOW + 10 * DAY


def test_a_reminder_twice_changes_nothing():
    reminded = wake(an_invited_one(), NOW + 5 * DAY).state

    again = wake(reminded, NOW + 6 * DAY)

    assert again.state is reminded
    assert (again.tells, again.notices) == ((), ())


def test_a_form_without_an_answer_expires():
    reminded = wake(an_invited_one(), NOW + 5 * DAY).state

    decision = wake(reminded, NOW + 10 * DAY)

    (told,) = decision.tells
    assert isinstance(told, SurveyExpired)
    assert told.form_no == f"{NUMBER}-S1"
    assert (decision.state.status, decision.state.wake_at) == (Status.EXPIRED, None)
    assert decision.notices == ()


def test_expiring_twice_changes_nothing():
    expired = wake(an_invited_one(), NOW + 10 * DAY).state

    assert wake(expired, NOW + 11 * DAY).state is expired


def test_after_a_long_downtime_it_expires_without_a_reminder_before():
    decision = wake(an_invited_one(), NOW + 30 * DAY)

    assert [type(told) for told in decision.tells] == [SurveyExpired]


@pytest.mark.parametrize("build", [a_waiting_one, an_answered_one, an_invited_one])
def test_a_timer_that_fires_for_nothing_changes_nothing(build):
    state = build()

    decision = wake(state, NOW + DAY)

    assert decision.state is state
    assert decision.tells == ()


def test_a_timer_of_an_unknown_complaint_is_refused():
    with pytest.raises(NotFound):
        wake(None, NOW)
