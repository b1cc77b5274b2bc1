"""Do the cases derived from nine other products' test suites agree?"""

import json
from pathlib import Path

import pytest

from shared.worktime import End
from shared.worktime.cases import check_case

CASES = Path(__file__).parents[3].parent / "shared" / "data" / "sla_cases.json"
needs_cases = pytest.mark.skipif(
    not CASES.exists(), reason="../shared/data/sla_cases.json is not beside this checkout"
)


def a_case(**more):
    return {
        "id": "x-1",
        "calendar": {"timezone": "UTC", "weekly_hours": {"mon": [["09:00", "17:00"]]}},
        "start": "2026-03-02T10:00:00Z",
        "events": [],
    } | more


@needs_cases
@pytest.mark.parametrize("boundary", [End.PERIOD_END, End.NEXT_OPEN])
def test_all_cases_agree_with_either_reading_of_the_boundary(boundary):
    cases = json.loads(CASES.read_text(encoding="utf-8"))["cases"]

    verdicts = [check_case(case, boundary) for case in cases]

    assert len(verdicts) == 137
    assert [verdict for verdict in verdicts if not verdict.agrees] == []


@pytest.mark.parametrize(
    "facts",
    [
        {"target_minutes": 60, "expected_due": "2026-03-02T11:00:00Z"},
        {"target_minutes": 0.5, "expected_due": "2026-03-02T10:00:30Z"},
        {"target_minutes": 420, "expected_due": "2026-03-02T17:00:00Z", "boundary": "period_end"},
        {
            "target_minutes": 420,
            "expected_due": "2026-03-09T09:00:00Z",
            "boundary": "next_open",
            "boundary_sensitive": True,
            "expected_due_other_boundary": "2026-03-02T17:00:00Z",
        },
        {
            "target_minutes": 60,
            "expected_due": "2026-03-02T11:00:40Z",
            "tolerance_seconds": 60,
        },
        {
            "target_minutes": 60,
            "expected_due": "2026-03-02T12:00:00Z",
            "semantics": "wall_clock_hold",
            "recommended_due": "2026-03-02T11:00:00Z",
        },
        {
            "target_business_days": 1,
            "end_of_working_day": True,
            "expected_due": "2026-03-09T17:00:00Z",
            "escalations": [{"offset_business_days": -1, "expected_at": "2026-03-02T17:00:00Z"}],
        },
        {
            "expected_business_minutes": 30,
            "events": [
                {"at": "2026-03-02T11:00:00Z", "kind": "stop"},
                {"at": "2026-03-02T10:30:00Z", "kind": "pause"},
            ],
        },
    ],
)
def test_a_true_case_agrees(facts):
    assert check_case(a_case(**facts)).differences == ()


@pytest.mark.parametrize(
    ("facts", "what"),
    [
        ({"target_minutes": 60, "expected_due": "2026-03-02T11:00:01Z"}, "due"),
        (
            {
                "target_minutes": 60,
                "expected_due": "2026-03-02T11:00:00Z",
                "tolerance_seconds": 60,
                "exact_second_due": "2026-03-02T11:00:20Z",
            },
            "due",
        ),
        (
            {
                "target_minutes": 60,
                "expected_due": "2026-03-02T11:00:00Z",
                "escalations": [{"offset_business_minutes": 60, "expected_at": "2026-03-02T13:00:00Z"}],
            },
            "escalation 60 min",
        ),
        (
            {
                "expected_business_minutes": 30,
                "events": [{"at": "2026-03-02T10:31:00Z", "kind": "stop"}],
            },
            "business seconds",
        ),
        ({"target_minutes": 60, "expected_paused_seconds": 5}, "paused seconds"),
        ({"target_minutes": 60}, "case"),
        ({"expected_business_minutes": 30}, "case"),
        ({"target_minutes": 60, "events": [{"at": "2026-03-02T10:31:00Z", "kind": "nap"}]}, "case"),
        ({"start": "yesterday"}, "case"),
        ({"calendar": {"timezone": "Nowhere", "weekly_hours": {}}}, "case"),
        ({"calendar": None}, "case"),
    ],
)
def test_a_false_case_differs_and_says_where(facts, what):
    verdict = check_case(a_case(**facts))

    assert not verdict.agrees
    assert verdict.differences[0].what == what
