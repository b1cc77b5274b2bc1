"""Are sound files read as they are meant, and is every mistake named with file, line and remedy?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.policy.loader import load_rulebook, read_profiles
from shared.policy.model import Facts, limit_of
from shared.worktime import Target


def line_of(file: Path, text: str) -> int:
    return next(n for n, line in enumerate(file.read_text("utf-8").splitlines(), 1) if text in line)


def test_sound_files_become_a_rulebook(files):
    rules = files.load()

    profile = rules.profile_of("sh01")
    facts = Facts("complaint", "", "", "phone", "sh01")
    assert profile.route(facts).name == "rest"
    assert limit_of(profile.clocks[0], facts) == Target.parse("3 wd")
    assert rules.calendar_of("sh01").timezone == "Asia/Shanghai"


def test_departments_and_people_know_each_other_though_said_once(files):
    files.spoil("sites: [sh01]", "sites: [sh01]\n    departments: [service]")
    files.spoil("manager: wang", "manager: boss")

    rules = files.load()

    assert rules.members("service", site="sh01") == ("boss", "wang")
    assert rules.person("boss").departments == ("service",)


@pytest.mark.parametrize(
    ("old", "new", "field", "detail", "remedy"),
    [
        ("triage_desk: service", "triage_desc: service", "sites.sh01.triage_desc", "is not known here", "Did you mean triage_desk?"),
        ("calendar: china", "calendar: chinaa", "sites.sh01.calendar", "no calendar chinaa is known", "Did you mean china?"),
        ("profile: own\n    manager", "profile: owwn\n    manager", "sites.sh01.profile", "no profile owwn is known", "Did you mean own?"),
        ("manager: boss", "manager: bos", "sites.sh01.manager", "no person bos is known", "Did you mean boss?"),
        ("triage_desk: service", "triage_desk: servicee", "sites.sh01.triage_desk", "no department servicee is known", "Did you mean service?"),
        ("timezone: Asia/Shanghai\n    calendar", "timezone: Asia/Shanghia\n    calendar", "sites.sh01.timezone", "no time zone Asia/Shanghia is known", "Did you mean Asia/Shanghai?"),
        ("stand_in: boss", "stand_in: wang", "people.wang.stand_in", "goes round in a circle: wang -> wang", "Name somebody outside of it."),
        ('["09:00", "18:00"]', '["18:00", "09:00"]', "calendars.china.weekly_hours.mon", "An interval from minute 1080", ""),
        ("roles: [general_manager]", "roles: general_manager", "people.boss.roles", "is not a list", "Write a list, for example [a, b]."),
        ("name: 王", "name: 7", "people.wang.name", "is not a text", "Put quotes around numbers, yes, no and dates."),
        ("name: Small Company", "namee: Small Company", "namee", "is not known here", "Did you mean name?"),
        ("lead: service\n  - name", "lead: serrvice\n  - name", "routing[0].lead", "no department serrvice is known", "Did you mean service?"),
        ("kind: [praise]", "kind: [praize]", "routing[0].when.kind[0]", "no kind praize is known", "Did you mean praise?"),
        ("name: rest", "name: thanks", "routing[1].name", "thanks stands twice", "Give each its own."),
        ("target: 3 wd", "target: -3 wd", "clocks[0].limits[0].target", "-3 wd is not a limit", "Write an amount greater than zero."),
        ("target: 3 wd", "target: 3 weeks", "clocks[0].limits[0].target", "'3 weeks' is not a target", ""),
        ("starts_on: complaint.registered", "starts_on: complaint.registeredd", "clocks[0].starts_on", "no event complaint.registeredd is known", "Did you mean complaint.registered?"),
        ("[75]", "[100]", "clocks[0].warn_at_percent[0]", "100 is no warning point", "Write 1 to 99."),
        ("to: [general_manager]", "to: [genral_manager]", "escalation[1].to[0]", "nobody at site sh01 holds the role genral_manager", "Did you mean general_manager?"),
        ("    acknowledge_within: 4 wh\n", "", "escalation[0]", "has no time to acknowledge", ""),
        ("satisfied_from: 100", "satisfied_from: 60", "survey.satisfied_from", "is not on the scale", ""),
        ("label: {zh: 坏, en: Bad}", "label: {zh: 坏}", "survey.scale[1].label", "has no text in en", "Add `en:`."),
        ("code: bad", "code: good", "survey.scale[1].code", "good stands twice", ""),
        ("expires_after: 10 d", "expires_after: must_be_set", "survey.expires_after", "must be set: the source names no figure", ""),
        ("source: a test", "source: must_be_set", "source", "must be set: the source names no figure", ""),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place_and_a_remedy(files, old, new, field, detail, remedy):
    files.spoil(old, new)

    found = next(problem for problem in files.problems() if problem.field == field)

    assert found.detail.startswith(detail)
    if remedy:
        assert found.remedy == remedy
    assert found.remedy
    file = next(file for file in (files.organisation, files.profile) if str(file) == found.file)
    assert 1 <= found.line <= len(file.read_text("utf-8").splitlines())


def test_the_line_is_that_of_the_mistake(files):
    files.spoil("to: [general_manager]", "to:\n      - general_manager\n      - chairman")

    found = files.problem()

    assert found.line == line_of(files.profile, "chairman")


def test_all_mistakes_of_all_files_are_told_at_once(files):
    files.spoil("calendar: china", "calendar: x")
    files.spoil("stand_in: boss", "stand_in: y")
    files.spoil("target: 3 wd", "target: z")
    files.spoil("level: 2", "level: 3")

    fields = {problem.field for problem in files.problems()}

    assert fields >= {"sites.sh01.calendar", "people.wang.stand_in", "clocks[0].limits[0].target"}


def test_a_row_behind_a_catch_all_is_never_reached(files):
    files.spoil("  - name: thanks\n    when: {kind: [praise]}\n    lead: service\n", "")
    files.spoil(
        "  - name: rest\n    lead: service\n",
        "  - {name: rest, lead: service}\n  - {name: more, lead: service, when: {kind: [praise]}}\n",
    )

    details = {problem.detail for problem in files.problems()}

    assert details == {"is never reached: row 0 takes all it is about", "has no default row"}


def test_a_narrower_row_behind_a_wider_one_is_never_reached(files):
    files.spoil(
        "  - name: rest\n",
        "  - {name: x, lead: service, when: {kind: [praise], channel: [phone]}}\n  - name: rest\n",
    )

    found = files.problem()

    assert found.field == "routing[1]"
    assert found.detail.startswith("is never reached")


def test_a_matrix_without_a_default_row_is_refused(files):
    files.spoil("  - name: rest\n    lead: service\n", "")

    assert files.problem().detail == "has no default row"


def test_stand_ins_in_a_circle_are_told_once(files):
    files.spoil("roles: [general_manager]", "roles: [general_manager]\n    stand_in: wang")

    found = files.problem()

    assert found.detail == "goes round in a circle: boss -> wang -> boss"


def test_a_key_that_is_given_twice_is_refused(files):
    files.spoil("name: Small Company", "name: Small Company\nname: Other Company")

    found = files.problem()

    assert (found.field, found.line) == ("name", 2)
    assert found.detail == "is given twice, first in line 1"


def test_what_is_not_yaml_is_refused_with_its_line(files):
    files.organisation.write_text("name: x\nsites: {sh01: [\n", "utf-8")

    assert files.problem().line >= 2


def test_a_file_that_is_not_there_is_a_plain_problem(tmp_path):
    with pytest.raises(Exception, match="cannot be read") as refused:
        load_rulebook(tmp_path / "nowhere.yaml")
    assert refused.value.code == "policy-invalid"


def test_a_profile_that_nobody_uses_may_wait_to_be_completed(files):
    (files.profiles / "later.yaml").write_text(
        "profile: later\ninherits: own\nsource: must_be_set\n", "utf-8"
    )

    assert "later" not in files.load().profiles
    later = next(loaded for loaded in read_profiles([files.profiles])[0] if loaded.name == "later")
    assert [problem.field for problem in later.to_set] == ["source"]


def test_an_heir_replaces_what_it_names_and_keeps_the_rest(files):
    (files.profiles / "heir.yaml").write_text(
        "profile: heir\ninherits: own\nsurvey: {satisfied_from: 0}\n"
        "escalation:\n  - {level: 1, to: [general_manager]}\n",
        "utf-8",
    )

    profiles = files.load().profiles

    heir, parent = profiles["heir"], profiles["own"]
    assert len(heir.escalation) == 1
    assert heir.survey.satisfied_from == 0
    assert heir.survey.scale == parent.survey.scale
    assert heir.clocks == parent.clocks


def test_a_mistake_of_a_parent_is_told_at_the_parents_line(files):
    (files.profiles / "heir.yaml").write_text("profile: heir\ninherits: own\n", "utf-8")
    files.spoil("target: 3 wd", "target: 3 weeks")

    found = files.problem()

    assert found.file == str(files.profile)
    assert found.line == line_of(files.profile, "3 weeks")


def test_a_mistake_of_an_heir_is_told_at_the_heirs_line(files):
    heir = files.profiles / "heir.yaml"
    heir.write_text("profile: heir\ninherits: own\nescalation:\n  - level: 1\n    to:\n      - 7\n", "utf-8")

    found = files.problem()

    assert (found.file, found.line, found.field) == (str(heir), 6, "escalation[0].to[0]")


def test_a_profile_of_the_same_name_overrides_and_may_build_on_the_shipped_one(files):
    (files.profiles / "mine.yaml").write_text(
        "profile: generic-1-3\ninherits: generic-1-3\nsource: ours\nrouting:\n  - {name: all, lead: service}\n",
        "utf-8",
    )

    mine = files.load().profiles["generic-1-3"]

    assert mine.source == "ours"
    assert mine.clocks[0].name == "answer"


def test_profiles_that_inherit_in_a_circle_are_refused(files):
    (files.profiles / "a.yaml").write_text("profile: a\ninherits: b\n", "utf-8")
    (files.profiles / "b.yaml").write_text("profile: b\ninherits: a\n", "utf-8")

    details = " ".join(problem.detail for problem in files.problems())

    assert "goes round in a circle" in details


def test_an_organisation_extends_another_and_changes_a_single_site(files, tmp_path):
    variant = tmp_path / "variant.yaml"
    variant.write_text("extends: organisation.yaml\nsites:\n  sh01: {language: en}\n", "utf-8")

    site = load_rulebook(variant, [files.profiles]).site("sh01")

    assert site.language == "en"
    assert site.manager == "boss"


def test_a_mistake_in_an_extended_file_is_told_where_it_stands(files, tmp_path):
    files.spoil("manager: boss", "manager: bos")
    variant = tmp_path / "variant.yaml"
    variant.write_text("extends: organisation.yaml\nsites:\n  sh01: {calendar: x}\n", "utf-8")
    files.organisation, original = variant, files.organisation

    places = {(problem.file, problem.line) for problem in files.problems()}

    assert places == {(str(variant), 3), (str(original), line_of(original, "bos"))}


def test_an_absence_without_offset_is_local_to_the_persons_site(files):
    files.spoil("stand_in: boss", "stand_in: boss\n    absences: [{since: 2026-02-16, until: 2026-02-17}]")

    rules = files.load()

    begin = datetime(2026, 2, 15, 16, tzinfo=UTC)
    assert rules.present("wang", begin - timedelta(seconds=1)) == "wang"
    assert rules.present("wang", begin) == "boss"
    assert rules.present("wang", begin + timedelta(days=1)) == "wang"


def test_an_absence_of_somebody_without_a_site_needs_an_offset(files):
    files.spoil(
        "roles: [general_manager]",
        "roles: [general_manager]\n    absences: [{since: 2026-02-16, until: 2026-02-17}]",
    )

    assert files.problem().detail == "has no time zone"


def test_the_version_changes_with_the_content_and_not_with_comments(files):
    before = files.load()
    files.profile.write_text("# a comment\n" + files.profile.read_text("utf-8"), "utf-8")
    commented = files.load()
    files.spoil("target: 3 wd", "target: 4 wd")
    changed = files.load()

    assert len(before.profiles["own"].version) == 12
    assert commented.profiles["own"].version == before.profiles["own"].version
    assert changed.profiles["own"].version != before.profiles["own"].version
    assert changed.organisation.version == before.organisation.version


def test_the_version_of_an_heir_changes_with_its_parent(files):
    (files.profiles / "heir.yaml").write_text("profile: heir\ninherits: own\n", "utf-8")
    before = files.load().profiles["heir"].version

    files.spoil("target: 3 wd", "target: 4 wd")

    assert files.load().profiles["heir"].version != before
