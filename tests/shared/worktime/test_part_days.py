"""Can a single date be closed for a part of the day, or have hours of its own?"""

import json
from dataclasses import replace

import pytest

from shared.errors import Rejected
from shared.worktime import Calendar, DayKind, due_at, elapsed
from shared.worktime.cases import check_case
from tests.shared.worktime.building import a_calendar, a_target, at, on
from tests.shared.worktime.test_calendar_command import a_case_file, run

TWO_SHIFTS = (("08:30", "12:00"), ("13:00", "17:30"))


def a_calendar_with(**more):
    return a_calendar(each_day=TWO_SHIFTS, **more)


def hours_of(calendar, day):
    return calendar.day(on(day)).hours


def test_a_half_day_ends_at_noon_and_the_next_day_goes_on():
    calendar = a_calendar_with(breaks={"2026-12-24": [["12:00", "17:30"]]})

    assert hours_of(calendar, "2026-12-24") == ((510, 720),)
    assert due_at(calendar, at("2026-12-24 11:00"), a_target("90 min")) == at("2026-12-25 09:00")
    assert due_at(calendar, at("2026-12-24 08:30"), a_target("same_day")) == at("2026-12-24 12:00")


def test_a_power_cut_splits_the_day_at_its_minutes():
    calendar = a_calendar_with(breaks={"2026-03-02": [["14:00", "15:00"]]})

    assert hours_of(calendar, "2026-03-02") == ((510, 720), (780, 840), (900, 1050))
    assert elapsed(calendar, at("2026-03-02 13:30"), at("2026-03-02 15:30")).total_seconds() == 3600
    assert due_at(calendar, at("2026-03-02 13:30"), a_target("60 min")) == at("2026-03-02 15:30")


def test_a_break_longer_than_the_day_closes_it_and_one_out_of_hours_changes_nothing():
    calendar = a_calendar_with(
        breaks={"2026-03-02": [["00:00", "24:00"]], "2026-03-03": [["18:00", "20:00"], ["12:00", "13:00"]]}
    )

    assert hours_of(calendar, "2026-03-02") == ()
    assert due_at(calendar, at("2026-03-02 09:00"), a_target("1 wd")) == at("2026-03-03 17:30")
    assert hours_of(calendar, "2026-03-03") == ((510, 720), (780, 1050))
    assert not calendar.day(on("2026-03-03")).is_cut


def test_other_opening_on_one_date_stands_before_week_and_public_holidays():
    calendar = a_calendar_with(
        holidays=[{"country": "DE"}],
        hours={
            "2026-12-25": {"hours": [["10:00", "12:00"]], "name": "Emergency desk"},
            "2026-12-28": [["10:00", "14:00"]],
        },
    )

    day = calendar.day(on("2026-12-25"))
    assert (day.kind, day.hours, day.name) == (DayKind.SPECIAL, ((600, 720),), "Emergency desk")
    assert hours_of(calendar, "2026-12-28") == ((600, 840),)
    assert hours_of(calendar, "2027-12-28") == ((510, 720), (780, 1050)), "of that one date only"


def test_breaks_cut_make_up_days_and_other_hours_too():
    calendar = a_calendar_with(
        make_up_days={"2026-03-07": [["09:00", "12:00"]]},
        hours={"2026-03-02": [["10:00", "14:00"]]},
        breaks={"2026-03-07": [["11:00", "12:00"]], "2026-03-02": [["10:00", "11:00"]]},
    )

    assert hours_of(calendar, "2026-03-07") == ((540, 660),)
    assert hours_of(calendar, "2026-03-02") == ((660, 840),)


def test_a_later_version_may_name_part_days_as_well():
    calendar = a_calendar_with(
        breaks={"2026-03-02": [["08:30", "09:00"]]},
        versions=[
            {
                "effective": "2026-03-01",
                "breaks": {"2026-03-02": [["14:00", "15:00"]]},
                "hours": {"2026-03-03": [["10:00", "11:00"]]},
            }
        ],
    )

    assert hours_of(calendar, "2026-03-02") == ((540, 720), (780, 840), (900, 1050))
    assert hours_of(calendar, "2026-03-03") == ((600, 660),)


@pytest.mark.parametrize(
    ("written", "field"),
    [
        ({"breaks": ["2026-12-24"]}, "breaks"),
        ({"breaks": {"tomorrow": [["12:00", "13:00"]]}}, "breaks.tomorrow"),
        ({"breaks": {"2026-12-24": []}}, "breaks.2026-12-24"),
        ({"breaks": {"2026-12-24": [["13:00", "12:00"]]}}, "breaks.2026-12-24"),
        ({"breaks": {"2026-12-24": [["12:00", "13:00"], ["12:30", "14:00"]]}}, "breaks.2026-12-24"),
        ({"breaks": {"2026-12-24": {"from": "12:00"}}}, "breaks.2026-12-24.from"),
        ({"hours": {"2026-12-24": []}}, "hours.2026-12-24"),
        ({"hours": {"2026-12-24": [["12:00"]]}}, "hours.2026-12-24[0]"),
        ({"hours": {"2026-12-24": [["09:00", "12:00"]]}, "holidays": ["2026-12-24"]}, "hours.2026-12-24"),
        (
            {
                "hours": {"2026-12-24": [["09:00", "12:00"]]},
                "make_up_days": {"2026-12-24": [["09:00", "12:00"]]},
            },
            "hours.2026-12-24",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_by_its_field(written, field):
    with pytest.raises(Rejected) as refused:
        a_calendar(**written)

    assert refused.value.field == field
    assert refused.value.remedy or refused.value.code == "field-unreadable"


def test_hours_given_to_the_engine_itself_are_checked_too():
    with pytest.raises(Rejected) as refused:
        replace(a_calendar(), breaks=((on("2026-12-24"), ((720, 700),)),))

    assert refused.value.field == "breaks.2026-12-24"


def test_a_part_day_changes_the_version_of_the_content():
    def version(**more):
        week = {"mon": [["09:00", "17:00"]]}
        return Calendar.from_mapping({"timezone": "UTC", "weekly_hours": week, **more}).version

    half, quarter = ({"2026-12-24": [[begins, "17:30"]]} for begins in ("12:00", "15:00"))

    assert len({version(), version(breaks=half), version(breaks=quarter), version(hours=half)}) == 4


def a_case(**more):
    return {
        "id": "half-day",
        "calendar": {
            "timezone": "UTC",
            "weekly_hours": {"thu": [["08:30", "17:30"]], "fri": [["08:30", "17:30"]]},
            "breaks": {"2026-12-24": [["12:00", "17:30"]]},
            "hours": {"2026-12-25": [["10:00", "17:30"]]},
        },
        "start": "2026-12-24T11:00:00Z",
        "target_minutes": 90,
        "expected_due": "2026-12-25T10:30:00Z",
        **more,
    }


def test_calendar_check_knows_part_days(tmp_path):
    result = run("check", a_case_file(tmp_path, a_case()))

    assert (result.exit_code, result.stdout) == (0, "1 agree, 0 differ\n")


@pytest.mark.parametrize(("minutes", "agrees"), [(4, False), (5, True), (0, False), (None, False)])
def test_calendar_check_takes_a_tolerance_in_minutes(minutes, agrees):
    case = a_case(expected_due="2026-12-25T10:35:00Z", tolerance_minutes=minutes)

    assert check_case(case).agrees is agrees


def test_a_tolerance_counts_for_elapsed_time_and_is_given_once():
    stop = {"events": [{"at": "2026-12-25T10:30:00Z", "kind": "stop"}], "expected_business_minutes": 88}

    assert check_case(a_case(**stop, tolerance_minutes=2)).agrees
    assert not check_case(a_case(**stop, tolerance_minutes=1)).agrees
    [both] = check_case(a_case(tolerance_minutes=1, tolerance_seconds=1)).differences
    assert "tolerance" in both.got
    [unread] = check_case(json.loads(json.dumps(a_case(tolerance_minutes="few")))).differences
    assert "(field tolerance_minutes)" in unread.got
