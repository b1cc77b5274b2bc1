"""Who of the department gets a complaint: by load, skill, language and presence?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.routing.domain.placing import place
from services.routing.domain.workload import with_assignments
from services.routing.handlers.assign_team import assign_team
from shared.events.intake import Flags
from shared.ids import derived_id
from shared.policy.choosing import Matter
from shared.policy.model import Facts, Profile, RouteRule, Rulebook, When, Workload
from tests.routing.builders import (
    COMPLAINT,
    NOW,
    RULES,
    a_context,
    a_person,
    a_rulebook,
    an_event,
    away,
    hear,
    registered,
)

TEAM = ("chen", "li", "zhou")
IN_PERSON = (RouteRule("conduct", "board", in_person=("chairman", "sales_head"), assist=("sales",)),)
CHAIRMAN = a_person("zhao", roles=("chairman",))
SALES_HEAD = a_person("hu", roles=("sales_head",))


def busy(rules: Rulebook, **cases: int) -> Rulebook:
    return rules.with_workload(Workload(cases))


def team(**each) -> Rulebook:
    """The sales department with something said about some of its members."""
    return a_rulebook(*(a_person(who, **given) for who, given in each.items()))


def chosen(rules: Rulebook = RULES, recused=(), language: str = "", complaint=COMPLAINT):
    facts = Facts("complaint", "quality", "defect", "phone", "sh01")
    return place(Matter(complaint, facts, recused, language), rules, NOW)


def why_not(placement) -> dict[str, str]:
    return {one.person: one.why for one in placement.passed_over}


@pytest.mark.parametrize("least", TEAM)
def test_whoever_has_least_on_the_desk_gets_it(least):
    loads = dict.fromkeys(TEAM, 4) | {least: 3}

    assert chosen(busy(RULES, **loads)).assignee == least


def test_load_is_measured_by_capacity():
    rules = team(chen={"capacity": 4}, li={"capacity": 40}, zhou={"capacity": 4})

    assert chosen(busy(rules, chen=2, li=12, zhou=2)).assignee == "li"


def test_whoever_is_full_gets_nothing_more():
    rules = team(chen={"capacity": 2}, li={"capacity": 2}, zhou={"capacity": 3})

    placement = chosen(busy(rules, chen=2, li=2, zhou=2))

    assert placement.assignee == "zhou"
    assert why_not(placement) == {"chen": "full", "li": "full"}


def test_a_department_where_everybody_is_full_sends_it_to_the_triage_desk():
    rules = team(chen={"capacity": 1}, li={"capacity": 1}, zhou={"capacity": 0})

    placement = chosen(busy(rules, chen=1, li=1))

    assert (placement.department, placement.reason) == ("desk", "nobody-free")


def test_a_row_that_asks_for_a_skill_gives_it_only_to_whoever_has_it():
    rules = a_rulebook(
        a_person("zhou", skills=("metal", "paint")), routing=(RouteRule("rest", "sales", skills=("metal",)),)
    )

    placement = chosen(busy(rules, zhou=9))

    assert placement.assignee == "zhou"
    assert why_not(placement) == {"chen": "unskilled", "li": "unskilled"}


def test_a_skill_that_nobody_present_has_sends_it_to_the_triage_desk():
    skilled = replace(away("zhou"), skills=("metal",))
    rules = a_rulebook(skilled, routing=(RouteRule("rest", "sales", skills=("metal",)),))

    assert chosen(rules).reason == "nobody-skilled"


def test_a_customer_gets_somebody_who_speaks_their_language_even_if_busier():
    rules = team(li={"languages": ("en",)})

    placement = chosen(busy(rules, li=10), language="en-GB")

    assert placement.assignee == "li"
    assert why_not(placement) == {"chen": "language", "zhou": "language"}


def test_without_anybody_who_speaks_it_the_case_still_has_somebody():
    assert chosen(language="en").assignee in TEAM


def test_whoever_is_not_at_work_is_replaced_by_the_stand_in():
    rules = team(chen={"present": False, "stand_in": "li"})

    assert {chosen(rules, complaint=derived_id(NOW, str(n))).assignee for n in range(20)} == {"li", "zhou"}


def test_a_stand_in_who_is_full_takes_no_more():
    rules = team(chen={"present": False, "stand_in": "li"}, li={"capacity": 1}, zhou={"present": False})

    assert chosen(busy(rules, li=1)).reason == "nobody-free"


def test_equals_take_turns():
    found = [chosen(complaint=derived_id(NOW, str(n))) for n in range(60)]

    assert {one.assignee for one in found} == set(TEAM)
    assert {why for one in found for why in why_not(one).values()} == {"not-its-turn"}


def test_a_person_complained_about_is_told_as_such_and_never_chosen():
    placement = chosen(busy(RULES, li=5, zhou=5), recused=("chen",))

    assert placement.assignee in {"li", "zhou"}
    assert why_not(placement)["chen"] == "recused"


def test_a_batch_is_spread_as_single_messages_are():
    rules, given = RULES, []
    for number in range(30):
        complaint = derived_id(NOW, str(number))
        decision = assign_team(None, an_event(registered(), complaint=complaint), a_context(rules))
        rules = with_assignments(rules, decision)
        given.append(decision.state.placement.assignee)

    assert {who: given.count(who) for who in TEAM} == dict.fromkeys(TEAM, 10)


def test_what_is_over_before_it_came_is_on_nobodys_desk():
    decision = hear(None, registered(history=True, closed_at=NOW))

    assert with_assignments(RULES, decision) is RULES


def test_each_placement_keeps_rule_versions_and_alternatives():
    rules = a_rulebook(
        routing=(RouteRule("refunds", "billing", When(category=("quality",))), RouteRule("rest", "sales"))
    )

    placement = chosen(rules)

    assert (placement.rule, placement.policy_version, placement.alternatives) == (
        "refunds",
        "policy-1",
        ("rest",),
    )
    assert placement.organisation_version == rules.organisation.version


def test_staff_conduct_bypasses_the_department_to_the_chairman_with_the_sales_head():
    placement = chosen(a_rulebook(CHAIRMAN, SALES_HEAD, routing=IN_PERSON))

    assert (placement.department, placement.assignee) == ("board", "zhao")
    assert placement.informed == ("zhao", "hu")


def test_a_chairman_who_is_complained_about_is_replaced_by_the_sales_head():
    placement = chosen(a_rulebook(CHAIRMAN, SALES_HEAD, routing=IN_PERSON), recused=("zhao",))

    assert (placement.assignee, placement.informed) == ("hu", ("hu",))
    assert why_not(placement) == {"zhao": "recused"}


def test_work_in_person_is_done_however_much_there_is():
    chairman = replace(CHAIRMAN, capacity=1)

    assert chosen(busy(a_rulebook(chairman, routing=IN_PERSON), zhao=5)).assignee == "zhao"


def test_whoever_the_profile_names_decides_in_the_place_of_an_absent_partner():
    rules = a_rulebook(
        replace(away("zhao"), roles=("partner",)),
        a_person("hu", roles=("head",)),
        routing=(RouteRule("line", "board", in_person=("partner",)),),
    )
    profile: Profile = replace(rules.profiles["test"], stand_ins=("head",))

    assert chosen(Rulebook(rules.organisation, {"test": profile})).assignee == "hu"


def test_nobody_in_person_sends_it_to_the_triage_desk():
    rules = a_rulebook(replace(away("zhao"), roles=("chairman",)), routing=IN_PERSON)

    assert chosen(rules).reason == "nobody-present"


def test_whoever_is_informed_is_told_in_the_same_moment():
    decision = hear(None, registered(flags=Flags(safety=True)))

    assert [(notice.to, notice.template) for notice in decision.notices] == [
        ("wang", "complaint-informed"),
        ("qian", "complaint-informed"),
    ]
    assert "sealed" not in repr(decision.notices[0].values)


def test_the_stand_in_of_an_absent_manager_is_informed_in_their_place():
    rules = a_rulebook(replace(away("wang", stand_in="hu"), roles=("manager",)), a_person("hu"))

    decision = hear(None, registered(flags=Flags(safety=True)), rules)

    assert {notice.to for notice in decision.notices} == {"hu", "qian"}


def test_nobody_is_told_of_what_is_history():
    assert hear(None, registered(flags=Flags(safety=True), history=True)).notices == ()
