"""Do clocks that change, half-hour zones and days that begin at one o'clock keep the count right?"""

from datetime import timedelta

import pytest

from shared.worktime import due_at, elapsed
from tests.shared.worktime.building import EVERY_DAY, a_calendar, a_target, at, round_the_clock


def worked(calendar, start, end):
    return elapsed(calendar, at(start), at(end)) / timedelta(hours=1)


def test_the_day_on_which_clocks_go_forward_has_23_hours():
    assert worked(round_the_clock("Europe/Berlin"), "2026-03-28 23:00", "2026-03-29 22:00") == 23
    calendar = a_calendar("Europe/Berlin", (("00:00", "24:00"),), ("sun",))
    assert worked(calendar, "2026-03-28 00:00", "2026-03-30 12:00") == 23


def test_the_day_on_which_clocks_go_back_has_25_hours():
    calendar = a_calendar("Europe/Berlin", (("00:00", "24:00"),), ("sun",))

    assert worked(calendar, "2026-10-24 00:00", "2026-10-26 12:00") == 25


def test_opening_hours_inside_the_lost_hour_do_not_exist():
    calendar = a_calendar("Europe/Berlin", (("02:00", "03:00"),), EVERY_DAY)

    assert worked(calendar, "2026-03-29 00:00", "2026-03-29 12:00") == 0


def test_opening_hours_inside_the_repeated_hour_come_twice():
    calendar = a_calendar("Europe/Berlin", (("02:00", "03:00"),), EVERY_DAY)

    assert worked(calendar, "2026-10-24 22:00", "2026-10-25 12:00") == 2


def test_opening_inside_the_lost_hour_begins_with_the_jump():
    calendar = a_calendar("Europe/Berlin", (("02:30", "06:00"),), EVERY_DAY)

    assert due_at(calendar, at("2026-03-28 20:00"), a_target("60 min")) == at("2026-03-29 02:00")


def test_a_day_that_begins_at_one_oclock_is_a_whole_day():
    calendar = a_calendar("Asia/Tehran", (("00:00", "24:00"),), ("sun",))

    assert worked(calendar, "2015-03-20 12:00", "2015-03-23 20:30") == 23  # 22 March: 00:00 -> 01:00


def test_clocks_that_move_by_half_an_hour():
    calendar = a_calendar("Australia/Lord_Howe", (("00:00", "24:00"),), ("sun",))

    assert worked(calendar, "2026-04-03 00:00", "2026-04-07 00:00") == 24.5
    assert worked(calendar, "2026-10-02 00:00", "2026-10-06 00:00") == 23.5


def test_a_midnight_shown_twice_belongs_to_the_day_it_shows():
    calendar = a_calendar("America/Havana", (("00:00", "24:00"),), ("sun",))

    assert worked(calendar, "2026-10-31 00:00", "2026-11-03 00:00") == 25  # 01:00 -> 00:00


def test_a_day_that_never_was_has_no_hours():
    calendar = a_calendar("Pacific/Apia", (("00:00", "24:00"),), ("fri",))

    assert worked(calendar, "2011-12-27 00:00", "2012-01-02 00:00") == 0


def test_calendar_days_keep_the_local_time_over_a_change():
    calendar = a_calendar("Europe/Berlin")

    assert due_at(calendar, at("2026-03-28 11:00"), a_target("1 d")) == at("2026-03-29 10:00")
    assert due_at(calendar, at("2026-03-28 11:00"), a_target("24 h")) == at("2026-03-29 11:00")


def test_a_local_time_that_is_never_shown_becomes_the_moment_of_the_jump():
    calendar = a_calendar("Europe/Berlin")

    assert due_at(calendar, at("2026-03-28 01:30"), a_target("1 d")) == at("2026-03-29 01:00")


def test_the_second_pass_through_a_repeated_hour_is_kept_apart_from_the_first():
    calendar = a_calendar("Europe/Berlin")

    for moment in (at("2026-10-25 00:30"), at("2026-10-25 01:30")):  # Both show 02:30.
        assert due_at(calendar, moment, a_target("0 d")) == moment


def test_the_zone_of_the_calendar_decides_not_that_of_the_question():
    calendar = a_calendar("Asia/Kathmandu")  # UTC+5:45

    assert due_at(calendar, at("2026-03-02 00:00"), a_target("60 min")) == at("2026-03-02 04:15")


@pytest.mark.parametrize("day", ["2026-03-26", "2026-10-22"])
def test_working_days_over_a_change_keep_the_local_time(day):
    calendar = a_calendar("Europe/Berlin")
    start = at(f"{day} 10:00")

    due = due_at(calendar, start, a_target("3 wd"))

    assert due.astimezone(calendar.zone).time() == start.astimezone(calendar.zone).time()
