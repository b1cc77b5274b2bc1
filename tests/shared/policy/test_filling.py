"""Can a company fill in what a source leaves open, and nothing else? (edge case 42)"""

from __future__ import annotations

import pytest

OPEN = """\
profile: open
inherits: own
extension: {max: 1, approver: [general_manager], length: must_be_set}
clocks:
  - name: answer
    starts_on: complaint.registered
    meets_on: [resolution.answered]
    limits: [{target: must_be_set}]
"""
HEIR = "profile: heir\ninherits: open\nset:\n"


@pytest.fixture
def company(files):
    (files.profiles / "open.yaml").write_text(OPEN, "utf-8")
    files.spoil("profile: own\n    manager", "profile: heir\n    manager")
    return files


def write_heir(company, text: str) -> None:
    (company.profiles / "heir.yaml").write_text(HEIR + text, "utf-8")


def test_open_figures_are_filled_by_the_fields_that_check_names(company):
    write_heir(company, '  extension.length: 3 wd\n  "clocks[0].limits[0].target": 5 wd\n')

    profile = company.load().profile_of("sh01")

    assert str(profile.extension.length) == "3 wd"
    assert str(profile.clocks[0].limits[0].target) == "5 wd"
    assert profile.extension.approver == ("general_manager",)


def test_what_is_not_filled_is_still_named(company):
    write_heir(company, "  extension.length: 3 wd\n")

    found = company.problem()

    assert found.field == "clocks[0].limits[0].target"
    assert found.file.endswith("open.yaml")


def test_a_promise_that_is_given_cannot_be_changed_by_the_way(company):
    write_heir(
        company,
        '  extension.length: 3 wd\n  "clocks[0].limits[0].target": 5 wd\n  extension.max: 9\n',
    )

    found = company.problem()

    assert (found.field, found.line) == ("set.extension.max", 6)
    assert found.detail == "is no field that must be set"


def test_a_misspelt_field_gets_the_nearest_one(company):
    write_heir(company, '  extension.lnegth: 3 wd\n  "clocks[0].limits[0].target": 5 wd\n')

    remedies = {problem.field: problem.remedy for problem in company.problems()}

    assert remedies["set.extension.lnegth"] == "Did you mean extension.length?"


def test_a_filled_value_that_is_wrong_is_told_where_it_stands(company):
    write_heir(company, '  extension.length: 3 weeks\n  "clocks[0].limits[0].target": 5 wd\n')

    found = company.problem()

    assert (found.field, found.line) == ("extension.length", 4)
    assert found.file.endswith("heir.yaml")


def test_set_without_a_parent_fills_nothing(company):
    (company.profiles / "heir.yaml").write_text("profile: heir\nset: {source: x}\n", "utf-8")

    assert any(problem.field == "set" for problem in company.problems())


def test_set_that_is_no_mapping_is_refused(company):
    write_heir(company, "  - extension.length\n")

    assert any(problem.field == "set" for problem in company.problems())


def test_what_a_company_sets_is_part_of_its_version(company):
    write_heir(company, '  extension.length: 3 wd\n  "clocks[0].limits[0].target": 5 wd\n')
    before = company.load().profile_of("sh01").version
    write_heir(company, '  extension.length: 4 wd\n  "clocks[0].limits[0].target": 5 wd\n')

    assert company.load().profile_of("sh01").version != before


def test_a_section_is_merged_key_by_key_and_a_list_is_replaced(company):
    (company.profiles / "heir.yaml").write_text(
        "profile: heir\ninherits: own\nextension: {max: 2, approver: [general_manager]}\n", "utf-8"
    )
    (company.profiles / "child.yaml").write_text(
        "profile: child\ninherits: heir\nextension: {length: 1 wd}\nescalation: [{level: 1, to: [general_manager]}]\n",
        "utf-8",
    )

    child = company.load().profiles["child"]

    assert (child.extension.max, str(child.extension.length)) == (2, "1 wd")
    assert len(child.escalation) == 1


def test_a_shipped_profile_that_a_company_replaces_is_replaced_for_its_heirs_too(company):
    write_heir(company, '  extension.length: 3 wd\n  "clocks[0].limits[0].target": 5 wd\n')
    (company.profiles / "generic.yaml").write_text(
        "profile: generic-1-3\ninherits: generic-1-3\nrepropose_escalate_at: 7\n", "utf-8"
    )

    # generic-24h is shipped, needs nothing to be set, and inherits generic-1-3.
    assert company.load().profiles["generic-24h"].repropose_escalate_at == 7
