"""Does `kesu import` bring everything in once, and say plainly what it could not?"""

from __future__ import annotations

import csv

import pytest
import typer
from typer.testing import CliRunner

from shared.cli import door, importing
from shared.cli.importing import import_command
from tests.shared.cli.import_register import a_register
from tests.shared.cli.test_import_mapping import OLD

pytestmark = pytest.mark.loopback
HEADER, ROW = OLD.split("\n", 1)


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(door, "PAUSES_SECONDS", (0.0, 0.0))


def a_file(tmp_path, *refs: object):
    path = tmp_path / "complaints.csv"
    path.write_text(HEADER + "\n" + "".join(ROW.replace("1113116", str(ref)) for ref in refs))
    return path


def run(path, url: str, *more: str):
    app = typer.Typer()
    app.command()(import_command)
    given = [str(path), "--mapping", "cfpb", "--url", url, "--token", "t", *more]
    return CliRunner().invoke(app, given, env={"COLUMNS": "200"})


def test_all_rows_are_registered_and_a_second_run_adds_none(tmp_path):
    path = a_file(tmp_path, *range(450))
    with a_register() as register:
        first = run(path, register.url)
        second = run(path, register.url)

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "450 rows: 450 registered, 0 known before, 0 rejected" in first.output
    assert "450 rows: 0 registered, 450 known before, 0 rejected" in second.output
    assert len(register.known) == 450
    assert not path.with_name("complaints.csv.rejects.csv").exists()


def test_a_run_that_was_interrupted_is_finished_by_the_next(tmp_path):
    path = a_file(tmp_path, *range(450))
    with a_register() as register:
        for ref in range(200):
            register.known[("cfpb", str(ref))] = {}
        result = run(path, register.url)

    assert "250 registered, 200 known before" in result.output
    assert len(register.known) == 450


def test_bad_rows_go_to_the_rejects_file_with_line_code_and_reason(tmp_path):
    path = a_file(tmp_path, 1, "", 3, 4)
    with a_register(refuse=lambda row: row["ref"] == "4") as register:
        result = run(path, register.url)

    with path.with_name("complaints.csv.rejects.csv").open(newline="") as file:
        rejects = list(csv.DictReader(file))
    assert result.exit_code == 1
    assert "4 rows: 2 registered, 0 known before, 2 rejected" in result.output
    assert [(row["line"], row["code"]) for row in rejects] == [("3", "cell-empty"), ("5", "unknown-kind")]
    assert rejects[1]["Complaint ID"] == "4"
    assert "Complaint ID" in rejects[0]["reason"]


def test_the_rejects_of_an_earlier_run_do_not_outlive_a_clean_one(tmp_path):
    path = a_file(tmp_path, 1)
    stale = path.with_name("complaints.csv.rejects.csv")
    stale.write_text(f"{HEADER},line,code,reason\r\n")
    with a_register() as register:
        run(path, register.url)

    assert not stale.exists()


def test_a_register_that_comes_back_is_waited_for(tmp_path):
    with a_register(fail_first=2) as register:
        result = run(a_file(tmp_path, 1), register.url)

    assert result.exit_code == 0
    assert len(register.known) == 1


def test_a_register_that_is_gone_ends_with_three_and_the_remedy(tmp_path):
    with a_register() as register:
        gone = register.url

    result = run(a_file(tmp_path, 1), gone)

    assert result.exit_code == 3
    assert "does not answer" in result.output
    assert "nothing is added twice" in result.output


def test_a_wrong_token_ends_with_two_and_the_reason(tmp_path):
    with a_register(status=401) as register:
        result = run(a_file(tmp_path, 1), register.url)

    assert result.exit_code == 2
    assert "needs a bearer token" in result.output


def test_a_file_of_another_kind_ends_with_two(tmp_path):
    path = tmp_path / "other.csv"
    path.write_text("Description,Category\na,b\n")

    result = run(path, "http://127.0.0.1:9")

    assert result.exit_code == 2
    assert "needs columns that the file lacks" in result.output


def test_batches_stay_under_the_registers_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "BATCH_BYTES", 2_000)
    with a_register() as register:
        run(a_file(tmp_path, *range(40)), register.url)

    assert len(register.known) == 40
    assert all(len(str(body)) < 2_500 for body in register.posted)


def test_the_site_can_be_another_than_the_mappings(tmp_path):
    with a_register() as register:
        run(a_file(tmp_path, 1), register.url, "--site", "ber1")

    assert register.posted[0]["rows"][0]["site"] == "ber1"
    assert (register.posted[0]["source"], register.posted[0]["history"]) == ("cfpb", True)


def test_what_a_later_export_changes_is_counted_and_what_stays_is_named_with_its_line(tmp_path):
    answers = {
        "1": {"status": "amended", "changed": ["narrative"]},
        "2": {"status": "closed", "changed": ["closed_at"]},
        "3": {
            "status": "known",
            "kept": ["narrative"],
            "detail": "narrative stays: changed here [/b]\x1b[2J",
        },
        "4": {"status": "amended", "changed": ["type"], "kept": ["email"], "detail": "email stays: because"},
    }
    with a_register(answer_to=lambda row: answers[row["ref"]]) as register:
        result = run(a_file(tmp_path, *answers), register.url)

    assert result.exit_code == 0
    assert "4 rows: 0 registered, 1 known before, 0 rejected, 2 amended, 1 closed" in result.output
    assert "line 4, N-1: narrative stays: changed here [/b]\\u001b[2J" in result.output
    assert "line 5, N-1: email stays: because" in result.output
    assert "line 2" not in result.output
