"""Does each of the 26 profiles say what its source says? (requirements.md section 3.2)

The cases stand in `profiles/<name>.yaml`, one line each, with the row of the requirements that it
shows. `set:` there is what the example company fills in where the source leaves a figure open.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from shared.policy.loader import load_rulebook, read_profiles
from shared.policy.model import Profile
from shared.policy.problems import PolicyErrors
from tests.shared.policy.asking_profiles import answer
from tests.shared.policy.organisations import CASES, SITE, rules_with, spelled, write_company

NAMES = tuple(sorted(file.stem for file in CASES.glob("*.yaml")))
SECTION_3_2 = 26
ROW = re.compile(r"^(?:[A-Z]{3}-\d\d|C-\d\d|edge \d+)$")
FEWEST = 15


@dataclass(frozen=True)
class Case:
    """One line of a case file."""

    profile: str
    row: str
    given: dict[str, Any]
    question: str
    expected: Any

    def __str__(self) -> str:
        about = ",".join(f"{key}={value}" for key, value in self.given.items())
        return f"{self.profile}:{self.row}:{self.question}({about})"


def cases_of(name: str) -> list[Case]:
    return [Case(name, *line) for line in spelled(name)["cases"]]


ALL = [case for name in NAMES for case in cases_of(name)]


@pytest.fixture(scope="module")
def profiles() -> dict[str, Profile]:
    """Each profile in force at the smallest company that can live by it."""
    return {name: rules_with(name).profile_of(SITE) for name in NAMES}


@pytest.mark.parametrize("case", ALL, ids=str)
def test_a_profile_answers_as_its_source_says(profiles, case):
    assert answer(profiles[case.profile], case.given, case.question) == case.expected


def test_every_profile_of_section_3_2_is_shipped_and_has_its_cases():
    shipped = {loaded.name for loaded in read_profiles()[0]}

    assert len(NAMES) == SECTION_3_2
    assert set(NAMES) == shipped - {"demo-fast", "us-consumer-finance", "us-nyc-311"}


@pytest.mark.parametrize("name", NAMES)
def test_a_profile_has_enough_cases_and_each_cites_its_row(name):
    cases = cases_of(name)

    assert len({(case.row, str(case.given), case.question) for case in cases}) >= FEWEST
    assert [case.row for case in cases if not ROW.match(case.row)] == []


@pytest.mark.parametrize("name", NAMES)
def test_what_the_source_leaves_open_is_named_and_nothing_starts_on_it(name, tmp_path):
    loaded = {one.name: one for one in read_profiles()[0]}[name]
    filled = spelled(name).get("set", {})

    assert {problem.field for problem in loaded.to_set} == set(filled)
    assert loaded.problems == ()
    if not filled:
        assert loaded.profile is not None
        return
    organisation, profiles = write_company(tmp_path, name, filled)
    (profiles / f"our-{name}.yaml").write_text(f"profile: our-{name}\ninherits: {name}\n", "utf-8")
    with pytest.raises(PolicyErrors) as refused:
        load_rulebook(organisation, [profiles])
    assert {problem.field for problem in refused.value.problems} == set(filled)
    assert all("must be set" in problem.detail for problem in refused.value.problems)
    assert all(problem.file.endswith(f"{name}.yaml") for problem in refused.value.problems)


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_of_a_profile_cites_its_row(name):
    """Targets, percentages, lengths: the line, or the one above it, names the row or that it is ours."""
    file = next(one.document.file for one in read_profiles()[0] if one.name == name)
    lines = Path(file).read_text("utf-8").splitlines()
    figure = re.compile(r"\b(?:target|within|rate|recovery|months|max|weight|refreshed_every_months|length):")
    cited = re.compile(r"#.*(?:[A-Z]{3}-\d\d|C-\d\d|our decision|S\d-\w)")

    bare = [
        line
        for above, line in zip(["", *lines], lines, strict=False)
        if figure.search(line.split("#")[0]) and not cited.search(line) and not cited.search(above)
    ]

    assert bare == []
