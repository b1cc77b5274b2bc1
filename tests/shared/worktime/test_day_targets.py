"""When is a target in whole days due?"""

import pytest

from shared.worktime import due_at
from tests.shared.worktime.building import EVERY_DAY, a_calendar, a_target, at


def due(start, target, calendar=None):
    return due_at(calendar or a_calendar(), at(start), a_target(target))


def test_three_working_days_end_on_the_third_working_day_after_receipt_at_the_same_time():
    assert due("2026-03-05 10:20:30", "3 wd") == at("2026-03-10 10:20:30")


def test_a_time_of_day_in_a_break_becomes_the_next_opening():
    assert due("2026-03-02 12:30", "1 wd") == at("2026-03-03 13:00")


def test_days_counted_from_an_opening_end_when_the_last_of_them_closes():
    for start in ("2026-03-02 07:00", "2026-03-02 09:00", "2026-02-28 06:07", "2026-02-27 19:00"):
        assert due(start, "3 wd") == at("2026-03-04 18:00"), start
        assert due(start, "3 wd next_open") == at("2026-03-05 09:00"), start
    assert due("2026-03-06 20:00", "1 wd") == at("2026-03-09 18:00")
    assert due("2026-03-02 09:01", "3 wd") == at("2026-03-05 09:01")


def test_a_day_that_opens_later_than_the_one_of_receipt_is_not_counted_for_its_opening():
    calendar = a_calendar(hours={"2026-03-03": [["11:00", "18:00"]]})

    assert due("2026-03-02 10:00", "1 wd", calendar) == at("2026-03-02 18:00")
    assert due("2026-03-02 11:30", "1 wd", calendar) == at("2026-03-03 11:30")


def test_days_that_touch_at_midnight_have_no_closing_time_between_them():
    calendar = a_calendar("UTC", (("00:00", "24:00"),), EVERY_DAY)

    assert due("2026-03-02 00:00", "3 wd", calendar) == at("2026-03-05 00:00")


def test_closing_time_is_still_inside_the_day():
    assert due("2026-03-02 18:00", "1 wd") == at("2026-03-03 18:00")


def test_a_complaint_of_saturday_counts_as_received_when_work_begins():
    assert due("2026-03-07 11:00", "1 wd") == at("2026-03-09 18:00")
    assert due("2026-03-07 11:00", "1 wd next_open") == at("2026-03-10 09:00")


def test_the_third_business_day_following_the_day_of_receipt_ends_at_close_of_business():
    assert due("2026-03-05 10:20", "3 wd following_day") == at("2026-03-10 18:00")
    assert due("2026-03-05 20:00", "3 wd following_day") == at("2026-03-10 18:00")
    assert due("2026-03-07 11:00", "3 wd following_day") == at("2026-03-11 18:00")
    assert due("2026-03-07 11:00", "3 close_of_business") == at("2026-03-11 18:00")


def test_working_days_until_close_of_business():
    assert due("2026-03-05 10:20", "3 wd close_of_business") == at("2026-03-10 18:00")


def test_working_days_jump_over_holidays_and_count_make_up_days():
    calendar = a_calendar(holidays=["2026-03-04"], make_up_days={"2026-03-07": [["09:00", "12:00"]]})

    assert due("2026-03-03 10:00", "3 wd", calendar) == at("2026-03-07 10:00")
    assert due("2026-03-03 10:00", "3 wd close_of_business", calendar) == at("2026-03-07 12:00")


def test_same_day_ends_at_the_close_of_business_of_the_day_of_receipt():
    assert due("2026-03-02 10:00", "same_day") == at("2026-03-02 18:00")
    assert due("2026-03-02 07:00", "same_day") == at("2026-03-02 18:00")


def test_same_day_received_after_closing_ends_with_the_next_working_day():
    assert due("2026-03-06 18:00", "same_day") == at("2026-03-09 18:00")
    assert due("2026-03-07 10:00", "same_day") == at("2026-03-09 18:00")
    assert due("2026-03-07 10:00", "close_of_business") == at("2026-03-09 18:00")


def test_same_day_round_the_clock_ends_at_local_midnight():
    calendar = a_calendar("Asia/Shanghai", (("00:00", "24:00"),), EVERY_DAY)

    assert due("2026-03-02 10:00", "same_day", calendar) == at("2026-03-02 16:00")


def test_calendar_days_count_weekends_and_keep_the_time_of_day():
    assert due("2026-03-05 21:00", "7 d") == at("2026-03-12 21:00")


def test_calendar_days_can_end_with_the_day_or_at_close_of_business():
    assert due("2026-03-05 10:00", "2 d following_day") == at("2026-03-08 00:00")
    assert due("2026-03-05 10:00", "1 d close_of_business") == at("2026-03-06 18:00")
    assert due("2026-03-05 10:00", "2 d close_of_business") == at("2026-03-09 18:00")


def test_eight_weeks_are_fifty_six_days():
    assert due("2026-03-05 10:00", "8 w") == at("2026-04-30 10:00")


def test_an_agreed_date_ends_at_its_close_of_business_or_its_midnight():
    assert due("2026-03-02 10:00", "2026-03-06") == at("2026-03-06 18:00")
    assert due("2026-03-02 10:00", "2026-03-07") == at("2026-03-08 00:00")


@pytest.mark.parametrize(
    "target", ["1 wd", "3 wd", "1 wd close_of_business", "2 wd following_day", "same_day", "90 min"]
)
def test_whoever_complains_later_is_never_due_earlier(target):
    calendar = a_calendar(holidays=["2026-03-04"])
    starts = [at(f"2026-03-{day:02} {hour:02}:30") for day in range(1, 11) for hour in range(24)]

    due_times = [due_at(calendar, start, a_target(target)) for start in starts]

    assert due_times == sorted(due_times)
