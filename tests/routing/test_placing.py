"""Where does a complaint go, and who of the department gets it?"""

from __future__ import annotations

from uuid import UUID

from services.routing.domain.placing import Matter, other_rows, place
from shared.events.intake import Flags
from shared.ids import derived_id
from shared.policy.model import Facts, RouteRule, SeverityRule, When
from tests.routing.builders import COMPLAINT, NOW, RULES, a_person, a_rulebook, away


def facts(**given) -> Facts:
    defaults = {"kind": "complaint", "category": "quality", "type": "defect", "channel": "phone"}
    return Facts(**{**defaults, "site": "sh01", **given})


def placed(rules=RULES, recused=(), complaint: UUID = COMPLAINT, **given):
    return place(Matter(complaint, facts(**given), recused), rules, NOW)


def test_a_refund_complaint_goes_to_billing():
    placement = placed(category="refund")

    assert (placement.department, placement.rule, placement.assignee) == ("billing", "refunds", "sun")
    assert placement.policy_version == "policy-1"
    assert placement.reason is None


def test_the_first_row_that_matches_wins():
    assert placed(category="refund", flags=frozenset({"staff_conduct"})).rule == "conduct"


def test_a_safety_complaint_is_critical_and_fans_out():
    placement = placed(flags=frozenset({"safety"}))

    assert (placement.severity, placement.priority) == ("critical", 1)
    assert placement.department == "quality"
    assert placement.assistants == ("sales",)
    assert placement.informed == ("wang", "qian")


def test_the_matrix_sees_the_severity_that_triage_found():
    assert placed(flags=frozenset({"legal"})).rule == "serious"


def test_the_same_complaint_always_finds_the_same_desk():
    assert {placed().assignee for _ in range(5)} == {"chen"}


def test_complaints_are_spread_over_the_department():
    ids = [derived_id(NOW, str(n)) for n in range(60)]

    assert {placed(complaint=one).assignee for one in ids} == {"chen", "li", "zhou"}


def test_a_person_complained_about_is_never_assignee():
    assert placed(recused=("chen",)).assignee == "li"


def test_a_person_complained_about_is_not_informed():
    placement = placed(flags=frozenset({"safety"}), recused=("wang",))

    assert placement.informed == ("qian",)


def test_the_stand_in_gets_what_an_absent_member_would_have_got():
    rules = a_rulebook(away("chen", stand_in="zhou"))

    assert placed(rules).assignee == "zhou"


def test_a_stand_in_who_is_complained_about_is_passed_over():
    rules = a_rulebook(away("chen", stand_in="zhou"))

    assert placed(rules, recused=("zhou",)).assignee == "li"


def test_a_member_who_does_not_work_at_the_site_is_passed_over():
    rules = a_rulebook(a_person("chen", sites=("by02",)))

    assert placed(rules).assignee in {"li", "zhou"}


def test_a_department_without_named_members_has_it_as_a_whole():
    placement = placed(a_rulebook(routing=(RouteRule("rest", "archive"),)))

    assert (placement.department, placement.assignee, placement.reason) == ("archive", None, None)


def test_what_no_row_matches_goes_to_the_triage_desk():
    rules = a_rulebook(routing=(RouteRule("refunds", "billing", When(category=("refund",))),))

    placement = placed(rules)

    assert (placement.department, placement.rule) == ("desk", "triage-desk")
    assert (placement.assignee, placement.reason) == ("desk-one", "no-route")


def test_an_unknown_department_sends_it_to_the_triage_desk():
    placement = placed(a_rulebook(routing=(RouteRule("rest", "moon"),)))

    assert (placement.department, placement.reason) == ("desk", "unknown-department")


def test_a_department_with_nobody_there_sends_it_to_the_triage_desk():
    placement = placed(a_rulebook(away("sun")), category="refund")

    assert (placement.department, placement.reason) == ("desk", "nobody-present")


def test_a_department_of_none_but_the_person_complained_about_is_bypassed():
    placement = placed(category="refund", recused=("sun",))

    assert (placement.department, placement.assignee) == ("desk", "desk-one")


def test_a_severity_of_no_scale_sends_it_to_the_triage_desk():
    placement = placed(a_rulebook(severity=(SeverityRule("odd", "gigantic", 1),)))

    assert (placement.reason, placement.severity) == ("unknown-severity", "ordinary")


def test_an_unknown_site_still_has_a_triage_desk():
    placement = placed(site="moon")

    assert (placement.department, placement.reason) == ("triage-desk", "unknown-site")


def test_a_site_without_a_triage_desk_still_strands_nothing():
    placement = placed(a_rulebook(away("sun"), triage_desk=None), category="refund")

    assert (placement.department, placement.assignee) == ("triage-desk", None)


def test_a_triage_desk_where_nobody_is_keeps_it_as_a_whole():
    placement = placed(a_rulebook(away("sun"), away("desk-one")), category="refund")

    assert (placement.department, placement.assignee) == ("desk", None)


def test_the_rows_below_the_one_that_fired_are_the_alternatives():
    rows = other_rows(RULES.profiles["test"], facts(category="refund"), placed(category="refund"))

    assert [row.name for row in rows] == ["rest"]


def test_every_flag_of_the_contract_can_be_named_by_a_rule():
    for flag in Flags.model_fields:
        rules = a_rulebook(
            routing=(RouteRule("flagged", "board", When(flags=(flag,))), RouteRule("rest", "sales"))
        )
        assert placed(rules, flags=frozenset({flag})).rule == "flagged"
