"""What is an answer worth, and which answers are refused?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.surveys.domain.lifecycle import Status
from shared.errors import Conflict, Forbidden, NotFound, Rejected
from shared.events.surveys import SurveyAnswered
from tests.surveys.builders import (
    CUSTOMER,
    DAY,
    NOW,
    NUMBER,
    a_rulebook,
    a_survey,
    a_waiting_one,
    an_answer,
    an_answered_one,
    an_expired_one,
    an_invited_one,
    do,
    form_of,
)


@pytest.mark.parametrize(
    ("grade", "score", "satisfied"),
    [
        ("very-satisfied", 100, True),
        ("satisfied", 80, True),
        ("basically-satisfied", 60, True),
        ("dissatisfied", 30, False),
        ("very-dissatisfied", 0, False),
    ],
)
def test_a_grade_is_worth_the_points_that_policy_stores(grade, score, satisfied):
    decision = do(an_invited_one(), an_answer(grade))

    (told,) = decision.tells
    assert isinstance(told, SurveyAnswered)
    assert (told.score, told.satisfied, told.form_no) == (score, satisfied, f"{NUMBER}-S1")
    assert decision.state.status is Status.ANSWERED
    assert decision.state.wake_at is None


def test_a_stricter_company_calls_fewer_customers_satisfied():
    strict = a_rulebook(a_survey(satisfied_from=80))

    (told,) = do(an_invited_one(), an_answer("basically-satisfied"), rules=strict).tells

    assert not told.satisfied


def test_the_comment_is_kept_sealed_and_told_to_nobody():
    decision = do(an_invited_one(), an_answer(comment_sealed="k1.secret"))

    assert form_of(decision.state).answer.comment_sealed == "k1.secret"
    assert b"secret" not in decision.tells[0].to_json()


def test_a_second_answer_is_refused_whatever_it_says():
    with pytest.raises(Conflict) as raised:
        do(an_answered_one("satisfied"), an_answer("very-dissatisfied"))

    assert raised.value.code == "survey-answered"


@pytest.mark.parametrize(
    ("state", "now"),
    [(an_expired_one(), NOW + 11 * DAY), (an_invited_one(), NOW + 10 * DAY)],
    ids=["expired", "timer is late"],
)
def test_an_answer_after_the_time_is_refused(state, now):
    with pytest.raises(Conflict) as raised:
        do(state, an_answer(), now=now)

    assert raised.value.code == "survey-expired"


def test_a_grade_that_is_not_on_the_scale_is_refused():
    with pytest.raises(Rejected) as raised:
        do(an_invited_one(), an_answer("superb"))

    assert (raised.value.code, raised.value.field) == ("unknown-grade", "grade")


def test_a_complaint_that_is_not_closed_cannot_be_judged():
    with pytest.raises(Conflict) as raised:
        do(a_waiting_one(), an_answer())

    assert raised.value.code == "survey-not-open"


def test_a_form_that_was_never_issued_is_not_found():
    with pytest.raises(NotFound) as raised:
        do(an_invited_one(), an_answer(form_no=f"{NUMBER}-S9"))

    assert raised.value.code == "unknown-form"


def test_a_survey_that_policy_dropped_takes_no_answers():
    renamed = a_rulebook(a_survey(name="another"))

    with pytest.raises(Conflict) as raised:
        do(an_invited_one(), an_answer(), rules=renamed)

    assert raised.value.code == "survey-withdrawn"


def test_somebody_of_another_site_cannot_answer():
    stranger = replace(CUSTOMER, sites=frozenset({"hh01"}))

    with pytest.raises(Forbidden):
        do(an_invited_one(), an_answer(actor=stranger))


def test_nobody_answers_about_an_unknown_complaint():
    with pytest.raises(NotFound):
        do(None, an_answer())
