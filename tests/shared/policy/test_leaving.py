"""Who and what leaves with a new file, who takes over, and how is a site served that vanished?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from shared.errors import Rejected
from shared.policy.leaving import leaving, serving_on
from shared.policy.problems import PolicyErrors
from shared.policy.source import RulebookSource

NOW = datetime(2026, 12, 1, tzinfo=UTC)
SECOND_SITE = """\
  ber1:
    name: {en: Berlin}
    timezone: Europe/Berlin
    calendar: germany
    profile: berlin
    manager: boss
    triage_desk: service
calendars:
  germany:
    timezone: Europe/Berlin
    weekly_hours: {mon: [["08:00", "16:00"]]}
"""


@pytest.fixture
def two_sites(files):
    files.spoil("calendars:\n", SECOND_SITE)
    (files.profiles / "berlin.yaml").write_text(
        "profile: berlin\ninherits: own\nreply_form: phone\n", "utf-8"
    )
    return files


def without_berlin(files) -> None:
    files.spoil(SECOND_SITE, "calendars:\n")


def a_source(files, **given) -> RulebookSource:
    return RulebookSource(files.organisation, [files.profiles], now=lambda: NOW, **given)


def test_a_site_that_vanished_is_served_as_it_was_last_known(two_sites):
    source = a_source(two_sites)
    before = source.current()

    without_berlin(two_sites)
    (two_sites.profiles / "berlin.yaml").unlink()
    source.refresh()

    after = source.current()
    assert (source.error, set(after.organisation.sites), after.served_sites) == (
        None,
        {"sh01"},
        ("ber1", "sh01"),
    )
    assert after.site("ber1").timezone == "Europe/Berlin"
    assert after.calendar_of("ber1") == before.calendar_of("ber1")
    assert after.profile_of("ber1").reply_form == "phone"
    with pytest.raises(Rejected, match="unknown-site"):
        after.site("xx01")


def test_people_of_the_role_serve_the_rest_of_a_site_that_nobody_names_any_more(two_sites):
    source = a_source(two_sites)

    without_berlin(two_sites)
    source.refresh()

    rules = source.current()
    assert rules.holders("department.manager", site="ber1", department="service") == ("wang",)
    assert rules.members("service", site="ber1") == ("wang",)
    assert rules.holders("site.manager", site="ber1", department=None) == ("boss",)


def test_it_is_known_over_later_changes_until_the_file_names_it_again(two_sites):
    source = a_source(two_sites)
    without_berlin(two_sites)
    source.refresh()

    two_sites.spoil("target: 3 wd", "target: 14 wd")
    source.refresh()
    served = source.current().gone.keys()
    two_sites.spoil("calendars:\n", SECOND_SITE.replace("08:00", "07:00"))
    (two_sites.profiles / "berlin.yaml").write_text("profile: berlin\ninherits: own\n", "utf-8")
    source.refresh()

    assert served == {"ber1"}
    assert not source.current().gone
    assert source.current().calendar_of("ber1").weekly[0] == ((420, 960),)


def test_a_site_that_a_dated_change_removes_is_served_from_then_on(two_sites):
    two_sites.organisation.write_text(
        two_sites.organisation.read_text("utf-8") + "changes:\n  - {from: 2026-07-01, sites: {ber1: }}\n",
        "utf-8",
    )

    rules = two_sites.load()

    before, after = rules.at(datetime(2026, 6, 1, tzinfo=UTC)), rules.at(NOW)
    assert ("ber1" in before.organisation.sites, dict(before.gone)) == (True, {})
    assert ("ber1" in after.organisation.sites, set(after.gone)) == (False, {"ber1"})
    assert after.at(datetime(2026, 6, 1, tzinfo=UTC)).gone == {}


def test_files_that_cannot_be_read_at_the_start_leave_what_was_last_in_force(two_sites):
    content = a_source(two_sites).content
    two_sites.spoil("target: 3 wd", "target: 3 weeks")
    source = a_source(two_sites, may_recall=True)
    with pytest.raises(PolicyErrors):
        source.current()

    source.recall([(content, NOW)])

    assert str(source.current().profile_of("sh01").clocks[0].limits[0].target) == "3 wd"
    assert "own.yaml:15" in source.error
    two_sites.spoil("target: 3 weeks", "target: 5 wd")
    source.refresh()
    assert (source.error, str(source.current().profile_of("sh01").clocks[0].limits[0].target)) == (
        None,
        "5 wd",
    )


def test_without_anything_kept_wrong_files_end_the_start(two_sites):
    two_sites.spoil("target: 3 wd", "target: 3 weeks")
    source = a_source(two_sites, may_recall=True)

    with pytest.raises(PolicyErrors):
        source.recall([])
    with pytest.raises(PolicyErrors):
        source.recall([({"organisation": {"name": "of another release"}, "profiles": {}}, NOW)])


def test_a_site_that_vanished_while_the_service_was_down_is_served(two_sites):
    content = a_source(two_sites).content
    without_berlin(two_sites)
    source = a_source(two_sites, may_recall=True)

    source.recall([(content, NOW)])

    assert set(source.current().gone) == {"ber1"}
    assert [(one.part, one.id) for one in source.leaving] == [("sites", "ber1")]


def test_what_was_kept_gives_the_same_versions_again(two_sites):
    source = a_source(two_sites)
    versions = source.versions
    two_sites.organisation.write_text("", "utf-8")
    again = a_source(two_sites, may_recall=True)

    again.recall([(source.content, NOW)])

    assert again.versions == versions


SUCCESSORS = "successors:\n  people: {li: wang, zhao: li}\n  departments: {sales: service}\npeople:\n"


def test_successors_are_followed_over_several_hands(files):
    files.spoil("people:\n", SUCCESSORS)

    organisation = files.load().organisation

    assert (organisation.heir_of("zhao"), organisation.heir_of("nobody")) == ("wang", None)
    assert organisation.heir_of_department("sales") == "service"


@pytest.mark.parametrize(
    ("old", "new", "field", "detail"),
    [
        ("li: wang", "li: wangg", "successors.people.li", "wangg is not among people"),
        ("li: wang", "boss: wang", "successors.people.boss", "boss has not left"),
        ("li: wang", "li: zhao", "successors.people.zhao", "li is not among people"),
        (
            "sales: service",
            "sales: servicee",
            "successors.departments.sales",
            "servicee is not among departments",
        ),
        ("manager: boss", "manager: boss\n    closed_from: 2026", "sites.sh01.closed_from", "is not a date"),
        ("manager: boss", "manager: boss\n    closed_from: soon", "sites.sh01.closed_from", "is not a date"),
    ],
)
def test_a_successor_or_an_end_that_cannot_be_meant_is_refused(files, old, new, field, detail):
    files.spoil("people:\n", SUCCESSORS)
    files.spoil(old, new)

    found = next(problem for problem in files.problems() if problem.field == field)

    assert found.detail == detail
    assert found.remedy


def test_successors_come_with_a_dated_change(files):
    change = (
        "changes:\n  - from: 2026-07-01\n    people: {gao: {name: 高}}\n    successors: {people: {li: gao}}\n"
    )
    files.organisation.write_text(files.organisation.read_text("utf-8") + change, "utf-8")

    assert files.load().at(NOW).organisation.heir_of("li") == "gao"


def test_a_site_is_closed_from_its_day_on(files):
    files.spoil("manager: boss", "manager: boss\n    closed_from: 2027-01-01")

    site = files.load().site("sh01")

    assert [site.is_closed_on(date(2026, 12, 31)), site.is_closed_on(date(2027, 1, 1))] == [False, True]


def test_everything_that_leaves_is_named_with_its_heir(two_sites):
    before = two_sites.load()
    after = replace(before.organisation, sites={}, people={"boss": before.organisation.people["boss"]})

    found = leaving(before.organisation, after)

    assert [(one.part, one.id, one.heir) for one in found] == [
        ("sites", "ber1", None),
        ("sites", "sh01", None),
        ("people", "wang", None),
    ]
    assert "closed_from" in found[0].sentence()
    assert "successors.people" in found[-1].sentence()


def test_the_newest_definition_counts(two_sites):
    old = two_sites.load()
    two_sites.spoil("08:00", "06:00")
    newer = two_sites.load()
    without_berlin_now = replace(newer, organisation=replace(newer.organisation, sites={}))

    rules = serving_on(without_berlin_now, [newer, old])

    assert rules.calendar_of("ber1").weekly[0] == ((360, 960),)
