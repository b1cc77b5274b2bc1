"""Does the count hold at its corners: clocks that change, far years, nothing to do, counted back?"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from shared.errors import Rejected
from shared.worktime import End, Target, Unit, due_at, elapsed
from tests.shared.worktime.building import EVERY_DAY, a_calendar, a_pause, a_target, at, on
from tests.shared.worktime.test_properties import STARTS, calendars, law


def due(calendar, start, target, *pauses):
    return due_at(calendar, at(start), a_target(target), pauses)


def test_a_change_of_clocks_inside_an_interval_takes_or_gives_an_hour():
    night = a_calendar("Europe/Berlin", (("00:00", "06:00"),), EVERY_DAY)

    assert due(night, "2026-03-28 23:00", "300 min") == at("2026-03-29 04:00")  # 06:00, five hours
    assert due(night, "2026-10-24 22:00", "420 min") == at("2026-10-25 05:00")  # 06:00, seven hours
    assert elapsed(night, at("2026-10-23 22:00"), at("2026-10-25 23:00")) == timedelta(hours=6 + 7)


def test_a_pause_over_the_change_of_clocks_costs_what_was_open():
    night = a_calendar("Europe/Berlin", (("00:00", "06:00"),), EVERY_DAY)
    pause = a_pause("2026-03-28 23:00", "2026-03-29 04:00")

    assert due(night, "2026-03-28 23:00", "60 min", pause) == at("2026-03-29 23:00")


def test_half_hour_and_quarter_hour_zones_open_when_their_clocks_say_so():
    assert due(a_calendar("Asia/Kolkata"), "2026-03-02 00:00", "60 min") == at("2026-03-02 04:30")
    assert due(a_calendar("Asia/Kathmandu"), "2026-03-02 00:00", "60 min") == at("2026-03-02 04:15")
    lord_howe = a_calendar("Australia/Lord_Howe", (("00:00", "06:00"),), EVERY_DAY)
    change = at("2026-04-04 13:00")  # Midnight; at two o'clock the clocks go back by half an hour.
    assert due_at(lord_howe, change, a_target("390 min")) == at("2026-04-04 19:30")


def test_a_make_up_day_is_worked_and_a_holiday_on_it_is_a_contradiction():
    calendar = a_calendar(holidays=["2026-03-06"], make_up_days={"2026-03-07": [["09:00", "12:00"]]})

    assert due(calendar, "2026-03-05 17:00", "120 min") == at("2026-03-07 10:00")
    with pytest.raises(Rejected) as refused:
        a_calendar(holidays=["2026-03-07"], make_up_days={"2026-03-07": [["09:00", "12:00"]]})
    assert refused.value.code == "day-both-open-and-closed"


def test_a_make_up_day_beats_a_holiday_that_comes_every_year():
    calendar = a_calendar(
        recurring_holidays_mm_dd=["03-07"], make_up_days={"2026-03-07": [["09:00", "12:00"]]}
    )

    assert due(calendar, "2026-03-06 17:00", "120 min") == at("2026-03-07 10:00")
    assert due(calendar, "2025-03-06 17:00", "120 min") == at("2025-03-10 10:00")


def test_used_up_exactly_at_closing_with_a_holiday_after_it():
    calendar = a_calendar(holidays=["2026-03-03"])

    assert due(calendar, "2026-03-02 16:00", "120 min") == at("2026-03-02 18:00")
    target = Target(120, Unit.MINUTES, End.NEXT_OPEN)
    assert due_at(calendar, at("2026-03-02 16:00"), target) == at("2026-03-04 09:00")
    pause = a_pause("2026-03-02 16:30", "2026-03-02 16:31")
    assert due(calendar, "2026-03-02 16:00", "120 min", pause) == at("2026-03-04 09:01")
    late = a_pause("2026-03-02 18:00", "2026-03-04 12:00")
    assert due(calendar, "2026-03-02 16:00", "120 min", late) == at("2026-03-02 18:00")


def test_a_century_counts_every_weekday_of_it():
    start, end = at("2000-01-01 00:00"), at("2100-01-01 00:00")
    days = (on("2000-01-01").toordinal() + number for number in range((end - start).days))
    weekdays = sum(datetime.fromordinal(day).weekday() < 5 for day in days)

    assert elapsed(a_calendar(), start, end) == weekdays * timedelta(hours=8)


def test_the_year_2100_has_no_29_february():
    assert due(a_calendar(), "2100-02-26 10:00", "1 wd") == at("2100-03-01 10:00")
    assert due(a_calendar(), "2100-02-28 10:00", "1 d") == at("2100-03-01 10:00")
    leap = a_calendar(recurring_holidays_mm_dd=["02-29"])
    assert due(leap, "2096-02-28 17:00", "120 min") == at("2096-03-01 10:00")
    assert due(leap, "2100-02-26 17:00", "120 min") == at("2100-03-01 10:00")


def test_clocks_change_in_2100_as_the_rule_of_the_zone_says():
    start = at("2100-07-01 00:00")
    offset = start.astimezone(ZoneInfo("Europe/Berlin")).utcoffset()

    opening = datetime(2100, 7, 1, 9, tzinfo=UTC) - offset
    assert due_at(a_calendar("Europe/Berlin"), start, a_target("60 min")) == opening + timedelta(hours=1)


def test_a_leap_second_is_not_counted():
    always = a_calendar(each_day=(("00:00", "24:00"),), days=EVERY_DAY)

    assert elapsed(always, at("2016-12-31 23:00"), at("2017-01-01 01:00")) == timedelta(hours=2)


@pytest.mark.parametrize("target", ["0 min", "0 s", "0 wh", "0 wd"])
def test_nothing_to_do_is_due_at_once_or_when_work_begins(target):
    assert due(a_calendar(), "2026-03-02 10:00:07", target) == at("2026-03-02 10:00:07")
    assert due(a_calendar(), "2026-03-02 18:00", target) == at("2026-03-02 18:00")
    assert due(a_calendar(), "2026-03-02 12:30", target) == at("2026-03-02 13:00")
    assert due(a_calendar(), "2026-03-07 12:33", target) == at("2026-03-09 09:00")


def test_seconds_and_their_parts_are_kept_over_nights_and_pauses():
    start = at("2026-03-06 17:59:59.250000")
    pause = a_pause("2026-03-09 09:00:00.125000", "2026-03-09 09:00:01.250000")

    assert due_at(a_calendar(), start, a_target("1 s"), [pause]) == at("2026-03-09 09:00:01.375000")


def test_working_days_counted_back_never_come_after_the_day_they_name():
    assert due(a_calendar(), "2026-03-05 10:00:30", "-2 wd") == at("2026-03-03 10:00:30")
    assert due(a_calendar(), "2026-03-05 07:00", "-2 wd") == at("2026-03-02 18:00")
    assert due(a_calendar(), "2026-03-05 21:00", "-2 wd") == at("2026-03-03 18:00")
    assert due(a_calendar(), "2026-03-05 12:30", "-2 wd") == at("2026-03-03 12:00")
    assert due(a_calendar(), "2026-03-10 10:00", "-2 wd") == at("2026-03-06 10:00")
    assert due(a_calendar(), "2026-03-07 11:00", "-1 wd") == at("2026-03-06 11:00")
    assert due(a_calendar(), "2026-03-10 10:00", "-2 wd close_of_business") == at("2026-03-06 18:00")


def test_working_days_counted_back_over_new_year_find_last_years_closing():
    calendar = a_calendar(recurring_holidays_mm_dd=["01-01", "01-02"])

    assert due(calendar, "2026-01-06 08:00", "-1 wd") == at("2025-12-31 18:00")


@pytest.mark.parametrize("target", ["-999999 wd", "-99999999 d", "-60000 d", "-9000 w", "-99999999999 min"])
def test_what_lies_before_all_years_is_refused(target):
    with pytest.raises(Rejected) as refused:
        due(a_calendar(), "2026-03-02 10:00", target)

    assert refused.value.code == "target-too-far"


@law
@given(calendars(), STARTS, some.integers(1, 3000))
def test_minutes_counted_back_and_forth_are_the_same_working_time(calendar, start, amount):
    before = due_at(calendar, start, Target(-amount, Unit.MINUTES))

    assert elapsed(calendar, before, start) == timedelta(minutes=amount)
    assert elapsed(calendar, before + timedelta(microseconds=1), start) < timedelta(minutes=amount)
    forth = due_at(calendar, before, Target(amount, Unit.MINUTES))
    assert forth <= start
    assert elapsed(calendar, forth, start) == timedelta()


@law
@given(calendars(), STARTS, some.integers(1, 6))
def test_a_working_day_counted_back_ends_in_hours_or_at_closing_on_an_open_day(calendar, start, count):
    before = due_at(calendar, start, Target(-count, Unit.WORKING_DAYS))

    assert before < start
    tick = timedelta(microseconds=1)
    assert elapsed(calendar, before - tick, before + tick) > timedelta()
    assert due_at(calendar, start, Target(-count - 1, Unit.WORKING_DAYS)) <= before
