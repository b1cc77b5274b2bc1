"""Is it counted rightly how many complaints a changed policy would send elsewhere?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from shared.errors import Rejected
from shared.policy.claims import Claim
from shared.policy.model import Facts
from shared.policy.replaying import read_facts, read_replay, replay
from shared.policy.what_if import Past, WhatIf

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.fixture
def before(files):
    """The small company with a second department."""
    files.spoil("people:\n", "  thanks: {name: {zh: 谢}, manager: boss}\npeople:\n")
    return files.load()


def praise(number: int, **given) -> Past:
    facts = {"kind": "praise", "category": "", "type": "", "channel": "web", "site": "sh01"}
    return Past(f"SH01-2026-{number:06}", Facts(**{**facts, **given}))


def changed(files, old: str, new: str):
    files.spoil(old, new)
    return files.load()


def test_a_file_of_facts_names_product_line_and_claim(tmp_path):
    file = tmp_path / "past.csv"
    file.write_text("site,product_line,claimed,grade\nsh01,pipe,800.50 EUR,key\nsh01,,,\n", "utf-8")

    full, empty = (past.facts for past in read_facts(file, {}, {}))

    assert (full.product_line, full.grade) == ("pipe", "key")
    assert full.claimed == Claim(Decimal("800.50"), "EUR")
    assert (empty.product_line, empty.claimed) == ("", None)


def test_only_those_that_go_elsewhere_are_counted(before, files):
    after = changed(
        files, "when: {kind: [praise]}\n    lead: service", "when: {kind: [praise]}\n    lead: thanks"
    )
    question = WhatIf(before, after, NOW, samples=2)

    question.add([*(praise(number) for number in range(5)), praise(9, kind="complaint")])

    assert (question.total, question.elsewhere) == (6, 5)
    (move,) = question.moves
    assert (move.before, move.after, move.count) == ("service", "thanks", 5)
    assert [past.name for past, _, _ in move.samples] == ["SH01-2026-000000", "SH01-2026-000001"]
    assert next(iter(question.lines())) == "6 complaints, 5 of them would go elsewhere."


def test_an_unchanged_policy_moves_nothing(before):
    question = WhatIf(before, before, NOW)

    question.add(praise(number) for number in range(3))

    assert question.as_mapping() == {"complaints": 3, "elsewhere": 0, "moves": [], "severities": []}


def test_whoever_leaves_strands_what_only_they_could_take(before, files):
    after = changed(files, "    sites: [sh01]\n", "    sites: [sh01]\n    present: no\n")
    people = dict(after.organisation.people)
    people["wang"] = replace(people["wang"], stand_in=None)
    after = replace(after, organisation=replace(after.organisation, people=people))
    question = WhatIf(before, after, NOW)

    question.add([praise(1)])

    assert question.moves[0].after == "triage desk (nobody-present)"


def test_a_complaint_of_a_site_that_is_gone_is_counted_too(before):
    question = WhatIf(before, before, NOW)

    question.add([praise(1, site="moon")])

    assert (question.total, question.elsewhere) == (1, 0)


def test_another_severity_is_told_beside_the_moves(before, files):
    after = changed(
        files, "clocks:\n", "severity:\n  - {name: all, severity: serious, priority: 1}\nclocks:\n"
    )
    question = WhatIf(before, after, NOW)

    question.add([praise(1)])

    assert question.severities == {("ordinary", "serious"): 1}


def test_facts_come_from_a_file_with_the_fields_as_columns(tmp_path):
    file = tmp_path / "facts.csv"
    file.write_text("complaint_no,site,kind,flags\nA-1,sh01,praise,safety; legal\n,sh01,,\n", "utf-8")

    first, second = read_facts(file, {}, {})

    assert (first.name, first.facts.kind, first.facts.flags) == (
        "A-1",
        "praise",
        frozenset({"safety", "legal"}),
    )
    assert (second.name, second.facts.kind, second.facts.channel) == ("line 3", "complaint", "web")


@pytest.mark.parametrize(
    ("content", "code", "field"),
    [("kind\npraise\n", "column-missing", "site"), (None, "file-unreadable", "file")],
)
def test_a_file_that_says_too_little_is_refused_with_its_field(tmp_path, content, code, field):
    file = tmp_path / "facts.csv"
    if content is not None:
        file.write_text(content, "utf-8")

    with pytest.raises(Rejected) as refused:
        list(read_facts(file, {}, {}))

    assert (refused.value.code, refused.value.field) == (code, field)
    assert refused.value.remedy


def test_a_replay_names_what_went_elsewhere_and_what_nobody_can_tell_apart(before, tmp_path):
    file = tmp_path / "past.csv"
    file.write_text("category,type,desk\na,b,Service\na,b,thanks\nc,d,service\n", "utf-8")

    found = replay(before, read_replay(file, {}, {"site": "sh01"}, "desk"), NOW)

    assert (found.rows, found.right, found.undecidable) == (3, 2, 1)
    assert found.ambiguous == {("a", "b"): {"Service": 1, "thanks": 1}}
    assert [sent for _, sent, _ in found.wrong] == ["thanks"]


def test_a_missing_column_of_departments_is_named(before, tmp_path):
    file = tmp_path / "past.csv"
    file.write_text("category,type\na,b\n", "utf-8")

    with pytest.raises(Rejected, match="has no column desk"):
        replay(before, read_replay(file, {}, {"site": "sh01"}, "desk"), NOW)
