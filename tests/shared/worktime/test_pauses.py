"""What does a clock that stood still do to due dates and elapsed time?"""

from datetime import timedelta

import pytest

from shared.errors import Rejected
from shared.worktime import due_at, elapsed
from tests.shared.worktime.building import a_calendar, a_pause, a_target, at


def due(pauses, target="120 min", start="2026-03-02 10:00"):
    return due_at(a_calendar(), at(start), a_target(target), pauses)


def test_a_pause_moves_the_due_time_by_the_working_time_in_it():
    assert due([a_pause("2026-03-02 10:30", "2026-03-02 11:00")]) == at("2026-03-02 13:30")


def test_a_pause_over_lunch_counts_only_the_working_part():
    assert due([a_pause("2026-03-02 11:30", "2026-03-02 13:30")]) == at("2026-03-02 14:00")


def test_a_pause_entirely_out_of_hours_costs_nothing():
    pause = a_pause("2026-03-02 19:00", "2026-03-03 08:00")

    assert due([pause], "600 min") == due([], "600 min")


def test_overlapping_pauses_count_once():
    pauses = [
        a_pause("2026-03-02 10:30", "2026-03-02 11:00"),
        a_pause("2026-03-02 10:15", "2026-03-02 10:45"),
        a_pause("2026-03-02 10:20", "2026-03-02 10:25"),
    ]

    assert due(pauses) == at("2026-03-02 13:45")


def test_a_pause_that_begins_at_the_due_time_comes_too_late():
    assert due([a_pause("2026-03-02 12:00", "2026-03-02 15:00")]) == at("2026-03-02 12:00")


def test_a_pause_before_the_start_counts_from_the_start():
    assert due([a_pause("2026-03-01 10:00", "2026-03-02 10:30")]) == at("2026-03-02 13:30")
    assert due([a_pause("2026-03-01 10:00", "2026-03-02 09:30")]) == at("2026-03-02 12:00")


def test_nothing_to_do_waits_for_the_end_of_a_pause_at_the_start():
    pauses = [a_pause("2026-03-02 10:00", "2026-03-02 11:00")]

    assert due(pauses, "0 min") == at("2026-03-02 11:00")


def test_a_pause_reached_only_because_of_an_earlier_one_counts_too():
    pauses = [
        a_pause("2026-03-02 10:30", "2026-03-02 11:30"),
        a_pause("2026-03-02 13:15", "2026-03-02 14:00"),
    ]

    assert due(pauses) == at("2026-03-02 14:45")


def test_running_hours_are_moved_by_the_whole_pause():
    assert due([a_pause("2026-03-02 19:00", "2026-03-03 08:00")], "24 h") == at("2026-03-03 23:00")


def test_working_days_come_first_and_the_paused_working_time_after():
    pause = a_pause("2026-03-02 17:00", "2026-03-03 10:00")

    assert due([pause], "2 wd") == at("2026-03-04 12:00")
    assert due([pause], "2 wd close_of_business") == at("2026-03-05 11:00")


def test_an_agreed_date_is_not_moved_by_a_pause():
    assert due([a_pause("2026-03-02 11:00", "2026-03-02 17:00")], "2026-03-02") == at("2026-03-02 18:00")


def test_while_a_clock_stands_still_no_due_time_can_be_told():
    with pytest.raises(Rejected) as refused:
        due([a_pause("2026-03-02 11:00")])

    assert refused.value.code == "clock-paused"


def test_an_open_pause_after_the_due_time_does_not_matter():
    assert due([a_pause("2026-03-02 15:00")]) == at("2026-03-02 12:00")


def test_a_pause_that_ends_before_it_starts_is_refused():
    with pytest.raises(Rejected) as refused:
        due([a_pause("2026-03-02 11:00", "2026-03-02 10:00")])

    assert refused.value.code == "pause-ends-before-it-starts"


def test_elapsed_time_leaves_out_pauses_and_an_open_one_lasts_to_the_end():
    calendar, start, end = a_calendar(), at("2026-03-02 10:00"), at("2026-03-02 15:00")
    pauses = [a_pause("2026-03-02 10:30", "2026-03-02 11:00"), a_pause("2026-03-02 14:00")]

    assert elapsed(calendar, start, end) == timedelta(hours=4)
    assert elapsed(calendar, start, end, pauses) == timedelta(hours=2, minutes=30)


def test_no_time_passes_backwards():
    assert elapsed(a_calendar(), at("2026-03-03 10:00"), at("2026-03-02 10:00")) == timedelta()
