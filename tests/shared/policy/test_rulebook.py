"""Does the rulebook find the right row, the right people, and whoever is there?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Rejected
from shared.events import catalogue, intake, routing
from shared.policy.covering import covers
from shared.policy.model import Department, Facts, Organisation, Person, Rulebook, Site, When, matches
from shared.policy.vocabulary import EVENTS, FLAGS, KINDS, SEVERITIES
from shared.policy.workload import Workload

words = st.lists(st.sampled_from("abc"), unique=True, max_size=3).map(tuple)
whens = st.builds(When, kind=words, channel=words, flags=words)
facts = st.builds(
    Facts,
    kind=st.sampled_from("abcd"),
    category=st.just(""),
    type=st.just(""),
    channel=st.sampled_from("abcd"),
    site=st.just("sh01"),
    flags=st.frozensets(st.sampled_from("abcd")),
)


def a_rulebook(*people: Person, **site: str) -> Rulebook:
    place = Site("sh01", {}, "Asia/Shanghai", "c", "p", **site)
    desk = Department("quality", {}, manager="any", managers={"sh01": "li"})
    known = {person.id: person for person in people}
    return Rulebook(Organisation("x", {"sh01": place}, {"quality": desk}, known, {}), {})


@given(whens, whens, facts)
def test_a_row_covers_another_only_if_it_takes_all_of_its_complaints(earlier, later, complaint):
    if covers(earlier, later) and matches(later, complaint):
        assert matches(earlier, complaint)


def test_a_row_does_not_cover_another_that_goes_beyond_it():
    assert covers(When(kind=("a", "b")), When(kind=("a",)))
    assert not covers(When(kind=("a", "b")), When(kind=("a", "c")))
    assert not covers(When(kind=("a",)), When(channel=("phone",)))


@given(whens, facts)
def test_an_empty_condition_holds_for_everything_and_covers_everything(when, complaint):
    assert matches(When(), complaint)
    assert covers(When(), when)


def test_one_of_the_flags_is_enough():
    when = When(flags=("safety", "legal"))

    assert matches(when, Facts("complaint", "", "", "", "sh01", flags=frozenset({"legal"})))
    assert not matches(when, Facts("complaint", "", "", "", "sh01", flags=frozenset({"authority"})))


def test_a_site_with_a_manager_of_its_own_department_asks_that_one():
    rules = a_rulebook(Person("li", "李"), Person("any", "任"))

    assert rules.holders("department.manager", site="sh01", department="quality") == ("li",)
    assert rules.holders("department.manager", site="sh01", department=None) == ()


def test_a_role_is_held_where_its_person_works():
    rules = a_rulebook(
        Person("b", "", roles=("gm",)),
        Person("a", "", roles=("gm",), sites=("sh01",)),
        Person("c", "", roles=("gm",), sites=("ber1",)),
    )

    assert rules.holders("gm", site="sh01", department=None) == ("a", "b")
    assert rules.holders("c", site="sh01", department=None) == ("c",)


def test_an_unknown_site_is_refused_with_the_known_ones():
    with pytest.raises(Rejected) as refused:
        a_rulebook().site("sh02")
    assert refused.value.code == "unknown-site"
    assert "sh01" in (refused.value.remedy or "")


def test_the_words_of_policy_are_those_of_the_contract():
    events = {event.type_name.removesuffix(".v1") for event in catalogue.all_events()}

    # Clocks, alarms and surveys are what follows from clocks, presence is about no complaint, and a
    # letter's failure is the desk's business.
    heard = {
        name
        for name in events
        if name.split(".")[0] not in {"clock", "escalation", "survey", "campaign", "presence", "letter"}
    }
    assert set(EVENTS) == heard
    assert set(KINDS) == set(intake.Kind.__args__)
    assert set(FLAGS) == set(intake.Flags.model_fields)
    assert set(SEVERITIES) == set(routing.Severity.__args__)


def test_however_many_are_given_a_case_everybodys_load_is_counted():
    workload = Workload({"p1": 5, "p99": 1})
    for number in range(100):
        workload = workload.plus(f"p{number}").plus("p1")

    assert [workload.of(one) for one in ("p0", "p1", "p50", "p99", "p100")] == [1, 106, 1, 2, 0]
