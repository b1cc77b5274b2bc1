"""Whom does a closing ask, and whom not?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.surveys.domain.lifecycle import Status
from shared.errors import NotYet
from shared.events.surveys import SurveyInvited
from shared.worktime import Target
from tests.surveys.builders import (
    COMPLAINT,
    DAY,
    NOW,
    NUMBER,
    a_rulebook,
    a_survey,
    a_waiting_one,
    an_answered_one,
    an_expired_one,
    an_invited_one,
    closed,
    declined,
    form_of,
    hear,
    reopened,
    withdrawn,
)


def test_the_customer_of_a_closed_complaint_is_asked():
    decision = hear(a_waiting_one(), closed())

    (told,) = decision.tells
    assert decision.state.status is Status.INVITED
    assert isinstance(told, SurveyInvited)
    assert (told.survey, told.form_no) == ("after-case", f"{NUMBER}-S1")
    assert (told.at, told.expires_at) == (NOW, NOW + 10 * DAY)
    assert form_of(decision.state).policy_version == "policy-1"


def test_the_customer_gets_a_letter_with_a_link_and_the_sealed_address():
    (letter,) = hear(a_waiting_one(language="en"), closed()).notices

    assert (letter.to, letter.template, letter.language) == ("customer", "survey-invited", "en")
    assert letter.values == {"complaint_no": NUMBER, "link": f"survey:{COMPLAINT}"}
    assert letter.sealed == "sealed-contact"


def test_the_same_closing_twice_changes_nothing():
    invited = an_invited_one()

    again = hear(invited, closed())

    assert again.state is invited
    assert (again.tells, again.notices) == ((), ())


@pytest.mark.parametrize(
    ("because", "given", "rules"),
    [
        ("kind-not-asked", {}, a_rulebook(a_survey(kinds=("enquiry",)))),
        ("no-survey", {}, a_rulebook(asks=False)),
        ("no-contact", {"sealed": None}, a_rulebook()),
        ("history", {"history": True}, a_rulebook()),
    ],
)
def test_a_customer_who_is_not_asked_is_not_and_it_says_why(because, given, rules):
    decision = hear(a_waiting_one(**given), closed(), rules=rules)

    assert decision.state.status is Status.NOT_ASKED
    assert decision.state.not_asked_because == because
    assert (decision.tells, decision.notices) == ((), ())
    assert decision.state.wake_at is None


def test_a_complaint_closed_in_the_past_is_not_asked_about():
    assert hear(a_waiting_one(), closed(history=True)).state.status is Status.NOT_ASKED


def test_a_closing_before_the_registration_is_tried_again():
    with pytest.raises(NotYet) as raised:
        hear(None, closed())

    assert raised.value.code == "unknown-complaint"


@pytest.mark.parametrize("ended", [withdrawn, declined])
def test_a_complaint_that_was_withdrawn_while_it_was_closed_is_not_asked_about(ended):
    state = hear(a_waiting_one(), ended()).state

    decision = hear(state, closed(NOW + DAY))

    assert decision.state.status is Status.NOT_ASKED
    assert decision.tells == ()
    assert hear(decision.state, closed(NOW + DAY)).state is decision.state


@pytest.mark.parametrize("earlier", [an_invited_one, an_answered_one, an_expired_one])
def test_a_second_closing_asks_with_a_new_number_even_before_the_reopening_is_heard(earlier):
    state = hear(earlier(), closed(NOW + 20 * DAY), now=NOW + 20 * DAY).state

    assert form_of(state).form_no == f"{NUMBER}-S2"
    assert [form.form_no for form in state.earlier] == [f"{NUMBER}-S1"]
    assert hear(state, reopened(NOW + 15 * DAY)).state is state


def test_a_closing_that_a_reopening_has_undone_asks_nobody():
    state = hear(a_waiting_one(), reopened(NOW + DAY)).state

    decision = hear(state, closed(NOW))

    assert decision.state is state
    assert decision.tells == ()


def test_a_customer_not_asked_the_first_time_is_asked_after_the_second_closing():
    state = hear(a_waiting_one(), closed(), rules=a_rulebook(asks=False)).state

    assert hear(state, closed(NOW + DAY)).state.status is Status.INVITED


def test_without_a_reminder_in_policy_only_the_expiry_wakes():
    rules = a_rulebook(a_survey(expires_after=Target.parse("24 h"), remind_after=None))

    state = hear(a_waiting_one(), closed(), rules=rules).state

    assert state.wake_at == form_of(state).expires_at == NOW + timedelta(hours=24)
