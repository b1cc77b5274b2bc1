"""Do the shipped profiles and the demonstration company say what the requirements say?"""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.policy.explaining import explain_policy
from shared.policy.loader import load_rulebook
from shared.policy.model import Facts, Rulebook, limit_of

DEPLOY = Path(__file__).parents[3] / "deploy" / "organisation"
DATA = Path(__file__).parents[4] / "shared" / "data"


@pytest.fixture(scope="module")
def company() -> Rulebook:
    return load_rulebook(DEPLOY / "organisation.yaml")


@pytest.fixture(scope="module")
def fast() -> Rulebook:
    return load_rulebook(DEPLOY / "demo.yaml")


def some_facts(kind: str = "complaint", category: str = "", site: str = "sh01", **more) -> Facts:
    return Facts(kind, category, "", "phone", site, **more)


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("enquiry", "1 wd"),  # SLA-08
        ("suggestion", "3 wd"),  # SLA-09
        ("complaint", "3 wd"),  # SLA-09
        ("service_request", "3 wd"),
        ("praise", "None"),
    ],
)
def test_generic_1_3_answers_in_one_or_three_working_days(company, kind, target):
    (clock,) = company.profiles["generic-1-3"].clocks

    assert str(limit_of(clock, some_facts(kind))) == target


def test_the_scale_is_that_of_sur_08(company):
    survey = company.profiles["generic-1-3"].survey

    assert [grade.points for grade in survey.scale] == [100, 80, 60, 30, 0]
    assert survey.satisfied_from == 60


def test_the_three_working_days_skip_the_national_holiday_and_count_the_make_up_day(company):
    received = datetime.fromisoformat("2026-09-30T16:00+08:00")

    found = explain_policy(company, some_facts(category="product-quality"), received)

    assert found.clocks[0].why.due_at == datetime(2026, 10, 10, 8, tzinfo=UTC)
    assert (found.lead, found.assist) == ("quality", ("technical",))


def test_the_same_complaint_is_due_at_another_moment_in_berlin(company):
    received = datetime(2026, 9, 30, 8, tzinfo=UTC)

    shanghai = explain_policy(company, some_facts(site="sh01"), received)
    berlin = explain_policy(company, some_facts(site="ber1"), received)

    assert shanghai.clocks[0].why.due_at != berlin.clocks[0].why.due_at


def test_a_complaint_about_staff_never_goes_to_that_department_alone(company):
    facts = some_facts(category="delivery", flags=frozenset({"staff_conduct"}))

    found = explain_policy(company, facts, datetime(2026, 9, 30, tzinfo=UTC))

    assert found.lead == "customer-service"
    assert found.inform == ("chen.jing",)


def test_the_ladder_names_the_stand_in_of_an_absent_manager(company):
    away = datetime(2026, 2, 20, tzinfo=UTC)

    found = explain_policy(company, some_facts(category="product-quality"), away)

    assert found.ladder[0].people == ("zhang.wei",)  # li.na is away, RCS-03


def test_demo_fast_takes_seconds_at_any_hour(fast):
    sunday_night = datetime(2026, 11, 22, 2, tzinfo=UTC)

    for site in ("sh01", "ber1"):
        (clock,) = explain_policy(fast, some_facts(site=site), sunday_night).clocks
        assert (clock.why.due_at - sunday_night).total_seconds() == 12


@pytest.mark.parametrize("file", ["cfpb_2014_dev.csv", "cfpb_2023_dev.csv"])
def test_every_product_of_the_cfpb_has_a_desk_of_its_own(company, file):
    if not (DATA / file).exists():
        pytest.skip("the real data are not shipped; they are looked for beside the repository")
    with (DATA / file).open(encoding="utf-8", newline="") as rows:
        products = {row["Product"] for row in csv.DictReader(rows)}

    profile = company.profile_of("us01")
    rules = {profile.route(some_facts(category=product, site="us01")).name for product in products}

    assert "everything-else" not in rules
    assert products <= set(profile.categories)


def test_the_cfpb_asks_for_an_answer_in_15_and_the_end_in_60_calendar_days(company):
    received = datetime(2014, 10, 10, 4, tzinfo=UTC)

    answer, final = explain_policy(company, some_facts(site="us01"), received).clocks

    assert str(answer.why.target) == "15 d"
    assert answer.why.due_at == datetime(2014, 10, 25, 4, tzinfo=UTC)
    assert (str(final.why.target), final.meets_on) == ("60 d", ("complaint.closed",))
