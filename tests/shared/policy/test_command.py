"""What does `kesu policy` print, for people and for machines?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from shared.cli.replaying import app
from tests.shared.policy.organisations import write_company

COMPANY = str(Path(__file__).parents[3] / "deploy" / "organisation" / "organisation.yaml")
OWN_ROWS = """\
profile: generic-1-3
inherits: generic-1-3
source: a test
grades: [{code: key, label: {zh: 重点, en: Key}}]
product_lines: [coil]
routing:
  - {name: much, when: {product_line: [coil], grade: [key], claimed_above: {CNY: 50000}}, lead: quality}
  - {name: everything-else, lead: customer-service}
"""


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(words))
    return result.exit_code, result.output


def explain(*words: str) -> tuple[int, str]:
    return run("explain", "--organisation", COMPANY, *words)


def test_check_says_what_it_read(files):
    code, said = run("check", "--organisation", str(files.organisation), "--profiles", str(files.profiles))

    assert code == 0
    assert "Small Company, 1 sites, 1 departments, 2 people" in said
    assert "sh01: own" in said


def test_check_prints_file_line_field_and_remedy_and_fails(files):
    files.spoil("calendar: china", "calendar: chinaa")

    code, said = run("check", "--organisation", str(files.organisation), "--profiles", str(files.profiles))

    assert code == 1
    assert (
        f"{files.organisation}:6: sites.sh01.calendar: no calendar chinaa is known. Did you mean china?"
        in said
    )


def test_check_tells_machines_the_same(files):
    files.spoil("calendar: china", "calendar: chinaa")

    code, said = run(
        "check", "--organisation", str(files.organisation), "--profiles", str(files.profiles), "--json"
    )

    assert code == 1
    (problem,) = json.loads(said)["problems"]
    assert (problem["line"], problem["field"]) == (6, "sites.sh01.calendar")


def test_list_shows_shipped_profiles_and_what_is_still_to_be_set(files):
    (files.profiles / "later.yaml").write_text(
        "profile: later\ninherits: own\nsource: must_be_set\n", "utf-8"
    )

    code, said = run("list", "--profiles", str(files.profiles), "--json")

    found = {row["profile"]: row for row in json.loads(said)}
    assert code == 0
    assert {"generic-1-3", "demo-fast", "us-consumer-finance", "own", "later"} <= set(found)
    assert found["later"]["to_set"] == ["source"]


def test_explain_names_rule_desks_severity_and_every_due_date():
    code, said = explain(
        "--site",
        "sh01",
        "--category",
        "product-quality",
        "--flag",
        "safety",
        "--received",
        "2026-09-30T16:00",
    )

    assert code == 0
    assert "product-safety (row 2 of the routing matrix)" in said
    assert "lead        technical (Technical)" in said
    assert "critical, priority 1 (product-safety)" in said
    assert "answer: 3 wd, due 2026-10-10 16:00:00 CST" in said
    assert "Make-up working days: 2026-10-10" in said
    assert "level 3     chen.jing" in said


def test_explain_says_who_sets_a_date_and_who_handles_it_in_person(tmp_path):
    filled = {"clocks[0].limits[1].target": "3 wd", "surveys[0].steps[4].within": "5 d"}
    organisation, profiles = write_company(tmp_path, "property-management", filled)

    code, said = run(
        "explain", "--organisation", str(organisation), "--profiles", str(profiles), "--site", "sh01",
        "--category", "developer", "--flag", "legal",
    )  # fmt: skip

    assert code == 0
    assert "rule        developer-large" in said
    assert "outside     developer" in said
    assert "answer: a date agreed case by case, set by head_office_manager" in said


def test_explain_tells_machines_the_same():
    code, said = explain("--site", "sh01", "--kind", "enquiry", "--received", "2026-10-12T09:00", "--json")

    found = json.loads(said)
    assert code == 0
    assert found["clocks"][0]["due_at"] == "2026-10-13T01:00:00Z"
    assert found["rule"] == "everything-else"


def test_explain_says_when_nothing_is_promised():
    code, said = explain("--site", "sh01", "--kind", "praise")

    assert code == 0
    assert "nothing is promised" in said


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--site", "sh02"), "no site sh02"),
        (("--site", "sh01", "--kind", "complant"), "Did you mean complaint?"),
        (("--site", "sh01", "--flag", "safetyy"), "Did you mean safety?"),
        (("--site", "sh01", "--received", "yesterday"), "'yesterday' is not a time"),
        (("--site", "sh01", "--claimed", "much"), "Write for example '80000 CNY'."),
    ],
)
def test_a_wrong_question_gets_a_plain_sentence(words, sentence):
    code, said = explain(*words)

    assert code == 1
    assert sentence in said
    assert "Traceback" not in said


def test_explain_names_the_person_why_not_the_others_and_the_rows_below():
    code, said = explain("--site", "sh01", "--category", "product-quality", "--flag", "safety")

    assert code == 0
    assert "also match  quality, everything-else" in said
    assert "assignee    " in said
    assert ": not-its-turn" in said


def test_explain_says_what_the_row_asks_and_the_complaint_answers(tmp_path):
    (tmp_path / "own.yaml").write_text(OWN_ROWS, "utf-8")
    words = ("--site", "sh01", "--profiles", str(tmp_path))

    code, said = explain(*words, "--claimed", "80000 CNY", "--product-line", "coil", "--grade", "key")

    assert code == 0
    assert "rule        much (row 1 of the routing matrix)" in said
    assert "              product line coil\n" in said
    assert "              grade key\n" in said
    assert "              claimed 80000 CNY, above 50000\n" in said


def test_explain_keeps_a_person_complained_about_out():
    words = ("--site", "sh01", "--category", "product-quality", "--flag", "safety", "--json")
    first = json.loads(explain(*words)[1])["assignee"]

    found = json.loads(explain(*words, "--recused", first)[1])

    assert found["assignee"] not in {None, first}
    assert {"person": first, "why": "recused"} in found["passed_over"]


def test_replay_prints_the_share_and_the_ambiguous_rest(files, tmp_path):
    past = tmp_path / "past.csv"
    past.write_text("category,type,department\na,b,service\na,b,moon\n", "utf-8")

    code, said = run(
        "replay", str(past), "--site", "sh01",
        "--organisation", str(files.organisation), "--profiles", str(files.profiles),
    )  # fmt: skip

    assert code == 0
    assert "1 of 2 rows go where they were sent (50.0 %)." in said
    assert "a / b: moon 1, service 1" in said


def test_check_against_the_file_in_force_says_who_leaves_and_refuses_a_site_that_vanishes(files, tmp_path):
    old = tmp_path / "old.yaml"
    second = "  ber1:\n    name: {en: Berlin}\n    timezone: Asia/Shanghai\n    calendar: china\n    profile: own\n"
    text = files.organisation.read_text("utf-8")
    old.write_text(
        text.replace("calendars:\n", f"{second}calendars:\n") + "  li: {name: 李}\n  gao: {name: 高}\n",
        "utf-8",
    )
    files.spoil("people:\n", "successors: {people: {li: wang}}\npeople:\n")
    given = ("check", "--organisation", str(files.organisation), "--profiles", str(files.profiles))

    code, said = run(*given, "--against", str(old))
    closed, also_said = _closed(old, given)

    assert (code, closed) == (1, 0)
    assert "site ber1 has vanished" in said
    assert "people: li leaves, wang takes over." in said
    assert "people: gao leaves without a successor" in said
    assert "closed from 2020-01-01 on, leaves" in also_said
    assert run(*given)[0] == 0


def _closed(old: Path, given: tuple[str, ...]) -> tuple[int, str]:
    old.write_text(
        old.read_text("utf-8").replace("{en: Berlin}", "{en: Berlin}\n    closed_from: 2020-01-01"), "utf-8"
    )
    return run(*given, "--against", str(old))


def test_check_against_tells_machines_too(files, tmp_path):
    old = tmp_path / "old.yaml"
    old.write_text(files.organisation.read_text("utf-8") + "  li: {name: 李}\n", "utf-8")

    code, said = run(
        *("check", "--json", "--organisation", str(files.organisation), "--profiles", str(files.profiles)),
        *("--against", str(old)),
    )

    assert code == 0
    assert json.loads(said)["leaving"] == [{"part": "people", "id": "li", "heir": None}]


def test_a_dated_change_closes_the_site_that_it_removes(files):
    second = "  ber1:\n    name: {en: Berlin}\n    timezone: Asia/Shanghai\n    calendar: china\n    profile: own\n"
    files.spoil("calendars:\n", f"{second}calendars:\n")
    change = "changes:\n  - {from: 2999-01-01, sites: {ber1: }}\n"
    files.organisation.write_text(files.organisation.read_text("utf-8") + change, "utf-8")

    code, said = run("check", "--organisation", str(files.organisation), "--profiles", str(files.profiles))

    assert code == 0
    assert "site ber1, closed from 2999-01-01 on, leaves" in said
