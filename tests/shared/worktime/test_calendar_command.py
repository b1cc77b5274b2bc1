"""What does `kesu calendar` print, and how does it exit?"""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from shared.cli.calendar import app
from tests.shared.worktime.test_peer_cases import a_case

ROOT = Path(__file__).parents[3]
YAML = """
name: office
timezone: Asia/Shanghai
weekly_hours:
  mon: [[09:00, 12:00], [13:00, 18:00]]
  tue: [[09:00, 12:00], [13:00, 18:00]]
holidays: [2026-03-03]
"""


@pytest.fixture
def office(tmp_path):
    path = tmp_path / "office.yaml"
    path.write_text(YAML, encoding="utf-8")
    return str(path)


def run(*arguments):
    main = typer.Typer()
    main.add_typer(app, name="calendar")
    return CliRunner().invoke(main, ["calendar", *arguments])


def a_case_file(tmp_path, *cases):
    path = tmp_path / "cases.json"
    path.write_text(json.dumps({"cases": cases}), encoding="utf-8")
    return str(path)


def test_due_prints_the_moment_and_why(office):
    result = run("due", office, "2026-03-02T09:00:00Z", "120 min")

    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == "2026-03-09T02:00:00Z"
    assert "Holidays skipped: 2026-03-03." in result.stdout


def test_a_time_without_offset_is_local_to_the_calendar(office):
    result = run("due", office, "2026-03-02T10:00", "60 min", "--pause", "2026-03-02T10:30/2026-03-02T11:00")

    assert result.stdout.splitlines()[0] == "2026-03-02T03:30:00Z"


def test_due_as_json(office):
    result = run("due", office, "2026-03-02T10:00", "60 min", "--json", "--language", "zh")

    facts = json.loads(result.stdout)
    assert facts["due_at"] == "2026-03-02T03:00:00Z"
    assert facts["lines"][0].startswith("到期时间")


def test_elapsed_counts_working_time_without_pauses(office):
    result = run(
        "elapsed", office, "2026-03-02T10:00", "2026-03-09T10:00", "--pause", "2026-03-02T17:00/", "--json"
    )

    facts = json.loads(result.stdout)
    assert facts["elapsed_minutes"] == 6 * 60
    assert facts["end"] == "2026-03-09T02:00:00Z"
    assert run("elapsed", office, "2026-03-02T10:00", "2026-03-02T11:30").stdout.startswith("1 h 30 min\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ("due", "nowhere.yaml", "2026-03-02T10:00", "60 min"),
        ("due", "OFFICE", "soon", "60 min"),
        ("due", "OFFICE", "2026-03-02T10:00", "some day"),
        ("due", "OFFICE", "2026-03-02T10:00", "60 min", "--pause", "2026-03-02T10:30/"),
        ("due", "CASES", "2026-03-02T10:00", "60 min"),
        ("check", "OFFICE"),
    ],
)
def test_what_cannot_be_answered_is_one_sentence_and_exit_code_two(office, tmp_path, arguments):
    names = {"OFFICE": office, "CASES": a_case_file(tmp_path)}

    result = run(*(names.get(argument, argument) for argument in arguments))

    assert result.exit_code == 2
    assert len(result.stderr.strip().splitlines()) >= 1
    assert "Traceback" not in result.stderr


def test_check_counts_the_cases_that_agree(tmp_path):
    cases = a_case_file(tmp_path, a_case(target_minutes=60, expected_due="2026-03-02T11:00:00Z"))

    result = run("check", cases)

    assert (result.exit_code, result.stdout) == (0, "1 agree, 0 differ\n")


def test_check_shows_both_values_and_the_reasons_of_a_case_that_differs(tmp_path):
    right = a_case(target_minutes=60, expected_due="2026-03-02T11:00:00Z")
    wrong = a_case(id="x-2", target_minutes=60, expected_due="2026-03-02T12:00:00Z")

    result = run("check", a_case_file(tmp_path, right, wrong))

    lines = result.stdout.splitlines()
    assert result.exit_code == 1
    assert lines[0] == "x-2: due: expected 2026-03-02T12:00:00Z, got 2026-03-02T11:00:00Z"
    assert any("Counted 1 h" in line for line in lines)
    assert lines[-1] == "1 agree, 1 differ"


def test_it_runs_as_a_module(office):
    command = [sys.executable, "-m", "shared.cli.calendar", "due", office, "2026-03-02T10:00", "60 min"]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[0] == "2026-03-02T03:00:00Z"
