"""When is a target in working or running time due?"""

import sys
import time
import timeit

import pytest

from shared.errors import Rejected
from shared.worktime import due_at, part_at, shifted
from tests.shared.worktime.building import a_calendar, a_pause, a_target, at, round_the_clock


def due(start, target, calendar=None, pauses=()):
    return due_at(calendar or a_calendar(), at(start), a_target(target), pauses)


def test_minutes_within_an_interval_end_in_it():
    assert due("2026-03-02 10:00", "90 min") == at("2026-03-02 11:30")


def test_minutes_jump_over_the_lunch_break():
    assert due("2026-03-02 11:30", "60 min") == at("2026-03-02 13:30")


def test_minutes_that_end_at_closing_time_are_due_at_closing_time():
    assert due("2026-03-02 17:00", "60 min") == at("2026-03-02 18:00")


def test_minutes_that_end_at_closing_time_are_due_at_the_next_opening_if_the_policy_reads_so():
    assert due("2026-03-06 17:00", "60 min next_open") == at("2026-03-09 09:00")
    assert due("2026-03-06 16:00", "60 min next_open") == at("2026-03-06 17:00")


def test_a_start_out_of_hours_counts_from_the_next_opening():
    assert due("2026-03-07 11:00", "90 min") == at("2026-03-09 10:30")


def test_nothing_to_do_is_due_at_once_inside_hours_and_at_the_next_opening_outside():
    assert due("2026-03-02 10:00", "0 min") == at("2026-03-02 10:00")
    assert due("2026-03-02 18:00", "0 min") == at("2026-03-02 18:00")
    assert due("2026-03-02 18:01", "0 min") == at("2026-03-03 09:00")


def test_working_hours_span_days():
    assert due("2026-03-06 17:00", "9 wh") == at("2026-03-09 18:00")


def test_seconds_are_kept():
    assert due("2026-03-02 17:59:58", "5 s") == at("2026-03-03 09:00:03")


def test_running_hours_ignore_the_calendar():
    assert due("2026-03-06 17:00", "72 h") == at("2026-03-09 17:00")


def test_running_hours_can_be_extended_to_the_close_of_business():
    assert due("2026-03-06 17:00", "24 h close_of_business") == at("2026-03-09 18:00")
    assert due("2026-03-05 18:00", "24 h close_of_business") == at("2026-03-06 18:00")


def test_a_holiday_is_skipped():
    calendar = a_calendar(holidays=["2026-03-03"])

    assert due("2026-03-02 17:30", "60 min", calendar) == at("2026-03-04 09:30")


def test_a_target_over_new_year_counts_both_years():
    calendar = round_the_clock()

    assert due("2026-12-31 23:00", "120 min", calendar) == at("2027-01-01 01:00")
    assert due("2026-12-31 23:00", "60 min", calendar) == at("2027-01-01 00:00")


def test_nothing_to_do_at_a_closing_time_that_is_new_year_is_due_then():
    calendar = a_calendar(each_day=(("00:00", "24:00"),), holidays=["2027-01-01"])

    assert due("2027-01-01 00:00", "0 min", calendar) == at("2027-01-01 00:00")


def test_a_calendar_that_never_opens_is_refused_instead_of_searched_for_ever():
    closed = a_calendar(days=())

    for target in ("90 min", "3 wd", "same_day", "0 min"):
        with pytest.raises(Rejected) as refused:
            due("2026-03-02 10:00", target, closed)
        assert refused.value.code == "no-working-time"


def test_a_calendar_that_never_opens_still_counts_running_time():
    assert due("2026-03-02 10:00", "24 h", a_calendar(days=())) == at("2026-03-03 10:00")


@pytest.mark.parametrize("target", ["99999999 wh", "99999999 h", "9999999 d", "999999 wd", "99999999999 w"])
def test_a_target_beyond_all_years_is_refused(target):
    with pytest.raises(Rejected) as refused:
        due("2026-03-02 10:00", target)

    assert refused.value.code == "target-too-far"


def test_a_time_without_zone_is_refused():
    with pytest.raises(Rejected) as refused:
        due_at(a_calendar(), at("2026-03-02 10:00").replace(tzinfo=None), a_target())

    assert (refused.value.code, refused.value.field) == ("time-without-zone", "start")


def test_an_offset_before_the_due_time_counts_working_time_backwards():
    calendar = a_calendar()

    assert shifted(calendar, at("2026-03-03 09:30"), a_target("-60 min")) == at("2026-03-02 17:30")
    assert shifted(calendar, at("2026-03-03 10:00"), a_target("-60 min")) == at("2026-03-03 09:00")
    assert shifted(calendar, at("2026-03-03 18:00"), a_target("-2 wd")) == at("2026-02-27 18:00")
    assert shifted(calendar, at("2027-01-01 09:30"), a_target("-60 min")) == at("2026-12-31 17:30")


def test_an_offset_of_nothing_does_not_move_a_due_time_that_lies_out_of_hours():
    assert shifted(a_calendar(), at("2026-03-07 03:00"), a_target("0 min")) == at("2026-03-07 03:00")


def test_a_warning_comes_when_its_share_of_the_target_is_used_up():
    calendar = a_calendar()
    start, target = at("2026-03-02 17:00"), a_target("100 min")

    assert part_at(calendar, start, target, 50) == at("2026-03-02 17:50")
    assert part_at(calendar, start, target, 80) == at("2026-03-03 09:20")
    assert part_at(calendar, start, target, 100) == due_at(calendar, start, target)
    assert part_at(calendar, start, a_target("24 h"), 75) == at("2026-03-03 11:00")


def test_a_pause_moves_the_warning_too():
    pause = a_pause("2026-03-02 10:10", "2026-03-02 10:40")

    warned = part_at(a_calendar(), at("2026-03-02 10:00"), a_target("60 min"), 50, [pause])

    assert warned == at("2026-03-02 11:00")


@pytest.mark.skipif(sys.gettrace() is not None, reason="a tracer slows every line down")
def test_a_due_date_takes_microseconds():
    calendar, start, target = a_calendar("Asia/Shanghai"), at("2026-03-02 02:00"), a_target("3 wd")
    due_at(calendar, start, target)

    seconds = timeit.repeat(lambda: due_at(calendar, start, target), time.process_time, number=500, repeat=5)

    assert min(seconds) / 500 < 4 * 50e-6, "four times the promised 50 us, for a busy machine"
