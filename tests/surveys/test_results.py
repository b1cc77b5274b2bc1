"""What do the answers come to?"""

from __future__ import annotations

import pytest

from services.surveys.domain.lifecycle import Status
from services.surveys.domain.results import Tally, by_survey, summarise


def a_tally(status=Status.INVITED, forms=1, grade=None, score=None, **given):
    satisfied = None if score is None else score >= 60
    defaults = {"site": "sh01", "survey": "after-case", "satisfied": satisfied}
    return Tally(status=status, forms=forms, grade=grade, score=score, **{**defaults, **given})


def answered(score, forms=1, **given):
    return a_tally(Status.ANSWERED, forms, f"g{score}", score, **given)


def test_recovery_is_measured_against_the_forms_distributed():
    result = summarise(
        [answered(80, 3), a_tally(forms=2), a_tally(Status.EXPIRED, 4), a_tally(Status.REPLACED)]
    )

    assert (result.invited, result.answered, result.expired, result.replaced) == (10, 3, 4, 1)
    assert result.recovery_ratio == pytest.approx(0.3)


def test_the_mean_weighs_every_answer_alike():
    result = summarise([answered(100, 3), answered(0, 1)])

    assert result.mean_score == pytest.approx(75)
    assert result.satisfied_ratio == pytest.approx(0.75)
    assert result.grades == {"g0": 1, "g100": 3}


def test_an_answer_of_no_points_counts_as_an_answer():
    assert summarise([answered(0)]).mean_score == 0


def test_without_forms_there_is_no_ratio_and_no_mean():
    result = summarise([])

    assert (result.invited, result.recovery_ratio, result.mean_score) == (0, None, None)


def test_sites_and_surveys_are_counted_apart():
    results = by_survey([answered(80), answered(30, site="hh01"), a_tally(survey="yearly")])

    assert list(results) == [("hh01", "after-case"), ("sh01", "after-case"), ("sh01", "yearly")]
    assert results["hh01", "after-case"].mean_score == 30
