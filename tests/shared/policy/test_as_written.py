"""Does YAML mean what stands there, in every file that people write, and can no file cost too much?"""

from __future__ import annotations

from decimal import Decimal
from time import monotonic

import pytest
from typer.testing import CliRunner

from shared.cli.calendar import app as calendar_app
from shared.cli.mapping import load_mapping
from shared.errors import Rejected
from shared.policy.composing import MOST_BYTES, MOST_DEPTH
from shared.policy.document import MOST_VALUES, read_document

CALENDAR = 'timezone: Europe/Oslo\nweekly_hours: {mon: [["09:00", "17:00"]]}\n'
MAPPING = """\
mapping: m
source: s
fields:
  ref: {column: [2013]}
  site: {constant: no}
  kind: {constant: complaint}
  category: {constant: 007}
  type: {column: kind, values: {NO: off, 1: 1.10, null: ~}}
  channel: {constant: web}
  received_at: {column: day, formats: ["%Y"]}
"""


@pytest.fixture
def read(tmp_path):
    def reading(text, **more):
        file = tmp_path / "file.yaml"
        file.write_text(text, "utf-8")
        return read_document(file, **more)

    return reading


@pytest.mark.parametrize(
    "word",
    [
        "NO",
        "no",
        "yes",
        "on",
        "Off",
        "y",
        "9:30",
        "190:20:30",
        "010",
        "0o10",
        "0x1F",
        "0b1",
        "1_000",
        "+5",
        "1.10",
        "1.0e3",
        "1e3",
        ".5",
        "5.",
        ".inf",
        ".nan",
        "2026-10-01",
        "2026-10-01T08:00:00Z",
        "=",
        "111111111111111111111111111111",
    ],
)
def test_what_a_reader_might_turn_into_something_else_stays_as_it_stands(read, word):
    assert read(f"a: {word}\nb: [{word}]\n{word}: c\n").value == {"a": word, "b": [word], word: "c"}


def test_what_can_be_written_back_as_it_stood_is_a_number_a_truth_value_or_nothing(read):
    found = read("{a: 7, b: -3, c: 2.5, d: true, e: False, f: null, g: ~, h: , i: '7', j: !!str 7}").value

    assert tuple(found.values()) == (7, -3, 2.5, True, False, None, None, None, "7", "7")


@pytest.mark.parametrize("tag", ["!!binary aGk=", "!!python/object:os.system {}", "!own 7", "!!timestamp x"])
def test_a_tag_that_makes_something_else_is_refused(read, tag):
    (problem,) = read(f"a: 1\nb: {tag}\n").problems

    assert (problem.line, problem.field) == (2, "b")
    assert "has the tag" in problem.detail


def test_merged_mappings_give_way_to_the_own_word(read):
    found = read("base: &b {x: 1, y: 1}\nmore: &m {y: 2, z: 2}\nheir: {y: 3, <<: [*b, *m]}\n")

    assert found.value["heir"] == {"x": 1, "y": 3, "z": 2}
    assert not found.problems


def test_a_key_given_twice_is_named_below_a_merge_and_in_lists_too(read):
    found = read("a: &a {x: 1, x: 2}\nb: [{<<: *a}]\nc:\n  - d: 1\n    d: 2\n")

    assert {(problem.line, problem.field) for problem in found.problems} == {(1, "a.x"), (5, "c[0].d")}


@pytest.mark.parametrize(
    ("text", "line", "detail"),
    [
        ("a: " + "[" * 5000 + "]" * 5000, 1, f"deeper than {MOST_DEPTH}"),
        ("a:\n  " + "[" * 200_000, 2, f"deeper than {MOST_DEPTH}"),
        ("a: " + "{x: " * 5000 + "1" + "}" * 5000, 1, f"deeper than {MOST_DEPTH}"),
        ("a:\n" + "".join(f"{' ' * n}k:\n" for n in range(1, 900)), 51, f"deeper than {MOST_DEPTH}"),
        ("a: &a {x: *a}", 1, "contains itself"),
        ("a: &a {<<: *a}", 1, "contains itself"),
        ("a: *b", 1, "no anchor &b"),
        ("a: 1\n---\nb: 2\n", 2, "second document"),
        ("a: 1\nb: \x07\n", 2, "is not YAML"),
        ("? [a, b]\n: c\n", 1, "as a key"),
        ("", 1, "holds no mapping"),
    ],
)
def test_what_cannot_be_a_file_of_ours_is_refused_at_its_line(read, text, line, detail):
    problem = read(text).problems[0]

    assert problem.line == line
    assert detail in problem.detail
    assert problem.remedy


def bomb(leaf: str, wrap: str) -> str:
    lines = [f"a0: &a0 {leaf}"]
    lines += [f"a{n}: &a{n} {wrap.format(', '.join([f'*a{n - 1}'] * 10))}" for n in range(1, 12)]
    return "\n".join(lines)


def test_aliases_that_would_be_written_out_without_end_are_refused_in_a_moment(read):
    begun = monotonic()

    problem = read(bomb("[x, x, x, x, x, x, x, x, x, x]", "[{}]")).problems[0]

    assert monotonic() - begun < 10
    assert f"more than {MOST_VALUES} values" in problem.detail


def test_merges_of_merges_are_read_once_each(read):
    begun = monotonic()

    found = read(bomb("{x: 1}", "{{<<: [{}]}}"))

    assert monotonic() - begun < 2
    assert found.value["a11"] == {"x": 1}


def test_a_file_larger_than_any_organisation_is_refused_unread(tmp_path):
    file = tmp_path / "file.yaml"
    file.write_text("a: " + "x" * MOST_BYTES, "utf-8")

    assert f"larger than {MOST_BYTES}" in read_document(file).problems[0].detail
    assert "cannot be read" in read_document(tmp_path).problems[0].detail


def test_a_file_in_another_encoding_is_told_so_at_its_line(tmp_path):
    file = tmp_path / "file.yaml"
    file.write_bytes("a: 1\nb: 客诉\n".encode("gbk"))

    (problem,) = read_document(file).problems

    assert (problem.line, problem.detail, problem.remedy) == (
        2,
        "is not written in UTF-8",
        "Save it as UTF-8.",
    )


def test_unquoted_hours_of_an_organisation_are_the_hours_that_stand_there(files):
    files.spoil('[["09:00", "18:00"]]', "[[9:00, 12:30], [13:00, 18:00]]")

    assert files.load().calendar_of("sh01").weekly[0] == ((540, 750), (780, 1080))


@pytest.mark.parametrize(
    ("old", "new", "field", "detail"),
    [
        ('["09:00", "18:00"]', "[9, 17]", "calendars.china.weekly_hours.mon[0]", "9 is a number"),
        ('["09:00", "18:00"]', "[0, 24]", "calendars.china.weekly_hours.mon[0]", "0 is a number"),
        ("stand_in: boss", "absences: [{since: 2026, until: 2027}]", "people.wang.absences[0].since", "is not a moment"),
        ("stand_in: boss", "absences: [{since: 20261001, until: 20261002}]", "people.wang.absences[0].since", "is not a moment"),
        ("stand_in: boss", "absences: [{since: true, until: no}]", "people.wang.absences[0].until", "is not a moment"),
        ("stand_in: boss", "capacity: true", "people.wang.capacity", "is not a whole number"),
        ("stand_in: boss", "capacity: yes", "people.wang.capacity", "is not a whole number"),
        ("stand_in: boss", "capacity: 0x1F", "people.wang.capacity", "is not a whole number"),
        ("stand_in: boss", "capacity: 1:30", "people.wang.capacity", "is not a whole number"),
        ("name: 王", "name: true", "people.wang.name", "is not a text"),
        ("satisfied_from: 100", "satisfied_from: nan", "survey.satisfied_from", "is not a number"),
        ("satisfied_from: 100", "satisfied_from: .inf", "survey.satisfied_from", "is not a number"),
        ("target: 3 wd", "target: 1:30", "clocks[0].limits[0].target", "'1:30' is not a target"),
        ("[75]", "[true]", "clocks[0].warn_at_percent[0]", "is not a whole number"),
    ],
)  # fmt: skip
def test_what_a_field_cannot_mean_is_named_with_its_line(files, old, new, field, detail):
    files.spoil(old, new)

    found = next(problem for problem in files.problems() if problem.field == field)

    assert found.detail.startswith(detail)
    assert found.remedy
    assert found.line > 1


@pytest.mark.parametrize(("word", "number"), [("010", 10), ("08", 8), ("1_000", 1000), ("+5", 5)])
def test_a_number_in_another_spelling_is_the_number_that_people_read(files, word, number):
    files.spoil("stand_in: boss", f"capacity: {word}")

    assert files.load().person("wang").capacity == number


def test_norway_keeps_its_holidays(files):
    files.spoil(
        "    weekly_hours: {mon", "    holidays: [{country: NO, make_up_days: no}]\n    weekly_hours: {mon"
    )

    assert {region.country for region in files.load().calendar_of("sh01").regions} == {"NO"}


def test_amounts_of_a_rule_are_as_written(files):
    files.spoil("kind: [praise]", "kind: [praise], claimed_above: {CNY: 1000.10}")

    rules = files.load()

    assert rules.profile_of("sh01").routing[0].when.claimed_above == {"CNY": Decimal("1000.10")}


def test_a_bomb_in_place_of_an_organisation_is_one_problem(files):
    files.organisation.write_text(bomb("[x, x, x, x, x, x, x, x, x, x]", "[{}]"), "utf-8")

    assert str(files.organisation) in {problem.file for problem in files.problems()}


def due(tmp_path, text):
    file = tmp_path / "calendar.yaml"
    file.write_text(text, "utf-8")
    return CliRunner().invoke(calendar_app, ["due", str(file), "2026-10-05T09:00", "60 min"])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (CALENDAR + "timezone: UTC\n", "calendar.yaml:3: timezone: is given twice"),
        (CALENDAR.replace('["09:00", "17:00"]', "[9, 17]"), "calendar.yaml:2: 9 is a number"),
        (CALENDAR + "holidays: " + "[" * 5000, "calendar.yaml:3: is nested deeper"),
        (CALENDAR + "holidays: [{country: false}]\n", "calendar.yaml:3: False is no country code"),
    ],
)
def test_a_calendar_of_its_own_is_refused_with_file_and_line(tmp_path, text, told):
    found = due(tmp_path, text)

    assert found.exit_code == 2
    assert told in found.output


def test_a_calendar_of_its_own_reads_hours_and_countries_as_they_stand(tmp_path):
    text = CALENDAR.replace('"09:00", "17:00"', "9:30, 17:00") + "holidays: [{country: NO}]\nversion: 1.10\n"

    found = due(tmp_path, text)

    assert found.exit_code == 0
    assert "2026-10-05T08:30:00Z" in found.output


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"cases": [{"id": "a", "id": "b"}]}', "given twice"),
        ('{"cases": [{"id": NaN}]}', "NaN is no number"),
        ("[" * 100_000, "is not JSON"),
    ],
)
def test_known_cases_are_read_as_strictly(tmp_path, text, told):
    file = tmp_path / "cases.json"
    file.write_text(text, "utf-8")

    found = CliRunner().invoke(calendar_app, ["check", str(file)])

    assert found.exit_code == 2
    assert told in found.output


def test_a_mapping_is_text_as_it_was_written(tmp_path):
    file = tmp_path / "m.yaml"
    file.write_text(MAPPING, "utf-8")

    fields = load_mapping(str(file)).fields

    assert fields["ref"].column == ("2013",)
    assert (fields["site"].constant, fields["category"].constant) == ("no", "007")
    assert fields["type"].values == {"NO": "off", "1": "1.10", "null": "~"}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("mapping: m", "mapping: m\nmapping: n", "m.yaml:2: mapping: is given twice"),
        ("channel: {constant: web}", "channel: {pillar: web}", "m.yaml:9: fields.channel.pillar"),
        ("source: s", "source: " + "[" * 5000, "m.yaml:2: is nested deeper"),
    ],
)
def test_a_wrong_mapping_is_refused_with_file_line_and_field(tmp_path, old, new, told):
    file = tmp_path / "m.yaml"
    file.write_text(MAPPING.replace(old, new), "utf-8")

    with pytest.raises(Rejected, match="mapping-malformed") as refused:
        load_mapping(str(file))

    assert told in refused.value.sentence()
