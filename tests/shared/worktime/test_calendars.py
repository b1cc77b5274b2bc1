"""Which calendar does written data describe, and what is refused?"""

import pickle
from datetime import datetime, timedelta, timezone

import pytest

from shared.errors import Rejected
from shared.worktime import Calendar, DayKind, due_at
from tests.shared.worktime.building import a_calendar, a_target, at, on

HOURS = ((540, 720), (780, 1080))


def test_weekly_hours_become_minutes_from_midnight():
    calendar = a_calendar()

    assert calendar.weekly == (HOURS,) * 5 + ((), ())


@pytest.mark.parametrize(
    ("pair", "told"),
    [([9, 17], '"09:00"'), ([0, 24], '"00:00"'), ([540, 1080], '"09:00"'), ([900, 1700], '"15:00"')],
)
def test_numbers_are_no_times_of_day(pair, told):
    with pytest.raises(Rejected) as refused:
        a_calendar(weekly_hours={"mon": [pair]})

    assert refused.value.field == "weekly_hours.mon[0]"
    assert told in refused.value.remedy


def test_the_make_up_days_of_a_country_are_switched_off_by_any_no():
    for word in (False, "no", "off", "NO"):
        calendar = a_calendar("Asia/Shanghai", holidays=[{"country": "CN", "make_up_days": word}])

        assert calendar.day(on("2026-02-14")).kind is not DayKind.MAKE_UP

    with pytest.raises(Rejected, match="neither yes nor no"):
        a_calendar("Asia/Shanghai", holidays=[{"country": "CN", "make_up_days": "maybe"}])


def test_a_country_that_another_reader_took_for_a_truth_value_is_told_how_to_be_written():
    with pytest.raises(Rejected) as refused:
        a_calendar(holidays=[{"country": False}])

    assert 'country: "NO"' in refused.value.remedy


def test_a_holiday_has_a_name_and_a_closure_has_a_range():
    calendar = a_calendar(
        holidays=[{"date": "2026-03-04", "name": "Founders' day"}],
        closed_days=[{"from": "2026-03-09", "to": "2026-03-11", "name": "Stocktaking"}],
    )

    assert calendar.day(on("2026-03-04")).name == "Founders' day"
    assert calendar.day(on("2026-03-10")).name == "Stocktaking"
    assert calendar.day(on("2026-03-11")).hours == ()
    assert calendar.day(on("2026-03-12")).hours == HOURS


def test_holidays_of_every_year_come_back():
    calendar = a_calendar(recurring_holidays_mm_dd=["12-25"], holidays=[{"every_year": "02-29"}])

    assert calendar.day(on("2031-12-25")).kind is DayKind.HOLIDAY
    assert calendar.day(on("2028-02-29")).kind is DayKind.HOLIDAY


def test_a_make_up_day_has_its_own_hours_even_on_a_recurring_holiday():
    calendar = a_calendar(
        recurring_holidays_mm_dd=["12-24"], make_up_days={"2026-12-24": [["09:00", "12:00"]]}
    )

    assert calendar.day(on("2026-12-24")).hours == ((540, 720),)


def test_china_exchanges_weekends_for_bridge_days():
    calendar = a_calendar("Asia/Shanghai", holidays=[{"country": "CN"}])

    worked, off = calendar.day(on("2025-10-11")), calendar.day(on("2025-10-08"))

    assert (worked.kind, worked.hours) == (DayKind.MAKE_UP, HOURS)
    assert (off.kind, off.hours, off.usually_open) == (DayKind.HOLIDAY, (), True)
    assert calendar.day(on("2025-10-01")).name == "National Day"
    assert calendar.day(on("2025-10-01")).name_zh == "国庆节"
    assert due_at(calendar, at("2025-09-30 02:00"), a_target("1 wd")) == at("2025-10-09 02:00")


def test_make_up_days_of_a_country_can_be_ignored_or_have_other_hours():
    ignored = a_calendar(holidays=[{"country": "CN", "make_up_days": False}])
    shorter = a_calendar(holidays=[{"country": "CN"}], make_up_hours=[["10:00", "15:00"]])

    assert ignored.day(on("2025-10-11")).hours == ()
    assert shorter.day(on("2025-10-11")).hours == ((600, 900),)


def test_regions_of_one_country_differ():
    england = a_calendar(holidays=[{"country": "GB", "subdivision": "ENG"}])
    scotland = a_calendar(holidays=[{"country": "GB", "subdivision": "SCT"}])

    assert england.day(on("2026-04-06")).kind is DayKind.HOLIDAY
    assert scotland.day(on("2026-04-06")).kind is DayKind.WEEKLY


def test_a_version_applies_from_its_effective_date():
    calendar = a_calendar(
        recurring_holidays_mm_dd=["03-04"],
        versions=[
            {"effective": "2026-03-03", "version": "2", "weekly_hours": {"tue": [["10:00", "11:00"]]}},
            {"effective": "2027-01-01", "holidays": []},
        ],
    )

    assert calendar.day(on("2026-03-02")).hours == HOURS
    assert calendar.day(on("2026-03-03")).hours == ((600, 660),)
    assert calendar.in_force(on("2026-03-03")).version == "2"
    assert calendar.day(on("2026-03-04")).kind is DayKind.HOLIDAY
    assert calendar.in_force(on("2027-05-01")).version == "2027-01-01"
    assert calendar.day(on("2027-03-04")).kind is DayKind.WEEKLY
    assert due_at(calendar, at("2026-03-02 17:30"), a_target("60 min")) == at("2026-03-03 10:30")


def test_without_a_version_the_content_gives_one_whatever_its_order():
    one = {"timezone": "UTC", "weekly_hours": {"mon": [["09:00", "12:00"]], "tue": []}}
    same = {"weekly_hours": {"tue": [], "mon": [["09:00", "12:00"]]}, "timezone": "UTC"}
    other = {**one, "timezone": "Asia/Shanghai"}

    versions = [Calendar.from_mapping(data).version for data in (one, same, other)]

    assert versions[0] == versions[1] != versions[2]


def test_calendars_are_values():
    calendar = a_calendar()
    due_at(calendar, at("2026-03-02 10:00"), a_target())

    assert calendar == a_calendar()
    assert hash(calendar) == hash(a_calendar())
    assert pickle.loads(pickle.dumps(calendar)) == calendar


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"timezone": "Mars/Base"}, "unknown-timezone", "timezone"),
        ({"timezone": "../etc/passwd"}, "unknown-timezone", "timezone"),
        ({"timezone": None}, "field-missing", "timezone"),
        ({"weekly_hours": None}, "field-missing", "weekly_hours"),
        ({"weekly_hours": [1]}, "hours-unreadable", "weekly_hours"),
        ({"weekly_hours": {"mon": "9-5"}}, "hours-unreadable", "weekly_hours.mon"),
        ({"weekly_hours": {"mon": [["9", "17:00"]]}}, "hours-unreadable", "weekly_hours.mon[0]"),
        ({"weekly_hours": {"mon": [["09:60", "17:00"]]}}, "hours-unreadable", "weekly_hours.mon[0]"),
        ({"weekly_hours": {"mon": [["09:00"]]}}, "hours-unreadable", "weekly_hours.mon[0]"),
        ({"weekly_hours": {"mon": [["22:00", "06:00"]]}}, "hours-out-of-order", "weekly_hours.mon"),
        ({"weekly_hours": {"mon": [["09:00", "25:00"]]}}, "hours-unreadable", "weekly_hours.mon[0]"),
        (
            {"weekly_hours": {"mon": [["09:00", "12:00"], ["11:00", "13:00"]]}},
            "hours-overlap",
            "weekly_hours.mon",
        ),
        ({"weekly_hours": {"monday": []}}, "unknown-day", "weekly_hours.monday"),
        ({"holidays": ["2026-02-30"]}, "date-unreadable", "holidays[0]"),
        ({"holidays": [{"country": "XX"}]}, "unknown-country", "holidays[0]"),
        ({"holidays": "2026-01-01"}, "field-unreadable", "holidays"),
        (
            {"closed_days": [{"from": "2026-03-02", "to": "2026-03-01"}]},
            "closure-out-of-order",
            "closed_days[0]",
        ),
        ({"make_up_days": ["2026-03-07"]}, "field-unreadable", "make_up_days"),
        ({"make_up_days": {"2026-03-07": []}}, "make-up-day-without-hours", "make_up_days.2026-03-07"),
        (
            {"holidays": ["2026-03-07"], "make_up_days": {"2026-03-07": [["09:00", "12:00"]]}},
            "day-both-open-and-closed",
            "make_up_days",
        ),
        ({"recurring_holidays_mm_dd": ["13-01"]}, "date-unreadable", "recurring_holidays_mm_dd"),
        ({"vacations": []}, "unknown-field", "vacations"),
        ({"versions": ["2"]}, "field-unreadable", "versions[0]"),
        ({"versions": [{"version": "2"}]}, "field-missing", "versions[0].effective"),
        (
            {"versions": [{"effective": "2026-03-03"}, {"effective": "2026-03-02"}]},
            "versions-out-of-order",
            "versions[1].effective",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_with_field_and_remedy(change, code, field):
    with pytest.raises(Rejected) as refused:
        a_calendar(**{"zone": "UTC", **change}) if "timezone" not in change else _with_zone(change)

    assert (refused.value.code, refused.value.field) == (code, field)
    assert refused.value.remedy


def _with_zone(change):
    return Calendar.from_mapping({"weekly_hours": {"mon": [["09:00", "12:00"]]}, **change})


def test_a_calendar_built_by_hand_is_checked_too():
    with pytest.raises(Rejected) as refused:
        Calendar("short", "UTC", (HOURS,) * 6)

    assert refused.value.code == "week-incomplete"


def test_a_moment_is_no_day_of_a_calendar():
    moment = datetime(2026, 12, 24, tzinfo=timezone(timedelta(hours=14)))
    for written in (moment, moment.isoformat()):
        with pytest.raises(Rejected) as refused:
            a_calendar(holidays=[written])

        assert (refused.value.code, refused.value.field) == ("date-unreadable", "holidays[0]")
