"""Do 199 more cases of the peers' test suites agree, through the library, the command and a naive count?"""

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from shared.cli.calendar import app
from shared.worktime import End
from shared.worktime.cases import check_case
from tests.shared.worktime.naive import MINUTE, due_minute, worked_minutes
from tests.shared.worktime.test_peer_cases import CASES, needs_cases

HERE = Path(__file__).parent
FILE = HERE / "cases_of_peers.json"
KNOWN = json.loads(FILE.read_text(encoding="utf-8"))["cases"]
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONGEST = timedelta(days=60)
"""The naive count looks at every minute: what lasts longer is left to the engine."""


def moment(text):
    return datetime.fromisoformat(text)


def later(text, seconds):
    moved = moment(text) + timedelta(seconds=seconds)
    return moved.astimezone(UTC).isoformat().replace("+00:00", "Z")


def the_answers_changed(case):
    """The case, once for each of its answers, with that answer made wrong."""
    beyond = 1 + case.get("tolerance_seconds", 0)
    for key in ("recommended_due", "exact_second_due", "expected_due"):
        if key in case:
            yield case | {key: later(case[key], beyond)}
            break
    if "expected_business_minutes" in case:
        yield case | {"expected_business_minutes": case["expected_business_minutes"] + (beyond + 3) / 60}
    if "expected_paused_seconds" in case:
        yield case | {"expected_paused_seconds": case["expected_paused_seconds"] + 1}
    for number, level in enumerate(case.get("escalations", ())):
        levels = list(case["escalations"])
        levels[number] = level | {"expected_at": later(level["expected_at"], 1)}
        yield case | {"escalations": levels}


@pytest.mark.parametrize("boundary", [End.PERIOD_END, End.NEXT_OPEN])
def test_every_case_agrees_with_either_reading_of_the_boundary(boundary):
    verdicts = [check_case(case, boundary) for case in KNOWN]

    assert len({case["id"] for case in KNOWN}) == len(KNOWN) == 199
    assert [verdict for verdict in verdicts if not verdict.agrees] == []


def test_the_command_agrees_too():
    main = typer.Typer()
    main.add_typer(app, name="calendar")

    result = CliRunner().invoke(main, ["calendar", "check", str(FILE)])

    assert (result.exit_code, result.stdout) == (0, "199 agree, 0 differ\n")


def test_every_answer_of_every_case_can_fail():
    silent = [
        changed["id"]
        for case in KNOWN
        if case.get("boundary") != "next_open" or "expected_due_other_boundary" not in case
        for changed in the_answers_changed(case)
        if check_case(changed).agrees
    ]

    assert silent == []
    assert all(list(the_answers_changed(case)) for case in KNOWN)


def test_where_the_next_opening_was_meant_both_readings_can_fail():
    both = [case for case in KNOWN if case.get("boundary") == "next_open" and case.get("boundary_sensitive")]

    assert len(both) == 2
    for case in both:
        wrong = case | {"expected_due_other_boundary": later(case["expected_due_other_boundary"], 1)}
        assert not check_case(wrong).agrees
        wrong = case | {"expected_due": later(case["expected_due"], 1)}
        assert not check_case(wrong, End.NEXT_OPEN).agrees


def plain(calendar):
    """The calendar as the naive count has it."""

    def minutes(clock):
        hours, rest = clock.split(":")
        return int(hours) * 60 + int(rest)

    days = {date.fromisoformat(day) for day in calendar["holidays"]}
    for month_day in calendar.get("recurring_holidays_mm_dd", ()):
        days |= {date.fromisoformat(f"{year}-{month_day}") for year in range(2014, 2018)}
    week = [
        tuple((minutes(opens), minutes(closes)) for opens, closes in calendar["weekly_hours"][day])
        for day in DAYS
    ]
    return {"timezone": calendar["timezone"], "weekly": week, "holidays": days, "working": {}}


def paused(case):
    """The pauses; one that is never resumed ends with the clock."""
    times = [moment(event["at"]) for event in case["events"]]
    times = times[: len(times) // 2 * 2]
    return list(zip(times[::2], times[1::2], strict=True))


def naive_case(case):
    """Whether the naive count can be asked: whole minutes, forward, not too long."""
    times = [moment(case["start"]), *(moment(event["at"]) for event in case["events"])]
    amount = case.get("target_minutes", 1)
    whole = all(time == time.replace(second=0) for time in times) and amount == int(amount) > 0
    end = moment(case["expected_due"]) if "expected_due" in case else times[-1]
    return whole and "target_business_days" not in case and end - times[0] <= LONGEST


def test_the_naive_count_agrees_where_it_can_be_asked():
    asked = Counter()
    for case in filter(naive_case, KNOWN):
        start, calendar = moment(case["start"]), plain(case["calendar"])
        if "target_minutes" in case:
            expected = case["expected_due"]
            if case.get("boundary") == "next_open" and "expected_due_other_boundary" in case:
                expected = case["expected_due_other_boundary"]
            got = due_minute(calendar, start, case["target_minutes"], paused(case))
            allowed = timedelta(seconds=case.get("tolerance_seconds", 0))
            assert abs(got - moment(expected)) <= allowed, case["id"]
            asked["due"] += 1
        else:
            stop = moment(case["events"][-1]["at"])
            got = worked_minutes(calendar, start, stop, paused(case))
            assert got * MINUTE == timedelta(minutes=case["expected_business_minutes"]), case["id"]
            asked["elapsed"] += 1

    assert asked == {"due": 73, "elapsed": 54}


def test_each_product_is_named_with_its_licence():
    told = (HERE / "README.md").read_text(encoding="utf-8")
    names = {
        "zammad/zammad": "Zammad",
        "chatwoot/chatwoot": "Chatwoot",
        "frappe/helpdesk": "Frappe Helpdesk",
        "frappe/erpnext": "ERPNext",
        "znuny/Znuny": "Znuny",
        "zendesk/biz": "biz",
        "glpi-project/glpi": "GLPI",
        "bestpractical/rt": "Request Tracker",
        "bestpractical/business-hours": "Business::Hours",
        "bokmann/business_time": "business_time",
    }

    counts = Counter(case["source"]["repo"] for case in KNOWN)

    assert set(counts) == set(names)
    rows = [row.split("|")[1:5] for row in told.splitlines() if row.startswith("| ")][1:]
    for repository, name in names.items():
        row = next(row for row in rows if name in row[0])
        assert str(counts[repository]) in row[3].replace("+", " ").split()


@needs_cases
def test_no_case_of_the_shared_file_is_repeated():
    def asked(case):
        remarks = ("id", "source", "note", "verified", "boundary")
        return json.dumps({name: case[name] for name in case if not name.startswith(remarks)}, sort_keys=True)

    shared = {asked(case) for case in json.loads(CASES.read_text(encoding="utf-8"))["cases"]}

    assert [case["id"] for case in KNOWN if asked(case) in shared] == []
