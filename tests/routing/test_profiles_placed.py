"""Does the handler place a complaint as each profile's source says? RTE-01 to RTE-33, row by row.

The rows and complaints are those of `tests/shared/policy/profiles`; here they go through the handler, so
that department, assistants, who is told and who handles it in person come out as a case and an event.
"""

from __future__ import annotations

from typing import Any

import pytest

from services.routing.domain.placing import is_stranded
from services.routing.handlers.assign_team import assign_team
from shared.events.intake import Flags
from shared.policy.model import Rulebook
from tests.routing.builders import NOW, a_context, an_event, registered
from tests.shared.policy.organisations import SITE, rules_with
from tests.shared.policy.test_profiles import NAMES, Case, cases_of

ASKED = ("lead", "assist", "inform", "in_person", "rule")
CASES = [case for name in NAMES for case in cases_of(name) if case.question in ASKED]


def placed(rules: Rulebook, given: dict[str, Any]):
    """The decision about a complaint with these facts; triage finds the severity itself."""
    data = registered(
        kind=given.get("kind", "complaint"),
        category=given.get("category", ""),
        type=given.get("type", ""),
        channel=given.get("channel", "phone"),
        customer_grade=given.get("grade", "general"),
        flags=Flags(**dict.fromkeys(given.get("flags", ()), True)),
    )
    return assign_team(None, an_event(data, site=SITE), a_context(rules, NOW))


def holders(rules: Rulebook, roles: list[str], department: str) -> set[str]:
    return {one for role in roles for one in rules.holders(role, site=SITE, department=department)}


@pytest.mark.parametrize("case", [case for case in CASES if "severity" not in case.given], ids=str)
def test_a_complaint_is_placed_as_the_source_of_its_profile_says(case: Case):
    rules = rules_with(case.profile)

    decision = placed(rules, case.given)

    placement = decision.state.placement
    (told,) = decision.tells
    assert not is_stranded(placement)
    if case.question == "lead":
        assert placement.department == told.department == case.expected
    elif case.question == "rule":
        assert placement.rule == told.rule == case.expected
    elif case.question == "assist":
        assert list(placement.assistants) == list(told.assistants) == case.expected
    elif case.question == "inform":
        assert holders(rules, case.expected, placement.department) <= set(told.informed)
        assert {notice.to for notice in decision.notices} == set(told.informed)
    else:
        mine = holders(rules, case.expected, placement.department)
        assert placement.assignee in mine or not mine
        assert mine <= {*told.informed, placement.assignee}


def test_a_safety_complaint_goes_to_the_technical_manager_in_person_and_opens_the_review():
    rules = rules_with("food-manufacturer")

    decision = placed(rules, {"flags": ["safety"]})

    placement = decision.state.placement
    assert placement.assignee == "the.technical_manager"
    assert placement.severity == "critical"
    rule = rules.profile_of(SITE).route(decision.state.facts)
    assert "haccp-review" in rule.opens


def test_a_serious_complaint_reaches_quality_technical_and_the_management_representative_at_once():
    decision = placed(rules_with("mining-equipment"), {"flags": ["legal"]})

    placement = decision.state.placement
    assert placement.severity == "serious"
    assert placement.assistants == ("quality", "technical")
    assert "the.management_representative" in {notice.to for notice in decision.notices}


def test_what_the_developer_has_to_solve_stays_with_the_site_office_which_keeps_track():
    """Edge case 13, RTE-23: who solves it is told; department and handler answer for it to the end."""
    decision = placed(rules_with("property-management"), {"category": "developer"})

    (told,) = decision.tells
    assert (told.department, told.outside) == ("site-office", "developer")
    assert decision.state.placement.outside == "developer"
    ours = placed(rules_with("property-management"), {"category": "management"})
    assert ours.state.placement.outside is None
