"""Is the organisation that holds at a moment the one that was written for it?"""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from typer.testing import CliRunner

from shared.cli.policy import app
from shared.policy.choosing import Matter, choose_person
from shared.policy.explaining import explain_policy
from shared.policy.model import Facts
from shared.policy.source import RulebookSource
from tests.shared.policy.test_source import Stopwatch

CHANGES = """\
changes:
  - from: 2026-04-01
    people:
      wang: {capacity: 3, skills: [metal]}
      gao: {name: 高, departments: [service]}
  - from: 2026-07-01T08:00:00+08:00
    people:
      wang:
    departments:
      service: {manager: gao}
"""
MARCH = datetime(2026, 3, 31, 15, 59, tzinfo=UTC)
APRIL = datetime(2026, 3, 31, 16, 0, tzinfo=UTC)
"""Midnight in Shanghai."""
JULY = datetime(2026, 7, 1, 0, 0, tzinfo=UTC)
FACTS = Facts("complaint", "goods", "broken", "phone", "sh01")


@pytest.fixture
def changing(files):
    """The small company with what will be."""
    files.organisation.write_text(files.organisation.read_text("utf-8") + CHANGES, "utf-8")
    return files


def people_at(rules, moment) -> set[str]:
    return set(rules.at(moment).organisation.people)


def test_a_change_holds_from_its_moment_on_in_the_time_of_the_first_site(changing):
    rules = changing.load()

    assert people_at(rules, MARCH) == {"boss", "wang"}
    assert people_at(rules, APRIL) == {"boss", "wang", "gao"}
    assert people_at(rules, JULY) == {"boss", "gao"}
    assert rules.at(APRIL).person("wang").capacity == 3
    assert rules.at(MARCH).person("wang").capacity is None


def test_what_a_change_does_not_name_stays(changing):
    wang = changing.load().at(APRIL).person("wang")

    assert (wang.stand_in, wang.sites, wang.skills) == ("boss", ("sh01",), ("metal",))


def test_any_stage_can_be_asked_for_any_other(changing):
    late = changing.load().at(JULY)

    assert late.at(MARCH).organisation == changing.load().at(MARCH).organisation


def test_each_stage_has_a_version_of_its_own_and_the_first_that_of_the_file_without_changes(changing, files):
    rules = changing.load()
    versions = [rules.at(moment).organisation.version for moment in (MARCH, APRIL, JULY)]

    assert len(set(versions)) == 3
    changing.organisation.write_text(changing.organisation.read_text("utf-8").removesuffix(CHANGES), "utf-8")
    assert changing.load().organisation.version == versions[0]


def test_the_person_is_chosen_from_those_of_that_moment(changing):
    rules = changing.load()

    def chosen(moment):
        return choose_person(Matter(UUID(int=0), FACTS), "service", rules.at(moment), moment).person

    assert chosen(MARCH) == "wang"
    assert chosen(JULY) == "gao"
    assert explain_policy(rules, FACTS, JULY).assignee == "gao"


def test_a_running_service_changes_over_by_itself(changing):
    clock = [MARCH]
    source = RulebookSource(
        changing.organisation, [changing.profiles], monotonic=Stopwatch(), now=lambda: clock[0]
    )
    before = set(source.current().organisation.people)

    clock[0] = JULY

    assert (before, set(source.current().organisation.people)) == ({"boss", "wang"}, {"boss", "gao"})
    assert source.versions["organisation"] == source.current().organisation.version


def test_what_a_change_breaks_elsewhere_says_from_when_on(changing):
    changing.spoil("    departments:\n      service: {manager: gao}\n", "")

    problems = {(problem.field, problem.detail) for problem in changing.problems()}

    assert ("departments.service.manager", "no person wang is known, from 2026-07-01 on") in problems
    assert {detail for _, detail in problems} == {"no person wang is known, from 2026-07-01 on"}


def test_a_mistake_that_was_there_before_is_told_once(changing):
    changing.spoil("stand_in: boss", "stand_in: bos")

    assert [problem.field for problem in changing.problems()].count("people.wang.stand_in") == 1
    assert all("from 2026" not in problem.detail for problem in changing.problems())


def test_a_file_that_extends_another_can_change_it_later(changing):
    heir = changing.organisation.with_name("heir.yaml")
    heir.write_text("extends: organisation.yaml\nname: Heir\n", "utf-8")
    changing.organisation = heir

    assert people_at(changing.load(), JULY) == {"boss", "gao"}


def test_several_sites_share_a_department_with_a_manager_each(files):
    files.spoil(
        "calendars:\n",
        "  sz01: {name: {zh: 深圳}, timezone: Asia/Shanghai, calendar: china, profile: own, manager: boss}\n"
        "calendars:\n",
    )
    files.spoil("    manager: wang\n", "    managers: {sh01: wang, sz01: boss}\n")

    rules = files.load()

    assert rules.members("service", site="sh01") == ("boss", "wang")
    assert rules.members("service", site="sz01") == ("boss",)
    assert rules.holders("department.manager", site="sz01", department="service") == ("boss",)


def test_check_names_what_will_be_in_force(changing):
    words = ["check", "--organisation", str(changing.organisation), "--profiles", str(changing.profiles)]

    said = CliRunner().invoke(app, words).output

    version = changing.load().at(JULY).organisation.version
    assert f"from 2026-07-01 08:00 UTC+08:00: version {version}" in said
