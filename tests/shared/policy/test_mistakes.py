"""Is each planted mistake reported with its file, line, field and what to do?"""

from __future__ import annotations

import pytest

from shared.policy.loader import load_rulebook
from shared.policy.problems import PolicyErrors
from tests.shared.policy.planted import MISTAKES, Company, Planted

WHOLE_TABLE = {"routing", "approval", "surveys[0].items"}
"""Problems of a table as a whole stand where the table begins."""


def test_the_company_is_sound_without_them(tmp_path):
    company = Company(tmp_path)

    assert load_rulebook(company.organisation, [company.profiles]).profile_of("sh01").profile == "own"


def test_forty_and_more_mistakes_are_planted():
    assert len({(mistake.old, mistake.new) for mistake in MISTAKES}) == len(MISTAKES) >= 40


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda m: f"{m.field}: {m.detail}"[:70])
def test_a_mistake_is_named_with_file_line_field_and_remedy(tmp_path, mistake: Planted):
    company = Company(tmp_path)
    file, lines = company.plant(mistake)

    with pytest.raises(PolicyErrors) as refused:
        load_rulebook(company.organisation, [company.profiles])

    found = [problem for problem in refused.value.problems if problem.field == mistake.field]
    assert len(found) == 1, [problem.sentence() for problem in refused.value.problems]
    (problem,) = found
    assert problem.file == str(file)
    assert problem.line in lines or mistake.field in WHOLE_TABLE
    assert problem.detail.startswith(mistake.detail)
    assert problem.remedy.startswith(mistake.remedy)
    assert problem.remedy
    assert f"{file}:{problem.line}: {mistake.field}: " in problem.sentence()


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda m: f"{m.field}: {m.detail}"[:70])
def test_one_mistake_is_not_told_as_many(tmp_path, mistake: Planted):
    company = Company(tmp_path)
    company.plant(mistake)

    with pytest.raises(PolicyErrors) as refused:
        load_rulebook(company.organisation, [company.profiles])

    assert len(refused.value.problems) <= 3, [problem.sentence() for problem in refused.value.problems]
