"""Is a written case read whole: every key understood, or refused by name?"""

import pytest

from shared.worktime import End
from shared.worktime.cases import check_case
from tests.shared.worktime.test_peer_cases import a_case

DUE = {"target_minutes": 60, "expected_due": "2026-03-02T11:00:00Z"}
START = "2026-03-02T10:00:00Z"


def event(kind, at, **more):
    return {"kind": kind, "at": f"2026-03-02T{at}:00Z", **more}


def refusal(**facts):
    """Which field of the case is refused, and why."""
    (one,) = check_case(a_case(**facts)).differences
    assert one.what == "case"
    return one.got


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        (DUE | {"direction": "backward"}, "field direction"),
        (DUE | {"start_immediately": False}, "field start_immediately"),
        (DUE | {"target_month": 1}, "field target_month"),
        (DUE | {"pauses": []}, "field pauses"),
        (DUE | {"target_business_days": 1}, "field target_minutes"),
        (DUE | {"target_minutes": True}, "field target_minutes"),
        (DUE | {"target_minutes": float("nan")}, "field target_minutes"),
        (DUE | {"target_minutes": 0.0001}, "field target_minutes"),
        (DUE | {"target_minutes": "an hour"}, "field target_minutes"),
        (DUE | {"target_minutes": 1e300}, "field target"),
        ({"target_business_days": 1.5, "expected_due": START}, "field target_business_days"),
        ({"target_business_days": -1e9, "expected_due": START}, "field target"),
        ({"target_days": -1e6, "expected_due": START}, "field target"),
        (DUE | {"tolerance_seconds": float("inf")}, "field tolerance_seconds"),
        (DUE | {"end_of_working_day": "no"}, "field end_of_working_day"),
        (DUE | {"boundary": "closing"}, "field boundary"),
        (DUE | {"start": "2026-03-02T10:00:00"}, "field start"),
        (DUE | {"start": "2016-12-31T23:59:60Z"}, "field start"),
        (DUE | {"start": None}, "field start"),
        ({"target_minutes": 60, "expected_due": "soon"}, "field expected_due"),
        (DUE | {"calendar": "office"}, "field calendar"),
        (DUE | {"events": {"at": START, "kind": "stop"}}, "field events"),
        (DUE | {"events": ["stop"]}, "field events[0]"),
        (DUE | {"events": [event("pause", "10:10", until=START)]}, "field events[0].until"),
        (DUE | {"events": [event("reopen", "10:10")]}, "field events[0].kind"),
        (DUE | {"events": [{"kind": "pause"}]}, "field events[0].at"),
        (DUE | {"events": [event("resume", "10:10")]}, "field events[0]"),
        (DUE | {"events": [event("stop", "10:10"), event("stop", "10:20")]}, "field events[1]"),
        (DUE | {"escalations": {}}, "field escalations"),
        (DUE | {"escalations": [{"expected_at": START}]}, "field escalations[0]"),
        (
            DUE | {"escalations": [{"offset_minutes": 1, "expected_at": START}]},
            "field escalations[0].offset_minutes",
        ),
        (DUE | {"escalations": [{"offset_business_minutes": 1}]}, "field escalations[0].expected_at"),
        ({"expected_due": START}, "field target"),
        ({"escalations": [{"offset_business_minutes": 1, "expected_at": START}]}, "field target"),
        ({"expected_business_minutes": 1}, "field events"),
        ({"expected_paused_seconds": 1}, "field events"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_field(facts, field):
    assert f"({field}" in refusal(**facts)


def test_the_calendar_is_read_whole_too():
    week = {"timezone": "UTC", "weekly_hours": {"mon": [["09:00", "17:00"]]}}

    assert "(field pauses)" in refusal(**DUE, calendar=week | {"pauses": {}})
    assert "(field breaks)" in refusal(**DUE, calendar=week | {"breaks": ["2026-03-02"]})
    holiday = {"date": "2026-03-02", "recurring": True}
    assert "(field holidays[0].recurring)" in refusal(**DUE, calendar=week | {"holidays": [holiday]})
    opened = {"2026-03-07": {"hours": [["09:00", "12:00"]], "half": True}}
    assert "(field make_up_days.2026-03-07.half)" in refusal(**DUE, calendar=week | {"make_up_days": opened})
    assert "no working time" in refusal(**DUE, calendar=week | {"weekly_hours": {"mon": []}})
    assert "Split a night shift" in refusal(
        **DUE, calendar=week | {"weekly_hours": {"mon": [["22:00", "06:00"]]}}
    )


def test_an_expectation_without_its_target_is_not_passed_over_because_another_agrees():
    elapsed = {"events": [event("stop", "10:30")], "expected_business_minutes": 30}

    assert check_case(a_case(**elapsed)).agrees
    assert "there is no target" in refusal(**elapsed, expected_due=START)


@pytest.mark.parametrize(
    "remark",
    [
        {"note": "2"},
        {"verified_by": ["ticks"]},
        {"source_value": 1.0},
        {"peer_due": START},
        {"seen": "in two suites, with the same value"},
        {"direction": None},
    ],
)
def test_remarks_do_not_matter(remark):
    assert check_case(a_case(**DUE, **remark)).agrees


@pytest.mark.parametrize(
    "facts",
    [
        {"target_seconds": 60, "expected_due": "2026-03-02T10:01:00Z"},
        {"target_business_hours": 1.5, "expected_due": "2026-03-02T11:30:00Z"},
        {"target_days": 1, "expected_due": "2026-03-03T10:00:00Z"},
        {"target_minutes": -30, "expected_due": "2026-03-02T09:30:00Z"},
        {"target_minutes": 0, "expected_due": START},
        {"target_business_days": -1, "expected_due": "2026-02-23T10:00:00Z"},
        DUE | {"events": [event("pause", "08:00"), event("resume", "09:30")]},
        {
            "target_minutes": 60,
            "expected_due": "2026-03-02T11:10:00Z",
            "events": [event("resume", "10:20"), event("pause", "10:15"), event("pause", "10:10")],
        },
        {
            "expected_business_minutes": 0,
            "tolerance_seconds": 60,
            "events": [{"at": "2026-03-02T10:00:03Z", "kind": "stop"}],
        },
        {
            "expected_business_minutes": 0,
            "exact_business_seconds": 3,
            "events": [{"at": "2026-03-02T10:00:03Z", "kind": "stop"}],
        },
        {
            "exact_business_minutes": 0.05,
            "events": [{"at": "2026-03-02T10:00:03Z", "kind": "stop"}],
        },
        {
            "expected_business_seconds": 1200,
            "expected_paused_seconds": 600,
            "events": [event("pause", "10:10"), event("resume", "10:20"), event("stop", "10:30")],
        },
        {"expected_business_minutes": 0, "events": [event("stop", "10:00")]},
        {"expected_business_minutes": 0, "events": [event("stop", "09:30")]},
        {"target_minutes": 60, "expected_due": None, "events": [event("pause", "10:10")]},
        {
            "target_minutes": 420,
            "expected_due": "2026-03-09T09:00:00Z",
            "boundary": "next_open",
            "boundary_sensitive": True,
        },
        {
            "target_minutes": 60,
            "expected_due": "2026-03-02T11:00:00Z",
            "escalations": [
                {"level": 1, "offset_business_minutes": -30, "expected_at": "2026-03-02T10:30:00Z"},
                {"level": 2, "offset_business_hours": 1, "expected_at": "2026-03-02T12:00:00Z"},
            ],
        },
    ],
)
def test_what_the_format_can_hold_is_understood(facts):
    assert check_case(a_case(**facts)).differences == ()


@pytest.mark.parametrize(
    ("facts", "what"),
    [
        ({"target_minutes": 60, "expected_due": None}, "due"),
        ({"expected_business_minutes": 0, "events": [event("stop", "10:01")]}, "business seconds"),
        (
            {
                "expected_business_minutes": 0,
                "tolerance_seconds": 60,
                "exact_business_minutes": 0,
                "events": [{"at": "2026-03-02T10:00:03Z", "kind": "stop"}],
            },
            "business seconds",
        ),
        (
            {
                "expected_business_minutes": 20,
                "expected_paused_seconds": 601,
                "events": [event("pause", "10:10"), event("resume", "10:20"), event("stop", "10:30")],
            },
            "paused seconds",
        ),
    ],
)
def test_what_is_wrong_differs(facts, what):
    assert [one.what for one in check_case(a_case(**facts)).differences] == [what]


def test_no_due_time_expected_while_the_elapsed_time_is_wrong_still_differs():
    facts = {"expected_due": None, "expected_business_minutes": 9, "events": [event("stop", "10:30")]}

    assert not check_case(a_case(**facts)).agrees
    assert not check_case(a_case(target_minutes=60, **facts)).agrees


def test_a_boundary_of_its_own_gives_way_only_where_the_other_answer_is_told():
    facts = {
        "target_minutes": 420,
        "expected_due": "2026-03-02T17:00:00Z",
        "expected_due_other_boundary": "2026-03-09T09:00:00Z",
    }

    assert check_case(a_case(**facts)).agrees
    assert check_case(a_case(**facts), End.NEXT_OPEN).agrees


def test_a_key_that_speaks_of_nothing_that_is_asked_is_a_remark():
    eleven = "2026-03-02T11:00:00Z"
    assert check_case(
        a_case(target_minutes=60, expected_due=eleven, severity=3, rival_version="11.0.2")
    ).agrees
