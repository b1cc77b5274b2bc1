"""Who may act on or see a record, and who can be reached about it? The gate by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shared.deciding import Actor
from shared.errors import Forbidden, Rejected
from shared.participation import (
    Involvement,
    Scope,
    may_act_for,
    may_take_part,
    reachable,
    represents,
    require_department,
    require_eligible,
    require_part,
    scope_of,
    stand_in_of,
)
from shared.policy.model import Absence, Department, Organisation, Person, Profile, Rulebook, Site

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def a_person(who: str, **given) -> Person:
    return Person(**{"id": who, "name": who.title(), **given})


def away(who: str, stand_in: str | None = None, **given) -> Person:
    return a_person(who, stand_in=stand_in, absences=(Absence(NOW - DAY, NOW + DAY),), **given)


def a_rulebook(*people: Person) -> Rulebook:
    known = {one.id: one for one in (a_person("li"), a_person("wang"), *people)}
    site = Site("sh01", {}, "Asia/Shanghai", "cn", "test", manager="wang")
    organisation = Organisation(
        "T", {"sh01": site}, {"sales": Department("sales", {}, manager="li")}, known, {}
    )
    return Rulebook(organisation, {"test": Profile("test", "tests", (), (), (), ())})


def of(*departments: str, recused=(), **given) -> Involvement:
    return Involvement("sh01", departments or ("sales",), frozenset(recused), **given)


def an_actor(person="chen", *, sites=("sh01",), departments=("sales",), roles=("handler",)) -> Actor:
    return Actor(person, frozenset(roles), frozenset(sites), frozenset(departments))


def refusal(involved: Involvement, actor: Actor, **given) -> str:
    with pytest.raises(Forbidden) as told:
        require_part(involved, actor, **given)
    assert told.value.remedy
    return f"{told.value.code}:{told.value.field}"


def test_site_department_and_the_person_decide_in_this_order():
    involved = of("sales", recused=("chen",))

    assert refusal(involved, an_actor(sites=("ber1",))) == "out-of-scope:site"
    assert refusal(involved, an_actor(departments=("quality",))) == "recused:actor"
    assert refusal(of("sales"), an_actor(departments=("quality",))) == "out-of-scope:department"
    assert may_take_part(of("sales"), an_actor())
    assert may_take_part(of("quality", "sales"), an_actor())
    assert may_take_part(of("sales"), an_actor(sites=("*",), departments=("*",)))


@pytest.mark.parametrize("role", ["agent", "handler", "manager", "director", "auditor", "admin"])
def test_no_role_lets_the_person_complained_about_in(role):
    chief = an_actor("chen", sites=("*",), departments=("*",), roles=(role,))

    assert refusal(of(recused=("chen",)), chief) == "recused:actor"
    assert refusal(of(recused=("chen",)), chief, departments=()) == "recused:actor"


def test_a_customer_who_is_called_like_one_of_ours_is_no_person_complained_about():
    assert may_take_part(of(recused=("customer",)), an_actor("customer", roles=("customer",)))


def test_nothing_said_is_nothing_allowed():
    assert refusal(of(), an_actor(sites=())) == "out-of-scope:site"
    assert refusal(of(), an_actor(departments=())) == "out-of-scope:department"
    waiting = Involvement("sh01", (), waits_for_department=True)
    assert refusal(waiting, an_actor(departments=())) == "out-of-scope:department"
    assert scope_of(an_actor(sites=(), departments=())) == Scope(frozenset(), frozenset())


def test_what_no_department_has_is_the_site_s_only_while_it_waits_for_one():
    assert may_take_part(Involvement("sh01", (), waits_for_department=True), an_actor())
    assert refusal(Involvement("sh01", ()), an_actor()) == "out-of-scope:department"
    assert may_take_part(Involvement("sh01", ()), an_actor(departments=("*",)))


def test_where_policy_s_roles_decide_no_department_is_asked_for():
    assert may_take_part(of("sales"), an_actor(departments=("finance",)), departments=())
    assert may_take_part(of("sales"), an_actor(departments=("finance",)), departments=("finance",))
    assert refusal(of("sales"), an_actor(), departments=("finance",)) == "out-of-scope:department"


def test_a_list_holds_what_the_token_covers():
    assert scope_of(an_actor(sites=("*",), departments=("*",))) == Scope(None, None)
    assert scope_of(an_actor(sites=("*",)), "sh01") == Scope(frozenset({"sh01"}), frozenset({"sales"}))
    with pytest.raises(Forbidden):
        scope_of(an_actor(sites=("ber1",)), "sh01")
    with pytest.raises(Forbidden):
        require_department(an_actor(), "quality")
    with pytest.raises(Forbidden):
        require_department(an_actor(), None)


def test_holders_are_told_or_their_stand_ins_and_nobody_twice():
    roles = ("department.manager", "site.manager", "lead")
    rules = a_rulebook(away("li", "zhou"), a_person("zhou", roles=("lead",)), away("nobody", roles=("lead",)))

    assert reachable(roles, of(), rules, NOW) == ("zhou", "wang")


def test_neither_an_accused_manager_nor_who_stands_in_for_one_is_told():
    rules = a_rulebook(away("li", "zhou"), a_person("zhou"))

    assert reachable(("department.manager",), of(recused=("li",)), rules, NOW) == ()
    assert reachable(("department.manager",), of(recused=("zhou",)), rules, NOW) == ()


def test_the_line_of_stand_ins_ends_at_a_person_complained_about():
    rules = a_rulebook(away("li", "zhou"), away("zhou", "sun"), a_person("sun"))

    assert stand_in_of("li", of(), rules, NOW) == "sun"
    assert stand_in_of("li", of(recused=("zhou",)), rules, NOW) is None
    assert not may_act_for("sun", ("department.manager",), of(recused=("zhou",)), rules)
    assert represents("sun", ("li",), rules)
    assert not represents("li", ("sun",), rules)


def test_stand_ins_in_a_circle_end():
    rules = a_rulebook(away("li", "zhou"), away("zhou", "li"))

    assert stand_in_of("li", of(), rules, NOW) is None


@pytest.mark.parametrize(
    ("person", "acts"),
    [
        (a_person("li"), True),
        (away("li", "zhou"), True),
        (a_person("li", sites=("ber1",)), False),
        (a_person("li", sites=("sh01",)), True),
    ],
)
def test_who_acts_for_a_role_holds_it_at_this_site_today(person, acts):
    assert may_act_for("li", ("department.manager",), of(), a_rulebook(person)) is acts


def test_a_stand_in_acts_and_who_is_gone_demoted_or_recused_does_not():
    rules = a_rulebook(a_person("li", stand_in="zhou"), a_person("zhou"), a_person("demoted", roles=()))

    assert may_act_for("zhou", ("department.manager",), of(), rules)
    for person in ("gone", "demoted"):
        assert not may_act_for(person, ("department.manager", "lead"), of(), rules)
    assert not may_act_for("li", ("department.manager",), of(recused=("li",)), rules)
    assert not may_act_for("zhou", ("department.manager",), of(recused=("li",)), rules)


@pytest.mark.parametrize(
    ("person", "code"),
    [(a_person("li"), "owner-recused"), (a_person("sun", sites=("ber1",)), "owner-elsewhere")],
)
def test_a_record_is_given_to_nobody_who_would_be_refused_there(person, code):
    with pytest.raises(Rejected) as told:
        require_eligible(person, of(recused=("li",)), field="owner")
    assert (told.value.code, told.value.field) == (code, "owner")
    assert told.value.remedy
